"""`FinishOptions`: everything a person may choose, as one flat, frozen list.

The table `OPTIONS` is the only place where an option's name, default, bounds, words and aliases
stand. The command line, the docs and pydantic's validation of job JSON derive from it. A default of
None means: decided from the image.
"""
from __future__ import annotations

from linefinish.checks import OPTION_WORDS, shown
from linefinish.errors import OptionsError
from linefinish.records import fields, nearest, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    # The tuples below, for editors; a test holds them together.
    ThresholdMethod = Literal["auto", "otsu", "sauvola", "wolf", "nick", "bradley", "fixed"]
    BackgroundMode = Literal["auto", "on", "off"]
    FillMode = Literal["paper", "ink", "outline"]
    TurnPolicy = Literal["grey", "minority", "majority", "black", "white", "left", "right"]
    StrokeJoin = Literal["straight", "none", "trails"]
    StrokeOrder = Literal["nearest", "none"]

THRESHOLD_METHODS = ("auto", "otsu", "sauvola", "wolf", "nick", "bradley", "fixed")
BACKGROUND_MODES = ("auto", "on", "off")
FILL_MODES = ("paper", "ink", "outline")
TURN_POLICIES = ("grey", "minority", "majority", "black", "white", "left", "right")
STROKE_WIDTHS = ("auto", "measured")
STROKE_FILLS = ("outline", "drop")
STROKE_JOINS = ("straight", "none", "trails")
STROKE_ORDERS = ("nearest", "none")


@record
class Option:
    """One option: its name, what it may be, and the words that explain it.

    kind     "float", "int", "choice", "colour", "flag", "choice or float", or as `asking` reads
             them: "sheet", "paper", "turn"
    low, high  inclusive bounds of a number, or None
    alias    the name that Potrace or mkbitmap users know, or ""
    """

    name: str
    kind: str
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    alias: str = ""
    optional: bool = False

    def check(self, value: Any, called: str = "") -> Any:
        """The value in its proper type, or OptionsError with the reason, in which the option has
        the name it is called by.
        """
        name = called or self.name
        if value is None and self.optional:
            return None
        if not isinstance(value, (int, float, str)) and getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()  # numpy's numbers are numbers too
        if self.kind == "choice or float" and isinstance(value, str):
            if value not in self.choices:
                raise OptionsError(f"{name} is {shown(value)}; it may be {', '.join(self.choices)}, or a number of pixels")
            return value
        if self.kind == "choice":
            if not isinstance(value, str) or value not in self.choices:
                raise OptionsError(f"{name} is {shown(value)}; it may be one of {', '.join(self.choices)}")
            return value
        if self.kind == "colour":
            return colour_checked(name, value)
        if self.kind in ("sheet", "paper", "turn"):
            if isinstance(value, str) and value == self.default:
                return value
            from linefinish.asking import CHECKS  # who asks for a sheet pays for it

            return CHECKS[self.kind](name, value)
        if self.kind == "flag":
            if not isinstance(value, bool):
                raise OptionsError(f"{name} is {shown(value)}; it is either true or false")
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise OptionsError(f"{name} is {shown(value)}; it takes a number")
        if value != value:
            raise OptionsError(f"{name} is {value!r}; it takes a {'whole ' if self.kind == 'int' else ''}number")
        # Bounds first: an infinite number and one of 400 digits are no int and no float.
        if self.low is not None and value < self.low or self.high is not None and value > self.high:
            raise OptionsError(f"{name} is {_short(value)}; it may be {self.low:g} to {self.high:g}")
        if self.kind == "int" and int(value) != value:
            raise OptionsError(f"{name} is {value!r}; it takes a whole number")
        return int(value) if self.kind == "int" else float(value)


def _short(value: float) -> str:
    """A number as people write it; one of many digits cut."""
    return f"{value:g}" if -1e300 < value < 1e300 else shown(value)


COLOURS = {"red": "#ff0000", "green": "#00ff00", "blue": "#0000ff"}


def colour_checked(name: str, value: Any) -> str:
    """A colour by name or as #rrggbb, in small letters; OptionsError for what is none, or grey."""
    text = value.lower() if isinstance(value, str) else ""
    digits = COLOURS.get(text, text)
    if len(digits) != 7 or digits[0] != "#" or any(digit not in "0123456789abcdef" for digit in digits[1:]):
        raise OptionsError(f"{name} is {shown(value)}; it may be {', '.join(COLOURS)} or #rrggbb")
    channels = bytes.fromhex(digits[1:])
    if max(channels) - min(channels) < 16:
        raise OptionsError(f"{name} is {value!r}; it may be a colour but no grey, as greys are told apart by --threshold and --fills")
    return text


