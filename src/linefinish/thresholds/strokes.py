"""Thin strokes that stay lighter than the level: joined to the ink where they hang together."""
from __future__ import annotations

from linefinish.data.raster import Bitmap, Gray
from linefinish.kernels import components as component_kernels
from linefinish.kernels import runs as run_kernels
from linefinish.kernels import strokes as stroke_kernels
from linefinish.kernels import words as word_kernels
from linefinish.memory import buffers
from linefinish.thresholds.tones import Tones, counted, cut_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What thin strokes have to be deeper than their paper to be joined, in shares of the page's
# contrast and in greys. Larger: pale hairlines break (0.2: 37 components lost on 20 generated pages
# in place of 27); smaller: construction lines (28 greys deep) come in.
_WEAK_DEPTH_SHARE = 0.16
_WEAK_DEPTH_GRAYS_MIN = 30
# What they have to be deeper than to stand without ink beside them. Larger: pale pencil falls out;
# smaller: washes leave marks and the other side of the sheet shines through (0.25: twice as many
# false components under washes). The first is for narrow strokes, whose greys are mixed with paper
# (0.3: four times as many components lost on generated pages).
_NARROW_STRONG_DEPTH_SHARE = 0.2
_STRONG_DEPTH_SHARE = 0.3
_STRONG_DEPTH_GRAYS_MIN = 36
# A stroke whose core is darker than the level by more than this share of the contrast has its edge
# where the level puts it; a lighter one has it at half its own depth. Larger: blurred strokes
# swell; smaller: thin grey strokes get ragged.
_CORE_BELOW_LEVEL_SHARE = 0.2
# How far paper is looked for on either side of a thin stroke, at 1024 px: at least its own width.
# Doubled as the page is, so that a pencil's stroke is as thin on a page scanned larger. 8 at 1024
# px: strokes swell on soft and faint pages (xor_ink +0.15 %).
_WEAK_REACH_PX = 4


# What is to be joined is deeper by so many greys than the one pale tone of a watermark. Larger:
# pale strokes beside it are lost; smaller: what JPEG adds to it comes in as crumbs.
_BELOW_PALE_GRAYS = 12

# The rim of strokes, the paper beside ink, is by this share of the contrast darker than paper where
# a page was drawn without blur. Clean drawings have 0.12 to 0.14, blurred by 0.35 px 0.16 to 0.19,
# by 0.6 px 0.25. Larger: pale broad strokes of soft pages pass for black thin ones; smaller:
# hairlines of clean pages come out too wide or break.
_SHARP_RIM_SHARE_MAX = 0.15
# Where most ink is dots and holes, whose rim is darker, the sides of broad strokes alone tell: by
# so many times what they have.
_TIMES_BROAD_RIM = 1.5
# Up to so many times the sharpest rim it may be one of dots, and the sides of broad strokes are
# asked: dots of 1.8 to 3 px have 0.16 to 0.25 of the contrast.
_DOTS_RIM_TIMES_MAX = 2
# One row in so many is asked for the rim, and fewer pixels of broad strokes than this do not speak
# for the page.
_RIM_ROWS_ONE_IN = 8
_BROAD_RIMS_MIN = 24
# A dot that is nowhere as dark as ink has a pixel at least so dark, and with the eight around it at
# least so much ink in pixels. Smaller: a sharp page's own crumbs come in.
_DOT_PEAK_SHARE_MIN = 0.22
_DOT_INK_PX_MIN = 0.6


def rim_share(gray: Gray, tones: Tones, bitmap: Bitmap) -> float:
    """How much darker than paper the rim of ink is, in shares of the contrast: how soft the page
    is, about 0.4 of the blur's σ in pixels, the pixel's own 0.29 included.
    """
    width, height, words = bitmap.width, bitmap.height, bitmap.words
    depth = stroke_kernels.rim_depth(words, gray.data, width, height, bitmap.stride, tones.paper, _RIM_ROWS_ONE_IN)
    sharp = _SHARP_RIM_SHARE_MAX * tones.contrast
    if sharp < depth <= _DOTS_RIM_TIMES_MAX * sharp:
        broad = stroke_kernels.broad_rim_depth(
            words, gray.data, width, height, tones.ink, tones.paper, _RIM_ROWS_ONE_IN, _BROAD_RIMS_MIN
        )
        if broad < 0:
            level_sides = _level_rim_depth(gray, tones)
            depth = min(depth, level_sides) if level_sides >= 0 else depth
        elif depth <= _TIMES_BROAD_RIM * sharp:
            depth = min(depth, _TIMES_BROAD_RIM * broad)
    return float(depth / max(tones.contrast, 1))


