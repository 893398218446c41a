"""`FinishReport`: what a run found, changed and took, as plain numbers for a log line, and as a few
lines for a person.
"""
from __future__ import annotations

from linefinish.records import fields, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@record(eq=True)
class FinishReport:
    """The facts of one run. Lengths and areas are in pixels of the input.

    ink_coverage             share of the page that is ink, 0 to 1
    stroke_width_*_px        median and thinnest of the strokes; 0 on a page without ink
    parts, regions           connected components of ink; enclosed ones of paper, which is what gets
                             coloured
    region_area_min_px       the smallest enclosed region; 0 where there is none
    specks_*, pinholes_*     how many specks were removed and pinholes filled, the area of all of
                             them, and of the largest (speck_largest_px, pinhole_largest_px)
    speckle_area_px_max      up to which area specks go wherever they are, pinhole_area_px_max
                             likewise holes: as asked for, or from the page. Of its own accord,
                             larger ones go that stand alone, and none that was drawn
    threshold_level_*        the grey level where ink turns to paper (darker is ink): lowest and
                             highest over the page
    curve_count              closed outlines; each of them has some of the segment_count lines and
                             cubics
    seconds                  time by step, in the order of the steps
    options                  the options of the run, by name
    version                  linefinish's own
    sheet                    where a sheet was looked for: whether it was found and why not, its
                             corners (px of the picture), the homography to them from a square of
                             side 1, angle (degrees clockwise), size_mm, aspect and where it is
                             known from, score, cropped_share, curl_px; else None. All other
                             figures are then of the flat sheet
    strokes                  where centre lines were asked for: count (with dots and loops) and
                             segments, length_px drawn, lifts of the pen and travel_px between
                             strokes, junctions, fills (outlines too wide for a stroke) and their
                             share of the ink, width_median_px, width_min_px, width_max_px; else
                             None
    """

    width: int
    height: int
    dpi: tuple[float, float] | None
    bilevel_input: bool
    ink_coverage: float
    stroke_width_median_px: float
    stroke_width_min_px: float
    parts: int
    regions: int
    region_area_min_px: float
    specks_removed: int
    specks_area_px: int
    speck_largest_px: int
    pinholes_filled: int
    pinholes_area_px: int
    pinhole_largest_px: int
    speckle_area_px_max: float
    pinhole_area_px_max: float
    gaps_closed: int
    threshold_method: str
    threshold_reason: str
    threshold_level_min: int
    threshold_level_max: int
    curve_count: int
    segment_count: int
    seconds: dict[str, float]
    options: dict[str, Any]
    version: str
    warnings: tuple[str, ...] = ()
    sheet: dict[str, Any] | None = None
    strokes: dict[str, Any] | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Names and values in order, ready for JSON."""
        mapping = {name: getattr(self, name) for name in fields(self)}
        mapping["seconds"] = {step: round(seconds, 6) for step, seconds in self.seconds.items()}
        mapping["dpi"] = list(self.dpi) if self.dpi else None
        mapping["warnings"] = list(self.warnings)
        return mapping

    def lines(self) -> list[str]:
        """What a person wants to know, in a few lines."""
        lowest, highest = self.threshold_level_min, self.threshold_level_max
        levels = f"; levels {lowest} to {highest}" if lowest < highest else ""  # one level alone stands in the reason
        widths = f"; strokes {self.stroke_width_median_px:.1f} px, the thinnest {self.stroke_width_min_px:.1f} px"
        smallest = f", the smallest {self.region_area_min_px:,.0f} px²" if self.regions else ""
        specks = f"{_many(self.specks_removed, 'speck')}{_areas(self.specks_area_px, self.speck_largest_px)} removed"
        holes = f"{_many(self.pinholes_filled, 'hole')}{_areas(self.pinholes_area_px, self.pinhole_largest_px)} filled"
        slowest = ", ".join(f"{step} {1000 * seconds:,.0f}" for step, seconds in self.seconds.items() if seconds >= 0.0005)
        sheet = [f"sheet      {_sheet(self.sheet)}"] if self.sheet else []
        return [
            *sheet,
            f"ink        {100 * self.ink_coverage:.1f} % of {self.width:,} × {self.height:,} px{widths if self.ink_coverage else ''}",
            f"drawing    {_many(self.parts, 'part')}, {_many(self.regions, 'enclosed region')}{smallest}",
            f"cleaned    {specks}, {holes}, {_many(self.gaps_closed, 'gap')} closed",
            f"threshold  {'auto: ' if self.threshold_method == 'auto' else ''}{self.threshold_reason}{levels}",
            f"curves     {_many(self.segment_count, 'segment')} in {_many(self.curve_count, 'outline')}",
            *([f"strokes    {_strokes(self.strokes)}"] if self.strokes else []),
            f"time       {sum(self.seconds.values()):.2f} s (ms: {slowest})",
        ]


def _sheet(sheet: dict[str, Any]) -> str:
    turned = f", turned by {sheet['angle']:+.2f}°" if sheet["angle"] else ""
    if not sheet["found"]:
        return f"{sheet['reason']}{turned}"
    size = "{:g} × {:g} mm".format(*sheet["size_mm"]) if sheet["size_mm"] else f"proportions 1 : {1 / sheet['aspect']:.3f}"
    return f"{size} ({sheet['aspect_from']}){turned}; {100 * sheet['cropped_share']:.0f} % of the picture left out"


def _strokes(strokes: dict[str, Any]) -> str:
    fills = f"; {_many(strokes['fills'], 'outline')} of fills, {100 * strokes['fill_share']:.0f} % of the ink" if strokes["fills"] else ""
    widths = "{width_median_px:.1f} px wide ({width_min_px:.1f} to {width_max_px:.1f})".format(**strokes)
    return (
        f"{strokes['count']:,} of {_many(strokes['segments'], 'segment')} and {strokes['length_px']:,.0f} px, {widths}; "
        f"{_many(strokes['dots'], 'dot')}, {_many(strokes['junctions'], 'junction')}, {_many(strokes['lifts'], 'lift')}{fills}"
    )


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _areas(total_px: int, largest_px: int) -> str:
    return f" ({total_px:,} px² in all, the largest {largest_px:,} px²)" if total_px else ""