OPTIONS: tuple[Option, ...] = (
    Option("sheet", "sheet", "off", "a photographed sheet of paper is found, cut out and made flat; or its four corners, in pixels or "
           "per cent of the picture, in any order"),
    Option("sheet_size", "paper", "auto", "the sheet's size: auto, a4, letter or WxH as in 210x297mm; lengths on paper are then "
           "true"),
    Option("sheet_focal", "float", None, "the lens's focal length as of 35 mm film, where the file does not state it", 8, 600,
           optional=True),
    Option("sheet_keep", "flag", False, "make the sheet flat and straight, and keep what lies around it"),
    Option("deskew", "turn", "off", "a page without a sheet's edge is set straight by its long lines; or turned by so many degrees "
           "clockwise"),
    Option("threshold", "choice", "auto", "how ink is told from paper; auto decides from the image", choices=THRESHOLD_METHODS),
    Option("threshold_level", "int", 128, "level of the fixed method: darker than this is ink; higher gives bolder lines",
           0, 256, alias="blacklevel"),
    Option("threshold_window_px", "int", None, "window side of the local methods (sauvola, wolf, nick, bradley); larger is steadier, "
           "smaller follows uneven paper", 3, 4001, optional=True),
    Option("threshold_k", "float", None, "sensitivity k of the local methods; larger gives thinner lines for sauvola and wolf", -2, 2,
           optional=True),
    Option("background", "choice", "auto", "divide out uneven paper before the threshold", choices=BACKGROUND_MODES),
    Option("invert", "flag", False, "light on dark, as on a chalkboard or a negative: what is light becomes ink"),
    Option("drop_colour", "colour", None, "what is drawn in this colour is no ink: red, green, blue or #rrggbb, as of graph paper or "
           "construction lines", optional=True),
    Option("fills", "choice", "paper", "areas clearly paler than the ink, hard shadows among them: paper; ink, where they are dark; or "
           "outline, which draws a border where there is none",
           choices=FILL_MODES),
    Option("speckle_area_px_max", "float", None, "ink specks up to this area are removed; larger removes more", 0, 1e9,
           alias="turdsize", optional=True),
    Option("pinhole_area_px_max", "float", None, "paper holes in ink up to this area are filled; larger fills more", 0, 1e9, optional=True),
    Option("gap_length_px_max", "float", 0.0, "facing line ends up to this far apart are joined; 0 joins none", 0, 1000),
    Option("stroke_width_px_min", "float", 0.0, "strokes thinner than this are thickened to it; 0 thickens none", 0, 1000),
    Option("hollow_area_px_min", "float", 0.0, "solid blacks of at least this area are hollowed out to outlines; 0 hollows none", 0, 1e12),
    Option("hollow_line_px", "float", None, "width of the outline that hollowing leaves; by default the page's own stroke width", 1, 1000,
           optional=True),
    Option("turn_policy", "choice", "grey", "which pixels that touch at a corner are joined; grey lets the grey values decide",
           choices=TURN_POLICIES, alias="turnpolicy"),
    Option("fit_error_px_max", "float", None, "how far a curve may stray from the traced edge; larger gives fewer segments, smaller is "
           "truer", 0.01, 100, alias="opttolerance", optional=True),
    Option("corner_sharpness", "float", 1.0, "how readily corners are kept sharp: 0 rounds everything, 2 keeps every corner", 0, 2),
    Option("centerline", "flag", False, "each stroke becomes one path along its middle, with its width, for plotters, lasers and cutters; "
           "written as svg, dxf, plt, gcode and strokes.json"),
    Option("stroke_width", "choice or float", "auto", "width of the strokes that are written: auto is one for each stroke unless it varies "
           "by 15 per cent and 0.4 px, measured keeps every change; or one for all", 0.01, 1e6, choices=STROKE_WIDTHS),
    Option("stroke_fills", "choice or float", "outline", "what is too wide for a stroke: its outline, or nothing (drop); or hatching with "
           "lines so far apart", 0.1, 1e6, choices=STROKE_FILLS),
    Option("stroke_width_px_max", "float", None, "what is wider than this is no stroke; by default three times the page's stroke width",
           0.1, 1e6, optional=True),
    Option("spur_length_px_max", "float", None, "side branches up to this length are left out; by default those that leave no ink "
           "uncovered", 0, 1e6, optional=True),
    Option("stroke_join", "choice", "straight", "strokes through a crossing go straight on; or end at each junction (none); or go the way "
           "of fewest lifts (trails)", choices=STROKE_JOINS),
    Option("stroke_order", "choice", "nearest", "order of the strokes: so that the pen travels little, or as they are found (none)",
           choices=STROKE_ORDERS),
    Option("frame", "int", None, "page of a TIFF of several pages, from 1 on", 1, 1000, optional=True),
    Option("threads", "int", 1, "threads for one image; the result is the same for any number", 1, 256),
    Option("megapixels_max", "float", 500.0, "larger images are refused before any memory is taken", 0.000001, 4000),
)  # fmt: skip

