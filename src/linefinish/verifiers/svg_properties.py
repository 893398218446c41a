"""Which properties and attributes of SVG paint, and with which values they paint black, white or
nothing (SVG 2, SVG 1.1, and the CSS modules that SVG 2 names).

A whitelist: what has no place here cannot be verified, whether or not a viewer knows it.
"""
from __future__ import annotations

import re

from linefinish.verifiers.colours import is_all_or_nothing, is_pure
from linefinish.verifiers.verdict import DamagedError, GrayError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.verifiers.css import Token

_COLOURS = frozenset(("fill", "stroke", "color", "background", "background-color", "outline-color"))
_OPACITIES = frozenset(("opacity", "fill-opacity", "stroke-opacity"))
_DEFAULTS = frozenset(("inherit", "initial", "unset"))
_NONE = frozenset(("none",))
# Properties that mix, fade, or call in what is painted elsewhere, with the values at which they do
# not.
_ONLY: dict[str, frozenset[str]] = {
    "mix-blend-mode": frozenset(("normal",)), "isolation": frozenset(("auto", "isolate")), "filter": _NONE, "backdrop-filter": _NONE,
    "mask": _NONE, "mask-image": _NONE, "marker": _NONE, "marker-start": _NONE, "marker-mid": _NONE, "marker-end": _NONE,
    "background-image": _NONE, "box-shadow": _NONE, "outline": frozenset(("none", "0")), "border": frozenset(("none", "0")),
    "animation": _NONE, "transition": _NONE, "content": frozenset(("none", "normal")),
    "overflow": frozenset(("visible", "hidden", "auto")), "display": frozenset(("none", "inline", "block", "inline-block")),
    "mask-type": frozenset(("luminance", "alpha")),
}  # fmt: skip
_GEOMETRY = frozenset((
    "fill-rule", "clip-rule", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray",
    "stroke-dashoffset", "visibility", "clip", "transform", "transform-origin", "transform-box", "vector-effect", "paint-order",
    "shape-rendering", "text-rendering", "image-rendering", "color-rendering", "color-interpolation", "x", "y", "width", "height", "cx",
    "cy", "r", "rx", "ry", "position", "margin", "padding", "max-width", "max-height", "pointer-events", "cursor", "line-height",
    "letter-spacing", "word-spacing", "writing-mode", "direction", "white-space", "baseline-shift", "dominant-baseline",
    "alignment-baseline", "color-interpolation-filters", "user-select", "-webkit-user-select", "-moz-user-select", "-ms-user-select",
    "print-color-adjust", "-webkit-print-color-adjust", "color-adjust", "kerning", "glyph-orientation-vertical",
    "glyph-orientation-horizontal", "unicode-bidi",
))  # fmt: skip
# Properties of elements that are refused themselves: editors write them on every path.
_IDLE_PREFIXES = ("font", "text-", "-inkscape-", "stop-", "flood-", "lighting-", "solid-", "inline-size", "shape-")
# MuPDF looks for the words "fill:" and "stroke:" in a style, wherever they stand: also at the end
# of another property's name. Inkscape has a stroke of its own, which is "hairline" or "none".
_ENDS = ("fill", "stroke")
# Functions that values of geometry may call.
_FUNCTIONS = frozenset(("translate(", "translatex(", "translatey(", "scale(", "rotate(", "skewx(", "skewy(", "matrix(", "rect("))
_VALUE_DELIMS = frozenset(",/)")
# Compiled where they are needed: most drawings need neither, and compiling costs a cold process.
_LOCAL_URL = r"[uU][rR][lL]\([ \t\r\n]*(['\"]?)#[\w.:-]+\1[ \t\r\n]*\)"
# Illustrator has `new` and a box on the root of every file (SVG 1.1, section 15.6); only filters
# read it.
_ENABLE_BACKGROUND = r"accumulate|new(?:[ \t\r\n,]+[+-]?[\d.]+){0,4}"

