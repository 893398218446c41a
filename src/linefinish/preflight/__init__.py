"""`linefinish book --check`: what a printer would object to in a PDF of any origin.

`opening` finds the pages and bounds the work, `images` looks into pictures, `painting` follows what
a page paints and makes `marks` of it, and `checking` holds these against a printer's `rules`, dated
data of `printers.toml`. What it finds are `findings`, which are those of `linefinish.book` as well.
"""
