"""Any picture from anywhere: the step `read_gray`, → Gray.

`reading` is the step: it tells the kind by the first bytes and calls one reader. `png` and `pnm`
decode here, with our kernels; `pillow` reads every other kind, after `headers` and
`tiff_directory` have looked at it; `arrays` reads numpy's. `stream` has what
all of them share, `inflating` unpacks PNG's data, `orientation` turns what a camera held sideways.
"""
