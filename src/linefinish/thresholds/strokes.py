"""Thin strokes that stay lighter than the level: joined to the ink where they hang together."""
from __future__ import annotations

from linefinish.data.raster import Bitmap, Gray
from linefinish.kernels import components as component_kernels
from linefinish.kernels import runs as run_kernels
from linefinish.kernels import strokes as stroke_kernels
from linefinish.kernels import words as word_kernels
from linefinish.memory import buffers
from linefinish.thresholds.tones import Tones

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


def join_weak(gray: Gray, tones: Tones, bitmap: Bitmap, pale: int | None = None) -> int:
    """Add the thin strokes that stay lighter than the level, in place; returns how many pixels came
    in. What is no darker than `pale` is no stroke, see `pale_tone`.
    """
    depth = _depth(tones, _WEAK_DEPTH_SHARE, _WEAK_DEPTH_GRAYS_MIN)
    if pale is not None:
        depth = max(depth, tones.paper - pale + _BELOW_PALE_GRAYS)
    narrow_strong_depth = max(depth, _depth(tones, _NARROW_STRONG_DEPTH_SHARE, _STRONG_DEPTH_GRAYS_MIN))
    strong_depth = max(depth, _depth(tones, _STRONG_DEPTH_SHARE, _STRONG_DEPTH_GRAYS_MIN))
    core_min = tones.level - int(_CORE_BELOW_LEVEL_SHARE * tones.contrast)
    reach = _WEAK_REACH_PX
    while max(gray.width, gray.height) * _WEAK_REACH_PX > 1448 * reach:  # 1448 = 1024 · √2: half way between one doubling and the next
        reach += reach
    width, height, stride = bitmap.width, bitmap.height, bitmap.stride
    weak, strong = buffers.zeros(len(bitmap.words), "Q"), buffers.zeros(len(bitmap.words), "Q")
    limits = buffers.numbers("q", tones.paper - depth, core_min, depth, narrow_strong_depth, strong_depth, reach)
    found = stroke_kernels.find_weak(gray.data, width, height, limits, bitmap.words, weak, strong)
    if not found:
        return 0
    before = buffers.zeros(len(bitmap.words), "Q", written_whole=True)
    before[:] = bitmap.words
    # A byte for eight pixels, or as much as can be needed.
    stack_max = min(found, width * height // 64 + 4096)
    joined = int(stroke_kernels.join_weak(weak, strong, width, height, stride, buffers.zeros(stack_max, "q"), stack_max, bitmap.words))
    del weak  # a bit a pixel each: at 26 megapixels what is let go of here is what decides the peak
    if reach > _WEAK_REACH_PX:
        _remove_isolated(bitmap, before, reach, strong)
    return joined


def _depth(tones: Tones, share: float, grays_min: int) -> int:
    """A share of the contrast, at least so many greys, but on faint pages half the contrast."""
    return max(min(grays_min, tones.contrast >> 1), int(share * tones.contrast))


# On pages clearly larger than 1024 px a stroke that is weak all along is isolated if it has at most
# this area and no other ink within that gap of its box, in reaches (_WEAK_REACH_PX, doubled as the
# page is). Of what shows through a notebook's page 39 of 70 isolated strokes go, of five stippled
# drawings of 2048 px nothing. A gap that does not count other isolated strokes takes 55 of the 70.
# At 1024 px it would take 5 components more of 1966 on generated pages.
_ISOLATED_AREA_PER_REACH2, _ISOLATED_GAP_PER_REACH = 2, 2


def _remove_isolated(bitmap: Bitmap, before: Any, reach: int, weak: Any) -> None:
    """Take isolated weak strokes off the bitmap again, in place.

    `before` is the ink that was there first, `weak` scratch of the bitmap's size.
    """
    weak[:] = bitmap.words
    word_kernels.remove(weak, before, len(weak))
    size = (bitmap.width, bitmap.height, bitmap.stride)
    area, gap = _ISOLATED_AREA_PER_REACH2 * reach * reach, _ISOLATED_GAP_PER_REACH * reach
    queue = buffers.zeros(3 * (min(area, run_kernels.count_runs(weak, *size, 0)) + 1), "i")
    large, alone = buffers.zeros(len(weak), "Q"), buffers.zeros(2, "q")
    component_kernels.erase_small(weak, *size, 0, 0, area, gap, bitmap.words, large, queue, alone)
