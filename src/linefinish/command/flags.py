"""The flags of the drawing and of the page, which most commands have, and the order that they make.

The flags for the drawing come from `options.OPTIONS`: `speckle_area_px_max` is
`--speckle-area-max`, in pixels or with a unit.
"""
from __future__ import annotations

import os

from linefinish.command.arguments import Flag, UsageError, choice, number, whole
from linefinish.options import OPTIONS, corner_sharpness_of, threshold_level_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linefinish.delivering import Order
    from linefinish.lengths import Length
    from linefinish.options import Option


# --- the drawing: one flag per option
# ------------------------------------------------------------

# Further spellings. The letters are Potrace's, where it has one: people's fingers know them.
_SPELLINGS = {
    "threshold_level": ("-k",),
    "speckle_area_px_max": ("-t",),
    "turn_policy": ("-z",),
    "fit_error_px_max": ("-O",),
    "megapixels_max": ("--max-megapixels",),
    "centerline": ("--centreline",),
    "stroke_join": ("--join",),
    "stroke_order": ("--order",),
}
# What a command line adds to the words of an option.
_MORE_HELP = {
    "threshold_level": "; sets --threshold fixed",
    "speckle_area_px_max": "; decided from the strokes if not given",
    "pinhole_area_px_max": "; decided from the strokes if not given",
}


# What follows the flags that `asking` reads.
_WORDS = {"sheet": "auto|off|CORNERS", "paper": "SIZE", "turn": "auto|off|DEGREES"}


def inches(text: str) -> float:
    """A length in inches, or with a unit. ValueError for what is none, or not above 0."""
    from linefinish.data.document import parse_length

    length = parse_length(text if not text[-1:].isdigit() else f"{text}in") / 72
    if not 0 < length <= 100:
        raise ValueError("it takes a length such as 0.25in, above 0")
    return length


# What stands before the length of an option that takes words, too: "given:0.3mm" is "0.3mm".
_PREFIXES = {"stroke_width": "given", "stroke_fills": "hatch"}


def _word_or_length(option: Option) -> Callable[[str], Any]:
    prefix = _PREFIXES[option.name]

    def read(text: str) -> Any:
        if text in option.choices:
            return text
        try:
            return _length(text.removeprefix(f"{prefix}:"))
        except ValueError:
            raise ValueError(f"it may be {', '.join(option.choices)}, or a length such as {prefix}:0.5mm") from None

    return read


def _level(text: str) -> float:
    """A level, 0 to 256, or the share of white that Potrace's blacklevel is, 0 to 1."""
    return threshold_level_of(number(text))


def _sharpness_of_alphamax(text: str) -> float:
    """Potrace's alphamax as a corner_sharpness."""
    return corner_sharpness_of(number(text))


def _flag_of(option: Option) -> Flag:
    name = "--" + option.name.replace("_px", "").replace("_", "-")  # the unit goes into the value
    literal = "--" + option.name.replace("_", "-")
    spelled = (name, *_SPELLINGS.get(option.name, ()), *((f"--{option.alias}",) if option.alias else ()))
    if option.kind == "flag":
        return Flag(spelled, option.help, hidden=() if literal == name else (literal,), into=option.name)
    value, read = _value_of(option)

    def read_within_bounds(text: str) -> Any:
        given = read(text)
        if isinstance(given, str) or not hasattr(given, "physical"):
            return _checked(option, given)
        if not given.physical:
            _checked(option, given.value)
        return given

    default = f" [{_short(option.default)}]" if option.default else ""
    return Flag(
        spelled, option.help + _MORE_HELP.get(option.name, "") + default, value, read_within_bounds,
        hidden=() if literal == name else (literal,), into=option.name,
    )  # fmt: skip


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _checked(option: Option, value: Any) -> Any:
    try:
        return option.check(value)
    except ValueError as error:
        raise ValueError(str(error).partition("; ")[2]) from None


def _length(text: str) -> Length:
    from linefinish.lengths import parse_length

    return parse_length(text)


def _area(text: str) -> Length:
    from linefinish.lengths import parse_area

    return parse_area(text)


