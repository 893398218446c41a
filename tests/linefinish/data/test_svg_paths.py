"""The path grammar and the shapes, as resvg draws them."""
from __future__ import annotations

import io
import math

import numpy as np
import pytest
import resvg_py
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import binary_dilation

from linefinish import Curves, ImageReadError, rasterize
from linefinish.data import svg_paths
from linefinish.data.svg_paths import Chains, add_arc, add_path, numbers_of

SIDE, ZOOM = 120, 4


def as_drawn(body: str) -> np.ndarray:
    size = f'width="{SIDE}" height="{SIDE}" viewBox="0 0 {SIDE} {SIDE}"'
    text = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect width="100%" height="100%" fill="#fff"/>{body}</svg>'
    png = resvg_py.svg_to_bytes(svg_string=text, zoom=ZOOM)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("L")) < 128


def differing(body: str) -> int:
    """Pixels, a quarter as wide as the drawing's, that one of us fills and the other neither fills
    nor has beside what it fills: edges on pixels' centres may fall to either side.
    """
    text = f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}">{body}</svg>'
    ours, others = np.asarray(rasterize(Curves.from_svg(text), width=ZOOM * SIDE)), as_drawn(body)
    beside = np.ones((3, 3), bool)
    return int((ours & ~binary_dilation(others, beside) | others & ~binary_dilation(ours, beside)).sum())


PATHS = {
    "lines": "M10 10 L100 20 90 90 z",
    "relative lines, h and v": "m10,10 h80 v80 h-40 v-20 H10z",
    "several, relative after z": "M10 10h30v30h-30zm50 50h30v30h-30z M60 10 l20 0 0 20z",
    "cubics, smooth": "M10 60 C20 0 50 0 60 60 S100 110 110 60 s-10 -50 -30 -40 z",
    "s without a cubic before": "M10 60 S 60 0 110 60 z",
    "quadratics, smooth": "M10 60 Q 35 0 60 60 T 110 60 t -40 40 z",
    "t without a quadratic before": "M10 20 L 60 20 T 110 60 L 20 110 z",
    "arcs of all four kinds": "M60 60 m-30 0 a40 25 30 0 1 50 10 z M20 90 A20 20 0 1 0 60 90z "
                            "M70 90 a20 12 -20 1 1 30 5z M80 20A15 15 0 0 0 100 40z",
    "arc radii that are too small": "M20 60 A 1 2 45 0 1 100 60 z",
    "flags without spaces": "M20 60a40 40 0 0110 40l30-5a9 9 0 1130-20z",
    "numbers run together": "M10.5.5L100-.5.5e1 1e2-20+30z",
    "commas, newlines, exponents": "\n M 1e1 , 1E1\tL\n100,10\r\n 50 , 10e1 Z ",
    "open": "M10 10 L100 20 90 90",
    "a lone moveto": "M10 10 M20 20h30v30z M5 5",
}


@pytest.mark.parametrize("name", PATHS)
def test_paths_as_resvg_draws_them(name: str) -> None:
    assert differing(f'<path d="{PATHS[name]}"/>') == 0


