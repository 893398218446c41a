"""An SVG file → curves: what its elements fill, as one drawing of ink.

Read are paths and basic shapes with their transforms, viewBox, fill rules and fills, by attributes,
style attributes and plain style sheets. Whatever is filled is ink, in any colour but white. White
over ink is cut out of it where the outlines do not cross (`stacks`). Where they do, the file is
refused, and so are strokes alone, text, images, `use`, clipping and masks: nothing is left out
without a word.

Outlines are turned so that ink lies to the right of the way, as in every `Curves`. This needs to
know what lies in what, and holds where outlines do not cross. Of those that cross, the even-odd
rule is read as the non-zero one.
"""
from __future__ import annotations

import math
import os
import re
from xml.parsers import expat

from linefinish import checks
from linefinish.data.affine import moved, turned
from linefinish.data.measures import areas_of
from linefinish.data.nesting import holders_of
from linefinish.data.stacks import joined, seen
from linefinish.data.svg_paths import Chains, add_ellipse, add_path, add_polygon, add_rectangle, numbers_of, turn_of
from linefinish.errors import ImageError, ImageReadError
from linefinish.records import trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.affine import Matrix
    from linefinish.data.geometry import Curves

# Bytes of text, elements in all and within each other, rules of style sheets. A drawing of a 600
# dpi page has 10 MB and ten elements within each other.
TEXT_BYTES_MAX, ELEMENTS_MAX, DEPTH_MAX, RULES_MAX = 1 << 26, 1_000_000, 200, 1000
# Pixels in a unit of length, as CSS has them: 96 in an inch.
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "mm": 96 / 25.4, "cm": 96 / 2.54}
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(px|pt|pc|in|mm|cm|)\s*")
_TRANSFORM = re.compile(r"\s*,?\s*(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^()]*)\)\s*")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SPACE = "http://www.w3.org/2000/svg"
_SHAPES = ("path", "rect", "circle", "ellipse", "polygon", "polyline", "line")
# What holds shapes that are not painted where they stand, and what says nothing of them.
_UNPAINTED = ("defs", "symbol", "clipPath", "mask", "pattern", "marker", "metadata", "title", "desc", "style")
_REFUSED = ("use", "text", "image", "foreignObject", "switch", "script", "animate", "animateTransform", "set")
_PROPERTIES = ("fill", "fill-rule", "stroke", "display", "visibility", "clip-path", "mask", "fill-opacity", "opacity", "filter")
_INHERITED = ("fill", "fill-rule", "stroke", "visibility", "fill-opacity")
# The least of each of white's parts, of 255. vtracer writes #FEFEFE for paper. Smaller: pale greys
# are paper, too; larger: such paper is ink.
_WHITE_MIN = 250
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgb\((\d+\.?\d*),(\d+\.?\d*),(\d+\.?\d*)\)")
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def text_of(source: Any) -> str | bytes:
    """Path data or XML as it is; of a path or a binary stream what it holds. ImageReadError."""
    if isinstance(source, str) and (source.lstrip("\ufeff \t\r\n")[:1] == "<" or re.match(r"\s*[Mm][\s\d.+-]", source)):
        if len(source) > TEXT_BYTES_MAX:
            raise ImageReadError(f"the drawing has more than {TEXT_BYTES_MAX >> 20} MiB of text")
        return source
    try:
        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                data: Any = file.read(TEXT_BYTES_MAX + 1)
        elif callable(getattr(source, "read", None)):
            data = source.read(TEXT_BYTES_MAX + 1)
        else:
            data = source if isinstance(source, (bytes, str)) else bytes(memoryview(source))
    except OSError as error:
        raise ImageReadError(f"{checks.shown(source)} could not be read: {(error.strerror or str(error)).lower()}") from None
    except (TypeError, ValueError):
        raise ImageReadError(f"the source is {checks.shown(source)}; it takes SVG as text, a path or a binary stream") from None
    if not isinstance(data, (bytes, str)):
        raise ImageReadError(f"the stream gave {checks.shown(data)}; it takes SVG")
    if len(data) > TEXT_BYTES_MAX:
        raise ImageReadError(f"the drawing has more than {TEXT_BYTES_MAX >> 20} MiB of text")
    return data


