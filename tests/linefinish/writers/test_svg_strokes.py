"""Strokes as SVG: a path each, which a renderer that is not ours draws as the ink was."""
from __future__ import annotations

import io
import re

import numpy as np
import pytest
import resvg_py
from PIL import Image

from linefinish import OptionsError, Strokes, compose, verify
from linefinish.writers import encode
from tests.linefinish.drawings import doodle, strokes

# Of each lie: what of the file is changed into what. The second is what it is accused of.
LIES = {
    "grey paint": ('stroke="#000"', 'stroke="#777"', "stroke #777"),
    "a named grey": ('stroke="#000"', 'stroke="gray"', "stroke gray"),
    "a see-through stroke": ('stroke="#000"', 'stroke="#000" stroke-opacity=".5"', "stroke-opacity"),
    "a see-through path": ('stroke="#000"', 'stroke="#000" opacity="50%"', "opacity"),
    "alpha in the colour": ('stroke="#000"', 'stroke="#0008"', "stroke #0008"),
    "a style over it": ('stroke="#000"', 'stroke="#000" style="stroke:#123"', "stroke #123"),
    "a gradient": ('stroke="#000"', 'stroke="url(#g)"', "stroke"),
    "the reader's colour": ('stroke="#000"', 'stroke="currentColor" color="#333"', "color"),
    "a blend": ('stroke="#000"', 'stroke="#000" style="mix-blend-mode:difference"', "mix-blend-mode"),
    "a filter": ('stroke="#000"', 'stroke="#000" filter="blur(1px)"', "filter"),
    "markers on the joints": ('stroke="#000"', 'stroke="#000" marker-mid="url(#m)"', "marker-mid"),
    "a mask": ('stroke="#000"', 'stroke="#000" mask="url(#m)"', "mask"),
    "a fill that is not none": ('fill="none"', 'fill="#fefefe"', "fill #fefefe"),
}  # fmt: skip


def svg(own: Strokes, **options: str) -> str:
    return b"".join(bytes(piece) for piece in encode(compose(own), "svg", **options)).decode()


def ink(text: str) -> np.ndarray:
    with Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=6, background="white", dpi=96)))) as image:
        return np.asarray(image.convert("L")) < 128


def test_each_stroke_is_one_path() -> None:
    text = svg(doodle())
    round_ends = 'stroke-linecap="round" stroke-linejoin="round"'
    paths = re.findall(rf'<path fill="none" stroke="#000" stroke-width="([\d.]+)" {round_ends}(.*?) d="(.*?)"/>', text)
    assert len(paths) == 7 and text.count("<path") == 8  # and the fill
    assert [width for width, _, _ in paths] == ["2.05", "2", "1.5", "1", "4", "1", "1"]
    assert [listed for _, listed, _ in paths if listed] == [' data-widths="2 2.1"', ' data-widths="1 3 6"']
    assert [data.endswith("Z") for _, _, data in paths] == [False, False, True, True, False, False, False]
    assert paths[4][2] == "M80 70L80 70"


@pytest.mark.parametrize("widths", ["data", "split", "outline"])
def test_what_is_written_is_one_bit(widths: str) -> None:
    assert verify(svg(doodle(), widths=widths).encode()).is_one_bit
    assert verify(svg(Strokes.empty(5, 5), widths=widths).encode()).is_one_bit


@pytest.mark.parametrize("lie", LIES)
def test_a_stroke_that_paints_grey_is_found_out(lie: str) -> None:
    there, instead, told = LIES[lie]
    verdict = verify(svg(doodle()).replace(there, instead, 1).encode())
    assert not verdict.is_one_bit and told in verdict.problem, verdict


def test_dashes_have_gaps_but_no_grey() -> None:
    assert verify(svg(doodle()).replace("<path", '<path stroke-dasharray="3 1"', 1).encode()).is_one_bit


def test_split_and_outline_draw_the_width_that_changes() -> None:
    """Against discs along the way, which is what a pen does."""
    own = strokes(100, 60, [([(10.0, 30.0), ((40.0, 0.0), (60.0, 60.0), (90.0, 30.0))], [2.0, 12.0])])
    y, x = np.mgrid[0:360, 0:600] / 6 + 1 / 12
    wanted = np.zeros(x.shape, bool)
    ((line, widths),) = own.to_vertices(0.002)
    for (cx, cy), width in zip(line, widths, strict=True):
        wanted |= (x - cx) ** 2 + (y - cy) ** 2 < width * width / 4
    for how, share in (("outline", 0.01), ("split", 0.08)):
        assert (ink(svg(own, widths=how)) ^ wanted).sum() < share * wanted.sum(), how
    assert (ink(svg(own)) ^ wanted).sum() > 0.2 * wanted.sum()  # one width is not that
    with pytest.raises(OptionsError):
        svg(own, widths="wide")


def test_dots_loops_and_fills_are_drawn() -> None:
    shown = ink(svg(doodle()))
    assert all(shown[round(6 * y), round(6 * x)] for x, y in ((80.9, 70.9), (85, 15), (60, 20), (10, 60), (85, 41)))
    assert not any(shown[round(6 * y), round(6 * x)] for x, y in ((63, 30), (20, 65), (77, 70), (85, 30)))
