"""Lengths on the drawing as people write them, "3", "0.75pt", "1mm", and areas, "9", "2mm2".

A bare number counts pixels of the input; physical units become pixels when the scale of the drawing
is known. (Lengths on the page are another matter: `document.parse_length`.)
"""
from __future__ import annotations

from linefinish.data.document import POINTS_PER_INCH, POINTS_PER_UNIT
from linefinish.errors import OptionsError
from linefinish.records import record

_UNITS = ("px", "pt", "mm", "cm", "in")


@record(eq=True)
class Length:
    """A length (power 1) or an area (power 2) in one unit; "px" is a pixel of the input."""

    value: float
    unit: str = "px"
    power: int = 1

    @property
    def physical(self) -> bool:
        """Whether the scale of the drawing is needed to tell its pixels."""
        return self.unit != "px"

    def pixels(self, px_per_inch: float | None) -> float:
        """In pixels of a drawing at that scale, or OptionsError when the scale is needed and not
        known.
        """
        if not self.physical:
            return self.value
        if px_per_inch is None:
            raise OptionsError(
                f"{self} needs the size of the drawing, and the file states no resolution: give --dpi, --width, --height or --page"
            )
        return self.value * (POINTS_PER_UNIT[self.unit] * px_per_inch / POINTS_PER_INCH) ** self.power

    def __str__(self) -> str:
        return f"{self.value:g}{self.unit}{'2' if self.power == 2 else ''}"


def parse_length(text: str) -> Length:
    """A length: a number, and px (or nothing), pt, mm, cm or in."""
    return _parse(text, 1, "it takes a length, as in 3, 0.75pt, 1mm or 8.5in")


def parse_area(text: str) -> Length:
    """An area: a number of pixels, or with a unit squared, as in 2mm2."""
    return _parse(text, 2, "it takes an area, as in 9 (pixels), 2mm2 or 0.01in2")


def _parse(text: str, power: int, expected: str) -> Length:
    digits = text.strip().lower().replace("²", "2")
    unit = "px"
    for name in _UNITS:
        suffix = name if power == 1 else f"{name}2"
        if digits.endswith(suffix):
            digits, unit = digits.removesuffix(suffix).strip(), name
            break
    try:
        value = float(digits)
    except ValueError:
        raise ValueError(expected) from None
    if not 0 <= value < 1e12:  # also refuses nan
        raise ValueError(expected)
    return Length(value, unit, power)

