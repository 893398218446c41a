"""G-code for lasers, pens and engravers that read RS-274 as Grbl has it: millimetres, absolute,
from the lower left corner.

Nothing moves before G21 and G90. What switches the tool differs from machine to machine and is a
word of the person's; the default is a laser's.
"""
from __future__ import annotations

from linefinish import checks
from linefinish.data.document import Document
from linefinish.errors import OptionsError
from linefinish.records import nearest
from linefinish.writers._strokes import pen_ways

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Words that a person may change → what they are by default. "on" and "off" switch the tool, "head"
# and "foot" are lines before and after all else, "feed" is in millimetres a minute; "power" is the
# S of a stroke of one millimetre, in proportion to its width and at most "power_max", or None.
WORDS: dict[str, Any] = {
    "on": "M3 S1000", "off": "M5", "head": "", "foot": "", "feed": 1000.0, "power": None, "power_max": 1000.0,
}  # fmt: skip
# Decimals of a millimetre: a micrometre, finer than any machine's step.
_DECIMALS = 3


def encode(document: Document, dpi: Any = None, gcode: dict[str, Any] | None = None) -> list[Any]:
    """The file; `gcode` has some of WORDS. OptionsError for others, and for impossible values."""
    words = _checked(gcode)
    lines = ["; linefinish", "G21", "G90", *_lines(words["head"]), *_lines(words["off"])]
    at = None
    is_on = False
    for way, widths in pen_ways(document):
        points = [(_decimal(x), _decimal(y)) for x, y in way]
        if points[0] != at:
            lines += _lines(words["off"]) if is_on else []
            lines.append(f"G0 X{points[0][0]} Y{points[0][1]}")
            is_on = False
        if not is_on:
            lines += _lines(words["on"])
            is_on = True
        feed = f" F{_decimal(words['feed'])}"
        for k in range(1, len(points)):
            if points[k] != points[k - 1]:
                lines.append(f"G1 X{points[k][0]} Y{points[k][1]}{feed}{_power(words, (widths[k - 1] + widths[k]) / 2)}")
                feed = ""
        at = points[-1]
    lines += [*(_lines(words["off"]) if is_on else []), "G0 X0 Y0", *_lines(words["foot"]), "M2"]
    return [("\n".join(lines) + "\n").encode("utf-8")]


def _checked(given: Any) -> dict[str, Any]:
    if given is None:
        return WORDS
    if not isinstance(given, dict):
        raise OptionsError(f"gcode is {checks.shown(given)}; it takes a dictionary of {', '.join(WORDS)}")
    for name, value in given.items():
        if name not in WORDS:
            raise OptionsError(f"gcode has no {checks.shown(name)}{nearest(name, tuple(WORDS)) or ', it has ' + ', '.join(WORDS)}")
        if name in ("on", "off", "head", "foot"):
            if not isinstance(value, str) or not value.isprintable() and not value.replace("\n", "").isprintable():
                raise OptionsError(f"gcode's {name} is {checks.shown(value)}; it takes lines of text")
        elif not (name == "power" and value is None) and not (checks.number(value) and 0 < value <= 1e6):
            raise OptionsError(f"gcode's {name} is {checks.shown(value)}; it takes a number above 0, to 1000000")
    return {**WORDS, **given}


def _lines(text: str) -> list[str]:
    """A word of the person's as lines; ";" parts them, too, as shells do not like line ends."""
    return [line.strip() for line in text.replace(";", "\n").split("\n") if line.strip()]


def _power(words: dict[str, Any], width_mm: float) -> str:
    if words["power"] is None or not width_mm:
        return ""
    return f" S{_decimal(min(words['power'] * width_mm, words['power_max']))}"


def _decimal(value: float) -> str:
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
