"""Clean-up steps on a bitmap: `despeckle`, `close_gaps`, `thicken`, `hollow`. Each takes a bitmap
and gives a new one.

Only despeckling is on by default; the kernels of the others are loaded (0.1 ms each) when they are
asked for.
"""
from __future__ import annotations

from linefinish import checks
from linefinish.data.raster import Bitmap, as_bitmap
from linefinish.kernels import components, runs, words
from linefinish.measuring import COARSE_LINES_MIN, stroke_widths
from linefinish.memory import buffers
from linefinish.options import checked
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.raster import Separation

_INK, _PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF

# --- limits that follow from the page
# ------------------------------------------------------------
# Measured on 14 drawings at 1024 px in the kinds clean, noise, generated, paper and jpeg of the
# corpus: see docs/algorithms/cleaning.md.

# A speck's area in squares of the stroke width. Larger eats hatching of fine drawings, smaller
# leaves grain beside their lines.
_SPECK_AREA_PER_WIDTH2 = 0.5
# Specks of sensors, dust and generators have up to 9 pixels at 1024 px, whatever the stroke; real
# marks begin at 10 there.
_SPECK_AREA_PX = 10.0
# On pages drawn larger, specks are larger too, but never near the dot of an i (0.8 w²).
_LARGE_SPECK_AREA_PER_WIDTH2 = 0.1
# What is alone is a speck even on fine drawings: within 8 px of 97 % of all real marks of ≤ 12 px
# lies other ink, of 25 % of the specks.
_LONE_GAP_PX = 8
# This many lone specks in a megapixel of open paper, farther than that from ink (and at least 8),
# make a page noisy: then small marks beside lines are noise as well. Clean pages have up to 9,
# noisy ones from 20. Larger leaves noise beside lines, smaller eats stipple of clean pages.
_LONE_SPECKS_PER_MP = 15
_LONE_SPECKS_MIN = 8
# Noise lies as thick beside strokes as far from them, within this factor. More small marks than
# that beside strokes are drawn, stipple and hatching: 0.2 to 0.9 where there are none, 1.4 to 7
# where there are. Larger eats stipple, smaller keeps noise beside hairlines.
_EVENLY_SPREAD_MAX = 1.1
# From here on nearly all of them are drawn, and only what is alone is noise.
_MOSTLY_DRAWN_MIN = 2.0
# A speck is hard, and no part of a drawing, if its rim is less deep, against its inside, than this
# share of what the strokes' rim is against the page's contrast. On the noise pages of 53 drawings,
# false parts and lost ones of 1966: 0.35 11 and 1, 0.45 3 and 1,
# 0.55 1 and 1; without greys 22 and 67.
_HARD_RIM_SHARE_MAX = 0.55
# Two or three specks that lie on each other: by so many times the largest one. The rim protects
# what is drawn.
_HARD_AREA_TIMES = 3
# Strokes whose rim is less than this share of the page's contrast darker than paper are hard
# themselves and tell nothing: a straight edge drawn without blur has 0.13, one between whole pixels
# none.
_RIM_SHARE_MIN = 0.08
# One row in so many is asked for the strokes' rim.
_RIM_ROWS_ONE_IN = 4
# On a page that is not noisy only this goes: a pixel that fell off an edge. With 2, fine hatching
# loses 1 % of its parts.
_QUIET_SPECK_AREA_PX = 1.0


@record
class Despeckled:
    """A bitmap without specks and pinholes, how many there were, and the limits that were used."""

    bitmap: Bitmap
    specks_removed: int
    pinholes_filled: int
    speckle_area_px_max: float
    pinhole_area_px_max: float


