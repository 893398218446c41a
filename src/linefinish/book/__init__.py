"""A book from finished pages: the interior, the cover, and what stands beside them.

In reading order: `rules`, what a printer asks for, as dated data; `geometry`, page and cover in
points; `ordering`, which page stands where; `text`, words as curves; `pages`, what is drawn on a
page; `interior` and `cover`, the two files; `pictures`, the contact sheet and the mock-up; `pack`,
what a shop takes; `making`, `Book`, which runs all of it.
"""
from __future__ import annotations
