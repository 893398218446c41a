"""`deliver()`: one input file in, its output files out, with sizes in physical units. The command
line and the batch both run it.
"""
from __future__ import annotations

import os
from time import perf_counter

from linefinish.data.document import POINTS_PER_INCH, compose
from linefinish.data.geometry import Curves
from linefinish.errors import OptionsError, UnknownFormatError, WriteError
from linefinish.options import SHEET_OPTIONS, FinishOptions
from linefinish.pipeline import finish_as_read
from linefinish.records import record, replace
from linefinish.writers import STROKE_WRITERS, WRITERS, suffix_of, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linefinish.data.document import Document, Page
    from linefinish.data.raster import Gray
    from linefinish.data.strokes import Strokes
    from linefinish.report import FinishReport


# What of an order the writer of a format is told.
_ASKED = {"pdf": ("pdf_image",), "svg": ("svg_paths", "layers", "widths"), "dxf": ("dxf", "layers"), "gcode": ("gcode",)}


@record(eq=True)
class Order:
    """What to make of a drawing, as a person says it.

    options    option name → value, or a `Length` that becomes pixels once the drawing's scale is
               known
    page, dpi, width_pt, height_pt   as `compose` takes them
    pdf_image  PDF holds a 1-bit image instead of curves
    svg_paths  "one" path for an SVG's drawing, or "each" shape with its holes a path
    dxf        the version of DXF, "2000" or "r12"
    layers     "one" layer for an SVG or a DXF, or one for each "depth" of outlines in outlines
    widths     how an SVG of strokes has a width that changes: "data", "split" or "outline"
    gcode      words of G-code, as `writers.gcode` has them
    """

    options: dict[str, Any] | None = None
    page: Page | None = None
    dpi: float | None = None
    width_pt: float | None = None
    height_pt: float | None = None
    pdf_image: bool = False
    svg_paths: str = "one"
    dxf: str = "2000"
    layers: str = "one"
    widths: str = "data"
    gcode: dict[str, Any] | None = None

    @classmethod
    def of(cls, options: Any) -> Order:
        """An order of options alone, or as it is; OptionsError for what is neither."""
        if isinstance(options, cls):
            return options
        return cls(FinishOptions.of(options).to_mapping() if options is not None else {})

    def compose(self, curves: Curves | Strokes, image_dpi: tuple[float, float] | None) -> Document:
        """The curves on their page."""
        return compose(curves, self.page, dpi=self.dpi, image_dpi=image_dpi, width_pt=self.width_pt, height_pt=self.height_pt)

    def written_as(self, name: str) -> dict[str, Any]:
        """What the writer of a format is told, but for what it does by itself."""
        return {word: getattr(self, word) for word in _ASKED.get(name, ()) if getattr(self, word) != getattr(Order, word)}

    def sheet_asked(self) -> FinishOptions | None:
        """The options for making the picture flat and straight, or None where it stays as it is."""
        asked = {name: value for name, value in (self.options or {}).items() if name in SHEET_OPTIONS}
        options = FinishOptions.from_mapping(asked) if asked else None
        return options if options is not None and options.straightens else None

    def options_for(self, gray: Gray) -> FinishOptions:
        """The options in pixels of this image."""
        given = self.options
        if not given:
            return FinishOptions()
        from linefinish.lengths import Length

        px_per_inch = None
        if any(isinstance(value, Length) and value.physical for value in given.values()):
            placed = self.compose(Curves.empty(gray.width, gray.height), gray.dpi)
            px_per_inch = POINTS_PER_INCH * gray.width / placed.drawing_pt[2] if placed.physical else None
        pixels = {name: value.pixels(px_per_inch) if isinstance(value, Length) else value for name, value in given.items()}
        if pixels.get("threshold_window_px"):
            pixels["threshold_window_px"] = round(pixels["threshold_window_px"])
        return FinishOptions.from_mapping(pixels)


@record(eq=True)
class Target:
    """Where one result goes: a path, or "-" for standard output; the format, where the suffix does
    not say it.
    """

    path: str
    format: Any = None