def despeckle(
    bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None, greys: Separation | None = None
) -> Bitmap:
    """Remove 8-connected ink of at most an area, then fill enclosed 4-connected paper of at most an
    area.

    bitmap               Bitmap, or bool array (height, width), True is ink
    speckle_area_px_max  area in pixels; 0 removes none; None: from the page's stroke width and from
    how noisy the page is.
                         In that case isolated specks of up to 10 pixels go as well.
    pinhole_area_px_max  likewise for holes; None: from the page's stroke width
    greys                what `separate` made the bitmap of, if it had greys: on a noisy page they
                         tell specks from drawn marks as small

    Raises ImageShapeError for what is no such array or greys of another size, OptionsError for
    areas that cannot be.
    """
    return despeckle_counted(bitmap, speckle_area_px_max=speckle_area_px_max, pinhole_area_px_max=pinhole_area_px_max, greys=greys).bitmap


def despeckle_counted(
    bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None, greys: Separation | None = None
) -> Despeckled:
    """`despeckle`, and what it removed up to which areas."""
    bitmap = as_bitmap(bitmap)
    if greys is not None:
        checks.same_size(greys.gray, bitmap)
    speck, pinhole = checked("speckle_area_px_max", speckle_area_px_max), checked("pinhole_area_px_max", pinhole_area_px_max)
    width = stroke_widths(bitmap, (0.5,), COARSE_LINES_MIN)[0] if speck is None or pinhole is None else 0.0
    eraser = _Eraser(bitmap)
    if speck is None:
        specks, speck = _erase_stray_specks(eraser, width, greys)
    else:
        specks, _ = eraser.erase(_INK, speck)
    if pinhole is None:
        pinhole = _noise_area_px(width)
    pinholes, _ = eraser.erase(_PAPER, pinhole)
    return Despeckled(eraser.bitmap, specks, pinholes, float(speck), float(pinhole))


def _noise_area_px(width: float) -> float:
    """Up to which area a mark on a noisy page is noise, from the width of its strokes."""
    return min(_SPECK_AREA_PER_WIDTH2 * width**2, max(_SPECK_AREA_PX, _LARGE_SPECK_AREA_PER_WIDTH2 * width**2))


def _erase_stray_specks(eraser: _Eraser, width: float, greys: Separation | None) -> tuple[int, float]:
    """Erase specks by whether lone ones show that the page is noisy. → how many there were, and the
    limit.
    """
    before = eraser.bitmap
    noise = _noise_area_px(width)
    limit = min(noise, _QUIET_SPECK_AREA_PX)
    largest = max(_SPECK_AREA_PX, noise)
    specks, alone = eraser.erase(_INK, limit, largest)
    near = _share_near_ink(eraser.bitmap) if alone >= _LONE_SPECKS_MIN else 1.0
    lone_max = max(_LONE_SPECKS_MIN, _LONE_SPECKS_PER_MP * (1 - near) * before.width * before.height / 1e6)
    if alone >= lone_max:
        if greys is not None:
            soft, hard, hard_alone = _without_hard_specks(before, greys, _HARD_AREA_TIMES * largest)
            if hard_alone >= lone_max:
                # What is left was drawn, or it is dust, which lay on the page and went through its
                # optics.
                eraser.bitmap = soft
                specks, limit = _erase_stray_specks(eraser, width, None)
                return hard + specks, limit
        # For each speck alone, so many lie beside ink if they are spread evenly.
        spread = eraser.beside / (alone * near / (1 - near))
        if spread >= _MOSTLY_DRAWN_MIN:
            return specks, limit
        if spread <= _EVENLY_SPREAD_MAX:
            noise = largest
        return specks + eraser.erase(_INK, noise)[0], noise
    if alone:  # they belong to the drawing
        eraser.bitmap = before
        specks, _ = eraser.erase(_INK, limit)
    return specks, limit