_number = st.sampled_from(["0", "5", "-3", ".5", "-.25", "1e1", "-2E-1", "7.125", "0.1", "3."])
_plain = st.sampled_from("mMlLhHvVcCzZ").flatmap(
    lambda command: st.lists(
        _number,
        min_size=(takes := {"H": 1, "V": 1, "C": 6, "Z": 0}.get(command.upper(), 2)),
        max_size=takes * 3,
    ).map(lambda numbers: command + ",".join(numbers[: len(numbers) // takes * takes] if takes else []))
)


@settings(max_examples=120, deadline=None)
@given(st.lists(_plain, max_size=12))
def test_what_is_read_in_bulk_is_as_read_with_care(commands: list[str]) -> None:
    text = "M1 2" + "".join(commands).replace(",-", "-")
    bulk, careful = Chains(), Chains()
    assert svg_paths._runs(text) is not None
    add_path(bulk, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(svg_paths, "_runs", lambda _text: None)
        add_path(careful, text)
    assert (bulk.numbers, bulk.kinds, bulk.offsets) == (careful.numbers, careful.kinds, careful.offsets)


@pytest.mark.parametrize(
    "odd", ["M0 0L1_0 2", "M0 0L1 nan", "M0 0L\u0661 2", "M0 0L1", "M0 0z1", "M0 0L1e999 2", "M0 0c1 2 3 4 5", "M0 0L1 2Mx"]
)
def test_what_is_odd_is_not_read_in_bulk(odd: str) -> None:
    assert svg_paths._runs(odd) is None
    with pytest.raises(ImageReadError):
        add_path(Chains(), odd)


def test_points_that_run_together_are_read_in_bulk() -> None:
    assert svg_paths._runs("M.5.5l-.25.75.5e-1-1") == [("M", [0.5, 0.5]), ("l", [-0.25, 0.75, 0.05, -1.0])]


SHAPES = {
    "rectangle": '<rect x="10.5" y="20" width="50" height="70"/>',
    "round corners": '<rect x="10" y="20" width="80" height="60" rx="15" ry="25"/>',
    "round by one radius": '<rect x="10" y="20" width="80" height="60" ry="200"/>',
    "circle": '<circle cx="60" cy="50" r="35.5"/>',
    "ellipse": '<ellipse cx="60" cy="50" rx="45" ry="20"/>',
    "polygon": '<polygon points="10,10 100 20, 60,100"/>',
    "polyline": '<polyline points="10,10 100 20 60 100 20 90"/>',
    "nothing": '<rect width="0" height="9"/><circle r="-1"/><line x2="9" y2="9"/><polygon points=""/><path d=""/>',
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_as_resvg_draws_them(name: str) -> None:
    assert differing(SHAPES[name]) == 0


@settings(max_examples=80, deadline=None)
@given(st.floats(0.5, 20), st.floats(0.5, 20), st.floats(-180, 180), st.booleans(), st.booleans(), st.floats(-30, 30), st.floats(-30, 30))
def test_arcs_lie_on_their_ellipse(rx: float, ry: float, degrees: float, large: bool, sweep: bool, x: float, y: float) -> None:
    """The ends and the middles of all cubics have one distance from one centre, in the ellipse's
    own frame; and the way is as long as the flags say.
    """
    chains = Chains()
    chains.begin(0, 0)
    add_arc(chains, rx, ry, degrees, large, sweep, x, y)
    segments = np.array(chains.numbers).reshape(-1, 3, 2)
    if abs(x) + abs(y) < 1e-3:
        return
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    half = math.hypot((cos * x + sin * y) / rx, (cos * y - sin * x) / ry) / 2
    grown = max(half, 1.0)
    frame = np.array([[cos / (rx * grown), sin / (rx * grown)], [-sin / (ry * grown), cos / (ry * grown)]])
    start = np.zeros(2)
    points = [start]
    for c1, c2, stop in segments:
        points += [(start + 3 * c1 + 3 * c2 + stop) / 8, stop]
        start = stop
    unit = np.array(points) @ frame.T
    assert np.allclose(points[-1], (x, y), atol=1e-9)
    if half < 0.99:
        # The centre: as far from the first point as from the last, by 1.
        middle, chord = (unit[0] + unit[-1]) / 2, unit[-1] - unit[0]
        away = math.sqrt(1 - min(half * half, 1)) / np.hypot(*chord) * np.array([-chord[1], chord[0]])
        centre = min((middle + away, middle - away), key=lambda c: np.abs(np.hypot(*(unit - c).T) - 1).max())
        assert np.allclose(np.hypot(*(unit - centre).T), 1, atol=2e-3)
        angles = np.unwrap(np.arctan2(*(unit - centre).T[::-1]))
        assert (angles[-1] > angles[0]) == sweep
        assert (abs(angles[-1] - angles[0]) > math.pi - 1e-6) == large or abs(abs(angles[-1] - angles[0]) - math.pi) < 1e-3


@pytest.mark.parametrize(
    "text",
    [
        "L0 0", "M0 0L", "M0 0L1", "M0 0 1", "M0 0 Lx 1", "M0 0 A1 1 0 2 0 3 3", "M0 0 A1 1 0 1", "M0 0 z 3", "M0 0 L 1 1 $", "M 0 0 B 1",
    ],
)  # fmt: skip
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ImageReadError, match="path"):
        Curves.from_svg(f'<svg><path d="{text}"/></svg>')


def test_numbers_are_read_in_one_walk() -> None:
    assert numbers_of("1,-2.5.5 +3e-2") == [1, -2.5, 0.5, 0.03]
    with pytest.raises(ImageReadError, match="where a number is wanted"):
        numbers_of("1" * 100_000 + "x")