def read(source: Any, curves: type[Curves], width: int | None, height: int | None) -> Curves:
    """The curves of a drawing or of path data, on a page of the given size, else the drawing's own,
    else one that reaches from (0, 0) as far as the curves.
    """
    text = text_of(source)
    begin = text[:200].lstrip() if isinstance(text, str) else text[:200].decode("latin-1").lstrip("\xef\xbb\xbf \t\r\n")
    reader = _Reader(curves)
    if re.match(r"[Mm][\s\d.+-]", begin):
        chains = Chains()
        add_path(chains, text if isinstance(text, str) else text.decode("latin-1"))
        reader.painted(chains, "nonzero")
    else:
        reader.parse(text)
    return reader.drawing(width, height)


class _Style:
    """What an element hands on: its map, whether it is painted, and its properties."""

    __slots__ = ("matrix", "properties", "shown")

    def __init__(self, matrix: Matrix, shown: bool, properties: dict[str, str]) -> None:
        self.matrix, self.shown, self.properties = matrix, shown, properties


class _Reader:
    """expat's events, and the chains that come of them."""

    def __init__(self, curves: type[Curves]) -> None:
        self.curves = curves
        self.made: list[tuple[Curves, bool]] = []
        self.size: tuple[float, float] | None = None
        self.stack = [_Style(_IDENTITY, True, {})]
        self.rules: list[tuple[str, dict[str, str]]] = []
        self.sheet: list[str] | None = None
        self.elements = 0
        self.strokes = 0

    def parse(self, text: str | bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.EntityDeclHandler = self.entity
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        try:
            parser.Parse(text, True)
        except expat.ExpatError as error:
            raise ImageReadError(f"the drawing is no SVG: {expat.ErrorString(error.code)} in line {error.lineno}") from None
        except ImageError:
            raise
        except (UnicodeError, LookupError, ValueError):
            raise ImageReadError("the drawing is not in an encoding that can be read") from None

    def entity(self, name: str, *_rest: Any) -> None:
        raise ImageReadError(f"the drawing declares an entity {checks.shown(name)}, which may grow without end")

    def characters(self, text: str) -> None:
        if self.sheet is not None:
            self.sheet.append(text)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > ELEMENTS_MAX or len(self.stack) > DEPTH_MAX:
            raise ImageReadError(f"the drawing has more than {ELEMENTS_MAX:,} elements, or {DEPTH_MAX} within each other")
        space, _, name = tag.rpartition(" ")
        above = self.stack[-1]
        if self.elements == 1 and (name != "svg" or space not in ("", _SPACE)):
            raise ImageReadError(f"the drawing is no SVG; it begins with {checks.shown(name)}")
        if space not in ("", _SPACE) or name in _UNPAINTED or not above.shown:
            if name == "style":
                self.sheet = []
            self.stack.append(_Style(above.matrix, False, {}))
            return
        if name in _REFUSED:
            raise ImageReadError(f"the drawing has the element {name}, which from_svg does not read")
        own = self.properties(name, attributes)
        properties = {key: value for key, value in above.properties.items() if key in _INHERITED} | own
        for key in ("clip-path", "mask", "filter"):
            if properties.get(key, "none") != "none":
                raise ImageReadError(f"the drawing uses {key}, which from_svg does not read")
        matrix = times(above.matrix, transform_of(attributes.get("transform", "")))
        if name == "svg":
            matrix = self.viewport(matrix, attributes)
        shown = properties.get("display") != "none"
        self.stack.append(_Style(matrix, shown, properties))
        if name in _SHAPES and shown:
            self.shape(name, attributes, matrix, properties)

    def end(self, _tag: str) -> None:
        self.stack.pop()
        if self.sheet is not None:
            text = re.sub(r"/\*.*?\*/", "", "".join(self.sheet), flags=re.DOTALL)
            self.sheet = None
            for selectors, body in _RULE.findall(text):
                self.rules += [(selector.strip(), declarations(body)) for selector in selectors.split(",")]
            if len(self.rules) > RULES_MAX:
                raise ImageReadError(f"the drawing has more than {RULES_MAX:,} style rules")

    def properties(self, name: str, attributes: dict[str, str]) -> dict[str, str]:
        found = {key: attributes[key].strip().lower() for key in _PROPERTIES if key in attributes}
        names = {name, "*", f"#{attributes.get('id', '')}", *(f".{word}" for word in attributes.get("class", "").split())}
        for selector, rule in self.rules:
            if selector in names:
                found |= rule
        return found | declarations(attributes.get("style", ""))

    def viewport(self, matrix: Matrix, attributes: dict[str, str]) -> Matrix:
        """The map of what is inside an `svg`; the outermost one's says how large the page is."""
        outermost = self.size is None and len(self.stack) == 1
        sides = [length_of(attributes.get(key, ""), math.nan) for key in ("width", "height")]
        box = numbers_of(attributes["viewBox"], "the viewBox") if "viewBox" in attributes else []
        if box and (len(box) != 4 or box[2] <= 0 or box[3] <= 0):
            raise ImageReadError("the viewBox takes four numbers, the last two above 0")
        if outermost:
            if box:
                self.size = box[2], box[3]
                return times(matrix, (1.0, 0.0, 0.0, 1.0, -box[0], -box[1]))
            if sides[0] > 0 and sides[1] > 0:
                self.size = sides[0], sides[1]
            return matrix
        x, y = length_of(attributes.get("x", ""), 0.0), length_of(attributes.get("y", ""), 0.0)
        if not box:
            return times(matrix, (1.0, 0.0, 0.0, 1.0, x, y))
        across, down = ((side if side > 0 else span) / span for side, span in zip(sides, box[2:]))
        if attributes.get("preserveAspectRatio", "").strip() != "none":
            x += max(across - down, 0.0) * box[2] / 2
            y += max(down - across, 0.0) * box[3] / 2
            across = down = min(across, down)
        return times(matrix, (across, 0.0, 0.0, down, x - across * box[0], y - down * box[1]))

    def shape(self, name: str, attributes: dict[str, str], matrix: Matrix, properties: dict[str, str]) -> None:
        if properties.get("visibility", "visible") != "visible":
            return
        self.strokes += properties.get("stroke", "none") not in ("none", "transparent")
        fill = properties.get("fill", "black").replace(" ", "")
        if name == "line" or fill in ("none", "transparent") or "0" in (properties.get("fill-opacity"), properties.get("opacity")):
            return
        ink = not is_white(fill)
        if not ink and not self.made:
            return  # paper on paper
        chains = Chains()

        def value(key: str, default: float = 0.0) -> float:
            return length_of(attributes.get(key, ""), default)

        if name == "path":
            add_path(chains, attributes.get("d", ""))
        elif name == "rect":
            rx, ry = value("rx", math.nan), value("ry", math.nan)
            rx, ry = rx if rx >= 0 else max(ry, 0.0) if ry == ry else 0.0, ry if ry >= 0 else max(rx, 0.0) if rx == rx else 0.0
            add_rectangle(chains, value("x"), value("y"), value("width"), value("height"), rx, ry)
        elif name in ("circle", "ellipse"):
            rx, ry = (value("r"),) * 2 if name == "circle" else (value("rx"), value("ry"))
            add_ellipse(chains, value("cx"), value("cy"), rx, ry)
        else:
            add_polygon(chains, attributes.get("points", ""))
        self.painted(chains, properties.get("fill-rule", "nonzero"), matrix, ink)

    def painted(self, chains: Chains, rule: str, matrix: Matrix = _IDENTITY, ink: bool = True) -> None:
        """What one element fills, with its outlines turned the right way round."""
        count = len(chains.offsets) - 1
        if not count:
            return
        numbers = moved(memoryview(chains.numbers), 3 * len(chains.kinds), matrix)
        made = trusted(self.curves, 1, 1, numbers, memoryview(chains.kinds), memoryview(chains.offsets))
        areas, _ = areas_of(made)
        holders = holders_of(made, areas)
        which = bytearray(count)
        for index in range(count):
            depth, outermost = 0, index
            while holders[outermost] >= 0:
                depth, outermost = depth + 1, holders[outermost]
            if rule == "evenodd":
                which[index] = (areas[index] < 0) != (depth % 2 == 1)
            else:
                which[index] = areas[outermost] < 0
        if any(which):
            segments, kinds = turned(made, bytes(which))
            made = trusted(self.curves, 1, 1, segments, kinds, made.offsets)
        self.made.append((made, ink))

    def drawing(self, width: int | None, height: int | None) -> Curves:
        """All that was painted, side by side."""
        if not self.made and self.strokes:
            raise ImageReadError("the drawing has strokes and nothing that is filled; from_svg reads what is filled")
        parts = [part for part, _ in self.made] or [self.curves.empty(1, 1)]
        whole = joined(parts) if all(ink for _, ink in self.made) else seen(self.made)
        segments = whole.segments
        sides = self.size or (max([1.0, *segments[4::6].tolist()]), max([1.0, *segments[5::6].tolist()]))
        named = {
            key: max(1, math.ceil(min(own, 1e12) - 1e-6)) if asked is None else asked
            for key, asked, own in zip(("width", "height"), (width, height), sides)
        }
        checks.sides(named)
        return trusted(self.curves, named["width"], named["height"], segments, whole.kinds, whole.offsets)


def is_white(fill: str) -> bool:
    """Whether a colour, in small letters and without spaces, is white or as good as white."""
    if _HEX.fullmatch(fill):
        digits = len(fill) // 3
        parts: list[float] = [int(fill[at : at + digits] * (3 - digits), 16) for at in range(1, len(fill), digits)]
    elif match := _RGB.fullmatch(fill):
        parts = [float(part) for part in match.groups()]
    else:
        return fill in ("white", "rgb(100%,100%,100%)")
    return min(parts) >= _WHITE_MIN


def declarations(text: str) -> dict[str, str]:
    """The properties that are looked at, of a style."""
    pairs = (part.partition(":") for part in text.split(";"))
    found = {name.strip().lower(): value.replace("!important", "").strip().lower() for name, _, value in pairs}
    return {name: value for name, value in found.items() if name in _PROPERTIES}


def length_of(text: str, default: float) -> float:
    """A length in pixels; the default where there is none, or one in per cent or em."""
    match = _LENGTH.fullmatch(text)
    return float(match[1]) * _UNITS[match[2]] if match else default


def times(first: Matrix, second: Matrix) -> Matrix:
    """The map that does the second, then the first."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f


def transform_of(text: str) -> Matrix:
    """A transform attribute as one map. ImageReadError for what is none."""
    matrix, at = _IDENTITY, 0
    while text[at:].strip(" ,\t\r\n"):
        match = _TRANSFORM.match(text, at)
        values = numbers_of(match[2], "the transform") if match else []
        step = _step(match[1], values) if match else None
        if match is None or step is None:
            raise ImageReadError(f"the transform has {checks.shown(text[at : at + 60].strip())}, which is none")
        matrix, at = times(matrix, step), match.end()
    return matrix


def _step(name: str, values: list[float]) -> Matrix | None:
    """One function of a transform, or None if it takes other numbers."""
    count = len(values)
    if name == "matrix" and count == 6:
        a, b, c, d, e, f = values
        return a, b, c, d, e, f
    if name == "translate" and count in (1, 2):
        return 1.0, 0.0, 0.0, 1.0, values[0], values[1] if count == 2 else 0.0
    if name == "scale" and count in (1, 2):
        return values[0], 0.0, 0.0, values[-1], 0.0, 0.0
    if name == "rotate" and count in (1, 3):
        cos, sin = turn_of(values[0])
        x, y = values[1:] or (0.0, 0.0)
        return cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y
    if name in ("skewX", "skewY") and count == 1:
        tangent = math.tan(math.radians(values[0]))
        return (1.0, 0.0, tangent, 1.0, 0.0, 0.0) if name == "skewX" else (1.0, tangent, 0.0, 1.0, 0.0, 0.0)
    return None