def _without_hard_specks(bitmap: Bitmap, greys: Separation, area_px_max: float) -> tuple[Bitmap, int, int]:
    """The bitmap without specks that are sharper than its strokes: (bitmap, how many there were,
    how many of these stood alone).
    """
    from linefinish.kernels import specks as speck_kernels

    without = _without_small(bitmap, _INK, area_px_max)
    size, count, gray = (bitmap.width, bitmap.height, bitmap.stride), len(bitmap.words), greys.gray.data
    share = speck_kernels.rim_depth(without.words, gray, *size, greys.paper, _RIM_ROWS_ONE_IN) / max(greys.paper - greys.ink, 1)
    if share < _RIM_SHARE_MIN:
        return bitmap, 0, 0
    small = _copy(bitmap.words)
    words.remove(small, without.words, count)
    queue, alone = buffers.zeros(3 * (int(area_px_max) + 1), "i"), buffers.zeros(2, "q")
    out = _copy(without.words)
    hard = speck_kernels.keep_soft(
        bitmap.words, without.words, small, gray, *size, greys.paper, _HARD_RIM_SHARE_MAX * share, _LONE_GAP_PX, _copy(small),
        buffers.zeros(count, "Q"), out, queue, alone,
    )  # fmt: skip
    return Bitmap(bitmap.width, bitmap.height, out), hard, alone[0]


def _share_near_ink(bitmap: Bitmap) -> float:
    """The share of the page beside ink, within 0.001 to 0.999."""
    near = components.share_near_ink(bitmap.words, bitmap.width, bitmap.height, bitmap.stride, _LONE_GAP_PX)
    return float(min(max(near, 1e-3), 1 - 1e-3))


class _Eraser:
    """Erases small components, step by step. All steps share their scratch: its first touch costs
    more than a step.
    """

    def __init__(self, bitmap: Bitmap) -> None:
        self.bitmap = bitmap
        self._out: memoryview | None = None  # where the next step writes …
        self._equals: Bitmap | None = None  # … and the bitmap that it holds already
        self._large: memoryview | None = None
        self.beside = 0  # specks of the last step that had ink beside them

    def erase(self, colour: int, area_px_max: float, lone_area_px_max: float = 0) -> tuple[int, int]:
        """Turn over the components of a colour up to an area, lone specks up to another. → how
        many, and how many stood alone.
        """
        bitmap, count = self.bitmap, len(self.bitmap.words)
        pixels = bitmap.width * bitmap.height
        area, lone_area = min(int(area_px_max), pixels), min(int(lone_area_px_max), pixels)
        if max(area, lone_area) < 1:
            return 0, 0
        size = (bitmap.width, bitmap.height, bitmap.stride)
        queue = buffers.zeros(3 * (min(max(area, lone_area), runs.count_runs(bitmap.words, *size, colour)) + 1), "i")
        if self._large is None:
            self._large = buffers.zeros(count, "Q")
        else:
            words.clear(self._large, count)
        if self._out is None:
            self._out = buffers.zeros(count, "Q")
        if self._equals is not bitmap:
            self._out[:] = bitmap.words
            self._equals = bitmap
        alone = buffers.zeros(2, "q")
        erased = components.erase_small(bitmap.words, *size, colour, area, lone_area, _LONE_GAP_PX, self._out, self._large, queue, alone)
        self.beside = alone[1]
        if erased:
            self.bitmap = Bitmap(bitmap.width, bitmap.height, self._out)
            self._out = self._equals = None
        return erased, alone[0]


def _without_small(bitmap: Bitmap, colour: int, area_px_max: float) -> Bitmap:
    """The bitmap with the components of a colour up to an area turned over."""
    eraser = _Eraser(bitmap)
    eraser.erase(colour, area_px_max)
    return eraser.bitmap


# --- gaps
# ------------------------------------------------------------

# Two ends face each other where each lies within this slope of where the other points (50°: the
# open corner of a box counts) …
_FACING_SLOPE = 1.2
# … and they do not point the same way: cosine between their directions at most this. Larger joins
# neighbours in a hatching.
_FACING_COSINE_MAX = 0.2
# A bridge must cross paper on this share of its way; less means that the ends are joined already.
_BRIDGE_PAPER_MIN = 0.6
# A bridge is as wide as its strokes' ends, within these shares of the page's stroke width: ends
# taper to a hair or swell to a blot.
_BRIDGE_WIDTH_SHARE = (0.6, 1.25)


