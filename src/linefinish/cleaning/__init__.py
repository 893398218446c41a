"""The clean-up steps, each Bitmap → Bitmap.

`specks` takes specks out of every page. On demand `gaps` joins strokes that are broken, and
`strokes` thickens and hollows. `bitmaps` is what they have in common.

The kernels of the steps that are off by default are loaded (0.1 ms each) when they are asked for.
"""