def _level_rim_depth(gray: Gray, tones: Tones) -> float:
    """The rim above and below broad strokes, of pages whose strokes have hardly any upright sides,
    in greys; −1 where there is none either, as in a picture too narrow for it. One column in so
    many is looked at, laid down as a row.
    """
    data, step = memoryview(gray.data).cast("B"), _RIM_ROWS_ONE_IN
    columns = range(step >> 1, gray.width, step)
    if not columns:
        return -1.0
    rows = buffers.zeros(len(columns) * gray.height, "B")
    for i, x in enumerate(columns):
        rows[i * gray.height : (i + 1) * gray.height] = bytes(data[x :: gray.width])
    words = cut_at(Gray(gray.height, len(columns), rows), tones.level).words
    return float(stroke_kernels.broad_rim_depth(words, rows, gray.height, len(columns), tones.ink, tones.paper, 1, _BROAD_RIMS_MIN))


# The share of light pixels that may be darker than quiet paper by more than so many greys. Noise of
# σ = 12 darkens a quarter of them, hairlines and their rims a twentieth.
_QUIET_GRAYS, _QUIET_SHARE_MAX = 8, 0.12
# Rows that are asked, whole: single pixels at even distances would all lie on one slanted line.
_ROWS_ASKED = 32


def some_rows(gray: Gray) -> bytes:
    """About 32 rows of a page, or all that it has, to see what greys are on it."""
    data, width = memoryview(gray.data).cast("B"), gray.width
    return b"".join([data[y * width : (y + 1) * width] for y in _rows_asked(gray)])


