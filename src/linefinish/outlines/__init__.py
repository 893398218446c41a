"""Bitmap to curves: `tracing` follows the outlines, `fitting` makes them curves, `outlining` does
both at one go.
"""