def deliver(source: Any, targets: tuple[Target, ...], order: Order, *, on_step: Callable[[str], Any] | None = None) -> FinishReport:
    """Finish one drawing and write all its targets from the same curves. The report counts the time
    of writing too.

    Raises LinefinishError; a target is written whole or not at all.
    """
    given = order.options or {}
    check_order(targets, order)
    megapixels_max = given.get("megapixels_max", FinishOptions.megapixels_max)
    finished = finish_as_read(
        source, megapixels_max, order.options_for, on_step, frame=given.get("frame"), drop_colour=given.get("drop_colour"),
        sheet=order.sheet_asked(), centerline=bool(given.get("centerline")),
    )  # fmt: skip
    if on_step:
        on_step("write")
    begun = perf_counter()
    drawn: dict[bool, Document] = {}
    for target in targets:
        stroked = finished.strokes is not None and WRITERS[format_of(target)] in STROKE_WRITERS
        if stroked not in drawn:
            drawing = finished.strokes if stroked and finished.strokes is not None else finished.curves
            drawn[stroked] = order.compose(drawing, finished.report.dpi)
        write(drawn[stroked], target.path, target.format, **order.written_as(format_of(target)))
    return replace(finished.report, seconds={**finished.report.seconds, "write": perf_counter() - begun})


def format_of(target: Target) -> str:
    """The format's name, or UnknownFormatError."""
    name = target.format.lower().removeprefix(".") if target.format else suffix_of(target.path)
    if name not in WRITERS:
        what = f"there is no format {target.format}" if target.format else f"the suffix of {target.path} names no format"
        raise UnknownFormatError(f"{what}; linefinish writes {', '.join(WRITERS)}")
    return name


def check_order(targets: tuple[Target, ...], order: Order) -> None:
    """OptionsError for what is asked of a format that is not written, or of a sheet that is not cut
    out; and for files of strokes without centerline, or of outlines with it.
    """
    _check_formats(targets, order)
    _check_sheet(order)


def _check_sheet(order: Order) -> None:
    sheet = FinishOptions.from_mapping({name: value for name, value in (order.options or {}).items() if name in SHEET_OPTIONS})
    for name in ("sheet_size", "sheet_focal", "sheet_keep"):
        if sheet.sheet == "off" and getattr(sheet, name) != getattr(FinishOptions, name):
            raise OptionsError(f"--{name.replace('_', '-')} is for a sheet; add --sheet auto, or its corners")


def _check_formats(targets: tuple[Target, ...], order: Order) -> None:
    strokes = bool((order.options or {}).get("centerline"))
    names = {format_of(target) for target in targets}
    for name in names:
        if strokes and name in ("pdf", "eps", "geojson"):
            raise OptionsError(f"a {name} would hold outlines; --centerline has svg, dxf, plt, gcode and strokes.json, and bitmaps")
        if not strokes and name in ("plt", "gcode", "strokes.json"):
            raise OptionsError(f"a {name} holds strokes; add --centerline")
    for word in {word: None for asked in _ASKED.values() for word in asked}:
        given = getattr(order, word)
        takers = [name for name, asked in _ASKED.items() if word in asked]
        if given != getattr(Order, word) and names.isdisjoint(takers):
            flag = f"--gcode-{next(iter(given))}" if word == "gcode" else f"--{word}"
            raise OptionsError(f"{flag.replace('_', '-')} is for {' and '.join(takers)}, and none is written")


def check_targets(source: str, targets: tuple[Target, ...]) -> None:
    """Refuse, before any work is done, what could not be written in the end, and what would
    overwrite the input.
    """
    for target in targets:
        format_of(target)
        check_place(source, target.path)


def check_place(source: str, path: str) -> None:
    """Raise WriteError for a place where no file can be made, OptionsError if it is the input
    itself.
    """
    if path == "-":
        return
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise WriteError(f"{path} cannot be written: the folder {folder} does not exist")
    if os.path.isdir(path):
        raise WriteError(f"{path} cannot be written: it is a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WriteError(f"{path} cannot be written: the folder {folder} is read-only")
    if source != "-" and os.path.exists(path) and os.path.exists(source) and os.path.samefile(source, path):
        raise OptionsError(f"{path} is the input itself; give another name with -o")