def _rows_asked(gray: Gray) -> range:
    step = max(1, gray.height // _ROWS_ASKED)
    return range(step >> 1, gray.height, step)


def _row(gray: Gray, y: int) -> Any:
    return memoryview(gray.data).cast("B")[y * gray.width : (y + 1) * gray.width]


def is_sharp(gray: Gray, tones: Tones, softness: float) -> bool:
    """Whether a page with such a rim was drawn without blur and without noise, so that a pale line
    is a thin one, and whatever covers pixels in part was drawn.
    """
    if softness > _SHARP_RIM_SHARE_MAX:
        return False
    sample = some_rows(gray)
    histogram = counted(sample, len(sample))
    ink = sum(histogram[: tones.level + 1])
    darker = sum(histogram[: max(tones.paper - _QUIET_GRAYS, 0)])
    return darker - ink <= _QUIET_SHARE_MAX * (len(sample) - ink) or _is_quiet_off_ink(gray, tones)


def _is_quiet_off_ink(gray: Gray, tones: Tones) -> bool:
    """The same of paper that touches no ink. Where nearly all of a page is solid, most of its paper
    are the edges of small holes, and these are grey without any noise.
    """
    inks = bytes(grey <= tones.level for grey in range(256))
    lights = bytes(grey > tones.level for grey in range(256))
    darks = bytes(tones.level < grey < tones.paper - _QUIET_GRAYS for grey in range(256))
    light = dark = 0
    for y in _rows_asked(gray):
        # A row is a number of as many bytes, so that all its pixels are compared at once.
        above, here, below = (bytes(_row(gray, v)) for v in (max(y - 1, 0), y, min(y + 1, gray.height - 1)))
        ink = _as_number(above, inks) | _as_number(here, inks) | _as_number(below, inks)
        beside = ink | ink << 8 | ink >> 8
        light += (_as_number(here, lights) & ~beside).bit_count()
        dark += (_as_number(here, darks) & ~beside).bit_count()
    return dark <= _QUIET_SHARE_MAX * light


def _as_number(row: bytes, table: bytes) -> int:
    return int.from_bytes(row.translate(table), "little")


def join_weak(gray: Gray, tones: Tones, bitmap: Bitmap, softness: float, *, sharp: bool, pale: int | None = None) -> int:
    """Add the thin strokes that stay lighter than the level, in place; returns how many pixels came
    in. `softness` is the page's `rim_share`, and `sharp` whether it `is_sharp`. What is no darker
    than `pale` is no stroke, see `pale_tone`.
    """
    depth = _depth(tones, _WEAK_DEPTH_SHARE, _WEAK_DEPTH_GRAYS_MIN)
    if pale is not None:
        depth = max(depth, tones.paper - pale + _BELOW_PALE_GRAYS)
    narrow_strong_depth = max(depth, _depth(tones, _NARROW_STRONG_DEPTH_SHARE, _STRONG_DEPTH_GRAYS_MIN))
    strong_depth = max(depth, _depth(tones, _STRONG_DEPTH_SHARE, _STRONG_DEPTH_GRAYS_MIN))
    # Without blur a stroke's edge is one pixel, and a dark core beside it says nothing against it.
    core_min = 0 if sharp else tones.level - int(_CORE_BELOW_LEVEL_SHARE * tones.contrast)
    reach = _WEAK_REACH_PX
    while max(gray.width, gray.height) * _WEAK_REACH_PX > 1448 * reach:  # 1448 = 1024 · √2: half way between one doubling and the next
        reach += reach
    width, height, stride = bitmap.width, bitmap.height, bitmap.stride
    weak, strong = (buffers.brief(name, len(bitmap.words), "Q", zeroed=True) for name in ("strokes.weak", "strokes.strong"))
    limits = buffers.numbers("q", tones.paper - depth, core_min, depth, narrow_strong_depth, strong_depth, reach)
    found = stroke_kernels.find_weak(gray.data, width, height, limits, bitmap.words, weak, strong)
    if not found:
        return 0
    before: Any = None
    if sharp or reach > _WEAK_REACH_PX:
        before = buffers.copied(bitmap.words)
    # A byte for eight pixels, or as much as can be needed.
    stack_max = min(found, width * height // 64 + 4096)
    joined = int(stroke_kernels.join_weak(weak, strong, width, height, stride, buffers.zeros(stack_max, "q"), stack_max, bitmap.words))
    if not joined:
        return 0
    runs_max = joined  # no run of what came in is without a pixel
    if sharp:
        joined -= stroke_kernels.narrow_weak(gray.data, width, height, before, bitmap.words)
    if reach > _WEAK_REACH_PX:
        # A bit a pixel each: at 26 megapixels what is taken here is what decides the peak.
        large = buffers.zeros(len(bitmap.words), "Q")
        _remove_bumps(bitmap, before, softness, runs_max, strong, weak, large)
        del weak
        word_kernels.clear(large, len(large))
        _remove_isolated(bitmap, before, reach, runs_max, strong, large)
    return joined


# How far blur makes an outline bulge at the end of a stroke, in σ: from half of the contrast to a
# sixth of it, the least depth that joins, blur falls within 1 σ, and rims are 0.4 σ.
_BUMP_PX_PER_RIM_SHARE = 5.0


def _remove_bumps(bitmap: Bitmap, before: Any, softness: float, runs_max: int, came: Any, left: Any, large: Any) -> None:
    """Take off again what only makes an outline bulge, in place. `before` is the ink that was there
    first, runs_max as many runs as can have come since. Scratch of the bitmap's size: came, left,
    and large, which is all zeros.
    """
    came[:] = bitmap.words
    word_kernels.remove(came, before, len(came))
    left[:] = came
    size = (bitmap.width, bitmap.height)
    stroke_kernels.remove_bumps(
        came, before, *size, int(_BUMP_PX_PER_RIM_SHARE * softness + 1.5), left, large, _queue(runs_max, came, bitmap),
        buffers.zeros(4 * (stroke_kernels.BUMP_PX_MAX + 2), "Q"), buffers.zeros(2, "q"), bitmap.words,
    )  # fmt: skip


# So many runs may be more than there are: they are counted before memory is taken for them, which
# reads the page once more.
_RUNS_COUNTED_MIN = 1 << 12


def _queue(runs_max: int, came: Any, bitmap: Bitmap) -> Any:
    """Room for the runs of one component of `came`, a bitmap's words."""
    if runs_max >= _RUNS_COUNTED_MIN:
        runs_max = min(runs_max, run_kernels.count_runs(came, bitmap.width, bitmap.height, bitmap.stride, 0))
    return buffers.zeros(3 * (runs_max + 1), "i")


def raise_dots(gray: Gray, tones: Tones, bitmap: Bitmap) -> int:
    """Add a pixel for each dot of a sharp page that is too small to be as dark as ink, in place;
    returns how many.
    """
    peak, ink = int(_DOT_PEAK_SHARE_MIN * tones.contrast), int(_DOT_INK_PX_MIN * tones.contrast)
    return int(stroke_kernels.raise_dots(gray.data, bitmap.width, bitmap.height, tones.paper, peak, ink, bitmap.words))


def _depth(tones: Tones, share: float, grays_min: int) -> int:
    """A share of the contrast, at least so many greys, but on faint pages half the contrast."""
    return max(min(grays_min, tones.contrast >> 1), int(share * tones.contrast))


# On pages clearly larger than 1024 px a stroke that is weak all along is isolated if it has at most
# this area and no other ink within that gap of its box, in reaches (_WEAK_REACH_PX, doubled as the
# page is). Of what shows through a notebook's page 39 of 70 isolated strokes go, of five stippled
# drawings of 2048 px nothing. A gap that does not count other isolated strokes takes 55 of the 70.
# At 1024 px it would take 5 components more of 1966 on generated pages.
_ISOLATED_AREA_PER_REACH2, _ISOLATED_GAP_PER_REACH = 2, 2


def _remove_isolated(bitmap: Bitmap, before: Any, reach: int, runs_max: int, weak: Any, large: Any) -> None:
    """Take isolated weak strokes off the bitmap again, in place; the arguments as for
    `_remove_bumps`.
    """
    weak[:] = bitmap.words
    word_kernels.remove(weak, before, len(weak))
    size = (bitmap.width, bitmap.height, bitmap.stride)
    area, gap = _ISOLATED_AREA_PER_REACH2 * reach * reach, _ISOLATED_GAP_PER_REACH * reach
    alone = buffers.zeros(2, "q")
    component_kernels.erase_small(weak, *size, 0, 0, area, gap, bitmap.words, large, _queue(min(area, runs_max), weak, bitmap), alone)