# The options that say how a picture is made flat and straight, before all others are of use.
SHEET_OPTIONS = ("sheet", "sheet_size", "sheet_focal", "sheet_keep", "deskew")
_BY_NAME = {option.name: option for option in OPTIONS}


def checked(name: str, value: Any, called: str = "") -> Any:
    """The value of one option in its proper type, for steps that are called on their own;
    OptionsError if it cannot be. `called` is what the step calls it.
    """
    return _BY_NAME[name].check(value, called)


ALIASES = {option.alias: option.name for option in OPTIONS if option.alias} | {"centreline": "centerline"}


def corner_sharpness_of(alphamax: Any) -> Any:
    """Potrace's alphamax, 0 (every corner kept) to 4/3 (none) and 1 by default, as a
    corner_sharpness of 2 to 0 and 1. What is no number stays, and is refused as an option.
    """
    if isinstance(alphamax, bool) or not isinstance(alphamax, (int, float)):
        return alphamax
    return max(0.0, min(2.0, 2.0 - alphamax if alphamax <= 1 else 4.0 - 3.0 * alphamax))


def threshold_level_of(blacklevel: Any) -> Any:
    """Potrace's blacklevel, a share of white between 0 and 1, as a level; levels stay as they
    are.
    """
    if isinstance(blacklevel, float) and 0 < blacklevel < 1:
        return round(255 * blacklevel)
    return blacklevel


# Words of Potrace whose values are others than ours → the option, and its value.
_CONVERTED = {"alphamax": ("corner_sharpness", corner_sharpness_of), "blacklevel": ("threshold_level", threshold_level_of)}


class _Help:
    """The docstring of `FinishOptions`, written when somebody asks for it."""

    def __init__(self, begin: str) -> None:
        self.begin = begin

    def __get__(self, _instance: Any, _owner: Any) -> str:
        return "\n".join([" ".join(self.begin.split()), "", *map(_line_of, OPTIONS)])


_TAKES = {"sheet": "auto, off or four corners", "paper": "auto or a size", "turn": "auto, off or degrees"}


def _line_of(option: Option) -> str:
    """An option with its default, unit and bounds, as help() shows it."""
    unit = " square pixels" if "_area_px" in option.name else " pixels" if "_px" in option.name or option.kind == "choice or float" else ""
    if option.kind == "choice or float":
        takes = f"{', '.join(option.choices)}, or {option.low:g} to {option.high:g}{unit}"
    elif option.choices:
        takes = ", ".join(option.choices)
    elif option.kind == "flag":
        takes = "True or False"
    elif option.low is not None:
        takes = f"{option.low:g} to {option.high:g}{unit}{', whole' if option.kind == 'int' else ''}"
    else:
        takes = _TAKES.get(option.kind, "a colour")
    alias = f" (Potrace: {option.alias})" if option.alias else ""
    return f"{option.name} = {option.default!r}: {takes}{alias}\n    {option.help}"


OPTION_WORDS.update({name: name for name in _BY_NAME} | ALIASES | {word: name for word, (name, _) in _CONVERTED.items()})

# Those that nobody chose, checked once: 40 µs of a page.
_DEFAULTS: dict[type, Any] = {}


