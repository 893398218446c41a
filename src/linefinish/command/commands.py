"""The commands of `linefinish` as tables: their flags, and the words that teach them.

The flags for the drawing come from `options.OPTIONS`: `speckle_area_px_max` is
`--speckle-area-max`, in pixels or with a unit.
"""
from __future__ import annotations

from linefinish import lengths
from linefinish.command.arguments import Command, Flag, choice, count, number, whole, words
from linefinish.lengths import Length
from linefinish.options import OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

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
}
# What a command line adds to the words of an option.
_MORE_HELP = {
    "threshold_level": "; sets --threshold fixed",
    "speckle_area_px_max": "; decided from the strokes if not given",
    "pinhole_area_px_max": "; decided from the strokes if not given",
}


def _level(text: str) -> float:
    """A level, 0 to 256, or the share of white that Potrace's blacklevel is, 0 to 1."""
    value = number(text)
    return round(255 * value) if 0 < value < 1 else value


def _sharpness_of_alphamax(text: str) -> float:
    """Potrace's alphamax, 0 (polygon) to 4/3 (no corners) and 1 by default, as a corner_sharpness
    of 2 to 0 and 1.
    """
    value = number(text)
    return max(0.0, min(2.0, 2 - value if value <= 1 else 4 - 3 * value))


def _flag_of(option: Option) -> Flag:
    name = "--" + option.name.replace("_px", "").replace("_", "-")  # the unit goes into the value
    literal = "--" + option.name.replace("_", "-")
    spelled = (name, *_SPELLINGS.get(option.name, ()), *((f"--{option.alias}",) if option.alias else ()))
    value, read = _value_of(option)

    def read_within_bounds(text: str) -> Any:
        given = read(text)
        if not isinstance(given, Length):
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


def _value_of(option: Option) -> tuple[str, Callable[[str], Any]]:
    if option.kind == "choice":
        return "|".join(option.choices), choice(*option.choices)
    if "_area_px" in option.name:
        return "AREA", lengths.parse_area
    if "_px" in option.name:
        return "LENGTH", lengths.parse_length
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
_INK = _option_flags("threshold", "background")
_CLEAN = _option_flags("speckle_area_px_max", "hollow_line_px")
_CURVES = (*_option_flags("turn_policy", "corner_sharpness"), _ALPHAMAX)
_LIMITS = _option_flags("threads", "megapixels_max")

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


_PAGE = (
    Flag(("--dpi", "-r"), "pixels per inch of PNG, TIFF and PBM [1:1, or 300 where a size is given]; where no size is given and the file "
         "states no resolution, that of the input", "N", _dpi),
    Flag(("--width", "-W"), "width of the drawing on paper, as in 8.5in", "LENGTH", _length_pt),
    Flag(("--height", "-H"), "height of the drawing on paper", "LENGTH", _length_pt),
    Flag(("--page", "-P"), "put the drawing on a page: letter, a4, or WxH as in 8.5x11in", "SIZE", _size),
    Flag(("--trim",), "size of the finished page, which is cut out of the middle of the --page", "SIZE", _size),
    Flag(("--bleed",), "how far the picture runs over the trim, one length or four (top,right,bottom,left); the page grows by it where "
         "no --trim is given", "LENGTH", _sides),
    Flag(("--margin", "-M"), "free space inside the page, one length or four, as in 0.5in or 1in,5mm,1in,5mm", "LENGTH", _sides),
    Flag(("--fit",), "how the drawing fills the page: all of it shown, by one side (the other may run over), or in its own size [contain]",
         "contain|width|height|none", choice("contain", "width", "height", "none")),
    Flag(("--pdf-image",), "PDF holds a 1-bit image at --dpi instead of curves"),
)  # fmt: skip
_TALK = (
    Flag(("--quiet", "-q"), "say nothing but errors"),
    Flag(("--verbose", "-v"), "say more; with --version: which kernels run, and from where"),
    Flag(("--help", "-h"), "show this help"),
)
_VERSION = Flag(("--version", "-V"), "show the version")
_NOTES = (
    ("lengths and areas", (
        ("3  0.75pt  1mm  0.1in", "a bare number counts pixels of the input; with a unit it is measured on paper, by the size given with "
         "--width, --height or --page, else by --dpi or the resolution that the file states"),
        ("9  2mm2  0.01in2", "areas likewise, the unit squared"),
    )),
)  # fmt: skip

# --- the commands
# ------------------------------------------------------------

