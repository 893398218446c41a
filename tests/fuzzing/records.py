"""Records as somebody makes them by hand, right and wrong: each public step gives a result or one
of our errors. To be run in a process of its own, as what is wrong here is a crash:
`python -m tests.fuzzing.records EXAMPLES [SEED]`.
"""
from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import linefinish
from linefinish import Bitmap, Curves, Document, Gray, Levels, LinefinishError, Paths, Separation
from tests.fuzzing.guards import guard_all_buffers, guarded_copy

# Right sizes and right types mostly, or nothing but the first check is ever met.
RIGHT = st.sampled_from([True] * 24 + [False])
_WILD_SIDES = st.sampled_from([0, -1, 2**20, 2**31, 2**63, True, 3.0, None])
SIDES = RIGHT.flatmap(lambda right: st.integers(1, 140) | st.sampled_from([63, 64, 65, 127, 128]) if right else _WILD_SIDES)
ODD = st.sampled_from([float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 1e18, -1e18, 2.0**31, 1e9, 1.6e7, -1.6e7, 0.0, -0.0])
PLACES = st.floats(-5, 150, width=32)
CODES = {"d": np.float64, "f": np.float32, "q": np.int64, "i": np.int32, "Q": np.uint64, "B": np.uint8, ">q": np.dtype(">i8"), "O": object}


def one_of(draw: Any, *things: Any) -> Any:
    """One of some things that cannot be hashed."""
    return things[draw(st.integers(0, len(things) - 1))]


@st.composite
def buffer(draw: Any, values: list[Any], code: str) -> Any:
    """The values as a flat buffer before a guard page; now and then as something else."""
    if not draw(RIGHT):
        other = draw(st.sampled_from(sorted(CODES)))
        with np.errstate(all="ignore"):
            array = np.asarray(values, float).astype(CODES[other])
        return one_of(draw, array, array[::-1], array[::2], np.stack([array, array]), values, bytes(array.tobytes()), None)
    return guarded_copy(np.asarray(values, CODES[code]).tobytes(), code)


@st.composite
def offsets(draw: Any, most: int) -> list[int]:
    """Offsets that rise from 0 on, mostly."""
    counts = draw(st.lists(st.integers(1, most), max_size=6))
    made = [0, *np.cumsum(counts).tolist()]
    if not draw(RIGHT):
        made[draw(st.integers(0, len(made) - 1))] = draw(st.sampled_from([-1, 0, 1, 7, 10**6, 2**40, -(2**40), 2**62]))
    return made


def _count(rising: list[int]) -> int:
    return rising[-1] if 0 <= rising[-1] < 1000 else 3


@st.composite
def paths(draw: Any) -> Any:
    rising = draw(offsets(60))
    count = _count(rising)
    some = PLACES if draw(RIGHT) else PLACES | ODD
    places = draw(st.lists(some, min_size=2 * count, max_size=2 * count))
    signs = draw(st.lists(st.sampled_from([1, -1]), min_size=len(rising) - 1, max_size=len(rising) - 1))
    parts = draw(buffer(places, "d")), draw(buffer(rising, "q")), draw(buffer(signs, "i"))
    return Paths, (draw(SIDES), draw(SIDES), *parts, draw(st.booleans()), draw(st.booleans()))


@st.composite
def curves(draw: Any) -> Any:
    rising = draw(offsets(9))
    count = _count(rising)
    some = PLACES if draw(RIGHT) else PLACES | ODD
    places = draw(st.lists(some, min_size=6 * count, max_size=6 * count))
    kinds = draw(st.lists(st.sampled_from([0, 1]) if draw(RIGHT) else st.integers(0, 255), min_size=count, max_size=count))
    parts = draw(buffer(places, "d")), draw(buffer(kinds, "B")), draw(buffer(rising, "q"))
    return Curves, (draw(SIDES), draw(SIDES), *parts)


