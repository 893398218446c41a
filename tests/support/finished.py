"""Finished pages for tests that bind them: small drawings, each another, as the files that
`finish_page` makes.
"""
from __future__ import annotations

import io

import numpy as np

import linefinish

# A drawing's pixels; on letter paper with the usual margins, 40 of them are an inch.
WIDTH_PX, HEIGHT_PX = 310, 410


def drawing(number: int, *, line_px: int = 3) -> linefinish.Curves:
    """A frame and squares where the number has it, in lines of `line_px`."""
    ink = np.zeros((HEIGHT_PX, WIDTH_PX), bool)
    boxes = [(10, 10, WIDTH_PX - 10, HEIGHT_PX - 10)]
    there = np.random.default_rng(number).random(24) < 0.5
    boxes += [(30 + 65 * (at % 4), 40 + 55 * (at // 4), 80 + 65 * (at % 4), 80 + 55 * (at // 4)) for at in np.flatnonzero(there)]
    for left, top, right, bottom in boxes:
        ink[top:bottom, left:right] = True
        ink[top + line_px : bottom - line_px, left + line_px : right - line_px] = False
    return linefinish.finish(np.where(ink, 0, 255).astype(np.uint8)).curves


def page_file(number: int, format: str = "pdf", *, paper: str = "letter", margin: str = "0.375in", line_px: int = 3) -> bytes:
    """The file of a finished page: each number's is another."""
    stream = io.BytesIO()
    document = linefinish.compose(drawing(number, line_px=line_px), linefinish.Page(paper, margin=margin), dpi=100)
    linefinish.write(document, stream, format)
    return stream.getvalue()
