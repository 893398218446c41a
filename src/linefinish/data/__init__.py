"""What the steps hand on: pixels (`raster`), outlines (`geometry`), and the drawing on its page
(`document`).
"""
