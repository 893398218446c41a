"""Files that paint grey and could seem not to: a few lines make each, and each stands for a cause.

`LIES` are names and bytes. The lies that were reported, and honest files, lie in ../files
(source: our own).
"""
from __future__ import annotations

from pathlib import Path

from .bitmaps import bitmaps
from .dxf import dxfs
from .eps import epss
from .pdf import pdfs
from .svg import svgs

FILES = Path(__file__).parents[1] / "files"

LIES: dict[str, bytes] = dict((*svgs(), *pdfs(), *epss(), *dxfs(), *bitmaps()))
REPORTED = {path.name: path.read_bytes() for path in sorted((FILES / "lies").iterdir())}
HONEST = {path.name: path.read_bytes() for path in sorted((FILES / "honest").iterdir())}
