"""No outline crosses or touches itself or another one, in the integers that are written and in
every format.
"""
from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.datasets import DRAWINGS, page
from linefinish import Bitmap, Document, Gray, Levels, compose, finish, fit, outline, read_gray, trace
from linefinish.kernels import curves as kernel
from linefinish.outlines import fitting, outlining, uncrossing
from linefinish.writers import encode
from tests.linefinish.kernels.test_boundary import polygons_of
from tests.oracles.crossings import faults

SIDE_PX = 700  # of pages, one for all tests: a drawing is drawn once
GOLDEN = sorted((Path(__file__).parents[3] / "golden" / "finish").glob("*/*.png"))


def lies_on_its_page(document: Document) -> bool:
    """Whether no end and no handle lies outside."""
    points = np.asarray(document.segments).reshape(-1, 2)
    return bool((points >= 0).all() and (points <= 16 * np.array([document.width, document.height])).all())


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_golden_pages(path: Path) -> None:
    document = compose(finish(path).curves)
    assert faults(document) == []
    assert lies_on_its_page(document)


KINDS = ("clean", "bilevel", "soft", "noise", "generated")
NAMES = sorted(path.stem for path in DRAWINGS.glob("*.svg"))
# Each drawing as three kinds of page, each kind on six drawings; with MYJOE_TESTS_ALL each as all.
PAGES = [
    (name, kind) for i, name in enumerate(NAMES) for j, kind in enumerate(KINDS) if os.environ.get("MYJOE_TESTS_ALL") or (j - i) % 5 < 3
]


@pytest.mark.parametrize(("name", "kind"), PAGES)
def test_public_domain_drawings(name: str, kind: str) -> None:
    """The drawings of the corpus that may be in the repository, as pages of SIDE_PX."""
    grays = page((DRAWINGS / f"{name}.svg").read_text(encoding="utf-8"), SIDE_PX, kind)
    document = compose(finish(grays).curves)
    assert faults(document) == []
    assert lies_on_its_page(document)


@st.composite
def pages(draw: Any) -> np.ndarray:
    """Noise that was blurred more or less: from salt and pepper to blobs, hairlines among them."""
    seed, sigma = draw(st.integers(0, 2**32)), draw(st.sampled_from([0.0, 0.4, 0.7, 1.0, 1.6, 2.5]))
    height, width = draw(st.integers(5, 60)), draw(st.integers(5, 60))
    from scipy import ndimage

    field = np.random.default_rng(seed).normal(0, 1, (height, width))
    if sigma:
        field = ndimage.gaussian_filter(field, sigma)
        field /= max(float(field.std()), 1e-9)
    return np.clip(127 + draw(st.sampled_from([40, 90, 400])) * field, 0, 255).astype(np.uint8)


# Without greys, with them, and as a page that was not blurred, whose small dots swell to their ink.
LEVELS = [None, Levels.constant(127), Levels.constant(127, ink=0, paper=255)]


@given(pages(), st.sampled_from(LEVELS), st.sampled_from([None, 0.05, 0.6, 2.0]), st.sampled_from([0.0, 1.0, 2.0]))
@settings(max_examples=160, deadline=None)
def test_random_pages(grays: np.ndarray, levels: Levels | None, error_px: float | None, sharpness: float) -> None:
    page_of = grays <= 127, grays if levels else None, levels
    curves = fit(trace(*page_of), error_px_max=error_px, corner_sharpness=sharpness)
    assert faults(compose(curves)) == []
    assert lies_on_its_page(compose(curves))
    # Where the bitmap says that nothing is near, nothing crosses.
    asked_less = outline(*page_of, error_px_max=error_px, corner_sharpness=sharpness)
    assert bytes(asked_less.segments) == bytes(curves.segments)


def test_a_segment_whose_neighbour_became_a_polygon_is_looked_at_again() -> None:
    """The two were cut from one stretch, and met beside its points: its curve, begun where the
    polygon ends, made a loop.
    """
    field = np.random.default_rng(52).normal(0, 1, (30, 52))
    grays = np.clip(127 + 90 * field, 0, 255).astype(np.uint8)
    assert faults(compose(fit(trace(grays <= 127), error_px_max=2.0, corner_sharpness=2.0))) == []


@pytest.mark.parametrize("kind", ["clean", "bilevel", "generated"])
@pytest.mark.parametrize("name", ["crawfish", "fairy-godmother"])
def test_where_the_bitmap_is_not_narrow_nothing_crosses(name: str, kind: str) -> None:
    grays = page((DRAWINGS / f"{name}.svg").read_text(encoding="utf-8"), SIDE_PX, kind)
    for page_of in ((grays < 128, None), (grays < 128, grays)):
        assert bytes(outline(*page_of).segments) == bytes(fit(trace(*page_of)).segments)


@given(st.integers(0, 2**32), st.floats(2, 6))
@settings(max_examples=40, deadline=None)
def test_dots_of_a_pixel_or_two_beside_each_other(seed: int, every: float) -> None:
    """Their ovals are wider than their polygons, and may meet; they lie at the border too."""
    draw = np.random.default_rng(seed)
    ink = draw.random((24, 30)) < 1 / every
    ink[:, ::2] &= draw.random((24, 15)) < 0.5
    grays = np.where(ink, draw.integers(0, 127, ink.shape), draw.integers(128, 256, ink.shape)).astype(np.uint8)
    for levels in LEVELS[1:]:
        for policy in ("white", "grey"):
            document = compose(fit(trace(ink, grays, levels, turn_policy=policy)))
            assert faults(document) == []
            assert lies_on_its_page(document)


