"""On 1-bit input our drawing, drawn back at one pixel for each pixel, is no farther from the input
than libpotrace's.

Both are traced without dropping specks and drawn by the same scan converter, which is not ours
(resvg, crisp edges). Over the bundled drawings; with LINEFINISH_CORPUS=FOLDER also over every SVG
of that folder.
"""
from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import linefinish
from benchmarks import datasets, peers

LONG_SIDES_PX = (400, 1024)
# Drawings that are looked at in 1024 px, too; the others take seconds each, and are where strokes
# are thinner, in 400 px, what is hard. MYJOE_TESTS_ALL has all of them in both.
ALSO_LARGE = ("engraving", "fingerprint", "mandala")
OUTSIDE = os.environ.get("LINEFINISH_CORPUS")
DRAWINGS = {**datasets.drawings(), **(datasets.drawings(Path(OUTSIDE)) if OUTSIDE else {})}


def drawn_back(svg: str, shape: tuple[int, int]) -> Any:
    """The SVG on the input's own pixels, True is ink."""
    import resvg_py
    from PIL import Image

    data = bytes(resvg_py.svg_to_bytes(svg_string=svg, background="white", width=shape[1], height=shape[0], shape_rendering="crisp_edges"))
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")) < 128


def ours(ink: Any) -> str:
    file = io.BytesIO()
    linefinish.write(linefinish.compose(linefinish.fit(linefinish.trace(ink))), file, "svg")
    return file.getvalue().decode()


def libpotraces(ink: Any) -> str:
    potrace = peers.LibPotrace()
    potrace.parameters.contents.turdsize = 0
    form, words = potrace.bitmap(ink)
    svg = potrace.svg(form)
    del words
    return svg


def pages() -> list[tuple[str, int]]:
    """Drawings and their long sides."""
    everything = bool(OUTSIDE or os.environ.get("MYJOE_TESTS_ALL"))
    return [(name, px) for name in sorted(DRAWINGS) for px in LONG_SIDES_PX if px == min(LONG_SIDES_PX) or everything or name in ALSO_LARGE]


@pytest.mark.parametrize(("name", "long_side"), pages())
def test_no_more_pixels_differ_than_with_libpotrace(name: str, long_side: int) -> None:
    ink = datasets.page(DRAWINGS[name], long_side, "bilevel") == 0
    our_differing = int((drawn_back(ours(ink), ink.shape) != ink).sum())
    their_differing = int((drawn_back(libpotraces(ink), ink.shape) != ink).sum())
    assert our_differing <= their_differing


def test_the_reference_draws_what_it_was_given() -> None:
    """libpotrace through our binding: right way up, nothing shifted."""
    ink = np.zeros((40, 60), bool)
    ink[5:15, 10:50] = True
    assert np.array_equal(drawn_back(libpotraces(ink), ink.shape), ink)
