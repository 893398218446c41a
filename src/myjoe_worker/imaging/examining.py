"""`examine`: a drawn page in numbers, before it is finished. It is what the judges are told. A
pure function on bytes, for the image processes.
"""
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

import linefinish
from myjoe.ordering.page_order import PageOrder
from myjoe_worker.imaging.pictures import decoded, px_per_in, small_copy
from myjoe_worker.imaging.solid_areas import largest_black_share, squares_within

# Longest side of the small copy for judges: what vision models look at in one tile.
JUDGES_SIDE_PX = 768
# Between which shares of the way from the page's ink to its paper a pixel is neither. Wider: grain
# of paper and uneven ink count as grey; narrower: pale washes (a tenth of the way down from paper)
# do not.
GREY_SHARES = (0.25, 0.9)
# Longest side of the copy on which greys are counted. Larger: seconds of numpy for 16 megapixels;
# smaller: fine lines become greys.
GREYS_SIDE_PX = 2400
# A grey pixel counts as shade where all pixels this near to it are grey, too: the soft edge of a
# stroke is 2 px wide, at 1024 px.
SHADE_REACH_PX_PER_1024 = 3.0
# Side in mm of the smallest region that can be coloured comfortably, by audience; 2 mm for kids is
# print practice, the others follow it.
REGION_SIDE_MM_MIN = {"toddlers": 3.0, "kids": 2.0, "teens": 1.25, "adults": 1.0}


@dataclass(frozen=True)
class Examination:
    """A drawn page in numbers, before it is finished. Shares are 0 … 1; what is *printed* is at the
    size the page will have on its paper.

    kind                       "png", "jpeg", "webp" or "svg", as the content is
    width_px, height_px        of the picture; of an SVG as it was rasterised
    grey_share                 pixels that are neither ink nor paper
    shade_share                those of them that are no soft edge: shading
    ink_coverage               pixels that are ink
    stroke_width_*_pt          half of all stroke length is thinner than the median, 5 % thinner
                               than the least; printed, 0 without ink
    regions, tiny_regions      enclosed pieces of paper, and those of them that are too small to be
                               coloured by the page's audience
    black_share                the largest solid black, as a share of the page
    warnings                   what the finisher doubts: a page that is mostly black, light on dark,
                               or largely left out, each in a sentence
    thumbnail_png              a grey copy, longest side 768 px at most
    """

    kind: str
    width_px: int
    height_px: int
    grey_share: float
    shade_share: float
    ink_coverage: float
    stroke_width_median_pt: float
    stroke_width_min_pt: float
    regions: int
    tiny_regions: int
    black_share: float
    thumbnail_png: bytes
    warnings: tuple[str, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """The numbers, ready for JSON."""
        numbers = {name: value for name, value in vars(self).items() if name != "thumbnail_png"}
        numbers["warnings"] = list(self.warnings)
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in numbers.items()}


def examine(content: bytes, media_type: str, order: PageOrder) -> Examination:
    """Look at a drawing and measure it. ImageRefusedError if it cannot be read, or must not."""
    kind, gray = decoded(content, media_type, order)
    separation = linefinish.separate(gray)
    bitmap = linefinish.despeckle(separation.bitmap)
    measures = linefinish.measure(bitmap)
    per_in = px_per_in(gray, order)
    tiny_area_px = (REGION_SIDE_MM_MIN[order.audience] / 25.4 * per_in) ** 2
    without_tiny = linefinish.despeckle(bitmap, speckle_area_px_max=0, pinhole_area_px_max=tiny_area_px)
    whole = Image.fromarray(np.asarray(gray))  # and not `separation.gray`, from which washes were divided out
    levels = np.asarray(whole.reduce(math.ceil(max(whole.size) / GREYS_SIDE_PX)))
    paper = int(np.bincount(levels.ravel(), minlength=256).argmax())
    darkest, lightest = (separation.ink + share * (paper - separation.ink) for share in GREY_SHARES)
    grey = (levels > darkest) & (levels < lightest)
    reach = max(1, round(SHADE_REACH_PX_PER_1024 * max(levels.shape) / 1024))
    return Examination(
        kind=kind, width_px=gray.width, height_px=gray.height,
        grey_share=float(grey.mean()), shade_share=float(squares_within(grey, 2 * reach + 1).sum() / grey.size),
        ink_coverage=measures.ink_coverage,
        stroke_width_median_pt=measures.stroke_width_median_px * 72 / per_in,
        stroke_width_min_pt=measures.stroke_width_min_px * 72 / per_in,
        regions=measures.regions,
        tiny_regions=measures.regions - linefinish.measure(without_tiny).regions,
        black_share=largest_black_share(np.asarray(bitmap), measures.stroke_width_median_px),
        warnings=linefinish.doubts(separation, bitmap, measures),
        thumbnail_png=small_copy(whole, JUDGES_SIDE_PX),
    )  # fmt: skip
