"""`doubts`: what may have gone wrong with a page, in sentences, each with the option that helps.

Nothing here changes the drawing. The tests are cheap ones first: most pages have less than a third
of ink, and nothing more is asked of them.
"""
from __future__ import annotations

from linefinish import checks
from linefinish.cleaning.specks import INK, without_small
from linefinish.data.raster import Bitmap, Separation, as_bitmap
from linefinish.kernels import bits, words
from linefinish.measuring import Measures, inked_corners, stroke_widths
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# One connected black that covers at least this share of the page is rarely drawn. Larger: shadows
# over a third of the page pass; smaller: linocuts are asked about.
_BLACK_SHARE = 1 / 3
# From this much ink on the page may be a negative, light on dark ...
_NEGATIVE_COVERAGE_MIN = 0.5
# ... if its paper is strokes: at most this share of the page's longer side wide.
_NEGATIVE_STROKE_SHARE_MAX = 0.04
# How much more there is of greys between ink and paper than of ink, where most of a drawing was
# left out. Soft edges of thin strokes have up to 1. Larger: pale drawings beside a black one pass.
_DROPPED_TIMES_INK = 2.5
# Of the page: less is dust.
_DROPPED_PAGE_SHARE = 0.003
# A border is a band along two sides of the page or more, so deep as a share of the side: less is a
# drawn frame, more is drawn black. Of its pixels at least this share is ink; dust and light leave
# less in a scanner's lid.
_BORDER_DEPTH_MIN, _BORDER_DEPTH_MAX, _BORDER_INK = 0.01, 0.2, 0.9
# Solid blacks of a coloured picture are told of from this share of the page on. Smaller: pupils and
# shoes are told of; larger: a black that spoils the page for crayons passes.
_SOLIDS_SHARE = 0.02
# The least black worth an outline, as a share of the page: pupils stay black.
_SOLID_SHARE = 0.002
# Fills over at least this share of the page, at so many times the ink, were the drawing perhaps.
_FILLS_PAGE_SHARE, _FILLS_TIMES_INK = 0.1, 12


def doubts(separation: Separation | None, bitmap: Bitmap, measures: Measures, *, coloured: bool = False) -> tuple[str, ...]:
    """What a person should look at before this page is printed. `bitmap` is the cleaned one,
    `measures` are its own, `separation` is what it was cut from, None where that was black and
    white. `coloured` says that the picture was: its solid blacks are told of, too.
    """
    bitmap = as_bitmap(bitmap)
    checks.instance(measures, Measures, "measures")
    if separation is not None:
        checks.same_size(checks.instance(separation, Separation, "separation").gray, bitmap)
    if measures.ink_coverage == 1:
        return ("the page is all ink: the drawing is one black area",)
    found = []
    if measures.ink_coverage == 0:
        found.append("the page has no ink: the drawing is empty")
    elif inked_corners(bitmap) >= 2 and (border := _about_border(bitmap)):
        found += border
    elif measures.ink_coverage >= _BLACK_SHARE:
        found += _about_black(bitmap, measures.ink_coverage)
    elif coloured:
        found += _about_solids(bitmap)
    if separation is not None:
        found += _about_dropped(separation, measures.ink_coverage)
    return tuple(found)


def _about_black(bitmap: Bitmap, coverage: float) -> list[str]:
    if coverage >= _NEGATIVE_COVERAGE_MIN:
        paper = bitmap.with_words(buffers.copied(bitmap.words))
        words.invert(paper.words, paper.width, paper.height, paper.stride)
        if 0 < stroke_widths(paper, (0.5,))[0] <= _NEGATIVE_STROKE_SHARE_MAX * max(paper.width, paper.height):
            return ["the page looks like a negative, light lines on a dark ground (--invert makes the lines black)"]
    if without_small(bitmap, INK, _BLACK_SHARE * bitmap.width * bitmap.height - 1).ink_count():
        return [
            "one connected black covers more than a third of the page (a shadow? --threshold sauvola follows the light; "
            f"a solid? --hollow-area-min {_rounded(_SOLID_SHARE * bitmap.width * bitmap.height)} leaves its outline)"
        ]
    return []


def _about_border(bitmap: Bitmap) -> list[str]:
    width, height = bitmap.width, bitmap.height
    ink = buffers.zeros(width * height, "B", written_whole=True)
    bits.unpack(bitmap.words, width, height, bitmap.stride, ink)
    rows = [ink[y * width : (y + 1) * width] for y in range(height)]
    top, bottom = _band(rows.__getitem__, height), _band(lambda at: rows[height - 1 - at], height)
    left, right = _band(lambda at: ink[at::width], width), _band(lambda at: ink[width - 1 - at :: width], width)
    sides = sum(map(bool, (top, bottom, left, right)))
    if sides < 2:
        return []
    x, y = (left, width - right), (top, height - bottom)
    inside = sum(bytes(row[x[0] : x[1]]).count(1) for row in rows[y[0] : y[1]])
    if inside >= _NEGATIVE_COVERAGE_MIN * (x[1] - x[0]) * (y[1] - y[0]):
        return []  # the ground of what is drawn in light lines
    corners = " ".join(f"{a},{b}" for a, b in ((x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])))
    return [f'a black border runs along {sides} sides of the page (--sheet "{corners}" leaves it out)']


def _band(line: Callable[[int], memoryview], count: int) -> int:
    """How many of the page's rows (or columns), from one side on, are a border; 0 where none are.
    `line` gives the pixels of one.
    """
    for deep in range(int(_BORDER_DEPTH_MAX * count) + 1):
        pixels = bytes(line(deep))
        if pixels.count(1) < _BORDER_INK * len(pixels):
            return deep if deep >= _BORDER_DEPTH_MIN * count else 0
    return 0


def _about_solids(bitmap: Bitmap) -> list[str]:
    """Blacks that are wider than strokes are, as `hollow` takes them."""
    from linefinish.cleaning.bitmaps import opened

    page = bitmap.width * bitmap.height
    radius = max(1.5 * stroke_widths(bitmap, (0.5,))[0], 3.0)
    least = _rounded(_SOLID_SHARE * page)
    solid_px = without_small(opened(bitmap, radius), INK, least - 0.5).ink_count()
    if solid_px < _SOLIDS_SHARE * page:
        return []
    return [f"solid blacks cover {100 * solid_px / page:.0f} % of the page, where nothing can be coloured "
            f"(--hollow-area-min {least} leaves their outlines)"]  # fmt: skip


def _rounded(area: float) -> int:
    """An area in pixels as people say one: a digit and zeros."""
    digits = len(str(int(area))) - 1
    return max(1, round(area / 10**digits)) * int(10**digits)


def _about_dropped(separation: Separation, coverage: float) -> list[str]:
    pixels = separation.gray.width * separation.gray.height
    ink_px = coverage * pixels
    if separation.fill_area_px > max(_FILLS_PAGE_SHARE * pixels, _FILLS_TIMES_INK * ink_px):
        return ["most of what was drawn are fills, which became paper (--fills outline draws their borders, --fills ink keeps them black)"]
    if separation.pale_area_px > max(_DROPPED_TIMES_INK * ink_px, _DROPPED_PAGE_SHARE * pixels):
        wanted = separation.paper - (separation.paper - separation.ink) // 10
        return [f"most of what is drawn was too pale for ink and is left out (--threshold-level {wanted} takes it in)"]
    return []
