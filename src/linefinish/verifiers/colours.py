"""Which spellings of a colour are pure black, pure white or nothing (CSS Color 4, SVG 2 section
13).
"""
from __future__ import annotations

import re

_WORDS = {
    "none", "transparent", "black", "white", "currentcolor",  # currentColor is as pure as every `color`, and each of them is checked
    "inherit", "initial", "unset", "revert", "revert-layer",
}  # fmt: skip
_HEX = re.compile(r"#(?:000|fff|000000|ffffff)|#(?:000|fff)[0f]|#(?:000000|ffffff)(?:00|ff)")  # a viewer that does not know
# the fourth channel sees the first three: #8880 is refused
# Characters of a colour; longer ones are somebody's joke.
_LENGTH_MAX = 200
_FUNCTION = re.compile(r"(rgba?|hsla?|device-cmyk)\(([^()]*)\)")


def is_pure(colour: str) -> bool:
    """True if the colour paints pure black, pure white or nothing.

    >>> [is_pure(c) for c in ("#FFF", "rgb(0%, 0%, 0%)", "rgb(0 0 0 / 1)", "hsl(0, 0%, 100%)",
    "#010101", "gray")]
    [True, True, True, True, False, False]
    """
    colour = colour.strip().lower()
    if len(colour) > _LENGTH_MAX:
        return False
    if colour in _WORDS or _HEX.fullmatch(colour):
        return True
    match = _FUNCTION.fullmatch(colour)
    if not match:
        return False
    kind = match[1].rstrip("a")
    count = 4 if kind == "device-cmyk" else 3
    # With commas, or with spaces and one slash. Viewers read on where others give up: of
    # rgb(255/255/255) MuPDF makes blue.
    if "," in match[2]:
        values = [value.strip() for value in match[2].split(",")]
    else:
        channels, slash, alpha = match[2].partition("/")
        values = channels.split() + ([alpha.strip()] if slash else [])
        if slash and len(values) != count + 1:
            return False
    if len(values) not in (count, count + 1):
        return False
    numbers = [_number(value) for value in values]
    if kind != "hsl" and any(value.endswith("deg") for value in values):
        return False
    if None in numbers:
        return False
    if len(values) == count + 1 and not is_all_or_nothing(values[count]):
        return False
    if kind == "hsl":
        return values[2] in ("0%", "100%") or values[2] == "0"
    if kind == "device-cmyk":
        return numbers[:3] == [0, 0, 0] and is_all_or_nothing(values[3])
    full = 100.0 if values[0].endswith("%") else 255.0
    mixed = len({value.endswith("%") for value in values[:3]}) > 1
    return numbers[:3] == [0, 0, 0] or (numbers[:3] == [full, full, full] and not mixed)


def is_all_or_nothing(opacity: str) -> bool:
    """True for an opacity of exactly 0 or 1."""
    opacity = opacity.strip()
    if opacity in ("inherit", "initial", "unset", "revert"):
        return True
    return _number(opacity) in ((0, 100) if opacity.endswith("%") else (0, 1))


def _number(text: str) -> float | None:
    match = re.fullmatch(r"[+-]?(?:\d{1,20}(?:\.\d{0,40})?|\.\d{1,40})(?:e[+-]?\d{1,3})?(?:%|deg)?", text)
    return float(text.removesuffix("%").removesuffix("deg")) if match else None
