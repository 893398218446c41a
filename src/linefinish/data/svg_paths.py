"""SVG's path data and basic shapes → closed chains of lines and cubics (SVG 2, chapters 9 and 10).

A quadratic becomes the cubic that it is. An arc becomes cubics of up to a quarter of its ellipse,
0.03 % of its radius off at most, by square roots alone: the same bits on every machine.
"""
from __future__ import annotations

import math
import re
from array import array

from linefinish import checks
from linefinish.errors import ImageReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Segments of a drawing: 2^24 take 0.8 GB. A page at 600 dpi has up to a million.
SEGMENTS_MAX = 1 << 24
# Control points of a cubic for a quarter of a circle of radius 1 lie so far along its tangents:
# 4/3 · tan(90° / 4).
_QUARTER = 4 / 3 * (math.sqrt(2) - 1)

_COMMAND = re.compile(r"([MmZzLlHhVvCcSsQqTtAa])([^MmZzLlHhVvCcSsQqTtAa]*)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
# A number, or a letter where none is wanted.
_WORD = re.compile(rf"{_NUMBER.pattern}|[^\s,]", re.ASCII)
# Of an arc: two radii and an angle, two flags that need nothing around them, an end.
_ARC = re.compile(r"[\s,]*".join(["", *[f"({_NUMBER.pattern})"] * 3, "([01])", "([01])", *[f"({_NUMBER.pattern})"] * 2]), re.ASCII)
_BETWEEN = " ,\t\r\n\f"
# What most tracers and editors write: no arcs, no smooth curves. Such text is read in bulk.
_PLAIN = re.compile(r"[MmZzLlHhVvCc0-9eE.,\s+-]*", re.ASCII)
_PLAIN_COMMAND = re.compile("([MmZzLlHhVvCc])")
# A number that the next one's point ends.
_GLUED = re.compile(r"\.\d+(?=\.)")
# How many numbers each command takes.
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}


