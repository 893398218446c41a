"""One file a format; each has `check(data, facts)`, which returns quietly when the file is truly
1-bit.

`GrayError` says that it is not and where, `DamagedError` that the file cannot be read to its end;
neither leaves `verifying.py`. Nothing here trusts a size, an offset or a nesting that a file
states.
"""
