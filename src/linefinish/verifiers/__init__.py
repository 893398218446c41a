"""Whether a file is truly black and white: `verify`, file → Verdict.

`verifying` is the way in, and `verdict` what comes out. Then there is one file a format; each has
`check(data, facts)`, which returns quietly when the file is truly 1-bit. `GrayError` says that it
is not and where, `DamagedError` that the file cannot be read to its end; neither leaves
`verifying`. Nothing here trusts a size, an offset or a nesting that a file states.
"""
