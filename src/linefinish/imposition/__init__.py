"""Pages for the home printer: a booklet to fold, or several pages on a sheet.

In reading order: `imposing`, `impose`, which runs all of it; `layout`, which page stands where, as
arithmetic; `copying`, a page of any PDF as a form that is placed; `marks`, where to cut and fold.
"""
from __future__ import annotations
