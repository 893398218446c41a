"""`linefinish INPUT -o OUTPUT`: one drawing, in as many files as wanted."""
from __future__ import annotations

import os
import sys

from linefinish import __version__
from linefinish.command import called, is_lost, is_terminal, say, warn
from linefinish.command.arguments import Command, Flag, UsageError, words
from linefinish.command.flags import CLEAN, CURVES, INK, LIMITS, NOTES, PAGE, READ, SHEET, STROKES, TALK, one_input, order_of
from linefinish.delivering import Target, check_order, check_place, check_targets, deliver
from linefinish.options import FinishOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.report import FinishReport

_VERSION = Flag(("--version", "-V"), "show the version")
COMMAND = Command(
    "linefinish",
    (
        "linefinish INPUT [-o OUTPUT]… [options]",
        "linefinish batch SOURCE… -o FOLDER [options]",
        "linefinish verify FILE…",
        "linefinish compare INPUT -o OUTPUT.png [options]",
        "linefinish book PAGES… -o FOLDER [options]",
        "linefinish impose PAGES… -o FILE.pdf --booklet [options]",
    ),
    "Turns any grey drawing into true 1-bit line art, traced from its grey values. INPUT is PNG, JPEG, WebP, TIFF, BMP, GIF or PNM, "
    "or - for standard input. The suffix of OUTPUT chooses the format: .svg .pdf .eps .dxf .geojson (curves), "
    ".png .tif .pbm (1 bit a pixel); with --centerline .svg .dxf .plt .gcode .strokes.json (strokes), and INPUT may be an SVG of outlines. "
    "Without -o the result lies beside the input, as INPUT.svg. Exit code: 0 fine, 1 a file could not be used, 2 a wrong command line.",
    (
        ("result", (
            Flag(("--output", "-o"), "file to write, - for standard output; may be given several times", "FILE", many=True),
            Flag(("--format", "-f"), "formats between commas: of standard output, or of the files beside the input [svg]", "NAMES", words),
            Flag(("--report",), "write all figures of the run as JSON", "FILE"),
        )),
        ("size and page", PAGE),
        ("input", READ),
        ("sheet of paper", SHEET),
        ("ink or paper", INK),
        ("clean-up (what changes the drawing is off unless asked for)", CLEAN),
        ("curves", CURVES),
        ("centre lines", STROKES),
        ("limits", LIMITS),
        ("messages", (*TALK, _VERSION)),
    ),
    (
        ("linefinish input.png -o out.svg", "the main job"),
        ("linefinish input.jpg -o out.png --dpi 300 --width 8.5in", "1-bit at print size, drawn from the curves"),
        ("linefinish scan.tif -o page.pdf --page letter --margin 0.5in", "a vector PDF with an exact page"),
        ("linefinish art.png -o art.svg -o art.png -o art.pdf", "three files of one drawing"),
        ("linefinish art.png --stroke-width-min 0.75pt --gap-length-max 1mm --width 8in", "fit for printing and colouring"),
        ("linefinish art.png -o art.svg --centerline", "one path for each stroke, with its width"),
        ("linefinish art.png -o art.plt --centerline --width 180mm", "for a pen plotter; .gcode for a laser"),
        ("cat art.png | linefinish - -f svg > art.svg", "in a pipe"),
    ),
    NOTES,
)  # fmt: skip


def run(values: dict[str, Any], operands: list[str]) -> int:
    """Finish the drawing, write its targets and the report, tell of it. Exit code 0, or 1 if one
    went nowhere.
    """
    if values.get("version"):
        return _show_version(bool(values.get("verbose")))
    source = one_input(operands)
    targets = _targets(source, values)
    order = order_of(values)
    report_path = values.get("report")

    check_targets(source, targets)
    check_order(targets, order)
    places = [*(target.path for target in targets), *([report_path] if report_path else [])]
    if report_path:
        check_place(source, report_path)
        if places.count(report_path) > 1:
            raise UsageError(f"the drawing and the report cannot both go to {called(report_path, 'output')}")
    if is_terminal() and not values.get("quiet"):
        from linefinish.command.progress import Spinner  # 0.05 ms that only who watches pays

        with Spinner() as spinner:
            report = deliver(source, targets, order, on_step=spinner.step)
    else:
        report = deliver(source, targets, order)
    if report_path:
        _write_json({"input": source, "outputs": [target.path for target in targets], **report.to_mapping()}, report_path)
    warn(source, report)
    if not values.get("quiet"):
        lines = [f"{called(source)} → {', '.join(called(target.path, 'output') for target in targets)}", *report.lines()]
        if values.get("verbose"):
            lines += _more_lines(report)
        # Standard output belongs to the drawing, or to the report, if that is where it goes.
        say("\n".join(lines), sys.stderr if "-" in places else sys.stdout)
    return int(is_lost(places))


def _targets(source: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """Where the results go: each -o, or beside the input in each --format."""
    formats = values.get("format")
    outputs = values.get("output")
    if not outputs:
        stem = "-" if source == "-" else os.path.splitext(source)[0]
        if source == "-" and formats and len(formats) > 1:
            raise UsageError("standard output takes one format")
        return tuple(Target("-" if source == "-" else f"{stem}.{name}", name) for name in formats or ["svg"])
    if formats and (len(formats) > 1 or len(outputs) > 1 and "-" not in outputs):
        raise UsageError("give -o FILE for each file, or --format NAMES without -o")
    if len(set(outputs)) < len(outputs):
        raise UsageError("the same -o is given twice")
    chosen = formats[0] if formats else None
    if "-" in outputs and not chosen:
        raise UsageError("standard output has no suffix; say the format, as in --format svg")
    return tuple(Target(path, chosen if path == "-" or len(outputs) == 1 else None) for path in outputs)


def _more_lines(report: FinishReport) -> list[str]:
    given = {name: value for name, value in report.options.items() if value != getattr(FinishOptions, name)}
    told = ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in given.items())
    return [f"options    {told or 'all as they come'}", *(f"{name:<10} {fact}" for name, fact in _facts())]


def _show_version(verbose: bool) -> int:
    say("\n".join([f"linefinish {__version__}", *(f"{name:<9} {fact}" for name, fact in _facts() if verbose)]), sys.stdout)
    return 0


def _facts() -> list[tuple[str, str]]:
    """What runs here: the interpreter, and which kernels from where."""
    from linefinish.kernels import _native, _registry

    facts = [("python", f"{sys.version.split()[0]} ({sys.executable})"), ("platform", f"{sys.platform} on {_registry.machine()}")]
    library = None
    if _registry.MODE == "native":
        try:
            library = _native.library()
        except _native.UnfitError as error:
            if _registry.CHOSEN:
                raise
            _registry.fall_back(str(error))
    if library is None:
        return [*facts, ("kernels", f"{_registry.MODE}, {'by LINEFINISH_KERNELS' if _registry.CHOSEN else f'as {_registry.why}'}")]
    from linefinish.kernels import _selftest

    return [
        *facts,
        ("kernels", f"native, {library.facts['target']}, compiled by numba {library.facts['numba']}"),
        ("from", library.path),
        ("self-test", _selftest.told(library.path, library.mark)),
    ]


def _write_json(mapping: dict[str, Any], path: str) -> None:
    import json

    from linefinish.writers import replace_file

    text = json.dumps(mapping, indent=2) + "\n"
    if path == "-":
        sys.stdout.write(text)
    else:
        replace_file([text.encode()], path)
