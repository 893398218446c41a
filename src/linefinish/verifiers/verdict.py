"""`Verdict`, what `verify()` says of a file, and how the verifiers say it to one another."""
from __future__ import annotations

from linefinish.records import fields, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# The three answers.
ONE_BIT, NOT_ONE_BIT, NOT_VERIFIED = "1-bit", "not 1-bit", "cannot be verified"


@record(eq=True)
class Verdict:
    """Is this file truly 1-bit? Three answers: it is; it is not, and where; it cannot be verified,
    and why.

    path        as given, "" for bytes and streams without a name
    format      "PNG", "TIFF", "PBM", "SVG", …; "" where it was not recognised
    is_one_bit  True only if the whole file was read and nothing in it can paint another grey than
    black and white
    problem     "" when fine, else one clear clause
    where       (x, y) of the first grey pixel; (element, line) in an SVG; (operator, byte) in a
                PDF's content or an
                EPS; (entity, line) in a DXF; or None
    page        the page (from 1) that the problem is on, in a file of several pages
    detail      how the file holds its picture: "1-bit", "8-bit grey", "3 pages" …
    width, height, dpi  of the (first) picture in pixels and pixels per inch (horizontal, vertical),
    where the file states them
    is_damaged  it cannot be verified: it is broken, of a kind that is not verified, or says what is
    not understood; there is no telling what every viewer paints
    """

    path: str
    format: str
    is_one_bit: bool
    problem: str = ""
    where: tuple[Any, ...] | None = None
    page: int | None = None
    detail: str = ""
    width: int | None = None
    height: int | None = None
    dpi: tuple[float, float] | None = None
    is_damaged: bool = False

    @property
    def answer(self) -> str:
        """ONE_BIT, NOT_ONE_BIT or NOT_VERIFIED."""
        return ONE_BIT if self.is_one_bit else NOT_VERIFIED if self.is_damaged else NOT_ONE_BIT

    @property
    def word(self) -> str:
        """The answer in a word: OK, GREY or BAD."""
        return "OK" if self.is_one_bit else "BAD" if self.is_damaged else "GREY"

    def line(self) -> str:
        """One line for people: ``OK   page.png  PNG 1-bit, 2550 × 3300, 300 dpi``."""
        what = " ".join(filter(None, (self.format, self.detail)))
        if self.is_one_bit:
            facts = [what]
            if self.width and self.height:
                facts.append(f"{self.width} × {self.height}")
            if self.dpi:
                across, down = self.dpi
                facts.append(f"{across:.4g} dpi" if round(across - down, 1) == 0 else f"{across:.4g} × {down:.4g} dpi")
            told = ", ".join(facts)
        else:
            problem = self.problem
            if self.is_damaged and not problem.startswith(NOT_VERIFIED):
                problem = f"{NOT_VERIFIED}: {problem}"
            told = f"{what}: {problem}" if what else problem
        return f"{self.word:<4} {self.path or '-'}  {told}"

    def to_mapping(self) -> dict[str, Any]:
        """The answer, then names and values, in order, ready for JSON."""
        held = {name: list(value) if isinstance(value := getattr(self, name), tuple) else value for name in fields(self)}
        return {"answer": self.answer, **held}


class Facts:
    """What a verifier has learnt so far; it outlives the error that ends the check."""

    __slots__ = ("detail", "dpi", "height", "page", "width")

    def __init__(self) -> None:
        self.detail = ""
        self.width: int | None = None
        self.height: int | None = None
        self.dpi: tuple[float, float] | None = None
        self.page: int | None = None


class GrayError(Exception):
    """The file is not 1-bit."""

    def __init__(self, problem: str, where: tuple[Any, ...] | None = None) -> None:
        super().__init__(problem)
        self.where = where


class DamagedError(Exception):
    """It cannot be verified: the file is broken, or says what is not understood."""


def shown(text: str | bytes, length_max: int = 40) -> str:
    """A word out of a file, fit to stand in a message: printable and short."""
    if isinstance(text, bytes):
        text = text[: length_max + 1].decode("latin-1")
    text = "".join(char if char.isprintable() else "?" for char in text[: length_max + 1])
    return text if len(text) <= length_max else text[:length_max] + "…"