def _value_of(option: Option) -> tuple[str, Callable[[str], Any]]:
    if option.kind == "choice or float":
        return f"{'|'.join(option.choices)}|{_PREFIXES[option.name]}:LENGTH", _word_or_length(option)
    if option.kind == "choice":
        return "|".join(option.choices), choice(*option.choices)
    if option.kind == "colour":
        return "COLOUR", str
    if option.kind in _WORDS:
        return _WORDS[option.kind], str
    if "_area_px" in option.name:
        return "AREA", _area
    if "_px" in option.name:
        return "LENGTH", _length
    if option.name == "threshold_level":
        return "LEVEL", _level
    return "N", whole if option.kind == "int" else number


_OPTION_FLAGS = {option.name: _flag_of(option) for option in OPTIONS}


def flag_of_option(name: str) -> Flag:
    """The flag that sets an option."""
    return _OPTION_FLAGS[name]


def _option_flags(first: str, last: str) -> tuple[Flag, ...]:
    names = list(_OPTION_FLAGS)
    return tuple(_OPTION_FLAGS[name] for name in names[names.index(first) : names.index(last) + 1])


_ALPHAMAX = Flag(
    ("--alphamax", "-a"), "Potrace's word for corners, 0 to 1.334; sets --corner-sharpness to 2 to 0", "N", _sharpness_of_alphamax,
    into="corner_sharpness",
)  # fmt: skip
SHEET = _option_flags("sheet", "deskew")
INK = _option_flags("threshold", "fills")
CLEAN = _option_flags("speckle_area_px_max", "hollow_line_px")
CURVES = (*_option_flags("turn_policy", "corner_sharpness"), _ALPHAMAX)


def _above_zero(text: str) -> float:
    value = number(text)
    if not 0 < value <= 1e6:
        raise ValueError("it takes a number above 0, to 1000000")
    return value


STROKES = (
    *_option_flags("centerline", "stroke_order"),
    Flag(("--widths",), "how an SVG's stroke shows a width that changes: its median and data-widths; split into pieces; or as the outline "
         "of what a round pen covers [data]", "data|split|outline", choice("data", "split", "outline")),
    Flag(("--gcode-on",), "words of G-code that switch the tool on [M3 S1000]", "WORDS"),
    Flag(("--gcode-off",), "words that switch it off [M5]", "WORDS"),
    Flag(("--gcode-head",), "lines before the first move, parted by ;", "WORDS"),
    Flag(("--gcode-foot",), "lines after the last move, parted by ;", "WORDS"),
    Flag(("--gcode-feed",), "feed in millimetres a minute [1000]", "N", _above_zero),
    Flag(("--gcode-power",), "S of a stroke of 1 mm; S then follows the width", "N", _above_zero),
    Flag(("--gcode-power-max",), "the largest S that follows a width [1000]", "N", _above_zero),
)  # fmt: skip
READ = _option_flags("frame", "frame")
LIMITS = _option_flags("threads", "megapixels_max")

# --- the page
# ------------------------------------------------------------

def _dpi(text: str) -> float:
    from linefinish.data.document import resolution_pair

    value = number(text)
    try:
        resolution_pair(value)
    except ValueError as error:
        raise ValueError(str(error).partition("; ")[2]) from None
    return value


def _length_pt(text: str) -> float:
    from linefinish.data.document import parse_length

    return parse_length(text)


def _size(text: str) -> str:
    from linefinish.data.document import parse_page

    parse_page(text)
    return text


def _sides(text: str) -> str:
    from linefinish.data.document import parse_sides

    parse_sides(text)
    return text