FINISH = Command(
    "linefinish",
    (
        "linefinish INPUT [-o OUTPUT]… [options]",
        "linefinish batch SOURCE… -o FOLDER [options]",
        "linefinish verify FILE…",
        "linefinish compare INPUT -o OUTPUT.png [options]",
    ),
    "Turns any grey drawing into true 1-bit line art, traced from its grey values. INPUT is PNG, JPEG, WebP, TIFF, BMP, GIF or PNM, "
    "or - for standard input. The suffix of OUTPUT chooses the format: .svg .pdf .eps .dxf (curves), .png .tif .pbm (1 bit a pixel). "
    "Without -o the result lies beside the input, as INPUT.svg. Exit code: 0 fine, 1 a file could not be used, 2 a wrong command line.",
    (
        ("result", (
            Flag(("--output", "-o"), "file to write, - for standard output; may be given several times", "FILE", many=True),
            Flag(("--format", "-f"), "formats between commas: of standard output, or of the files beside the input [svg]", "NAMES", words),
            Flag(("--report",), "write all figures of the run as JSON", "FILE"),
        )),
        ("size and page", _PAGE),
        ("ink or paper", _INK),
        ("clean-up (what changes the drawing is off unless asked for)", _CLEAN),
        ("curves", _CURVES),
        ("limits", _LIMITS),
        ("messages", (*_TALK, _VERSION)),
    ),
    (
        ("linefinish input.png -o out.svg", "the main job"),
        ("linefinish input.jpg -o out.png --dpi 300 --width 8.5in", "1-bit at print size, drawn from the curves"),
        ("linefinish scan.tif -o page.pdf --page letter --margin 0.5in", "a vector PDF with an exact page"),
        ("linefinish art.png -o art.svg -o art.png -o art.pdf", "three files of one drawing"),
        ("linefinish art.png --stroke-width-min 0.75pt --gap-length-max 1mm --width 8in", "fit for printing and colouring"),
        ("cat art.png | linefinish - -f svg > art.svg", "in a pipe"),
    ),
    _NOTES,
)  # fmt: skip

BATCH = Command(
    "linefinish batch",
    ("linefinish batch SOURCE… -o FOLDER [options]",),
    "Finishes many drawings: files, and the images in folders. A second run does only what is missing or has changed. A page that "
    "fails is reported and does not stop the others. FOLDER/report.json tells it all. Exit code: 0 all fine, 1 a page failed, 2 a wrong "
    "command line.",
    (
        ("result", (
            Flag(("--output", "-o"), "folder for the results; made if need be", "FOLDER"),
            Flag(("--format", "-f"), "formats between commas, a file of each for every page [svg]", "NAMES", words),
            Flag(("--recursive", "-R"), "folders inside folders too"),
            Flag(("--force",), "do everything again"),
        )),
        ("workers", (
            Flag(("--jobs", "-j"), "pages at a time, each in a process of its own [one a CPU]", "N", count),
            Flag(("--scheduler",), "address of a Dask cluster that works for us, as in tcp://host:8786; it must see the same files "
                 "(pip install 'linefinish[dask]')", "ADDRESS"),
        )),
        ("size and page", _PAGE),
        ("ink or paper", _INK),
        ("clean-up (what changes the drawing is off unless asked for)", _CLEAN),
        ("curves", _CURVES),
        ("limits", _LIMITS),
        ("messages", _TALK),
    ),
    (
        ("linefinish batch pages/ -o done/", "an SVG of every page"),
        ("linefinish batch pages/ -o done/ --format svg,png --jobs 2", "two files each, two pages at a time"),
        ("linefinish batch a.png more/*.jpg -o done/ -f pdf --page a4", "files from anywhere"),
    ),
    _NOTES,
)  # fmt: skip

VERIFY = Command(
    "linefinish verify",
    ("linefinish verify FILE… [--json]",),
    "Tells of each PNG, TIFF, PBM, SVG, PDF, EPS or DXF, of any origin, whether it is truly 1-bit: black and white and nothing between. "
    "If not, where the first grey is. FILE may be - for standard input. Exit code: 0 only if all are.",
    (("messages", (
        Flag(("--json",), "one JSON object a line, for programs"),
        Flag(("--quiet", "-q"), "only the exit code, and errors"),
        Flag(("--help", "-h"), "show this help"),
    )),),
    (("linefinish verify done/*", "every file of a folder"),),
)  # fmt: skip

COMPARE = Command(
    "linefinish compare",
    ("linefinish compare INPUT [-o OUTPUT.png] [options]",),
    "Draws a picture to look at: before, after and their difference side by side, and the three places that differ most, enlarged.",
    (
        ("result", (Flag(("--output", "-o"), "the PNG to write, - for standard output [INPUT.compare.png]", "FILE"),)),
        ("ink or paper", _INK),
        ("clean-up (what changes the drawing is off unless asked for)", _CLEAN),
        ("curves", _CURVES),
        ("limits", _LIMITS),
        ("messages", _TALK),
    ),
    (("linefinish compare input.png -o compare.png", "before | after | difference"),),
)  # fmt: skip