@st.composite
def documents(draw: Any) -> Any:
    rising = draw(offsets(9))
    count = _count(rising)
    units = st.integers(-200, 3000)
    if not draw(RIGHT):
        units |= st.sampled_from([2**28, -(2**28), 2**31 - 1, -(2**31)])
    places = draw(st.lists(units, min_size=6 * count, max_size=6 * count))
    kinds = draw(st.lists(st.sampled_from([0, 1]) if draw(RIGHT) else st.integers(0, 255), min_size=count, max_size=count))
    parts = draw(buffer(places, "i")), draw(buffer(kinds, "B")), draw(buffer(rising, "q"))
    points = st.floats(1, 200)
    if not draw(RIGHT):
        points |= st.sampled_from([0.0, -1.0, 0.001, 1e7, 1e-300, 1e300, float("nan"), float("inf"), None])
    page = (draw(points), draw(points))
    frame = draw(st.sampled_from([(0.0, 0.0, *page), (draw(points), draw(points), draw(points), draw(points))]))
    dpi = draw(st.sampled_from([None, (72.0, 30.0), 300] * 8 + [(0.0, 1.0), (float("nan"), 1.0), "many"]))
    return Document, (draw(SIDES), draw(SIDES), *parts, page, frame, draw(st.booleans()), dpi)


@st.composite
def bitmaps(draw: Any) -> Any:
    width, height = draw(SIDES), draw(st.integers(1, 20))
    stride = (width >> 6) + 1 if type(width) is int and 0 <= width < 1000 else 1
    some = np.random.default_rng(draw(st.integers(0, 2**32))).integers(0, 2**64, stride * height, np.uint64)
    if draw(RIGHT):
        some.reshape(height, stride)[:, -1] &= np.uint64((1 << (width & 63 if type(width) is int else 0)) - 1)
    return Bitmap, (width, height, draw(buffer(some.tolist(), "Q")) if draw(RIGHT) else some)


@st.composite
def grays(draw: Any) -> Any:
    width, height = draw(st.integers(1, 140)), draw(st.integers(1, 20))
    some = np.random.default_rng(draw(st.integers(0, 2**32))).integers(0, 256, width * height, np.uint8)
    flat = some.tobytes()
    data = one_of(draw, flat, some, some.reshape(height, width), guarded_copy(flat))
    if not draw(RIGHT):
        data = one_of(draw, some[::-1], some.astype(np.uint16), flat[1:], None)
    return Gray, (width, height, data, draw(st.sampled_from([None, (300, 300)] * 9 + [(float("nan"), 1), 5, ("a", "b")])))


@st.composite
def levels(draw: Any) -> Any:
    sides = RIGHT.flatmap(lambda right: st.integers(1, 9) if right else st.sampled_from([0, -1, 10**6, 2**62, None]))
    columns, rows = draw(sides), draw(sides)
    count = columns * rows if all(type(side) is int and 0 <= side < 99 for side in (columns, rows)) else 4
    tone = RIGHT.flatmap(lambda right: st.integers(0, 255) if right else st.sampled_from([-1, 256, 2**40, None]))
    return Levels, (draw(sides), columns, rows, draw(buffer([127] * count, "B")), draw(tone), draw(tone))


def attempt(call: Any, *args: Any, **options: Any) -> Any:
    """What a call gives, or None where it refuses."""
    try:
        return call(*args, **options)
    except LinefinishError as error:
        assert str(error) and "\n" not in str(error)
        return None


def use_curves(drawing: Any) -> None:
    document = attempt(linefinish.compose, drawing)
    attempt(linefinish.rasterize, drawing, width=50)
    if document is not None:
        use_document(document)


def use_outlines(drawing: Any) -> None:
    """Look for strokes in ink that these are hardly the outlines of."""
    if drawing.width <= 200 and drawing.height <= 200:
        y, x = np.mgrid[: drawing.height, : drawing.width]
        ink = Bitmap.from_array((np.abs((x - y) % 40 - 20) < 3) | (np.abs((x + 2 * y) % 50 - 25) < 4))
        attempt(linefinish.find_strokes, ink, drawing, spur_length_max_px=2, stroke_width_max_px=9)