@record
class GapsClosed:
    """A bitmap whose facing line ends are joined, and how many bridges that took."""

    bitmap: Bitmap
    gaps_closed: int


def close_gaps(bitmap: Any, *, gap_length_px_max: float) -> Bitmap:
    """Join ends of strokes that face each other, and ends that point at a stroke ahead, with
    bridges of the strokes' own width.

    bitmap             Bitmap, or bool array (height, width), True is ink
    gap_length_px_max  the longest bridge over paper, in pixels; 0 joins none

    Ends come from the thinned drawing (Guo and Hall 1989), their directions from three stroke
    widths of line. Nearest first; each end is joined once. Neighbours that run side by side are
    never joined: their ends point the same way.

    Raises ImageShapeError for what is no such array, OptionsError for a length that cannot be.
    """
    return close_gaps_counted(bitmap, gap_length_px_max=gap_length_px_max).bitmap


def close_gaps_counted(bitmap: Any, *, gap_length_px_max: float) -> GapsClosed:
    """`close_gaps`, and how many gaps it closed."""
    from linefinish.kernels import ends

    bitmap = as_bitmap(bitmap)
    gap_length_px_max = checked("gap_length_px_max", gap_length_px_max)
    if gap_length_px_max == 0:
        return GapsClosed(bitmap, 0)
    median = max(1.0, stroke_widths(bitmap, (0.5,))[0])
    found = _ends(bitmap, gap_length_px_max, median)
    size = (bitmap.width, bitmap.height, bitmap.stride)
    out = _copy(bitmap.words)
    used: set[int] = set()
    closed = 0
    for _, i, j in sorted(_facing(bitmap, found, gap_length_px_max) + _pointing(found)):
        if i in used or j in used:
            continue
        x, y, ux, uy, line_width, from_x, from_y, ahead, slant = found[i]
        line_width = line_width if j < 0 else min(line_width, found[j][4])
        line_width = max(_BRIDGE_WIDTH_SHARE[0] * median, min(line_width, _BRIDGE_WIDTH_SHARE[1] * median), 1.0)
        if j < 0:
            inside = ((x - from_x) ** 2 + (y - from_y) ** 2) ** 0.5
            norm = (1 + slant * slant) ** 0.5
            along = (ux - slant * uy) / norm, (uy + slant * ux) / norm
            ends.draw_onto(bitmap.words, *size, from_x, from_y, *along, inside + 1, inside + ahead + 2 * line_width, line_width, out)
            used.add(i)
        else:
            ends.draw_line(out, *size, from_x, from_y, *found[j][5:7], line_width)
            used.update((i, j))
        closed += 1
    return GapsClosed(Bitmap(bitmap.width, bitmap.height, out), closed)


def _ends(bitmap: Bitmap, length_max: float, median: float) -> list[tuple[float, ...]]:
    """The ends of all strokes; each is one row of `kernels.ends.find_ends`."""
    from linefinish.kernels import ends

    back = min(60, max(8, round(3 * median)))
    lines, size = _thinned(bitmap), (bitmap.width, bitmap.height, bitmap.stride)
    track = buffers.zeros(2 * back, "i")
    capacity, count = 0, 1024
    while count > capacity:
        capacity = count
        rows = buffers.zeros(ends.FIELDS * capacity, "d")
        count = ends.find_ends(bitmap.words, lines, *size, back, float(length_max), track, rows, capacity)
    return [tuple(rows[ends.FIELDS * i : ends.FIELDS * (i + 1)]) for i in range(count)]