MARKS = [b"\1\0", b"\0\x80", b"\xff\xff"]  # of one half, of the other, of both


@given(st.sampled_from(["dot", "across", "down"]), st.booleans(), st.integers(0, 2**32), st.sampled_from(MARKS))
def test_an_oval_that_meets_something_becomes_the_polygon_of_its_points(kind: str, is_hole: bool, seed: int, marks: bytes) -> None:
    ink = np.zeros((6, 7), bool)
    ink[2 : 4 if kind == "down" else 3, 3 : 5 if kind == "across" else 4] = True
    ink = ~ink if is_hole else ink
    draw = np.random.default_rng(seed)
    paths = trace(ink, np.where(ink, draw.integers(0, 120, ink.shape), draw.integers(135, 256, ink.shape)).astype(np.uint8))
    polygon = polygons_of(paths)[-1]
    path, begin, n = len(paths) - 1, paths.offsets[-2], len(polygon)
    bounds = fitting.bounds_for(0.18, 1.0, (7, 6), has_grays=True)
    curves, room = fitting.joined(7, 6, [fitting.fit_range(paths.points, paths.offsets, path, path + 1, bounds)])
    places = room[2]
    starts = [place >> kernel.START_SHIFT for place in places]
    assert starts[0] < starts[1] < starts[0] + n < 2 * n
    ends = np.roll(curves.segments_array()[:, 2, 0], 1)
    assert list(polygon[np.array(starts) % n, 0]) == list(ends), "a half begins above or below its first point"
    assert kernel.raise_levels(curves.offsets, 1, marks, places, bytearray(1)) == sum(map(bool, marks))
    page = uncrossing.Growing(curves, room, fitting.segment_buffers)
    page.fit_anew([0], paths.points, [(begin, n)], bounds)
    curves, places = page.curves, page.places
    assert curves.segments_array()[:, 2] == pytest.approx(np.roll(polygon, -1, axis=0), abs=kernel._CENTRE_MARGIN_PX)
    assert not any(curves.kinds)
    assert kernel.raise_levels(curves.offsets, 1, b"\xff" * n, places, bytearray(1)) == 0


@pytest.mark.parametrize("levels", LEVELS, ids=["1-bit", "greys", "sharp"])
def test_a_page_in_batches_has_the_same_curves(levels: Levels | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outlines that are fitted anew are followed once more."""
    draw = np.random.default_rng(5)
    grays = draw.integers(0, 256, (120, 150)).astype(np.uint8)
    bitmap, gray = Bitmap.from_array(grays <= 127), Gray.from_array(grays) if levels else None
    whole = fit(trace(bitmap, gray, levels))
    monkeypatch.setattr(outlining, "_WHOLE_POINTS", 0)
    monkeypatch.setattr(outlining, "_BATCH_POINTS", 3000)
    assert bytes(outline(bitmap, gray, levels, threads=2).segments) == bytes(whole.segments)
    assert faults(compose(whole)) == []


def test_bands_and_little_room_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(6)
    grays = draw.integers(0, 256, (90, 80)).astype(np.uint8)
    whole = fit(trace(grays <= 127, grays))
    monkeypatch.setattr(fitting, "_CELLS_MAX", 64)
    monkeypatch.setattr(fitting, "_PIECES_MAX", 200)
    assert bytes(fit(trace(grays <= 127, grays)).segments) == bytes(whole.segments)


def test_the_polylines_of_a_dxf_do_not_cross() -> None:
    document = compose(finish(GOLDEN[0]).curves)
    text = b"".join(bytes(piece) for piece in encode(document, "dxf")).decode("ascii")
    entities = ezdxf.read(io.StringIO(text)).modelspace()  # type: ignore[attr-defined]
    rings = [shapely.Polygon(entity.get_points("xy")) for entity in entities]
    assert all(shapely.is_valid(ring) for ring in rings)
    assert not any(a.exterior.intersects(b.exterior) for i, a in enumerate(rings) for b in rings[:i])


def test_ink_at_the_border_stays_on_the_page() -> None:
    """Pixels along all borders, and shapes that a border cuts off, at any slant."""
    rows, columns = np.mgrid[0:60, 0:80]
    for slant in (0.0, 0.3, 1.0, 2.7):
        bitmap = (np.abs(columns - 40 + slant * (rows - 30)) < 9) | (rows < 2) | (columns > 76) | (np.hypot(rows - 60, columns) < 25)
        for curves in (fit(trace(bitmap)), fit(trace(bitmap, np.where(bitmap, 20, 240).astype(np.uint8)))):
            assert lies_on_its_page(compose(curves))
            assert faults(compose(curves)) == []


def test_a_field_case_touches_the_border(tmp_path: Path) -> None:
    picture = np.full((40, 50), 255, np.uint8)
    picture[:10] = picture[:, :6] = 0
    path = tmp_path / "page.pgm"
    path.write_bytes(b"P5\n50 40\n255\n" + picture.tobytes())
    finished = finish(path)
    assert lies_on_its_page(compose(finished.curves))
    assert read_gray(path).warnings == ()
