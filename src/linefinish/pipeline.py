"""`finish()`: the main path. Start reading here.

source ─read_gray→ Gray ─separate→ Separation ─despeckle…→ Bitmap ─trace→ Outlines ─fit→ Curves
and of these, in `Finished.write`, ─compose→ Document ─write→ bytes

`Outlines` stand for the `Paths` that `trace` gives. Those of a small page with greys are followed
as a whole, those of every other page batch by batch while they are fitted, which takes less memory.
"""
from __future__ import annotations

from time import perf_counter

from linefinish import __version__, checks
from linefinish.cleaning.specks import despeckle_counted
from linefinish.kernels import bits
from linefinish.measuring import inked_corners, measure
from linefinish.options import FinishOptions
from linefinish.outlines.outlining import Outlines
from linefinish.readers.reading import negative, read_gray
from linefinish.records import fields, record
from linefinish.report import FinishReport
from linefinish.thresholds.separating import separate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linefinish.cleaning.specks import Despeckled
    from linefinish.data.document import Page
    from linefinish.data.geometry import Curves
    from linefinish.data.raster import Bitmap, Gray, Levels, Separation
    from linefinish.data.strokes import Strokes
    from linefinish.measuring import Measures
    from linefinish.writers import Format


@checks.keywords
def finish(source: Any, options: FinishOptions | None = None, *, on_step: Callable[[str], Any] | None = None) -> Finished:
    """Turn a grey drawing into true 1-bit line art.

    `source` is a `Gray`, or whatever `read_gray` reads: a path, bytes, a file object, a numpy
    array. `on_step` is told the name of each step as it begins, for a progress display. Raises
    ImageError for what cannot be read, OptionsError for impossible options.
    """
    options = FinishOptions.of(options)
    return finish_as_read(
        source, options.megapixels_max, lambda _gray: options, on_step, frame=options.frame, drop_colour=options.drop_colour,
        sheet=options if options.straightens else None, centerline=options.centerline,
    )  # fmt: skip


def finish_as_read(
    source: Any, megapixels_max: float, options_for: Callable[[Gray], FinishOptions], on_step: Callable[[str], Any] | None = None, *,
    frame: int | None = None, drop_colour: str | None = None, sheet: FinishOptions | None = None, centerline: bool = False,
) -> Finished:  # fmt: skip
    """`finish`, where the options may depend on the size and resolution of what was read. All but
    the four that reading has to know (strokes are found of an SVG's outlines, too), and those for
    the sheet: where `sheet` is not None, the picture is made flat and straight by them first.

    Each step adds what it found to the report's facts. Images are let go of as soon as the next
    step has what it needs: they are most of the memory of a large page.
    """
    checks.called(on_step)
    step = _Stopwatch(on_step)
    facts: dict[str, Any] = {}

    step("read")
    if centerline:
        from linefinish.stroking import outlines_as_page

        source = outlines_as_page(source, megapixels_max)
    gray = read_gray(source, megapixels_max=megapixels_max, frame=frame, drop_colour=drop_colour)
    warnings, coloured = gray.warnings, gray.coloured >= _COLOURED_SHARE_MIN
    seen = None if sheet is None else gray  # with all colours: a sheet's edge is where the desk begins
    if coloured and drop_colour is None:
        from linefinish.inks import without_areas

        gray, second_ink = without_areas(source, gray, megapixels_max, frame)
        warnings += (_TWO_INKS.format(second_ink),) if second_ink else ()
    if sheet is not None:
        from linefinish.sheets.straightening import straightened

        step("sheet")
        made = straightened(source, gray, sheet, seen)
        gray, facts["sheet"], warnings = made.gray, made.facts, warnings + made.warnings
        del made, seen
    options = options_for(gray)
    if options.invert:
        gray = negative(gray)
    bilevel = bits.is_bilevel(gray.data, gray.width * gray.height) == 1
    facts |= {"width": gray.width, "height": gray.height, "dpi": gray.dpi, "bilevel_input": bilevel}

    step("threshold")
    separation = separate(
        gray, options.threshold, level=options.threshold_level, window_px=options.threshold_window_px,
        k=options.threshold_k, background=options.background, fills=options.fills,
    )  # fmt: skip
    facts |= _threshold_facts(separation)
    bitmap = separation.bitmap
    grays: Separation | None = None
    edge_gray: Gray | None = None
    edge_levels: Levels | None = None
    # Black and white tell neither specks from marks, nor where an edge runs, unless `separate`
    # found greys in them.
    if not bilevel or bits.is_bilevel(separation.gray.data, separation.gray.width * separation.gray.height) != 1:
        grays, edge_gray, edge_levels = separation, separation.gray, separation.levels
    doubtful = grays
    del source, gray, separation

    step("clean")
    despeckled = despeckle_counted(
        bitmap, speckle_area_px_max=options.speckle_area_px_max, pinhole_area_px_max=options.pinhole_area_px_max, grays=grays
    )
    bitmap, gaps_closed = despeckled.bitmap, 0
    del grays
    if options.gap_length_px_max:
        from linefinish.cleaning.gaps import close_gaps_counted

        closed = close_gaps_counted(bitmap, gap_length_px_max=options.gap_length_px_max)
        bitmap, gaps_closed = closed.bitmap, closed.gaps_closed
    if options.hollow_area_px_min:
        from linefinish.cleaning.strokes import hollow

        bitmap = hollow(bitmap, hollow_area_px_min=options.hollow_area_px_min, hollow_line_px=options.hollow_line_px)
    if options.stroke_width_px_min:  # after hollow, so that no outline it leaves is thinner than asked for
        from linefinish.cleaning.strokes import thicken

        bitmap = thicken(bitmap, stroke_width_px_min=options.stroke_width_px_min)
    facts |= {**_counts(despeckled), "gaps_closed": gaps_closed}

    step("measure")
    measures = measure(bitmap)
    facts |= {name: getattr(measures, name) for name in fields(measures)}
    warnings += _warnings(doubtful, bitmap, measures, coloured and not options.hollow_area_px_min)
    del doubtful

    step("trace")
    outlines = Outlines(bitmap, edge_gray, edge_levels, turn_policy=options.turn_policy, threads=options.threads)
    del edge_gray, edge_levels

    step("fit")
    curves = outlines.fit(options.fit_error_px_max, options.corner_sharpness)
    strokes = None
    if options.centerline:
        from linefinish.stroking import stroked

        step("strokes")
        found = stroked(bitmap, curves, options, measures.ink_coverage * bitmap.width * bitmap.height)
        strokes, facts["strokes"], warnings = found.strokes, found.facts, warnings + found.warnings
    facts |= {"curve_count": len(curves), "segment_count": curves.segment_count, "seconds": step.stop()}

    report = FinishReport(**facts, options=options.to_mapping(), version=__version__, warnings=warnings)
    return Finished(curves, bitmap, report, strokes)


