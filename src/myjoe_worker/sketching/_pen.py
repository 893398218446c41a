"""`Pen`: shapes in a motif's own coordinates → outlines on the page, as SVG. Later shapes cover
earlier ones, so every shape is closed.
"""
from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]

_INK, _PAPER = "#000", "#fff"
# How far a circle's handles reach, in radii, so that four cubics make it: 4/3 (√2 − 1).
_CIRCLE = 0.5523


@dataclass
class Sheet:
    """A page under the pen: its size, and what was drawn on it, in order."""

    width: float
    height: float
    line: float
    marks: list[str] = field(default_factory=list)

    def svg(self) -> bytes:
        """The page as a document: black outlines on white."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}" height="{self.height:g}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" stroke="{_INK}" stroke-linecap="round" stroke-linejoin="round" fill="{_PAPER}">'
        )
        return "\n".join((head, f'<rect width="{self.width:g}" height="{self.height:g}" stroke="none"/>', *self.marks, "</svg>")).encode()


class Pen:
    """Draws on a sheet through an affine matrix; lines keep their width whatever the scale."""

    def __init__(self, sheet: Sheet, rng: random.Random, matrix: Matrix = (1, 0, 0, 1, 0, 0), weight: float = 1.0) -> None:
        self.sheet, self.rng, self._matrix, self._weight = sheet, rng, matrix, weight

    def at(
        self, x: float, y: float, scale: float = 1.0, *, turn: float = 0.0, flip: bool = False, tall: float = 1.0, weight: float = 1.0
    ) -> Pen:
        """A pen whose origin lies at (x, y) of this one.

        turn    degrees clockwise
        flip    left to right
        tall    stretches the height
        weight  of its lines, beside this one's
        """
        cos, sin = math.cos(math.radians(turn)) * scale, math.sin(math.radians(turn)) * scale
        across = (-cos, -sin) if flip else (cos, sin)
        down = (-sin * tall, cos * tall)
        a, b, c, d, _, _ = self._matrix
        matrix = (
            a * across[0] + c * across[1], b * across[0] + d * across[1], a * down[0] + c * down[1], b * down[0] + d * down[1],
            *self._place((x, y)),
        )  # fmt: skip
        return Pen(self.sheet, self.rng, matrix, self._weight * weight)

    # ── closed shapes ─────────────────────────────────────────────────────────────────────────────

    def blob(self, points: Sequence[Point], *, fill: str = _PAPER, line: float = 1.0) -> None:
        """A smooth closed shape through the points."""
        self._draw(f"{_smooth([self._place(point) for point in points], closed=True)}Z", fill, line)

    def polygon(self, points: Sequence[Point], *, fill: str = _PAPER, line: float = 1.0) -> None:
        """A closed shape with corners."""
        self._draw(f"M{'L'.join(map(_text, map(self._place, points)))}Z", fill, line)

    def oval(
        self, x: float, y: float, rx: float, ry: float | None = None, *, turn: float = 0.0, fill: str = _PAPER, line: float = 1.0
    ) -> None:
        """A circle or ellipse about (x, y)."""
        here = self.at(x, y, turn=turn)
        ry = rx if ry is None else ry
        k, m = _CIRCLE * rx, _CIRCLE * ry
        right, left = [(rx, 0), (rx, m), (k, ry), (0, ry)], [(-k, ry), (-rx, m), (-rx, 0)]
        corners = [*right, *left, (-rx, -m), (-k, -ry), (0, -ry), (k, -ry), (rx, -m), (rx, 0)]
        start, *rest = (_text(here._place(corner)) for corner in corners)
        self._draw(f"M{start}{''.join(f'C{rest[i]} {rest[i + 1]} {rest[i + 2]}' for i in range(0, 12, 3))}Z", fill, line)

    def dot(self, x: float, y: float, radius: float) -> None:
        """A black dot with no outline."""
        self.oval(x, y, radius, fill=_INK, line=0)

    def box(self, x: float, y: float, width: float, height: float, round: float = 0.0, *, fill: str = _PAPER, line: float = 1.0) -> None:
        """A rectangle from its upper left corner, its corners rounded."""
        if not round:
            self.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], fill=fill, line=line)
            return
        x1, y1, r, k = x + width, y + height, round, round * (1 - _CIRCLE)
        said = "M{}L{}C{} {} {}L{}C{} {} {}L{}C{} {} {}L{}C{} {} {}Z".format(
            *(_text(self._place(point)) for point in (
                (x + r, y), (x1 - r, y), (x1 - k, y), (x1, y + k), (x1, y + r), (x1, y1 - r), (x1, y1 - k), (x1 - k, y1), (x1 - r, y1),
                (x + r, y1), (x + k, y1), (x, y1 - k), (x, y1 - r), (x, y + r), (x, y + k), (x + k, y), (x + r, y),
            ))
        )  # fmt: skip
        self._draw(said, fill, line)

    def ring(self, count: int, radius: float, *, start: float = 0.0) -> Iterable[Pen]:
        """So many pens around a circle, each with its up away from the centre."""
        for index in range(count):
            angle = start + 360 * index / count
            yield self.at(radius * math.sin(math.radians(angle)), -radius * math.cos(math.radians(angle)), turn=angle)

    # ── open lines ────────────────────────────────────────────────────────────────────────────────

    def curve(self, points: Sequence[Point], *, line: float = 1.0) -> None:
        """A smooth line through the points."""
        self._draw(_smooth([self._place(point) for point in points], closed=False), "none", line)

    def frame(self, margin: float) -> None:
        """A border that ends everything drawn before it: white outside of a rounded frame. In page
        coordinates.
        """
        width, height, r = self.sheet.width, self.sheet.height, 3 * margin
        x0, y0, x1, y1 = margin, margin, width - margin, height - margin
        right = f"M{x0 + r:g} {y0:g}H{x1 - r:g}Q{x1:g} {y0:g} {x1:g} {y0 + r:g}V{y1 - r:g}Q{x1:g} {y1:g} {x1 - r:g} {y1:g}"
        inner = f"{right}H{x0 + r:g}Q{x0:g} {y1:g} {x0:g} {y1 - r:g}V{y0 + r:g}Q{x0:g} {y0:g} {x0 + r:g} {y0:g}Z"
        self.sheet.marks.append(f'<path d="M0 0H{width:g}V{height:g}H0Z{inner}" fill-rule="evenodd" stroke="none"/>')
        self.sheet.marks.append(f'<path d="{inner}" fill="none" stroke-width="{1.15 * self.sheet.line:.2f}"/>')

    # ── below ─────────────────────────────────────────────────────────────────────────────────────

    def _place(self, point: Point) -> Point:
        a, b, c, d, e, f = self._matrix
        return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f

    def _draw(self, path: str, fill: str, line: float) -> None:
        stroke = f'stroke-width="{line * self._weight * self.sheet.line:.2f}"' if line else 'stroke="none"'
        self.sheet.marks.append(f'<path d="{path}"{"" if fill == _PAPER else f""" fill="{fill}" """} {stroke}/>')


def _text(point: Point) -> str:
    return f"{point[0]:.2f} {point[1]:.2f}"


def _smooth(points: Sequence[Point], *, closed: bool) -> str:
    """Cubics through the points, each leaving in the direction of its neighbours (Catmull and Rom
    1974).
    """
    count = len(points)
    said = [f"M{_text(points[0])}"]
    for index in range(count if closed else count - 1):
        before, here, there, after = (
            points[number % count] if closed else points[min(max(number, 0), count - 1)] for number in range(index - 1, index + 3)
        )
        first = (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6)
        second = (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6)
        said.append(f"C{_text(first)} {_text(second)} {_text(there)}")
    return "".join(said)
