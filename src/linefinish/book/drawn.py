"""`Pen`: words and plain shapes as closed outlines on a page, in black; the layers of a page, and
what they look like in pixels.
"""
from __future__ import annotations

import math

from linefinish.book.directions import visual
from linefinish.book.faces import Face
from linefinish.data.document import Document, compose
from linefinish.data.geometry import Curves
from linefinish.memory import buffers
from linefinish.records import altered, record
from linefinish.writers.pdf import content_of, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from linefinish.book.geometry import Box
    from linefinish.data.raster import Bitmap

# Pixels of a page of words in a point: with 16 units each, 1/320 pt.
_PX_PER_PT = 20
# What makes a quarter of a circle of a cubic, to 0.03 % of its radius.
_KAPPA = 0.5522847498


@record
class Layer:
    """Something black on a page: a drawing's curves, placed there, and the box that it may show
    in.
    """

    document: Document
    clip_pt: Box | None = None


class Pen:
    """Draws closed outlines on a page of a size in points, y down."""

    def __init__(self, page_pt: tuple[float, float], face: Face) -> None:
        self._page = page_pt
        self.face = face
        self._segments: list[float] = []
        self._kinds = bytearray()
        self._offsets = [0]

    def line(self, text: str, x: float, y: float, size: float, align: str = "left", turn: bool = False) -> None:
        """A line of words whose baseline begins at (x, y), is centred there, or ends there; turned
        by 90° it runs down.
        """
        text = visual(text)
        scale = size / self.face.units
        along = -{"left": 0.0, "centre": 0.5, "right": 1.0}[align] * self.face.width(text) * size
        for i, character in enumerate(text):
            advance, contours = self.face.glyph(character)
            for contour in contours:
                placed = []
                for numbers in contour:
                    points: list[float] = []
                    for k in range(0, len(numbers), 2):
                        u, v = along + numbers[k] * scale, numbers[k + 1] * scale
                        points += (x + v, y + u) if turn else (x + u, y - v)
                    placed.append(points)
                self._contour(placed)
            along += (advance + self.face.kerning(text[i : i + 2])) * scale

    def block(self, text: str, box: Box, size: float, align: str = "left", leading: float = 1.4) -> float:
        """Words broken into lines that fit a box, from its top on; returns where they end."""
        y = box[1] + size
        x = {"left": box[0], "centre": (box[0] + box[2]) / 2, "right": box[2]}[align]
        for line in broken(self.face, text, (box[2] - box[0]) / size):
            self.line(line, x, y, size, align)
            y += leading * size
        return y - leading * size

    def rectangle(self, box: Box, *, hole: bool = False) -> None:
        """A filled rectangle, or one that is cut out of another."""
        left, top, right, bottom = box
        corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
        self._contour(corners[::-1] if hole else corners)

    def frame(self, box: Box, line: float) -> None:
        """The outline of a rectangle, its line inside the box."""
        self.rectangle(box)
        self.rectangle((box[0] + line, box[1] + line, box[2] - line, box[3] - line), hole=True)

    def ring(self, x: float, y: float, radius: float, line: float) -> None:
        """A circle's outline, its line inside the radius."""
        for r, way in ((radius, 1), (radius - line, -1)):
            quarters = [[x + r, y]]
            for quarter in range(4):
                a, b = _quarter(way * quarter)
                c, d = _quarter(way * (quarter + 1))
                k = _KAPPA * r
                quarters.append([x + r * a + k * c, y + r * b + k * d, x + r * c + k * a, y + r * d + k * b, x + r * c, y + r * d])
            self._contour(quarters)

    def _contour(self, pieces: Sequence[Sequence[float]]) -> None:
        """An outline: its start, then lines, quadratics and cubics, and home."""
        x, y = pieces[0][:2]
        home = (x, y)
        count = 0
        for piece in [*pieces[1:], home]:
            if len(piece) == 2:
                u, v = piece
                if (u, v) == (x, y):
                    continue
                self._segments += (0.0, 0.0, 0.0, 0.0, u, v)
                self._kinds.append(0)
            elif len(piece) == 4:
                s, t, u, v = piece
                self._segments += (x + 2 / 3 * (s - x), y + 2 / 3 * (t - y), u + 2 / 3 * (s - u), v + 2 / 3 * (t - v), u, v)
                self._kinds.append(1)
            else:
                u, v = piece[4:]
                self._segments += piece
                self._kinds.append(1)
            x, y = u, v
            count += 1
        if count:
            self._offsets.append(self._offsets[-1] + count)

    def layer(self) -> Layer:
        """All that was drawn."""
        width, height = (max(1, math.ceil(side * _PX_PER_PT)) for side in self._page)
        scaled = buffers.numbers("d", *(value * _PX_PER_PT for value in self._segments))
        curves = Curves(width, height, scaled, buffers.numbers("B", *self._kinds), buffers.numbers("q", *self._offsets))
        drawing = (0.0, 0.0, width / _PX_PER_PT, height / _PX_PER_PT)
        return Layer(altered(compose(curves), page_pt=self._page, drawing_pt=drawing, physical=True, dpi=None))


def _quarter(turns: int) -> tuple[int, int]:
    return ((1, 0), (0, 1), (-1, 0), (0, -1))[turns % 4]


def broken(face: Face, text: str, ems: float) -> list[str]:
    """Words in lines of at most so many ems; a word that is longer has a line of its own."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and face.width(longer) > ems:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def fitted_size(face: Face, lines: Sequence[str], width: float, size_max: float) -> float:
    """The size, at most `size_max` points, at which the longest line is as wide as `width`."""
    widest = max((face.width(line) for line in lines), default=0.0)
    return min(size_max, width / widest) if widest else size_max


def content_bytes(layers: Sequence[Layer], height: float) -> bytes:
    """The content of a page of PDF."""
    return b"".join(b"q\n" + clipped(layer.clip_pt, height) + content_of(layer.document) + b"Q\n" for layer in layers)


def clipped(box: Box | None, height: float) -> bytes:
    """The operators that clip to a box."""
    if box is None:
        return b""
    return f"{number(box[0])} {number(height - box[3])} {number(box[2] - box[0])} {number(box[3] - box[1])} re W n\n".encode()


def pixels(layers: Sequence[Layer], width: int, height: int) -> Any:
    """A page as a bool array (height, width), True is ink."""
    import numpy as np

    from linefinish.rasterizing import rasterize

    ink = np.zeros((height, width), bool)
    for layer in layers:
        shown: Bitmap = rasterize(layer.document, width=width, height=height)
        drawn = np.asarray(shown)
        if layer.clip_pt is not None:
            across, down = width / layer.document.page_pt[0], height / layer.document.page_pt[1]
            left, top, right, bottom = layer.clip_pt
            kept = (slice(max(0, round(top * down)), round(bottom * down)), slice(max(0, round(left * across)), round(right * across)))
            ink[kept] |= drawn[kept]
        else:
            ink |= drawn
    return ink