@record
class Finished:
    """A finished drawing: its curves, which are the truth; the cleaned 1-bit pixels they were
    traced from; the facts of the run; and its strokes, where centre lines were asked for.
    """

    curves: Curves
    bitmap: Bitmap
    report: FinishReport
    strokes: Strokes | None = None

    def write(self, target: Any, *, format: Format | None = None, page: Page | None = None, dpi: float | None = None,
              width_pt: float | None = None, height_pt: float | None = None, **options: Any) -> None:  # fmt: skip
        """Write the drawing to a path, a binary stream or "-"; the suffix or `format` chooses among
        svg pdf eps dxf png tiff pbm, and for strokes plt gcode strokes.json. Where there are
        strokes, svg and dxf hold them, too, and a bitmap shows the ink.

        Page and sizes are as in `compose`, options as in `write`. Raises OptionsError, WriteError;
        a path is written whole or not at all.
        """
        from linefinish.data.document import compose
        from linefinish.writers import holds_strokes, write

        drawing: Curves | Strokes = self.curves
        if self.strokes is not None and holds_strokes(target if isinstance(target, str) else str(target), format):
            drawing = self.strokes
        document = compose(drawing, page, dpi=dpi, image_dpi=self.report.dpi, width_pt=width_pt, height_pt=height_pt)
        write(document, target, format, **options)


def _threshold_facts(separation: Separation) -> dict[str, Any]:
    levels = bytes(separation.levels.data)
    return {
        "threshold_method": separation.method, "threshold_reason": separation.reason,
        "threshold_level_min": min(levels) + 1, "threshold_level_max": max(levels) + 1,  # `Levels` are the lightest ink
    }  # fmt: skip


def _counts(despeckled: Despeckled) -> dict[str, Any]:
    return {name: getattr(despeckled, name) for name in fields(despeckled) if name != "bitmap"}


# From this share of strongly coloured pixels on a page is read once more without them. Smaller:
# time for nothing; larger: small bars of a felt pen stay black.
_COLOURED_SHARE_MIN = 0.004
_TWO_INKS = "the page has two inks, a coloured one beside the black (--drop-colour {} leaves it out)"


def _warnings(separation: Separation | None, bitmap: Bitmap, measures: Measures, coloured: bool) -> tuple[str, ...]:
    """What is doubtful of the page. Most pages are grey and have some ink, less than a third, more
    of it than of all that was left out, and none in their corners: nothing more is loaded for them.
    """
    ink_px = measures.ink_coverage * bitmap.width * bitmap.height
    left_out_px = separation.fill_area_px + separation.pale_area_px if separation else 0
    if 0 < measures.ink_coverage < 1 / 3 and left_out_px <= ink_px and not coloured and inked_corners(bitmap) < 2:
        return ()
    from linefinish.doubting import doubts

    return doubts(separation, bitmap, measures, coloured=coloured)


class _Stopwatch:
    """Called with a step's name as it begins; tells the listener, and keeps the seconds of each."""

    def __init__(self, on_step: Callable[[str], Any] | None) -> None:
        self._on_step = on_step
        self._begun: list[tuple[str, float]] = []

    def __call__(self, name: str) -> None:
        self._begun.append((name, perf_counter()))
        if self._on_step:
            self._on_step(name)

    def stop(self) -> dict[str, float]:
        """Seconds by step, the last one ending now."""
        ends = [begun for _, begun in self._begun[1:]] + [perf_counter()]
        return {name: end - begun for (name, begun), end in zip(self._begun, ends)}