def use_strokes(strokes: Any) -> None:
    document = None if strokes is None else attempt(linefinish.compose, strokes)
    if document is not None:
        for name in ("svg", "dxf", "plt"):
            attempt(linefinish.write, document, io.BytesIO(), name)


def use_document(document: Any) -> None:
    if document.width < 2**19 and document.height < 2**19:
        attempt(linefinish.rasterize, document, width=70, height=40)
        attempt(linefinish.rasterize, document, width=70, height=40, fill_rule="evenodd")
    for name in ("svg", "eps", "dxf", "pdf"):
        attempt(linefinish.write, document, io.BytesIO(), name)
    attempt(linefinish.write, document, io.BytesIO(), "svg", svg_paths="each")
    attempt(linefinish.write, document, io.BytesIO(), "geojson")
    attempt(linefinish.write, document, io.BytesIO(), "dxf", layers="depth")


def use_bitmap(bitmap: Any, gray: Any = None, level: Any = None) -> None:
    np.asarray(bitmap), bitmap.ink_count()
    attempt(linefinish.measure, bitmap)
    attempt(linefinish.despeckle, bitmap)
    attempt(linefinish.close_gaps, bitmap, gap_length_px_max=5)
    attempt(linefinish.thicken, bitmap, stroke_width_px_min=3)
    attempt(linefinish.hollow, bitmap, hollow_area_px_min=9)
    for name in ("png", "tiff", "pbm", "pdf"):
        attempt(linefinish.write, bitmap, io.BytesIO(), name)
    followed = attempt(linefinish.trace, bitmap)
    if followed is not None:
        attempt(linefinish.fit, followed)
    drawn = attempt(linefinish.outline, bitmap, gray, level)
    if drawn is not None:
        use_strokes(attempt(linefinish.find_strokes, bitmap, drawn))
    attempt(linefinish.trace, bitmap, gray, level)
    if gray is not None and level is not None:
        separation = attempt(Separation, bitmap, gray, level, "auto", "because", 10, 240)
        if separation is not None:
            attempt(linefinish.despeckle, bitmap, greys=separation)


def use(kind: Any, record: Any) -> None:
    if kind is Paths:
        for error_px in (None, 0.01, 100):
            made = attempt(linefinish.fit, record, error_px_max=error_px, corner_sharpness=2 if error_px == 0.01 else 1)
            if made is not None:
                use_curves(made)
        attempt(linefinish.fit, record, threads=2)
        use_outlines(record)
    elif kind is Curves:
        use_curves(record)
        use_outlines(record)
    elif kind is Document:
        use_document(record)
    elif kind is Bitmap:
        use_bitmap(record)
    elif kind is Gray:
        attempt(linefinish.finish, record)
        for method in ("otsu", "sauvola", "bradley"):
            attempt(linefinish.separate, record, method)
        attempt(linefinish.trace, Bitmap.blank(record.width, record.height), record)
    else:
        page = np.random.default_rng(0).integers(0, 256, (17, 90), np.uint8)
        use_bitmap(Bitmap.from_array(page < 90), Gray.from_array(page), record)


def main(examples: int, begin: int = 0) -> None:
    """Make so many records, and use those that can be made."""
    guard_all_buffers()
    used: dict[str, int] = {}

    def check(made: Any) -> None:
        kind, values = made
        record = attempt(kind, *values)
        if record is not None:
            use(kind, record)
        name = f"{kind.__name__} {'used' if record is not None else 'refused'}"
        used[name] = used.get(name, 0) + 1

    # So many of each kind: of a choice among them Hypothesis may hardly take some.
    kinds = (paths(), curves(), documents(), bitmaps(), grays(), levels())
    bounds = settings(max_examples=-(-examples // len(kinds)), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    for some in kinds:
        seed(begin)(bounds(given(some)(check)))()
    print(used)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
