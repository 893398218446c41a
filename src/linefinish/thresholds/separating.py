"""`threshold()` and `separate()`: Gray → Bitmap. One `auto` that decides from the image, and the
classics by name.
"""
from __future__ import annotations

from linefinish.checks import keywords
from linefinish.data.raster import Bitmap, Gray, Levels, Separation, as_gray
from linefinish.memory import buffers
from linefinish.options import checked
from linefinish.thresholds.paper import divided, is_uneven, paper_of
from linefinish.thresholds.screens import remove_screens
from linefinish.thresholds.strokes import is_sharp, join_weak, raise_dots, rim_share, some_rows
from linefinish.thresholds.tones import Tones, cut_at, histogram_of, pale_tone, tones_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.options import BackgroundMode, FillMode, ThresholdMethod


@keywords
def threshold(
    gray: Any, method: ThresholdMethod = "auto", *, level: int = 128, window_px: int | None = None, k: float | None = None,
    background: BackgroundMode = "auto",
    fills: FillMode = "paper",
) -> Bitmap:  # fmt: skip
    """The 1-bit image of a grey one: `separate(…).bitmap`, see there."""
    gray = as_gray(gray)
    method, level, window_px, k, background, fills = _checked(method, level, window_px, k, background, fills)
    if method == "auto":
        return _auto(gray, background, fills).bitmap
    from linefinish.thresholds.classics import classic

    # Without the tones, which a Separation states and which take longer than Otsu's level and the
    # bitmap.
    return classic(gray, method, level, window_px, k, background)[1]


@keywords
def separate(
    gray: Any, method: ThresholdMethod = "auto", *, level: int = 128, window_px: int | None = None, k: float | None = None,
    background: BackgroundMode = "auto",
    fills: FillMode = "paper",
) -> Separation:  # fmt: skip
    """Tell ink from paper, and where the edge between them lies.

    gray        a Gray, or a uint8 or bool array (height, width), 0 is black
    method      auto: decide from the image. otsu (1979), sauvola (Sauvola–Pietikäinen 2000), wolf
                (Wolf–Jolion 2004), nick (Khurshid
                and others 2009), bradley (Bradley–Roth 2007): as published. fixed: darker than
                `level` is ink
    level       of the fixed method, 0 to 256
    window_px   window side of the local methods, 3 or more (odd; beyond 511 px as 511, by bradley
                725); by default from the image's size
    k           sensitivity of the local methods, −2 to 2; by default as published
    background  divide out uneven paper first: on, off, or auto: where it is uneven and the method
    is auto
    fills       by auto: what areas clearly paler than the ink become: paper, ink, or paper with an
    outline where
                they have none

    Raises OptionsError for an unknown method or a number out of range, ImageShapeError for an array
    of another shape or dtype.
    """
    gray = as_gray(gray)
    method, level, window_px, k, background, fills = _checked(method, level, window_px, k, background, fills)
    if method == "auto":
        return _auto(gray, background, fills)
    from linefinish.thresholds.classics import classic  # 0.2 ms that only who asks for it pays

    gray, bitmap, levels, reason = classic(gray, method, level, window_px, k, background)
    tones = tones_of(gray)
    return Separation(bitmap, gray, levels, method, reason, tones.ink, tones.paper)


def _checked(
    method: Any, level: Any, window_px: Any, k: Any, background: Any, fills: Any
) -> tuple[Any, int, int | None, float | None, Any, Any]:
    """The arguments in their proper types, or OptionsError."""
    return (
        checked("threshold", method, "method"), checked("threshold_level", level, "level"),
        checked("threshold_window_px", window_px, "window_px"), checked("threshold_k", k, "k"),
        checked("background", background), checked("fills", fills),
    )  # fmt: skip


# Contrast in greys below which the page is faint: it may be blank, too.
_CONTRAST_GRAYS_MIN = 30
# The same after uneven paper was divided out. Larger: pale pencil under uneven light is lost;
# smaller: grain of a blank sheet in its darkest part is drawn (sigma 2 in half the light: 17).
_UNEVEN_CONTRAST_GRAYS_MIN = 24


# Where fills are less than one in so many of a page, they may be the broadest strokes of a
# watermark, and all its others are no deeper. At most so much of it lies inside: of a shadow 0.92
# and more, of strokes of 9 px 0.7. Larger: hairlines in the light go that are no darker than a
# shadow; smaller: crumbs of large watermarks stay.
_PALE_FILLS_ONE_IN, _PALE_FILLS_INSIDE_MAX = 4, 0.8

# More greys than this are not few.
_GREYS_FEW = 8
# One pixel in so many of the rows is asked first: most pages show their many greys at once.
_GREYS_ASKED_ONE_IN = 31