PAGE = (
    Flag(("--dpi", "-r"), "pixels per inch of PNG, TIFF and PBM [1:1, or 300 where a size is given]; where no size is given and the file "
         "states no resolution, that of the input", "N", _dpi),
    Flag(("--width", "-W"), "width of the drawing on paper, as in 8.5in", "LENGTH", _length_pt),
    Flag(("--height", "-H"), "height of the drawing on paper", "LENGTH", _length_pt),
    Flag(("--page", "-P"), "put the drawing on a page: letter, legal, a3, a4, a5, or WxH as in 6x9in", "SIZE", _size),
    Flag(("--trim",), "size of the finished page, which is cut out of the middle of the --page", "SIZE", _size),
    Flag(("--bleed",), "how far the picture runs over the trim, one length or four (top,right,bottom,left); the page grows by it where "
         "no --trim is given", "LENGTH", _sides),
    Flag(("--margin", "-M"), "free space inside the page, one length or four, as in 0.5in or 1in,5mm,1in,5mm", "LENGTH", _sides),
    Flag(("--fit",), "how the drawing fills the page: all of it shown, by one side (the other may run over), or in its own size [contain]",
         "contain|width|height|none", choice("contain", "width", "height", "none")),
    Flag(("--pdf-image",), "PDF holds a 1-bit image at --dpi instead of curves"),
    Flag(("--svg-paths",), "SVG has one path for the drawing, which is shortest, or one for each shape with its holes, for editors [one]",
         "one|each", choice("one", "each")),
    Flag(("--dxf",), "version of DXF: AutoCAD 2000, which knows millimetres, or R12 for machines that read nothing newer [2000]",
         "2000|r12", choice("2000", "r12")),
    Flag(("--layers",), "SVG and DXF have one layer, or one for each depth of outlines in outlines, for cutters [one]", "one|depth",
         choice("one", "depth")),
)  # fmt: skip
TALK = (
    Flag(("--quiet", "-q"), "say nothing but errors"),
    Flag(("--verbose", "-v"), "say more; with --version: which kernels run, and from where"),
    Flag(("--help", "-h"), "show this help"),
)
NOTES = (
    ("lengths and areas", (
        ("3  0.75pt  1mm  0.1in", "a bare number counts pixels of the input; with a unit it is measured on paper, by the size given with "
         "--width, --height or --page, else by --dpi or the resolution that the file states"),
        ("9  2mm2  0.01in2", "areas likewise, the unit squared"),
    )),
)  # fmt: skip

# Suffixes of files that are written and not read: a second operand that ends so wants -o.
_ONLY_WRITTEN = (".svg", ".pdf", ".eps", ".dxf", ".geojson", ".plt", ".gcode", ".json")


# --- what they make
# ------------------------------------------------------------

def one_input(operands: list[str]) -> str:
    """The one drawing that the command line names, or UsageError."""
    if not operands:
        raise UsageError("which drawing? linefinish INPUT -o OUTPUT (linefinish --help explains)")
    if len(operands) == 2 and os.path.splitext(operands[1])[1].lower() in _ONLY_WRITTEN:
        raise UsageError(f"where to? say -o: linefinish {operands[0]} -o {operands[1]}")
    if len(operands) > 1:
        raise UsageError(f"one drawing at a time, got {', '.join(operands)}; for many use linefinish batch {' '.join(operands)} -o FOLDER")
    return operands[0]


def order_of(values: dict[str, Any]) -> Order:
    """The flags of the drawing and the page as an order."""
    from linefinish.data.document import Page
    from linefinish.delivering import Order

    options = {option.name: values[option.name] for option in OPTIONS if option.name in values}
    if "threshold_level" in options and "threshold" not in options:
        options["threshold"] = "fixed"

    page = None
    sheet = values.get("page") or values.get("trim")
    sides = {name: values[name] for name in ("trim", "bleed", "margin", "fit") if name in values}
    if sheet:
        if "page" not in values:
            del sides["trim"]  # without a page the sheet is the trim, and grows by the bleed
        page = Page(sheet, **sides)
        if "width" in values or "height" in values:
            raise UsageError("--page says the size already; leave out --width and --height")
    elif sides:
        raise UsageError(f"--{next(iter(sides))} needs a page: add --page letter, --page a4 or --page WxH")
    gcode = {name.removeprefix("gcode_"): value for name, value in values.items() if name.startswith("gcode_")}
    return Order(options, page, values.get("dpi"), values.get("width"), values.get("height"), bool(values.get("pdf_image")),
                 values.get("svg_paths", "one"), values.get("dxf", "2000"), values.get("layers", "one"), values.get("widths", "data"),
                 gcode or None)  # fmt: skip
