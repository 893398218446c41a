"""`score_of`: how much four sides look like those of a sheet of paper."""
from __future__ import annotations

import math

from linefinish.kernels import sides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.raster import Gray


def median(values: list[float]) -> float:
    """The middle of values in order."""
    return 0.5 * (values[(len(values) - 1) // 2] + values[len(values) // 2]) if values else 0.0


# What a rim of paper has of roughness (a share of its light), and by how much colours of rims
# stray: one e-th is left of the score at each of these. Smaller: drawing to the edge, and coloured
# light, count against a sheet; larger: a sheet's edge that runs over wood is one.
_ROUGH_SHARE, _CHROMA_FREE, _CHROMA_SHARE = 0.12, 0.012, 0.05
# A sheet's edges run up to the border that it leaves the picture at, and a side that is drawn over
# has an edge all along: where less than this share of such sides agrees, so much of the score is
# left.
_OPEN_SHARE, _OPEN_LEAVES = 0.75, 0.55
# Steps that are smaller on average, in greys, have no sign.
_STEP_MIN = 6.0
# Paper that goes on beyond this share of the sides, together, was cut along what is drawn on it; of
# sides whose step is so large, over three channels. Smaller: fingers on a sheet are paper.
_GOES_ON_SHARE, _STRONG_STEP = 0.3, 60.0
# So much of a side is there at least, where its step does not agree; and of its last part before
# the picture's border, where it leaves the picture: such sides have 0.75 to 1.
_THERE_SHARE, _ENDS_SHARE = 0.45, 0.7
# A rim darker than this share of the lightest one is drawn over, and a side may end there.
_COLOURED_SHARE = 0.6
# A rim darker than this share of the lightest has its ink's colour. Larger: a coloured ground in
# a shadow is ink; smaller: blue ink is a coloured ground.
_INKED_SHARE = 0.35
# How far the places of a side stray from its curve, in pixels of a picture of twice the small one's
# size: paper's edges by 0.03 to 0.35, edges of shadows by more. What is over the first
# costs one e-th of the score for each of the second; and the side is asked whether it is soft.
_STRAY_FREE_PX, _STRAY_PX = 0.45, 2.0
# An edge of paper has most of its step within 2 px of the same size, one of a shadow less than this
# share of what it falls within 8 px either way; a side that is a shadow's leaves this of the score.
_SOFT_SHARE, _SOFT_LEAVES, _SOFT_REACH_PX, _SOFT_PROFILES = 0.45, 0.3, 8, 24


def score_of(points: list[tuple[float, float]], real: int, facts: list[Any], fits: list[Any], light: float, pixels: int) -> float:
    """0 to 1: supported share of the visible length × contrast of one sign × smooth rims of one
    colour × size.
    """
    lengths = [math.dist(points[k], points[(k + 1) & 3]) for k in range(4)]
    is_real = [bool(real >> k & 1) for k in range(4)]
    visible = [fit[sides.VISIBLE] * length if there else 0.0 for fit, length, there in zip(fits, lengths, is_real)]
    covered = sum(min(1.0, fit[sides.USED] / max(1e-6, fit[sides.VISIBLE])) * part for fit, part in zip(fits, visible))
    hidden = sum(length for length, there in zip(lengths, is_real) if not there)
    cover = covered / max(1e-9, sum(visible) + 0.5 * hidden)
    seen = [side for side in facts if side[sides.SEEN]]
    shares = [side[sides.SHARE] for side in seen]
    area = abs(sum(points[k][0] * points[(k + 1) & 3][1] - points[k][1] * points[(k + 1) & 3][0] for k in range(4))) / 2 / pixels
    lighter = sum(side[sides.LIGHTER] for side in seen)
    rims = [side for side in facts if side[sides.RIMMED]]
    rough = sum(side[sides.ROUGH] for side in rims) / len(rims) if rims else 1.0
    strays = 0.0
    lightest = max(side[sides.LIGHT] for side in facts)
    if rims:
        coloured = [side for side in rims if not side[sides.SEEN] or side[sides.LIGHT] > _INKED_SHARE * lightest]
        colours = [(side[sides.RED], side[sides.GREEN], 1 - side[sides.RED] - side[sides.GREEN]) for side in coloured]
        for channel in range(3):
            middle = median(sorted(colour[channel] for colour in colours))
            strays = max([strays, *(abs(colour[channel] - middle) for colour in colours)])
    score = cover * sum(shares) / sum(is_real) * (1.0 if min(shares) > 0.45 else 0.6)
    score *= 0.6 + 0.4 * math.sqrt(min(area, 1.0))
    score *= 0.5 + 0.5 * min(1.0, median(sorted(side[sides.LIGHT] for side in seen)) / light)
    score *= 1.0 if lighter in (0, len(seen)) else 0.75
    darker = not lighter and sum(side[sides.STEP] for side in seen) > _STEP_MIN * len(seen)
    score *= _OPEN_LEAVES if hidden and darker else 1.0
    score *= 1.0 if min(fit[sides.USED] for fit, there in zip(fits, is_real) if there) > 0.2 else 0.7
    score *= _OPEN_LEAVES if _is_open(facts, fits, is_real, lightest) else 1.0
    return score * math.exp(-rough / _ROUGH_SHARE - max(0.0, strays - _CHROMA_FREE) / _CHROMA_SHARE)


def _is_open(facts: list[Any], fits: list[Any], is_real: list[bool], lightest: float) -> bool:
    """Whether a side beside the picture's border, or a dark one on a lighter ground, ends midway;
    or one is hardly there; or the paper goes on beyond strong ones.
    """
    if sum(side[sides.PAPER] for side in facts if side[sides.STEP] > _STRONG_STEP) > _GOES_ON_SHARE:
        return True
    for k, side in enumerate(facts):
        there = fits[k][sides.USED] / max(1e-6, fits[k][sides.VISIBLE])
        if side[sides.SEEN] and max(side[sides.SHARE], there) < _OPEN_SHARE:
            beside_border = not (is_real[(k + 1) & 3] and is_real[(k + 3) & 3])
            inked = side[sides.LIGHT] < _COLOURED_SHARE * lightest and not side[sides.LIGHTER]
            if beside_border or inked or there < _THERE_SHARE:
                return True
        ends = ((k + 3) & 3, sides.FIRST), ((k + 1) & 3, sides.LAST)
        if side[sides.SEEN] and any(not is_real[other] and side[share] < _ENDS_SHARE for other, share in ends):
            return True
    return False


def firmness(gray: Gray, points: list[tuple[float, float]], real: int, fits: list[Any], unit_px: float) -> float:
    """1 where the sides are sharp and run along their curves, less where they stray, and little
    where one is the edge of a shadow.
    """
    strays = [fit[sides.DEVIATION] / unit_px if real >> k & 1 else 0.0 for k, fit in enumerate(fits)]
    firmness = math.exp(-max(0.0, max(strays) - _STRAY_FREE_PX) / _STRAY_PX)
    if any(stray > _STRAY_FREE_PX and _is_soft(gray, points[k], points[(k + 1) & 3], unit_px) for k, stray in enumerate(strays)):
        firmness *= _SOFT_LEAVES
    return firmness


def _is_soft(gray: Gray, begin: tuple[float, float], end: tuple[float, float], unit_px: float) -> bool:
    """Whether the edge between two corners falls gently, as a shadow's does."""
    length = math.dist(begin, end) or 1.0
    nx, ny = unit_px * (end[1] - begin[1]) / length, -unit_px * (end[0] - begin[0]) / length
    data = memoryview(gray.data)
    shares = []
    for k in range(_SOFT_PROFILES):
        t = (k + 0.5) / _SOFT_PROFILES
        x, y = begin[0] + t * (end[0] - begin[0]), begin[1] + t * (end[1] - begin[1])
        profile = [
            data[int(y + d * ny) * gray.width + int(x + d * nx)]
            for d in range(-_SOFT_REACH_PX, _SOFT_REACH_PX + 1)
            if 0 <= x + d * nx < gray.width and 0 <= y + d * ny < gray.height
        ]
        if len(profile) > _SOFT_REACH_PX:
            steepest = max(abs(profile[i + 2] - profile[i]) for i in range(len(profile) - 2))
            shares.append(steepest / max(1, max(profile) - min(profile)))
    return bool(shares) and median(sorted(shares)) < _SOFT_SHARE


# A side that looks like a pale rule is looked at in the full picture, at so many places and as far
# as a contact shadow reaches, in units of the small picture's half. A rule rises as sharply as it
# falls, a shadow by less than this share; and a place agrees where it dips by this share.
_DIP_PLACES, _DIP_REACH_PX, _RISES_SHARE, _DIPS_SHARE = 48, 9, 0.62, 0.4
# A side whose step is smaller, in greys over three channels, may have a shadow beside it that ends
# where the small picture is looked at: a ground that is lighter than the paper. The shadow is
# darker than the paper by so many greys in the full picture: a lid's by 15 and more. Smaller: noise
# is a shadow.
_STEPLESS, _DIP_GRAYS_MIN = 6.0, 6.0


def settle_faint(gray: Gray, points: list[tuple[float, float]], facts: list[Any], unit_px: float) -> None:
    """Whether sides with a pale line along them are rules, which are drawn, or have the shadow of a
    sheet on a ground as light as it is: INK, SHARE and LIGHTER of such sides.
    """
    for k, side in enumerate(facts):
        faint = side[sides.INK] == sides.FAINT
        stepless = side[sides.SEEN] and not side[sides.INK] and side[sides.SHARE] < _OPEN_SHARE and side[sides.STEP] < _STEPLESS
        if not (faint or stepless):
            continue
        rows = _profiles(gray, points[k], points[(k + 1) & 3], points, max(1.0, unit_px / 2))
        if len(rows) < _DIP_PLACES // 2:
            side[sides.INK] = 1.0 if faint else side[sides.INK]
            continue
        middle = [median(sorted(column)) for column in zip(*rows)]
        darkest = min(range(_DIP_REACH_PX - 3, _DIP_REACH_PX + 5), key=middle.__getitem__)
        falls = max(middle[d] - middle[d + 1] for d in range(max(0, darkest - 4), darkest))
        rises = max(middle[d + 1] - middle[d] for d in range(darkest, min(darkest + 4, len(middle) - 1)))
        dip = median(middle[: _DIP_REACH_PX - 3]) - middle[darkest]
        shadow = rises < _RISES_SHARE * falls and dip > (0 if faint else _DIP_GRAYS_MIN)
        side[sides.INK] = 1.0 if faint and not shadow else 0.0
        if shadow:
            side[sides.LIGHTER] = 1.0
            side[sides.SHARE] = sum(
                median(sorted(row[: _DIP_REACH_PX - 3])) - min(row[darkest - 1 : darkest + 2]) > _DIPS_SHARE * dip for row in rows
            ) / len(rows)


def _profiles(gray: Gray, begin: tuple[float, float], end: tuple[float, float], points: list[tuple[float, float]],
              step_px: float) -> list[list[int]]:  # fmt: skip
    """Greys across a side, from the inside out, at places along it."""
    length = math.dist(begin, end) or 1.0
    nx, ny = (end[1] - begin[1]) / length, -(end[0] - begin[0]) / length
    cx, cy = sum(x for x, _ in points) / 4, sum(y for _, y in points) / 4
    if nx * (begin[0] - cx) + ny * (begin[1] - cy) < 0:
        nx, ny = -nx, -ny
    data = memoryview(gray.data)
    rows = []
    for k in range(_DIP_PLACES):
        t = (k + 1.5) / (_DIP_PLACES + 2)
        x, y = begin[0] + t * (end[0] - begin[0]), begin[1] + t * (end[1] - begin[1])
        far = _DIP_REACH_PX * step_px
        if all(0 <= x + d * nx < gray.width and 0 <= y + d * ny < gray.height for d in (-far, far)):
            rows.append([
                data[int(y + d * step_px * ny) * gray.width + int(x + d * step_px * nx)] for d in range(-_DIP_REACH_PX, _DIP_REACH_PX + 1)
            ])  # fmt: skip
    return rows