@record(eq=True)
class FinishOptions:
    """What `finish()` may be told. Every field has a default that serves all kinds of drawings; see
    OPTIONS for the words.
    """

    __doc__ = _Help(__doc__)

    sheet: str = "off"
    sheet_size: str = "auto"
    sheet_focal: float | None = None
    sheet_keep: bool = False
    deskew: str | float = "off"
    threshold: ThresholdMethod = "auto"
    threshold_level: int = 128
    threshold_window_px: int | None = None
    threshold_k: float | None = None
    background: BackgroundMode = "auto"
    invert: bool = False
    drop_colour: str | None = None
    fills: FillMode = "paper"
    speckle_area_px_max: float | None = None
    pinhole_area_px_max: float | None = None
    gap_length_px_max: float = 0.0
    stroke_width_px_min: float = 0.0
    hollow_area_px_min: float = 0.0
    hollow_line_px: float | None = None
    turn_policy: TurnPolicy = "grey"
    fit_error_px_max: float | None = None
    corner_sharpness: float = 1.0
    centerline: bool = False
    stroke_width: Literal["auto", "measured"] | float = "auto"
    stroke_fills: Literal["outline", "drop"] | float = "outline"
    stroke_width_px_max: float | None = None
    spur_length_px_max: float | None = None
    stroke_join: StrokeJoin = "straight"
    stroke_order: StrokeOrder = "nearest"
    frame: int | None = None
    threads: int = 1
    megapixels_max: float = 500.0

    # Potrace's words, which `from_mapping` understands.
    also_called = {**ALIASES, **{word: name for word, (name, _) in _CONVERTED.items()}}  # noqa: RUF012 (no annotation: no field)

    def __post_init__(self) -> None:
        for option in OPTIONS:
            object.__setattr__(self, option.name, option.check(getattr(self, option.name)))

    @classmethod
    def from_mapping(cls, values: dict[str, Any]) -> FinishOptions:
        """From names and values, e.g. job JSON; Potrace's names are understood, unknown names
        refused.
        """
        if not isinstance(values, dict):
            raise OptionsError(f"options are names and values, got {type(values).__name__}")
        known: dict[str, Any] = {}
        for name, value in values.items():
            ours = ALIASES.get(name, name)
            if name in _CONVERTED:
                ours, convert = _CONVERTED[name]
                value = convert(value)
            if ours not in _BY_NAME:
                near = nearest(name, (*_BY_NAME, *ALIASES))
                raise OptionsError(f"there is no option {shown(name)}{near or ', there are ' + ', '.join(_BY_NAME)}")
            known[ours] = value
        return cls(**known)

    @property
    def straightens(self) -> bool:
        """Whether a sheet is to be found or a page set straight."""
        return self.sheet != "off" or self.deskew != "off"

    @classmethod
    def of(cls, options: Any) -> FinishOptions:
        """Options as they are, the defaults for None; OptionsError for anything else."""
        if options is None:
            if cls not in _DEFAULTS:
                _DEFAULTS[cls] = cls()
            return _DEFAULTS[cls]
        if not isinstance(options, cls):
            raise OptionsError(f"options is {shown(options)}; it takes FinishOptions (FinishOptions.from_mapping makes them of a dict)")
        return options

    def to_mapping(self) -> dict[str, Any]:
        """Names and values, in order, ready for JSON."""
        return {name: getattr(self, name) for name in fields(self)}

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        """How pydantic validates job JSON into options (`TypeAdapter(FinishOptions)`), without
        linefinish depending on it.
        """
        from pydantic_core import core_schema

        def parse(value: Any) -> FinishOptions:
            return value if isinstance(value, cls) else cls.from_mapping(value)

        serialize = core_schema.plain_serializer_function_ser_schema(lambda options: options.to_mapping())
        return core_schema.no_info_plain_validator_function(parse, serialization=serialize)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> dict[str, Any]:
        """The options as JSON schema, for those who describe their job JSON to others."""
        return {"title": "FinishOptions", "type": "object", "additionalProperties": False,
                "properties": {option.name: _json_schema(option) for option in OPTIONS}}  # fmt: skip


_JSON_TYPES = {
    "float": "number", "int": "integer", "flag": "boolean", "turn": ["string", "number"], "choice or float": ["string", "number"],
}  # fmt: skip


def _json_schema(option: Option) -> dict[str, Any]:
    name: Any = _JSON_TYPES.get(option.kind, "string")
    kind = [name, "null"] if option.optional else name
    schema: dict[str, Any] = {"description": option.help, "default": option.default, "type": kind}
    if option.choices and option.kind == "choice":
        schema["enum"] = list(option.choices)
    return schema | {word: bound for word, bound in (("minimum", option.low), ("maximum", option.high)) if bound is not None}
