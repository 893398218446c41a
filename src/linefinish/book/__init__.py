"""A book from finished pages: the interior, the cover, and what stands beside them.

In reading order: `making`, `Book`, which runs all of it; `geometry`, page and cover in points;
`ordering`, which page stands where; `drawings`, a file as curves, and `finished`, pages of ours
read back; `bleeding`, how a drawing is carried over the edges; `faces` and `drawn`, words and
shapes as curves; `pages`, what is drawn on a page; `interior` and `cover`, the two files, and
`artwork`, the picture behind a cover; `pictures`, the contact sheet and the mock-up; `pack`, what a
shop takes; `staging`, where files are made; `plan`, a book.toml; `provenance`, what shops are told
of AI. What printers ask for, and what keeps a book from them, is in `preflight`, which also checks
the files in the end.
"""
from __future__ import annotations