def _auto(gray: Gray, background: str, fills: str = "paper") -> Separation:
    """Paper made white where it is uneven, a level half way between the tones, screens out, thin
    strokes joined.
    """
    histogram = histogram_of(gray)
    board = _without_board(gray, histogram) if fills == "paper" and background != "off" else None
    gray, restoring = (board, "a checkerboard was made paper") if board else _restored(gray)
    histogram = histogram_of(gray) if restoring else histogram
    tones = tones_of(gray, histogram)
    inner, tones = _inside_scan_edges(gray, tones) or (None, tones)
    uneven, filled, grainy, fill_area_px, pale_fills = False, False, False, 0, None
    if tones.contrast < _CONTRAST_GRAYS_MIN:
        # Either nothing is drawn, or so faintly that two papers side by side differ by as much.
        if background != "off":
            even = divided(gray, paper_of(gray, tones.paper >> 1))
            even_tones = tones_of(even)
            uneven = even_tones.contrast > tones.contrast
            gray, tones = (even, even_tones) if uneven else (gray, tones)
        if tones.contrast < _CONTRAST_GRAYS_MIN and not _is_faint_drawing(gray, tones):
            return _one_tone(gray, tones)
    elif background != "off":
        paper = paper_of(gray, tones.level, fills=fills, drawn=tones)
        filled = paper.tones is not None
        uneven = background == "on" or filled or is_uneven(paper.cells, paper.columns, paper.rows)
        if uneven:
            if filled and paper.fill_cells * _PALE_FILLS_ONE_IN < paper.columns * paper.rows:
                pale_fills = pale_tone(gray, histogram, tones, _PALE_FILLS_INSIDE_MAX)
            grainy = filled or paper.deep is not None
            gray, fill_area_px = divided(gray, paper, borders=fills == "outline"), 16 * paper.fill_cells
            histogram = histogram_of(gray)
            tones = tones_of(_part(gray, inner)) if inner else tones_of(gray, histogram)
            # What is left of light that was divided out is no drawing, however faint drawings may
            # be.
            if tones.contrast < _UNEVEN_CONTRAST_GRAYS_MIN:
                return _one_tone(gray, tones)
    bitmap = cut_at(gray, tones.level)
    screen_dots = remove_screens(bitmap)
    # Between the dots of a screen there are valleys of grey without end, and none is a stroke.
    softness = rim_share(gray, tones, bitmap)
    # Fills that were divided out leave greys at their edges that nobody drew.
    sharp = not filled and is_sharp(gray, tones, softness)
    joined = 0
    if not screen_dots:
        pale = pale_tone(gray, histogram, tones)
        pale = min((tone for tone in (pale, pale_fills) if tone is not None), default=None)
        joined = join_weak(gray, tones, bitmap, softness, sharp=sharp, pale=pale)
    if sharp and not screen_dots:
        joined += raise_dots(gray, tones, bitmap)
    if grainy:
        from linefinish.thresholds.grain import without_grain

        bitmap = without_grain(bitmap, gray, tones, paper)
    reason = f"level {tones.level + 1}, half way between ink {tones.ink} and paper {tones.paper}"
    reason += f", after {restoring}" if restoring else ""
    reason += ", after dividing out uneven paper" if uneven else ""
    reason += f"; fills of {fill_area_px:,} px² made paper" if fill_area_px else ""
    reason += f"; {screen_dots} dots of a screen removed" if screen_dots else ""
    reason += "; thin pale strokes joined" if joined else ""
    pale_area_px = _pale_area_px(histogram, tones)
    levels = Levels.constant(tones.level, tones.ink, tones.paper) if sharp else Levels.constant(tones.level)
    return Separation(bitmap, gray, levels, "auto", reason, tones.ink, tones.paper, fill_area_px, pale_area_px)


# What is less deep than this share of the contrast is paper with its grain.
_PALE_DEPTH_SHARE = 0.2


def _pale_area_px(histogram: list[int], tones: Tones) -> int:
    """How many pixels are lighter than the level and clearly darker than paper."""
    return sum(histogram[tones.level + 1 : tones.paper - int(_PALE_DEPTH_SHARE * tones.contrast) + 1])


# A line of pixels along the page's border belongs to the edge of a scan, and to no drawing, if this
# share of it is dark. Larger: a slanted edge is not seen; smaller: nothing was found to go wrong.
_EDGE_DARK_SHARE = 0.8
# An edge is at most this share of the side wide. Larger: more of a solid page is looked at in vain.
_EDGE_SIDE_SHARE_MAX = 0.1
# One pixel in so many is asked.
_EDGE_PIXELS_ONE_IN = 8
# Without the edge the ink has to be paler by this share of the contrast to matter.
_PALER_INK_SHARE = 0.15