# Attributes that are declarations, judged like them.
_PAINTING = _COLOURS | _OPACITIES | frozenset(_ONLY) | {"clip-path", "enable-background"}
# Attributes that paint nothing whatever they say.
_FREE = _GEOMETRY | frozenset((
    "id", "class", "d", "points", "x1", "y1", "x2", "y2", "viewBox", "preserveAspectRatio", "version", "baseProfile", "zoomAndPan",
    "contentScriptType", "contentStyleType", "requiredFeatures", "requiredExtensions", "systemLanguage", "externalResourcesRequired",
    "pathLength", "clipPathUnits", "lang", "role", "tabindex", "focusable", "title", "name", "label", "xmlns", "space", "alt",
    "color-profile", "p-id", "t",  # the last two are iconfont's
))  # fmt: skip
HREF, STYLE, FREE, PAINTING = "href", "style", "free", "painting"
_KINDS = {"style": STYLE, "href": HREF} | dict.fromkeys(_FREE, FREE) | dict.fromkeys(_PAINTING, PAINTING)

_SPACES = {
    "http://www.w3.org/1999/xlink": {"href": HREF} | dict.fromkeys(("title", "type", "role", "arcrole", "show", "actuate"), FREE),
    "http://www.w3.org/XML/1998/namespace": dict.fromkeys(("space", "lang", "id"), FREE),  # not base: it says what "#a" is in
    "http://www.w3.org/2000/svg": {},  # resvg reads `s:fill` as `fill` where s is SVG
}


def kind_of(attribute: str) -> str:
    """What an attribute does, by expat's name of it ("namespace local" or "local"): HREF, STYLE,
    FREE, PAINTING, or "" for one that is not known.
    """
    kind = _KINDS.get(attribute)
    if kind:
        return kind
    space, _, local = attribute.rpartition(" ")
    if space in _SPACES:
        return _SPACES[space].get(local, "")
    if space:  # another vocabulary's; a reader that forgets namespaces must not see a paint in it
        return "" if local in _PAINTING or local in ("style", "href", "class") else FREE
    if local.startswith(("data-", "aria-")) or (local not in ("text", "font") and local.startswith(_IDLE_PREFIXES)):
        return FREE
    return ""


def judge(name: str, text: str, element: str, line: int) -> None:
    """A declaration, as an attribute has it: GrayError if it paints another colour, DamagedError if
    it cannot be told.
    """
    plain = text.strip(" \t\r\n").lower()
    if name in _COLOURS and not is_pure(plain) or name in _OPACITIES and not is_all_or_nothing(plain):
        raise GrayError(f"{shown(name)} {shown(text.strip())} in <{shown(element)}>, line {line}", (shown(element), line))
    if name == "clip-path":  # a clip has an outline and no greys
        fine = plain == "none" or re.fullmatch(_LOCAL_URL, text.strip()) is not None
    elif name == "enable-background":
        fine = re.fullmatch(_ENABLE_BACKGROUND, plain) is not None or plain in _DEFAULTS
    elif name in _ONLY:
        fine = plain in _ONLY[name] or plain in _DEFAULTS
    else:
        fine = True
    if not fine:
        raise DamagedError(f"cannot be verified: {shown(name)} {shown(text.strip())} in <{shown(element)}>, line {line}")


def judge_tokens(name: str, value: list[Token], text: str, element: str, line: int) -> None:
    """A declaration of a style; its value in tokens and as text."""
    if name in _PAINTING:
        judge(name, text, element, line)
        return
    fine = name in _GEOMETRY or name.startswith(_IDLE_PREFIXES)
    if name.endswith(_ENDS):
        plain = text.strip(" \t\r\n").lower()
        fine = fine and (is_pure(plain) or plain == "hairline")
    for kind, token in value:
        if kind == "function":
            fine = fine and token.lower() in _FUNCTIONS
        elif kind == "url":
            fine = fine and name.startswith("shape-")  # of text, which is refused
        elif kind == "delim":
            fine = fine and token in _VALUE_DELIMS
    if not fine:
        raise DamagedError(f"cannot be verified: {shown(name)} {shown(text)} in <{shown(element)}>, line {line}")
