"""`judge_locally`: what can be told of a page by measuring it. Free, exact, and always asked before
anybody who costs money.

It refuses what the finisher cannot make a colouring page of; matters of taste are left to who can
see. All widths are in points as printed.
"""
from __future__ import annotations

from myjoe.ordering.page_order import Audience
from myjoe_worker.imaging.examining import REGION_SIDE_MM_MIN, Examination
from myjoe_worker.judging.protocol import Opinion

# Share of the page that may be ink. Colouring pages have 5 to 20 %, dense knots 28; below 1 % there
# is a dot or a hair, above 35 % a negative or a texture.
INK_SHARE_MIN, INK_SHARE_MAX = 0.01, 0.35
# Share of the page that may be shaded. Generators leave washes in corners of a shape, which the
# finisher drops (1 to 3 %); from a tenth on the drawing lives by its greys, and without them it is
# another.
SHADE_SHARE_MAX = 0.10
# Share of the page that may be neither ink nor paper, soft edges included. Even a blurred drawing
# of many lines stays below a fifth.
GREY_SHARE_MAX = 0.30
# Share of the page that one solid black may take. A bold pupil is 0.2 %, the largest black in 20
# good pages 6 %, a night sky 20 %.
BLACK_SHARE_MAX = 0.065
# Median width of strokes in points below which a page is too fine for its audience. A line below
# 0.75 pt (3.1 px at 300 dpi) may not print; the finisher thickens single ones, but a page of them
# becomes another drawing. Usual are 3 to 5 pt for toddlers, 2 to 3 for kids.
STROKE_PT_MIN: dict[Audience, float] = {"toddlers": 1.5, "kids": 1.0, "teens": 0.75, "adults": 0.75}
# Share of the enclosed regions that may be too small for the audience to colour. Eyes, nostrils and
# buttons are; on a page where most of them are, there is little to colour. Grown-ups like it finer,
# and their limit of size is finer already.
TINY_SHARE_MAX: dict[Audience, float] = {"toddlers": 0.60, "kids": 0.65, "teens": 0.70, "adults": 0.75}
# So many regions at least before their share says anything: a face with two eyes and a nose has
# three tiny ones of five.
_REGIONS_MIN = 12


def judge_locally(page: Examination, audience: Audience) -> Opinion:
    """Whether the page can become a colouring page for this audience; if not, each reason in a
    sentence.
    """
    reasons = [] if page.ink_coverage else ["The page is empty."]
    if 0 < page.ink_coverage < INK_SHARE_MIN:
        reasons.append(f"Only {page.ink_coverage:.1%} of the page is drawn, which leaves nothing to colour.")
    if page.ink_coverage and page.regions == 0:
        # What a shaded picture leaves when its greys are taken for paper: a band, a blot.
        reasons.append("Nothing on the page is enclosed, so there is nothing to colour.")
    if page.ink_coverage > INK_SHARE_MAX:
        reasons.append(f"{page.ink_coverage:.0%} of the page is ink, more than the {INK_SHARE_MAX:.0%} that leave room for colours.")
    if page.shade_share > SHADE_SHARE_MAX:
        reasons.append(f"{page.shade_share:.0%} of the page is shaded in grey, more than the {SHADE_SHARE_MAX:.0%} that can be left out.")
    elif page.grey_share > GREY_SHARE_MAX:
        reasons.append(f"{page.grey_share:.0%} of the page is neither black nor white: it is blurred or grainy.")
    if page.black_share > BLACK_SHARE_MAX:
        reasons.append(f"One black area takes {page.black_share:.0%} of the page, more than {BLACK_SHARE_MAX:.0%}.")
    if page.ink_coverage and page.stroke_width_median_pt < STROKE_PT_MIN[audience]:
        least = STROKE_PT_MIN[audience]
        reasons.append(f"The lines are {page.stroke_width_median_pt:.2f} pt wide, too fine for {audience}, who need {least:g} pt.")
    if page.regions >= _REGIONS_MIN and page.tiny_regions > TINY_SHARE_MAX[audience] * page.regions:
        side = REGION_SIDE_MM_MIN[audience]
        tiny = f"{page.tiny_regions} of the {page.regions} areas"
        reasons.append(f"{tiny} are smaller than {side:g} × {side:g} mm, too small to be coloured by {audience}.")
    return Opinion(not reasons, reasons, page.to_mapping())
