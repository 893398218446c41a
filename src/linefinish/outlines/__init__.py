"""Bitmap to curves: the steps `trace`, Bitmap → Paths, and `fit`, Paths → Curves.

`tracing` follows the boundary of the ink and asks the greys where it runs, `fitting` makes few
lines and cubics of it. `outlining` does both at one go, batch by batch, as a large page's paths
take much memory.
"""