def _facing(bitmap: Bitmap, found: list[tuple[float, ...]], length_max: float) -> list[tuple[float, int, int]]:
    """Pairs of ends that face each other: (distance, one, the other)."""
    from linefinish.kernels import ends

    cell = max(1.0, length_max)
    cells: dict[tuple[int, int], list[int]] = {}
    for i, end in enumerate(found):
        cells.setdefault((int(end[0] // cell), int(end[1] // cell)), []).append(i)
    pairs = []
    for (column, row), members in cells.items():
        near = [j for dx in (-1, 0, 1) for dy in (-1, 0, 1) for j in cells.get((column + dx, row + dy), ())]
        for i in members:
            for j in near:
                if i < j:
                    x, y, dx, dy = *found[i][:2], found[j][0] - found[i][0], found[j][1] - found[i][1]
                    distance = (dx * dx + dy * dy) ** 0.5
                    if distance <= length_max and _face(found[i], found[j], dx, dy) and _BRIDGE_PAPER_MIN <= ends.paper_share(
                        bitmap.words, bitmap.width, bitmap.height, bitmap.stride, x, y, x + dx, y + dy
                    ):
                        pairs.append((distance, i, j))
    return pairs


def _face(one: tuple[float, ...], other: tuple[float, ...], dx: float, dy: float) -> bool:
    """Whether two ends, the other (dx, dy) away from the one, point at each other."""
    slack = 0.5 * min(one[4], other[4])
    if one[2] * other[2] + one[3] * other[3] > _FACING_COSINE_MAX:
        return False
    for ux, uy, vx, vy in ((one[2], one[3], dx, dy), (other[2], other[3], -dx, -dy)):
        ahead, aside = ux * vx + uy * vy, abs(ux * vy - uy * vx)
        if ahead < 0 or aside > _FACING_SLOPE * ahead + slack:
            return False
    return True


def _pointing(found: list[tuple[float, ...]]) -> list[tuple[float, int, int]]:
    """Ends with a stroke ahead: (distance, end, -1). Where as near, a pair of facing ends comes
    first.
    """
    return [(1.25 * end[7], i, -1) for i, end in enumerate(found) if end[7] > 0]


# --- widths
# ------------------------------------------------------------


def thicken(bitmap: Any, *, stroke_width_px_min: float) -> Bitmap:
    """Strokes thinner than a width grow to it, the rest stays as it is.

    bitmap               Bitmap, or bool array (height, width), True is ink
    stroke_width_px_min  in pixels, taken as the next whole number (less a quarter pixel); up to 1
    changes nothing

    What an opening by a disc of that width takes away is thin. There a disc is laid on each pixel
    of the centre line (the drawing thinned) where the stroke is really narrower, and the ink grows
    into the discs without joining what is apart: between strokes at least one pixel of paper stays,
    and no white region is lost.

    Raises ImageShapeError for what is no such array, OptionsError for a width that cannot be.
    """
    from linefinish.kernels import growing

    bitmap = as_bitmap(bitmap)
    stroke_width_px_min = checked("stroke_width_px_min", stroke_width_px_min)
    wanted = -int(-(stroke_width_px_min - 0.25) // 1)
    if wanted < 2:
        return bitmap
    size, count = (bitmap.width, bitmap.height, bitmap.stride), len(bitmap.words)
    opened = _opened(bitmap, wanted / 2)
    thin = Bitmap(bitmap.width, bitmap.height, _copy(bitmap.words))
    words.remove(thin.words, opened.words, count)
    # The opening also rounds corners off; such crumbs are no strokes. A whole mark of that size is
    # one.
    crumb_area = max(2.0, 0.2 * wanted**2)
    strokes = _copy(_without_small(thin, _INK, crumb_area).words)
    marks = _copy(bitmap.words)
    words.remove(marks, _without_small(bitmap, _INK, crumb_area).words, count)
    words.add(strokes, marks, count)
    lines = _thinned(bitmap)
    words.keep(lines, strokes, count)
    top, edges = _disc(wanted)
    limit = buffers.zeros(count, "Q")
    growing.discs_where_thin(bitmap.words, lines, *size, wanted - 0.25, len(edges) >> 1, edges, top, limit)
    out, front = _copy(bitmap.words), buffers.zeros(count, "Q")
    for _ in range(wanted):
        if not growing.grow(out, limit, *size, front):
            break
    return Bitmap(bitmap.width, bitmap.height, out)


def hollow(bitmap: Any, *, hollow_area_px_min: float, hollow_line_px: float | None = None) -> Bitmap:
    """Solid blacks become outlines with paper inside.

    bitmap              Bitmap, or bool array (height, width), True is ink
    hollow_area_px_min  solid blacks of at least this area, in pixels; 0 hollows none
    hollow_line_px      width of the outlines; None: the page's median stroke width

    Solid is what an opening by a disc of three stroke widths leaves.

    Raises ImageShapeError for what is no such array, OptionsError for areas and widths that cannot
    be.
    """
    bitmap = as_bitmap(bitmap)
    hollow_area_px_min = checked("hollow_area_px_min", hollow_area_px_min)
    hollow_line_px = checked("hollow_line_px", hollow_line_px)
    if hollow_area_px_min == 0:
        return bitmap
    median = stroke_widths(bitmap, (0.5,))[0]
    line = max(1.0, median) if hollow_line_px is None else hollow_line_px
    # Clearly wider than the strokes, and wide enough that something is left to hollow.
    radius = max(1.5 * median, line + 1.5, 3.0)
    count = len(bitmap.words)
    solid = _copy(_without_small(_opened(bitmap, radius), _INK, hollow_area_px_min - 0.5).words)
    words.keep(solid, _deeper(bitmap, _INK, line).words, count)
    # An inside smaller than the line is wide is no place to colour, only a fleck.
    inside = _without_small(Bitmap(bitmap.width, bitmap.height, solid), _INK, line * line)
    out = _copy(bitmap.words)
    words.remove(out, inside.words, count)
    return Bitmap(bitmap.width, bitmap.height, out)


def _copy(source: memoryview) -> memoryview:
    """The words again, to be changed."""
    out = buffers.zeros(len(source), "Q")
    out[:] = source
    return out


def _thinned(bitmap: Bitmap) -> memoryview:
    """Words of the bitmap reduced to lines of one pixel."""
    from linefinish.kernels import thinning

    lines = _copy(bitmap.words)
    active = buffers.zeros(bitmap.height, "B")
    active[:] = b"\x01" * bitmap.height
    thinning.thin(lines, _copy(bitmap.words), bitmap.height, bitmap.stride, active)
    return lines


def _opened(bitmap: Bitmap, radius: float) -> Bitmap:
    """What a disc reaches that stays within the ink."""
    core = _deeper(bitmap, _INK, radius)
    opened = _deeper(core, _PAPER, radius)
    words.invert(opened.words, bitmap.width, bitmap.height, bitmap.stride)
    return opened


def _deeper(bitmap: Bitmap, colour: int, radius: float) -> Bitmap:
    """Pixels of a colour that have the other colour nowhere within the radius; in strips, so that
    memory follows the width.
    """
    from linefinish.kernels import distance

    whole = int(radius)
    half_widths = buffers.zeros(whole + 1, "i")
    for g in range(whole + 1):
        half_widths[g] = int((radius * radius - g * g) ** 0.5)
    strip = min(bitmap.height, max(64, 4 * whole))
    nearest, rows = buffers.zeros(bitmap.width, "i"), buffers.zeros(strip * bitmap.width, "i")
    out = Bitmap.blank(bitmap.width, bitmap.height)
    size = (bitmap.width, bitmap.height, bitmap.stride)
    for first in range(0, bitmap.height, strip):
        last = min(bitmap.height, first + strip)
        distance.deeper(bitmap.words, *size, colour, first, last, whole, half_widths, nearest, rows, out.words)
    return out


def _disc(width: int) -> tuple[int, memoryview]:
    """First row and, for each row, the extent of a disc exactly `width` pixels across; an even one
    is centred between pixels.
    """
    shift = 0.5 if width % 2 == 0 else 0.0
    top = -((width - 1) // 2)
    edges = buffers.zeros(2 * width, "i")
    for i in range(width):
        half = ((width / 2) ** 2 - (top + i - shift) ** 2) ** 0.5
        edges[2 * i], edges[2 * i + 1] = -int(half - shift), int(half + shift) + 1
    return top, edges