def _inside_scan_edges(gray: Gray, tones: Tones) -> tuple[tuple[int, int, int, int], Tones] | None:
    """Left, top, right, bottom of what lies within the black edges that a scanner leaves beside its
    sheet, and its tones, if ink is paler there, as pencil is; None where that makes no difference.
    """
    left, top, right, bottom = 0, 0, gray.width, gray.height
    data, width = memoryview(gray.data).cast("B"), gray.width
    light = bytes(range(tones.level + 1, 256))
    wide, high = int(_EDGE_SIDE_SHARE_MAX * right), int(_EDGE_SIDE_SHARE_MAX * bottom)

    def is_edge(line: memoryview) -> bool:
        return len(bytes(line).translate(None, light)) >= _EDGE_DARK_SHARE * len(line)

    step = _EDGE_PIXELS_ONE_IN
    while top < high and is_edge(data[top * width : (top + 1) * width : step]):
        top += 1
    while gray.height - bottom < high and is_edge(data[(bottom - 1) * width : bottom * width : step]):
        bottom -= 1
    while left < wide and is_edge(data[left :: step * width]):
        left += 1
    while gray.width - right < wide and is_edge(data[right - 1 :: step * width]):
        right -= 1
    if (left, top, right, bottom) == (0, 0, gray.width, gray.height) or top == high or left == wide:
        return None
    # A little farther in: the edge's own is soft.
    left, top, right, bottom = left and left + 4, top and top + 4, right - 4 * (right < width), bottom - 4 * (bottom < gray.height)
    part = _part(gray, (left, top, right, bottom))
    inner = tones_of(part)
    paler = inner.ink - tones.ink > _PALER_INK_SHARE * tones.contrast
    drawn = inner.contrast >= _CONTRAST_GRAYS_MIN or _is_faint_drawing(part, inner)
    return ((left, top, right, bottom), inner) if paler and drawn else None


def _part(gray: Gray, box: tuple[int, int, int, int]) -> Gray:
    """The pixels within left, top, right, bottom."""
    left, top, right, bottom = box
    data, width = memoryview(gray.data).cast("B"), right - left
    rows = buffers.zeros(width * (bottom - top), "B", written_whole=True)
    for y in range(top, bottom):
        rows[(y - top) * width : (y - top + 1) * width] = data[y * gray.width + left : y * gray.width + right]
    return Gray(width, bottom - top, rows)


# Two greys of a board have at least one pixel in so many of the page each, and so has ink below
# both. The page's histogram tells that most pages have no such greys.
_BOARD_GREY_ONE_IN = 50
# A board's greys are apart from each other and from the ink by at least so many.
_BOARD_APART_GRAYS = 12


def _without_board(gray: Gray, histogram: list[int]) -> Gray | None:
    """The page without the checkerboard that lies under its ink, if there is one."""
    common = gray.width * gray.height // _BOARD_GREY_ONE_IN
    darkest = next((grey for grey, count in enumerate(histogram) if count), 0)
    peaks = [grey for grey, count in enumerate(histogram) if count > common and grey > darkest + _BOARD_APART_GRAYS]
    if len(peaks) < 2 or peaks[-1] - peaks[0] < _BOARD_APART_GRAYS:
        return None
    from linefinish.thresholds.boards import without_board

    return without_board(gray, histogram)


def _restored(gray: Gray) -> tuple[Gray, str]:
    """A page of few greys as it was before, and what was done, if anything. Only few of the greys
    are looked at to tell that they are many.
    """
    rows = some_rows(gray)
    for asked in (rows[::_GREYS_ASKED_ONE_IN], rows):
        left = asked
        for _ in range(_GREYS_FEW):  # a set of them all takes half a millisecond
            left = left.translate(None, left[:1])
        if left:
            return gray, ""
    from linefinish.thresholds.fringes import restored

    return restored(gray) or (gray, "")


# A faint page is blank below this contrast, or if more than this share of it is dark. Larger
# contrasts lose pale pencil, smaller ones take the grain of paper for strokes.
_FAINT_CONTRAST_GRAYS_MIN = 8
_FAINT_INK_SHARE_MAX = 0.25


def _is_faint_drawing(gray: Gray, tones: Tones) -> bool:
    """Whether what little is darker than the paper is a drawing: noise and grain make half of the
    pixels darker than the other half.
    """
    darker = sum(histogram_of(gray)[: tones.level + 1])
    return tones.contrast >= _FAINT_CONTRAST_GRAYS_MIN and darker < _FAINT_INK_SHARE_MAX * gray.width * gray.height


def _one_tone(gray: Gray, tones: Tones) -> Separation:
    """A page without contrast is all paper, or all ink if it is dark."""
    name = "ink" if tones.paper < 128 else "paper"
    level = 255 if tones.paper < 128 else 0
    bitmap = cut_at(gray, level) if level else Bitmap.blank(gray.width, gray.height)
    return Separation(bitmap, gray, Levels.constant(level), "auto", f"one tone only ({tones.paper}): all {name}", tones.ink, tones.paper)