class Chains:
    """Closed chains in the making: coordinates, kinds and offsets as in `Curves`."""

    def __init__(self) -> None:
        self.numbers, self.kinds, self.offsets = array("d"), bytearray(), array("q", [0])
        self._home = self._at = (0.0, 0.0)

    def begin(self, x: float, y: float) -> None:
        """A new chain from here on; what came before is closed, as filling closes it."""
        self.close()
        self._home = self._at = (x, y)

    def line(self, x: float, y: float) -> None:
        """A straight way to a point."""
        if (x, y) != self._at:
            self._add(0, (*self._at, x, y, x, y))

    def cubic(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        """A cubic by two control points to a point."""
        self._add(1, (x1, y1, x2, y2, x, y))

    def close(self) -> None:
        """The way home, and the end of the chain."""
        self.line(*self._home)
        self._at = self._home
        if len(self.kinds) > self.offsets[-1]:
            self.offsets.append(len(self.kinds))

    def runs(self, runs: list[tuple[str, list[float]]]) -> None:
        """Plain commands with their numbers, from `_runs`: what the methods above would do of each,
        with nothing called a segment.
        """
        numbers: list[float] = []
        kinds, offsets = bytearray(), []
        (x, y), (home_x, home_y), before = self._at, self._home, len(self.kinds)
        for command, values in runs:
            name, ox, oy = command.upper(), x, y
            if name in "MZ":
                if (x, y) != (home_x, home_y):
                    numbers += (x, y, home_x, home_y, home_x, home_y)
                    kinds.append(0)
                offsets.append(before + len(kinds))
                x, y = home_x, home_y
            if name == "M":
                if command == "M":
                    ox = oy = 0.0
                x, y = home_x, home_y = ox + values[0], oy + values[1]
                values = values[2:]
            if name == "C":
                each = iter(values)
                if command == "c":
                    for a, b, c, d, e, f in zip(each, each, each, each, each, each):
                        numbers += (x + a, y + b, x + c, y + d, x + e, y + f)
                        x += e
                        y += f
                else:
                    numbers += values
                    x, y = values[-2:]
                kinds += b"\1" * (len(values) // 6)
            elif name != "Z":
                each = iter(values)
                relative = command.islower()
                pairs = zip(each, each) if name in "ML" else ((v, 0.0) if name == "H" else (0.0, v) for v in each)
                for to_x, to_y in pairs:
                    if relative:
                        to_x, to_y = x + to_x, y + to_y
                    elif name == "H":
                        to_y = y
                    elif name == "V":
                        to_x = x
                    if to_x != x or to_y != y:
                        numbers += (x, y, to_x, to_y, to_x, to_y)
                        kinds.append(0)
                        x, y = to_x, to_y
        if before + len(kinds) > SEGMENTS_MAX:
            raise ImageReadError(f"the drawing has more than {SEGMENTS_MAX:,} segments")
        self.numbers.extend(numbers)
        self.kinds += kinds
        self.offsets.extend(end for end, last in zip(offsets, [self.offsets[-1], *offsets]) if end > last)
        self._at, self._home = (x, y), (home_x, home_y)
        self.close()

    @property
    def at(self) -> tuple[float, float]:
        """Where the way is."""
        return self._at

    @property
    def home(self) -> tuple[float, float]:
        """Where the chain began."""
        return self._home

    def _add(self, kind: int, six: tuple[float, ...]) -> None:
        if len(self.kinds) >= SEGMENTS_MAX:
            raise ImageReadError(f"the drawing has more than {SEGMENTS_MAX:,} segments")
        self._at = six[4], six[5]
        self.numbers.extend(six)
        self.kinds.append(kind)


def numbers_of(text: str, what: str = "the path") -> list[float]:
    """Numbers with spaces, commas, signs or points between them; ImageReadError for all else."""
    words = _WORD.findall(text)
    try:
        if not text.isascii():
            raise ValueError  # float() takes the digits of all scripts
        return _finite(words, what)
    except ImageReadError:
        raise
    except ValueError:
        odd = next((word for word in words if not _NUMBER.fullmatch(word)), text)
        raise ImageReadError(f"{what} has {checks.shown(odd)} where a number is wanted") from None


def _finite(words: Sequence[str], what: str) -> list[float]:
    values = list(map(float, words))
    if not all(map(math.isfinite, values)):
        raise ImageReadError(f"{what} has a number that is not a finite number of a float64")
    return values


def add_path(chains: Chains, text: str) -> None:
    """Path data. ImageReadError for what is none."""
    begun = text.lstrip(_BETWEEN)
    if not begun:
        return
    if begun[0] not in "Mm":
        raise ImageReadError(f"the path begins with {checks.shown(begun[:20])}; it takes a moveto (M or m)")
    if (runs := _runs(begun)) is not None:
        chains.runs(runs)
        return
    # Where the last cubic's and the last quadratic's control point would be mirrored from.
    cubic = quadratic = (0.0, 0.0)
    last = ""
    for command, words in _COMMAND.findall(begun):
        name, relative = command.upper(), command.islower()
        if name == "A":
            arguments: Iterator[Sequence[float]] = _arc_arguments(words)
        else:
            values = numbers_of(words)
            takes = _TAKES[name]
            if takes and (not values or len(values) % takes) or not takes and values:
                raise ImageReadError(f"{command} of the path has {len(values)} numbers; it takes {takes or 'none'}")
            arguments = iter([values[i : i + takes] for i in range(0, len(values), takes)] if takes else [()])
        for given in arguments:
            x, y = chains.at
            ox, oy = (x, y) if relative else (0.0, 0.0)
            if name == "M":
                chains.begin(ox + given[0], oy + given[1])
                name = "L"  # further pairs are lines
            elif name == "Z":
                chains.close()
            elif name == "L":
                chains.line(ox + given[0], oy + given[1])
            elif name == "H":
                chains.line(ox + given[0], y)
            elif name == "V":
                chains.line(x, oy + given[0])
            elif name in "CS":
                if name == "S":
                    first = (2 * x - cubic[0], 2 * y - cubic[1]) if last in "CS" and last else (x, y)
                    given = (first[0] - ox, first[1] - oy, *given)
                cubic = ox + given[2], oy + given[3]
                chains.cubic(ox + given[0], oy + given[1], *cubic, ox + given[4], oy + given[5])
            elif name in "QT":
                if name == "T":
                    quadratic = (2 * x - quadratic[0], 2 * y - quadratic[1]) if last in "QT" and last else (x, y)
                    given = (*quadratic, *given)
                else:
                    quadratic = ox + given[0], oy + given[1]
                qx, qy, to_x, to_y = *quadratic, ox + given[2], oy + given[3]
                chains.cubic(
                    x + (qx - x) * 2 / 3, y + (qy - y) * 2 / 3, to_x + (qx - to_x) * 2 / 3, to_y + (qy - to_y) * 2 / 3, to_x, to_y
                )
            else:
                rx, ry, degrees, large, sweep, end_x, end_y = given
                add_arc(chains, rx, ry, degrees, large, sweep, ox + end_x, oy + end_y)
            last = name
    chains.close()


def _runs(text: str) -> list[tuple[str, list[float]]] | None:
    """Commands with their numbers, equal ones that follow each other as one; None for text that has
    to be read with care, as it has other commands or is wrong.

    A page's 9,000 numbers take a third of the time that searching for each of them takes.
    """
    if not _PLAIN.fullmatch(text):
        return None
    spaced = text.replace(",", " ").replace("-", " -")
    if "e" in text or "E" in text:
        spaced = spaced.replace("e -", "e-").replace("E -", "E-")
    for _ in range(2):
        runs: list[tuple[str, list[str]]] = []
        parts = _PLAIN_COMMAND.split(spaced)
        last = ""
        for command, part in zip(parts[1::2], parts[2::2], strict=True):
            words = part.split()
            takes = _TAKES[command.upper()]
            if takes and (not words or len(words) % takes) or not takes and words:
                break
            if command == last and command not in "MmZz":
                runs[-1][1].extend(words)
            else:
                runs.append((command, words))
            last = command
        else:
            try:
                found = [(command, list(map(float, words))) for command, words in runs]
            except ValueError:
                pass
            else:
                return found if math.isfinite(sum(map(sum, (values for _, values in found)))) else None
        if not _GLUED.search(spaced):
            return None
        spaced = _GLUED.sub(r"\g<0> ", spaced)
    return None


def _arc_arguments(words: str) -> Iterator[Sequence[float]]:
    at = 0
    while at == 0 or words[at:].strip(_BETWEEN):
        match = _ARC.match(words, at)
        if match is None:
            raise ImageReadError(f"an arc of the path has {checks.shown(words[at : at + 40])}; it takes seven numbers")
        yield _finite(match.groups(), "an arc of the path")
        at = match.end()


def add_arc(chains: Chains, rx: float, ry: float, degrees: float, large: float, sweep: float, x: float, y: float) -> None:
    """An elliptical arc from where the way is to a point, by SVG 2's appendix B.2: radii that are
    too small grow, of 0 make a line.
    """
    rx, ry = abs(rx), abs(ry)
    x0, y0 = chains.at
    if rx == 0 or ry == 0:
        chains.line(x, y)
        return
    if (x, y) == (x0, y0):
        return
    cos, sin = turn_of(degrees)
    # In the frame in which the ellipse is a circle of radius 1: half the chord, and its square.
    half_x, half_y = (cos * (x0 - x) + sin * (y0 - y)) / (2 * rx), (cos * (y0 - y) - sin * (x0 - x)) / (2 * ry)
    square = half_x * half_x + half_y * half_y
    if square > 1:
        grown = math.sqrt(square)
        rx, ry, half_x, half_y, square = rx * grown, ry * grown, half_x / grown, half_y / grown, 1.0
    if square < 1e-30:
        chains.line(x, y)
        return
    away = math.sqrt(max(1 / square - 1, 0.0))
    if (large != 0) == (sweep != 0):
        away = -away
    centre = away * half_y, -away * half_x
    start, end = (half_x - centre[0], half_y - centre[1]), (-half_x - centre[0], -half_y - centre[1])
    turn = 1 if sweep else -1
    middle_x, middle_y = (x0 + x) / 2, (y0 + y) / 2

    def out(u: float, v: float) -> tuple[float, float]:
        u, v = (u + centre[0]) * rx, (v + centre[1]) * ry
        return middle_x + cos * u - sin * v, middle_y + sin * u + cos * v

    u, v = start
    for _ in range(4):
        next_u, next_v = -turn * v, turn * u  # a quarter on
        # Whether the end lies less than a quarter on, or at it.
        along, across = u * end[0] + v * end[1], turn * (u * end[1] - v * end[0])
        last = across >= 0 and along >= 0 and (along < 1 or across > 0)
        if last:
            next_u, next_v = end
        reach = _QUARTER if not last else _reach(along, across)
        c1, c2 = (u - turn * v * reach, v + turn * u * reach), (next_u + turn * next_v * reach, next_v - turn * next_u * reach)
        chains.cubic(*out(*c1), *out(*c2), *((x, y) if last else out(next_u, next_v)))
        if last:
            return
        u, v = next_u, next_v


def _reach(cos: float, sin: float) -> float:
    """4/3 · tan(angle / 4) of an angle up to a quarter, by half-angle formulas."""
    half = sin / (1 + cos)
    return 4 / 3 * half / (1 + math.sqrt(1 + half * half))


def turn_of(degrees: float) -> tuple[float, float]:
    """Cosine and sine; of quarters exactly."""
    quarters = degrees / 90
    if quarters == int(quarters):
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    angle = math.radians(degrees)
    return math.cos(angle), math.sin(angle)


def add_ellipse(chains: Chains, x: float, y: float, rx: float, ry: float) -> None:
    """A whole ellipse, clockwise on the screen; nothing if a radius is not above 0."""
    if rx > 0 and ry > 0:
        chains.begin(x + rx, y)
        for to_x, to_y in ((x, y + ry), (x - rx, y), (x, y - ry), (x + rx, y)):
            add_arc(chains, rx, ry, 0, 0, 1, to_x, to_y)
        chains.close()


def add_rectangle(chains: Chains, x: float, y: float, width: float, height: float, rx: float, ry: float) -> None:
    """A rectangle, with corners rounded by up to half of its sides."""
    if width <= 0 or height <= 0:
        return
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    right, bottom = x + width, y + height
    chains.begin(x + rx, y)
    corner: Callable[[float, float], None] = lambda to_x, to_y: add_arc(chains, rx, ry, 0, 0, 1, to_x, to_y)  # noqa: E731
    chains.line(right - rx, y)
    corner(right, y + ry)
    chains.line(right, bottom - ry)
    corner(right - rx, bottom)
    chains.line(x + rx, bottom)
    corner(x, bottom - ry)
    chains.line(x, y + ry)
    corner(x + rx, y)
    chains.close()


def add_polygon(chains: Chains, text: str) -> None:
    """The points of a polygon or polyline."""
    values = numbers_of(text, "the points")
    if len(values) % 2:
        raise ImageReadError(f"the points are {len(values)} numbers; they come in pairs")
    for index in range(0, len(values), 2):
        (chains.line if index else chains.begin)(values[index], values[index + 1])
    chains.close()
