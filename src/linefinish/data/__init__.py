"""What the steps hand to each other.

`raster` has the pixels: `Gray`, `Bitmap`, and the `Separation` of the one into the other.
`geometry` has what is traced from them: `Paths`, and the `Curves` that are fitted. `document` puts
curves on a page, in the integers that every output shows.
"""
