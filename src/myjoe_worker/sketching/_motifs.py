"""Motifs of the sketcher. Each draws with a pen in its own frame: x and y from -1 to 1, y down, and
what stands, stands on y = 1.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from myjoe_worker.sketching._pen import Pen, Point

Motif = Callable[[Pen], None]


# ── faces ─────────────────────────────────────────────────────────────────────────────────────────


def _eye(pen: Pen, x: float, y: float, r: float) -> None:
    """A round eye with a small light in it."""
    pen.oval(x, y, r, 1.15 * r)
    pen.oval(x, y + 0.18 * r, 0.5 * r, 0.6 * r, fill="#000", line=0)
    pen.oval(x - 0.18 * r, y - 0.08 * r, 0.18 * r, line=0)


def _smile(pen: Pen, x: float, y: float, width: float, depth: float) -> None:
    pen.curve([(x - width, y), (x - 0.55 * width, y + 0.8 * depth), (x, y + depth), (x + 0.55 * width, y + 0.8 * depth), (x + width, y)])


def _muzzle(pen: Pen, y: float, nose: float) -> None:
    """A nose, and the mouth that hangs on it."""
    pen.blob([
        (-nose, y - 0.5 * nose), (0, y - 0.65 * nose), (nose, y - 0.5 * nose), (0.35 * nose, y + 0.5 * nose),
        (-0.35 * nose, y + 0.5 * nose),
    ])  # fmt: skip
    pen.curve([(0, y + 0.55 * nose), (0, y + 1.2 * nose)])
    pen.curve([
        (-2.1 * nose, y + 1.25 * nose), (-1.2 * nose, y + 1.9 * nose), (0, y + 1.2 * nose),
        (1.2 * nose, y + 1.9 * nose), (2.1 * nose, y + 1.25 * nose),
    ])  # fmt: skip


# ── animals that sit and look at us ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Sitter:
    """What tells one sitting animal from another; the points of ears and tail are for the right
    side.
    """

    ear: Sequence[Point]
    inner_ear: Sequence[Point] = ()
    ears_in_front: bool = False
    tail: Sequence[Point] = ()
    whiskers: bool = False
    stripes: bool = False
    snout: bool = False
    mane: bool = False
    patches: bool = False
    head: tuple[float, float] = (0.5, 0.42)


_SITTERS = {
    "cat": _Sitter(
        ear=[(0.14, -0.74), (0.42, -1.02), (0.5, -0.5)], inner_ear=[(0.25, -0.76), (0.39, -0.9), (0.43, -0.64)],
        tail=[(0.3, 0.86), (0.62, 0.9), (0.86, 0.66), (0.8, 0.34), (0.92, 0.14), (0.78, 0.08), (0.64, 0.3), (0.68, 0.58),
              (0.56, 0.72), (0.3, 0.68)],
        whiskers=True, stripes=True,
    ),
    "dog": _Sitter(
        ear=[(0.28, -0.76), (0.5, -0.72), (0.66, -0.42), (0.6, -0.06), (0.46, -0.1), (0.42, -0.44)], ears_in_front=True,
        tail=[(0.36, 0.82), (0.62, 0.72), (0.8, 0.44), (0.72, 0.34), (0.56, 0.54), (0.34, 0.64)], snout=True,
    ),
    "rabbit": _Sitter(
        ear=[(0.1, -0.66), (0.08, -1.1), (0.2, -1.42), (0.36, -1.3), (0.36, -0.98), (0.3, -0.62)],
        inner_ear=[(0.19, -0.82), (0.17, -1.08), (0.22, -1.28), (0.29, -1.2), (0.28, -0.98)], whiskers=True, head=(0.45, 0.38),
    ),
    "bear": _Sitter(
        ear=[(0.26, -0.72), (0.32, -0.92), (0.5, -0.94), (0.6, -0.76), (0.46, -0.58)],
        inner_ear=[(0.36, -0.74), (0.39, -0.84), (0.48, -0.84), (0.52, -0.74), (0.46, -0.68)], snout=True,
    ),
    "panda": _Sitter(ear=[(0.26, -0.72), (0.32, -0.92), (0.5, -0.94), (0.6, -0.76), (0.46, -0.58)], patches=True, snout=True),
    "fox": _Sitter(
        ear=[(0.16, -0.74), (0.46, -1.08), (0.52, -0.48)], inner_ear=[(0.27, -0.76), (0.42, -0.95), (0.44, -0.62)],
        tail=[(0.3, 0.9), (0.66, 0.92), (0.98, 0.62), (1.0, 0.16), (0.88, -0.02), (0.72, 0.24), (0.62, 0.54), (0.3, 0.64)], whiskers=True,
    ),
    "lion": _Sitter(
        ear=[(0.3, -0.7), (0.36, -0.86), (0.5, -0.86), (0.56, -0.7), (0.44, -0.6)],
        tail=[(0.34, 0.86), (0.66, 0.84), (0.84, 0.54), (0.8, 0.3), (0.72, 0.3), (0.74, 0.52), (0.6, 0.7), (0.34, 0.74)],
        mane=True, snout=True, whiskers=True, head=(0.42, 0.37),
    ),
    "mouse": _Sitter(
        ear=[(0.2, -0.66), (0.2, -0.96), (0.44, -1.1), (0.7, -0.96), (0.7, -0.66), (0.46, -0.5)],
        inner_ear=[(0.34, -0.72), (0.34, -0.88), (0.46, -0.96), (0.58, -0.86), (0.56, -0.7), (0.46, -0.62)],
        tail=[(0.3, 0.94), (0.7, 0.96), (0.94, 0.72), (0.84, 0.4), (0.78, 0.42), (0.86, 0.68), (0.66, 0.86), (0.3, 0.84)],
        whiskers=True, head=(0.42, 0.38),
    ),
}  # fmt: skip


def _sit(pen: Pen, animal: _Sitter) -> None:
    pen = pen.at(0, 0.12, 0.88) if max(-y for _, y in animal.ear) > 1.15 else pen
    rx, ry = animal.head
    if animal.tail:
        pen.blob(animal.tail)
    pen.blob([
        (0, -0.12), (0.3, 0.06), (0.46, 0.5), (0.44, 0.86), (0.26, 0.96), (0, 0.98), (-0.26, 0.96), (-0.44, 0.86),
        (-0.46, 0.5), (-0.3, 0.06),
    ])  # fmt: skip
    for side in (pen, pen.at(0, 0, flip=True)):
        side.oval(0.4, 0.84, 0.2, 0.16, turn=8)
    pen.oval(0, 0.44, 0.2, 0.26)
    for side in (pen, pen.at(0, 0, flip=True)):
        side.blob([(0.06, 0.3), (0.22, 0.3), (0.24, 0.7), (0.27, 0.92), (0.2, 1.0), (0.08, 1.0), (0.04, 0.9), (0.07, 0.7)])
        side.curve([(0.13, 0.93), (0.13, 0.99)])
        side.curve([(0.2, 0.92), (0.2, 0.98)])
    if animal.mane:
        for petal in pen.at(0, -0.42).ring(13, 0.5):
            petal.blob([(-0.15, 0.2), (-0.15, -0.08), (0, -0.22), (0.15, -0.08), (0.15, 0.2)])
    for side in (pen, pen.at(0, 0, flip=True)):
        if not animal.ears_in_front:
            (side.polygon if len(animal.ear) == 3 else side.blob)(animal.ear)
            if animal.inner_ear:
                (side.polygon if len(animal.inner_ear) == 3 else side.blob)(animal.inner_ear)
    pen.oval(0, -0.42, rx, ry)
    if animal.stripes:
        for x, reach in ((-0.11, 0.13), (0, 0.18), (0.11, 0.13)):
            pen.curve([(x, -0.41 - ry + 0.03 + abs(x) * 0.2), (0.8 * x, -0.42 - ry + 0.03 + reach)])
        for side in (pen, pen.at(0, 0, flip=True)):
            for y in (0.32, 0.46, 0.6):
                side.curve([(0.4 + 0.1 * (y - 0.32), y), (0.29, y + 0.05)])
    for side in (pen, pen.at(0, 0, flip=True)):
        if animal.ears_in_front:
            side.blob(animal.ear)
        if animal.patches:
            side.oval(0.21, -0.48, 0.13, 0.17, turn=-24)
        _eye(side, 0.2, -0.48, 0.09)
    if animal.snout:
        pen.oval(0, -0.26, 0.21, 0.17)
    _muzzle(pen, -0.32 if animal.snout else -0.31, 0.065)
    if animal.whiskers:
        for side in (pen, pen.at(0, 0, flip=True)):
            side.curve([(0.24, -0.28), (0.42, -0.31), (0.6, -0.3)])
            side.curve([(0.24, -0.22), (0.42, -0.21), (0.58, -0.17)])


def _sitter(name: str) -> Motif:
    return lambda pen: _sit(pen, _SITTERS[name])


# ── other animals ─────────────────────────────────────────────────────────────────────────────────


def owl(pen: Pen) -> None:
    pen.polygon([(-0.5, -0.72), (-0.52, -1.0), (-0.2, -0.82)])
    pen.polygon([(0.5, -0.72), (0.52, -1.0), (0.2, -0.82)])
    pen.blob([
        (0, -0.86), (0.42, -0.74), (0.56, -0.3), (0.6, 0.3), (0.4, 0.8), (0, 0.92), (-0.4, 0.8), (-0.6, 0.3),
        (-0.56, -0.3), (-0.42, -0.74),
    ])  # fmt: skip
    pen.blob([(0, 0.0), (0.3, 0.1), (0.36, 0.5), (0.2, 0.8), (0, 0.86), (-0.2, 0.8), (-0.36, 0.5), (-0.3, 0.1)])
    for row, count in enumerate((3, 4, 3)):
        for index in range(count):
            x, y = (index - (count - 1) / 2) * 0.15, 0.2 + 0.19 * row
            pen.curve([(x - 0.07, y), (x, y + 0.09), (x + 0.07, y)])
    for side in (pen, pen.at(0, 0, flip=True)):
        side.blob([(0.5, -0.2), (0.66, 0.2), (0.62, 0.6), (0.46, 0.78), (0.36, 0.4), (0.4, 0.0)])
        side.curve([(0.44, 0.28), (0.54, 0.34), (0.61, 0.28)])
        side.curve([(0.43, 0.48), (0.52, 0.54), (0.59, 0.48)])
        side.oval(0.24, -0.36, 0.25)
        side.oval(0.24, -0.36, 0.16)
        side.oval(0.24, -0.35, 0.07, 0.08, fill="#000", line=0)
        for x in (0.1, 0.2, 0.3):
            side.oval(x, 0.93, 0.055, 0.08)
    pen.polygon([(-0.08, -0.26), (0.08, -0.26), (0, -0.06)])


def bird(pen: Pen) -> None:
    pen.blob([(-0.5, 0.1), (-0.96, -0.06), (-1.0, 0.14), (-0.9, 0.3), (-0.5, 0.34)])
    pen.blob([
        (0.34, -0.52), (0.62, -0.3), (0.58, 0.1), (0.3, 0.46), (-0.12, 0.56), (-0.5, 0.4), (-0.62, 0.2), (-0.3, 0.0),
        (-0.02, -0.2), (0.08, -0.44),
    ])  # fmt: skip
    pen.polygon([(0.6, -0.3), (0.86, -0.18), (0.62, -0.08)])
    pen.blob([(0.22, 0.0), (0.06, 0.3), (-0.3, 0.38), (-0.66, 0.2), (-0.34, 0.16), (-0.1, 0.02)])
    pen.curve([(-0.4, 0.22), (-0.2, 0.26), (0.0, 0.2)])
    _eye(pen, 0.4, -0.26, 0.08)
    for x in (-0.04, 0.14):
        pen.curve([(x, 0.53), (x, 0.92)])
        pen.curve([(x - 0.12, 0.97), (x, 0.9), (x + 0.14, 0.97)])


def butterfly(pen: Pen) -> None:
    for side in (pen, pen.at(0, 0, flip=True)):
        side.blob([(0.05, -0.1), (0.3, -0.66), (0.72, -0.86), (0.94, -0.62), (0.84, -0.2), (0.46, 0.04)])
        side.blob([(0.05, 0.04), (0.46, 0.06), (0.74, 0.3), (0.68, 0.66), (0.38, 0.8), (0.16, 0.5)])
        side.blob([(0.3, -0.3), (0.48, -0.6), (0.7, -0.66), (0.76, -0.46), (0.6, -0.22)])
        side.oval(0.62, -0.46, 0.08)
        side.blob([(0.24, 0.18), (0.48, 0.2), (0.58, 0.4), (0.42, 0.56), (0.28, 0.44)])
        side.oval(0.41, 0.36, 0.07)
        side.oval(0.84, -0.72, 0.05)
        side.curve([(0.03, -0.5), (0.12, -0.76), (0.28, -0.88)])
        side.oval(0.3, -0.9, 0.045)
    pen.blob([(0, -0.42), (0.09, -0.2), (0.08, 0.3), (0, 0.66), (-0.08, 0.3), (-0.09, -0.2)])
    for y in (-0.02, 0.16, 0.34):
        pen.curve([(-0.08, y), (0, y + 0.04), (0.08, y)])
    pen.oval(0, -0.48, 0.13)
    pen.dot(-0.045, -0.5, 0.024)
    pen.dot(0.045, -0.5, 0.024)


def fish(pen: Pen) -> None:
    pen.blob([(-0.5, 0.0), (-0.86, -0.4), (-1.0, -0.34), (-0.88, 0.0), (-1.0, 0.36), (-0.86, 0.42)])
    pen.blob([(-0.26, -0.4), (-0.02, -0.78), (0.3, -0.7), (0.34, -0.36)])
    pen.blob([(-0.06, 0.4), (-0.14, 0.72), (0.08, 0.66), (0.2, 0.4)])
    pen.blob([(-0.6, 0.0), (-0.2, -0.4), (0.3, -0.46), (0.74, -0.22), (0.9, 0.04), (0.7, 0.3), (0.26, 0.48), (-0.22, 0.38)])
    pen.curve([(0.36, -0.42), (0.26, -0.1), (0.28, 0.2), (0.36, 0.44)])
    for x, y in ((-0.32, 0.0), (-0.12, -0.2), (-0.12, 0.18), (0.06, 0.0), (0.08, -0.32)):
        pen.curve([(x, y - 0.1), (x - 0.09, y), (x, y + 0.1)])
    pen.blob([(0.2, 0.1), (0.0, 0.2), (-0.02, 0.36), (0.18, 0.3)])
    _eye(pen, 0.58, -0.1, 0.11)
    pen.curve([(0.86, 0.12), (0.74, 0.16), (0.68, 0.12)])


def turtle(pen: Pen) -> None:
    pen.blob([(-0.7, 0.62), (-0.98, 0.68), (-0.94, 0.54), (-0.72, 0.46)])
    for x in (-0.5, 0.3):
        pen.blob([(x - 0.15, 0.5), (x + 0.16, 0.5), (x + 0.2, 0.86), (x + 0.14, 0.98), (x - 0.14, 0.98), (x - 0.17, 0.86)])
    pen.blob([(0.5, 0.4), (0.62, 0.02), (0.84, -0.12), (1.0, 0.06), (0.98, 0.34), (0.78, 0.5), (0.66, 0.64)])
    _eye(pen, 0.84, 0.08, 0.06)
    pen.curve([(0.98, 0.28), (0.88, 0.34), (0.8, 0.3)])
    pen.blob([(-0.78, 0.58), (-0.7, 0.02), (-0.34, -0.36), (0.06, -0.4), (0.44, -0.16), (0.62, 0.3), (0.64, 0.58), (0, 0.66)])
    inner = ((-0.22, 0.16), (-0.1, -0.1), (0.14, -0.1), (0.26, 0.16), (0.14, 0.4), (-0.1, 0.4))
    outer = ((-0.72, 0.14), (-0.3, -0.37), (0.3, -0.28), (0.57, 0.14), (0.2, 0.64), (-0.18, 0.64))
    pen.polygon(inner)
    for ends in zip(inner, outer):
        pen.curve(ends)


def snail(pen: Pen) -> None:
    pen.curve([(0.66, 0.2), (0.6, -0.14)])
    pen.curve([(0.8, 0.2), (0.9, -0.12)])
    pen.oval(0.59, -0.2, 0.07)
    pen.oval(0.92, -0.18, 0.07)
    pen.blob([
        (-0.98, 0.94), (-0.6, 0.78), (-0.1, 0.72), (0.34, 0.66), (0.52, 0.3), (0.72, 0.14), (0.92, 0.26), (0.94, 0.5),
        (0.74, 0.84), (0.3, 0.98), (-0.4, 1.0),
    ])  # fmt: skip
    _smile(pen, 0.78, 0.46, 0.1, 0.07)
    pen.dot(0.72, 0.34, 0.03)
    pen.dot(0.84, 0.35, 0.03)
    for r, x, y in ((0.62, -0.2, 0.24), (0.44, -0.16, 0.28), (0.27, -0.13, 0.31), (0.12, -0.11, 0.33)):
        pen.oval(x, y, r)


def whale(pen: Pen) -> None:
    pen.blob([
        (-0.6, 0.2), (-0.86, -0.1), (-1.0, -0.4), (-0.78, -0.36), (-0.7, -0.24), (-0.64, -0.44), (-0.46, -0.52),
        (-0.5, -0.2), (-0.42, 0.06),
    ])  # fmt: skip
    pen.blob([
        (-0.66, 0.1), (-0.3, -0.02), (0.0, -0.3), (0.4, -0.46), (0.8, -0.34), (0.98, 0.02), (0.9, 0.4), (0.5, 0.64),
        (0.0, 0.66), (-0.44, 0.48),
    ])  # fmt: skip
    pen.curve([(-0.36, 0.4), (0.1, 0.46), (0.56, 0.36), (0.94, 0.24)])
    for x in (0.0, 0.22, 0.44, 0.66):
        pen.curve([(x, 0.47 - 0.12 * x), (x - 0.05, 0.63 - 0.2 * x * x)])
    pen.blob([(0.24, 0.42), (0.14, 0.74), (-0.08, 0.88), (-0.02, 0.6), (0.06, 0.44)])
    _eye(pen, 0.64, 0.06, 0.08)
    for reach in (-1, 1):
        pen.blob([
            (0.42, -0.5), (0.42 + 0.12 * reach, -0.84), (0.42 + 0.34 * reach, -0.86), (0.42 + 0.34 * reach, -0.7),
            (0.42 + 0.18 * reach, -0.7),
        ])  # fmt: skip


def octopus(pen: Pen) -> None:
    for index in range(3):
        for side in (pen, pen.at(0, 0, flip=True)):
            x, reach = 0.14 + 0.14 * index, 0.28 + 0.24 * index
            side.blob(
                [(x - 0.1, 0.2), (x + 0.12, 0.14), (reach + 0.14, 0.56), (reach + 0.2, 0.78), (reach + 0.34, 0.72),
                 (reach + 0.34, 0.84), (reach + 0.12, 0.94), (reach - 0.02, 0.66)]
            )  # fmt: skip
    pen.blob([
        (0, -0.92), (0.44, -0.76), (0.58, -0.34), (0.46, 0.06), (0.36, 0.34), (0, 0.42), (-0.36, 0.34), (-0.46, 0.06),
        (-0.58, -0.34), (-0.44, -0.76),
    ])  # fmt: skip
    for side in (pen, pen.at(0, 0, flip=True)):
        _eye(side, 0.18, -0.22, 0.12)
        side.oval(0.33, 0.0, 0.07, 0.045)
    _smile(pen, 0, 0.06, 0.14, 0.1)
    for x, y, r in ((-0.16, -0.66, 0.07), (0.08, -0.72, 0.05), (0.26, -0.58, 0.06)):
        pen.oval(x, y, r)


def dinosaur(pen: Pen) -> None:
    for x, y, turn in ((-0.06, -0.28, 24), (-0.28, -0.1, 36), (-0.48, 0.14, 48), (-0.64, 0.38, 56), (0.1, -0.5, 10)):
        pen.at(x, y, turn=-turn).polygon([(-0.12, 0.08), (0, -0.2), (0.12, 0.08)])
    pen.blob([
        (0.2, -0.92), (0.52, -0.94), (0.86, -0.76), (0.9, -0.54), (0.62, -0.44), (0.42, -0.36), (0.42, 0.0), (0.5, 0.4),
        (0.4, 0.7), (0.0, 0.8), (-0.5, 0.76), (-0.98, 0.9), (-0.84, 0.62), (-0.5, 0.34), (-0.22, 0.02), (-0.02, -0.3),
        (0.04, -0.72),
    ])  # fmt: skip
    pen.blob([(0.34, -0.1), (0.42, 0.2), (0.36, 0.56), (0.1, 0.66), (0.08, 0.36), (0.2, 0.06)])
    for y in (0.1, 0.28, 0.46):
        pen.curve([(0.15 - 0.1 * y, y + 0.04), (0.28, y + 0.08), (0.41 - 0.05 * y, y + 0.02)])
    for x in (-0.22, 0.22):
        pen.blob([(x - 0.18, 0.56), (x + 0.1, 0.52), (x + 0.16, 0.8), (x + 0.28, 0.9), (x + 0.24, 1.0), (x - 0.14, 1.0), (x - 0.2, 0.8)])
        for step in (0.08, 0.17):
            pen.curve([(x + step, 0.91), (x + step + 0.01, 0.99)])
    pen.blob([(0.36, -0.02), (0.6, 0.0), (0.72, 0.12), (0.62, 0.2), (0.4, 0.14)])
    _eye(pen, 0.4, -0.72, 0.09)
    pen.curve([(0.88, -0.58), (0.7, -0.56), (0.54, -0.6)])
    pen.dot(0.78, -0.72, 0.022)


def elephant(pen: Pen) -> None:
    pen.blob([(-0.84, 0.1), (-0.98, 0.34), (-0.92, 0.5), (-0.88, 0.34), (-0.76, 0.2)])
    for x in (-0.6, -0.1):
        pen.box(x - 0.08, 0.4, 0.3, 0.58, 0.08)
    pen.blob([(-0.84, 0.3), (-0.74, -0.2), (-0.3, -0.44), (0.2, -0.36), (0.4, 0.1), (0.3, 0.56), (-0.2, 0.66), (-0.66, 0.6)])
    for x in (-0.78, 0.1):
        pen.box(x, 0.42, 0.3, 0.58, 0.1)
        for step in (0.08, 0.15, 0.22):
            pen.curve([(x + step - 0.03, 0.97), (x + step, 0.92), (x + step + 0.03, 0.97)])
    pen.blob([
        (0.1, -0.3), (0.24, -0.72), (0.6, -0.78), (0.84, -0.5), (0.84, -0.1), (0.9, 0.3), (0.98, 0.5), (0.88, 0.62),
        (0.74, 0.5), (0.66, 0.16), (0.4, 0.14), (0.18, 0.0),
    ])  # fmt: skip
    for y in (0.1, 0.24, 0.38):
        pen.curve([(0.7 + 0.1 * y, y + 0.04), (0.8 + 0.12 * y, y)])
    pen.blob([(0.3, -0.58), (-0.04, -0.76), (-0.26, -0.44), (-0.16, 0.0), (0.14, 0.14), (0.32, -0.14)])
    pen.blob([(0.2, -0.46), (-0.02, -0.56), (-0.13, -0.36), (-0.06, -0.06), (0.12, 0.0), (0.22, -0.2)])
    _eye(pen, 0.6, -0.42, 0.07)


# ── plants ────────────────────────────────────────────────────────────────────────────────────────


def flower(pen: Pen) -> None:
    """A flower on its stem, with leaves; petals by chance."""
    pen.blob([(-0.035, -0.2), (0.035, -0.2), (0.05, 0.4), (0.04, 1.0), (-0.04, 1.0), (-0.02, 0.4)])
    for side, y in ((pen, 0.62), (pen.at(0, 0, flip=True), 0.42)):
        side.blob([(0.03, y + 0.16), (0.2, y - 0.08), (0.5, y - 0.16), (0.44, y + 0.06), (0.22, y + 0.2)])
        side.curve([(0.08, y + 0.12), (0.24, y + 0.02), (0.38, y - 0.06)])
    bloom(pen.at(0, -0.42, 0.56))


def bloom(pen: Pen) -> None:
    """A flower's head, seen from the front, filling the frame."""
    count = pen.rng.choice((5, 6, 8, 10))
    wide = 2.2 / count
    if pen.rng.random() < 0.4:
        for petal in pen.ring(count, 0.0, start=180 / count):
            petal.blob([(-wide, -0.5), (-0.8 * wide, -0.86), (0, -1.0), (0.8 * wide, -0.86), (wide, -0.5), (0, -0.1)])
    for petal in pen.ring(count, 0.0):
        petal.blob([(-wide, -0.42), (-0.8 * wide, -0.76), (0, -0.92), (0.8 * wide, -0.76), (wide, -0.42), (0, -0.05)])
        petal.curve([(0, -0.4), (0, -0.66)])
    pen.oval(0, 0, 0.3)
    if pen.rng.random() < 0.6:
        pen.oval(0, 0, 0.17)


def tulip(pen: Pen) -> None:
    pen.blob([(-0.035, -0.1), (0.035, -0.1), (0.04, 1.0), (-0.04, 1.0)])
    for side in (pen, pen.at(0, 0, flip=True)):
        side.blob([(0.03, 0.98), (0.12, 0.5), (0.4, 0.04), (0.42, 0.42), (0.26, 0.8)])
    pen.blob([
        (0, 0.02), (0.3, -0.14), (0.36, -0.5), (0.3, -0.86), (0.1, -0.6), (0, -0.84), (-0.1, -0.6), (-0.3, -0.86),
        (-0.36, -0.5), (-0.3, -0.14),
    ])  # fmt: skip
    pen.blob([(0, 0.0), (0.16, -0.2), (0.16, -0.54), (0, -0.9), (-0.16, -0.54), (-0.16, -0.2)])


def tree(pen: Pen) -> None:
    """A leafy tree; apples by chance."""
    pen.blob([(-0.13, 0.0), (0.13, 0.0), (0.14, 0.6), (0.28, 0.98), (0.0, 0.94), (-0.28, 0.98), (-0.14, 0.6)])
    pen.curve([(0.0, 0.5), (0.02, 0.7)])
    points = []
    for index in range(9):
        angle = 2 * math.pi * index / 9
        for reach, swing in ((0.74, 0.0), (0.62, math.pi / 9)):
            points.append((1.0 * reach * math.sin(angle + swing), -0.38 - 0.86 * reach * math.cos(angle + swing)))
    pen.blob(points)
    if pen.rng.random() < 0.55:
        for x, y in ((-0.36, -0.4), (0.06, -0.7), (0.36, -0.3), (-0.08, -0.2), (-0.28, -0.74), (0.38, -0.66)):
            pen.oval(x, y, 0.085)
            pen.curve([(x, y - 0.08), (x + 0.03, y - 0.14)])
    else:
        for x, y in ((-0.34, -0.5), (0.08, -0.74), (0.32, -0.36), (-0.1, -0.16)):
            pen.curve([(x - 0.12, y), (x - 0.04, y + 0.09), (x + 0.04, y + 0.01), (x + 0.12, y + 0.09)])


def fir(pen: Pen) -> None:
    pen.box(-0.1, 0.66, 0.2, 0.34)
    for y, reach in ((0.72, 0.62), (0.26, 0.5), (-0.18, 0.38)):
        pen.blob([
            (0, y - 0.8), (0.4 * reach, y - 0.34), (reach, y), (0.5 * reach, y - 0.06), (0, y + 0.04),
            (-0.5 * reach, y - 0.06), (-reach, y), (-0.4 * reach, y - 0.34),
        ])  # fmt: skip


def palm(pen: Pen) -> None:
    pen.blob([(0.0, -0.5), (0.12, -0.48), (0.1, 0.2), (0.18, 1.0), (-0.12, 1.0), (-0.06, 0.2)])
    for y in (-0.2, 0.1, 0.4, 0.7):
        pen.curve([(-0.05 - 0.06 * y, y), (0.04, y + 0.06), (0.12 + 0.04 * y, y)])
    for turn in (-110, 110, -65, 65, -20, 24):
        pen.at(0.05, -0.5, turn=turn).blob([(0, 0), (-0.14, -0.3), (-0.1, -0.66), (0.12, -0.86), (0.12, -0.5), (0.1, -0.24)])
    for x in (-0.04, 0.14):
        pen.oval(x, -0.42, 0.09)


def mushroom(pen: Pen) -> None:
    pen.blob([(-0.2, 0.1), (0.2, 0.1), (0.2, 0.6), (0.3, 0.96), (0, 1.0), (-0.3, 0.96), (-0.2, 0.6)])
    pen.blob([
        (-0.8, 0.12), (-0.7, -0.4), (-0.36, -0.8), (0.0, -0.9), (0.36, -0.8), (0.7, -0.4), (0.8, 0.12), (0.4, 0.24),
        (0, 0.28), (-0.4, 0.24),
    ])  # fmt: skip
    spots = ((0, -0.46, 0.17), (-0.42, -0.22, 0.13), (0.42, -0.26, 0.14), (0.1, 0.02, 0.09), (-0.22, -0.68, 0.07), (0.36, -0.6, 0.06))
    for x, y, r in spots:
        pen.oval(x, y, r)


def cactus(pen: Pen) -> None:
    for side, y in ((pen, 0.1), (pen.at(0, 0, flip=True), -0.1)):
        side.blob([
            (0.16, y + 0.3), (0.5, y + 0.3), (0.64, y + 0.1), (0.62, y - 0.3), (0.48, y - 0.34), (0.42, y - 0.2),
            (0.42, y + 0.04), (0.16, y + 0.06),
        ])  # fmt: skip
    pen.blob([(0, -0.96), (0.22, -0.8), (0.26, 0.0), (0.24, 0.7), (-0.24, 0.7), (-0.26, 0.0), (-0.22, -0.8)])
    for x in (-0.1, 0.1):
        pen.curve([(0.9 * x, -0.72), (x, 0.0), (x, 0.6)])
    pen.at(0, -0.96, 0.22).oval(0, 0, 0.5)
    pen.polygon([(-0.4, 0.62), (0.4, 0.62), (0.3, 1.0), (-0.3, 1.0)])
    pen.box(-0.48, 0.56, 0.96, 0.16, 0.05)


# ── things ────────────────────────────────────────────────────────────────────────────────────────


def house(pen: Pen) -> None:
    pen.box(0.32, -0.86, 0.2, 0.5)
    pen.box(0.28, -0.92, 0.28, 0.12, 0.03)
    pen.box(-0.7, -0.2, 1.4, 1.2)
    pen.polygon([(-0.9, -0.14), (0, -0.86), (0.9, -0.14)])
    pen.oval(0, -0.42, 0.14)
    pen.curve([(0, -0.56), (0, -0.28)])
    pen.curve([(-0.14, -0.42), (0.14, -0.42)])
    pen.box(-0.16, 0.38, 0.36, 0.62, 0.12)
    pen.oval(0.12, 0.72, 0.035)
    for x in (-0.58, 0.34):
        pen.box(x, 0.1, 0.26, 0.32)
        pen.curve([(x + 0.13, 0.1), (x + 0.13, 0.42)])
        pen.curve([(x, 0.26), (x + 0.26, 0.26)])
        pen.box(x - 0.04, 0.42, 0.34, 0.08, 0.02)


def castle(pen: Pen) -> None:
    def battlements(x: float, y: float, width: float) -> None:
        count = 3 if width < 0.6 else 5
        step = width / (2 * count - 1)
        for index in range(count):
            pen.box(x + 2 * step * index, y - 0.1, step, 0.12)
        pen.box(x, y, width, 0.08)

    for x, y in ((-0.88, -0.3), (0.48, -0.3)):
        pen.box(x, y, 0.4, 1.3)
        pen.polygon([(x - 0.08, y), (x + 0.2, y - 0.52), (x + 0.48, y)])
        pen.box(x + 0.13, y + 0.28, 0.14, 0.26, 0.06)
        pen.polygon([(x + 0.2, y - 0.52), (x + 0.2, y - 0.7), (x + 0.42, y - 0.62)])
    pen.box(-0.3, -0.5, 0.6, 1.0)
    battlements(-0.34, -0.52, 0.68)
    pen.box(-0.56, 0.12, 1.12, 0.88)
    battlements(-0.56, 0.1, 1.12)
    pen.box(-0.09, -0.28, 0.18, 0.28, 0.08)
    pen.blob([(-0.24, 1.0), (-0.24, 0.6), (0, 0.38), (0.24, 0.6), (0.24, 1.0)])
    for x in (-0.08, 0.08):
        pen.curve([(x, 0.44), (x, 0.99)])
    for x in (-0.44, 0.3):
        pen.box(x, 0.4, 0.14, 0.2, 0.05)


def rocket(pen: Pen) -> None:
    pen.blob([(-0.2, 0.54), (0.2, 0.54), (0.24, 0.8), (0.12, 0.86), (0, 1.12), (-0.12, 0.86), (-0.24, 0.8)])
    pen.blob([(-0.1, 0.6), (0.1, 0.6), (0.1, 0.78), (0, 0.94), (-0.1, 0.78)])
    for side in (pen, pen.at(0, 0, flip=True)):
        side.blob([(0.24, 0.1), (0.54, 0.4), (0.58, 0.78), (0.4, 0.66), (0.2, 0.56)])
    pen.blob([
        (0, -1.0), (0.22, -0.7), (0.34, -0.2), (0.32, 0.3), (0.22, 0.62), (0, 0.66), (-0.22, 0.62), (-0.32, 0.3),
        (-0.34, -0.2), (-0.22, -0.7),
    ])  # fmt: skip
    pen.curve([(-0.24, -0.64), (0, -0.56), (0.24, -0.64)])
    pen.curve([(-0.3, 0.38), (0, 0.46), (0.3, 0.38)])
    pen.oval(0, -0.2, 0.19)
    pen.oval(0, -0.2, 0.12)
    pen.oval(0, 0.18, 0.1)


def boat(pen: Pen) -> None:
    pen.box(-0.04, -0.9, 0.08, 1.3)
    pen.polygon([(0.06, -0.86), (0.78, 0.22), (0.06, 0.22)])
    pen.polygon([(-0.06, -0.6), (-0.6, 0.22), (-0.06, 0.22)])
    pen.curve([(0.06, -0.3), (0.42, -0.3)])
    pen.curve([(0.06, -0.04), (0.6, -0.04)])
    pen.polygon([(-0.04, -0.9), (-0.04, -1.06), (-0.3, -0.98)])
    pen.blob([(-0.9, 0.4), (0, 0.46), (0.96, 0.38), (0.7, 0.8), (0.4, 0.92), (-0.4, 0.92), (-0.7, 0.78)])
    for x in (-0.36, 0.0, 0.36):
        pen.oval(x, 0.66, 0.09)


def car(pen: Pen) -> None:
    pen.blob([(-0.56, 0.1), (-0.46, -0.34), (-0.24, -0.5), (0.2, -0.5), (0.44, -0.3), (0.62, 0.1)])
    pen.blob([(-0.42, 0.04), (-0.36, -0.26), (-0.24, -0.36), (-0.02, -0.37), (-0.02, 0.04)])
    pen.blob([(0.08, 0.04), (0.08, -0.37), (0.2, -0.36), (0.34, -0.24), (0.46, 0.04)])
    pen.blob([(-0.96, 0.58), (-0.96, 0.24), (-0.8, 0.08), (-0.4, 0.04), (0.5, 0.04), (0.86, 0.14), (0.98, 0.36), (0.96, 0.58), (0.0, 0.64)])
    pen.curve([(0.03, 0.06), (0.03, 0.6)])
    pen.box(0.1, 0.18, 0.14, 0.06, 0.02)
    pen.oval(0.86, 0.3, 0.08, 0.1)
    pen.oval(-0.9, 0.3, 0.05, 0.08)
    for x in (-0.52, 0.52):
        pen.oval(x, 0.62, 0.26)
        pen.oval(x, 0.62, 0.15)
        pen.oval(x, 0.62, 0.05)


def balloon(pen: Pen) -> None:
    """A hot-air balloon."""
    for x in (-0.14, 0.14):
        pen.curve([(2.0 * x, 0.3), (x, 0.7)])
    pen.blob([
        (0, -0.96), (0.5, -0.8), (0.7, -0.36), (0.56, 0.06), (0.26, 0.34), (0, 0.38), (-0.26, 0.34), (-0.56, 0.06),
        (-0.7, -0.36), (-0.5, -0.8),
    ])  # fmt: skip
    pen.blob([
        (0, -0.96), (0.3, -0.72), (0.4, -0.34), (0.32, 0.06), (0.12, 0.37), (0, 0.38), (-0.12, 0.37), (-0.32, 0.06),
        (-0.4, -0.34), (-0.3, -0.72),
    ])  # fmt: skip
    pen.blob([(0, -0.96), (0.1, -0.7), (0.14, -0.34), (0.1, 0.06), (0.03, 0.37), (-0.03, 0.37), (-0.1, 0.06), (-0.14, -0.34), (-0.1, -0.7)])
    pen.box(-0.2, 0.68, 0.4, 0.3, 0.06)
    pen.box(-0.23, 0.66, 0.46, 0.1, 0.04)
    pen.curve([(-0.19, 0.86), (0.19, 0.86)])


def cupcake(pen: Pen) -> None:
    pen.polygon([(-0.56, 0.2), (0.56, 0.2), (0.4, 1.0), (-0.4, 1.0)])
    for x in (-0.3, -0.1, 0.1, 0.3):
        pen.curve([(1.2 * x, 0.24), (0.92 * x, 0.98)])
    for y, reach in ((0.06, 0.68), (-0.26, 0.52), (-0.54, 0.34)):
        pen.blob([
            (-reach, y), (-0.9 * reach, y - 0.2), (0, y - 0.28), (0.9 * reach, y - 0.2), (reach, y),
            (0.7 * reach, y + 0.18), (0.2 * reach, y + 0.14), (-0.3 * reach, y + 0.2), (-0.8 * reach, y + 0.16),
        ])  # fmt: skip
    pen.oval(0, -0.86, 0.14)
    pen.curve([(0.03, -0.98), (0.1, -1.1), (0.2, -1.14)])
    for x, y, turn in ((-0.3, 0.0, 30), (0.2, 0.04, -20), (0.36, -0.08, 40), (-0.14, -0.3, -30), (0.16, -0.34, 20), (0.02, -0.56, 10)):
        pen.at(x, y, turn=turn).box(-0.06, -0.022, 0.12, 0.044, 0.02)


def robot(pen: Pen) -> None:
    pen.curve([(0, -0.86), (0, -1.0)])
    pen.oval(0, -1.02, 0.06)
    for side in (pen, pen.at(0, 0, flip=True)):
        side.box(0.42, 0.0, 0.26, 0.16, 0.06)
        side.box(0.56, 0.06, 0.16, 0.44, 0.06)
        side.oval(0.64, 0.54, 0.11)
        side.box(0.08, 0.6, 0.22, 0.3, 0.04)
        side.box(0.04, 0.84, 0.34, 0.16, 0.06)
        side.box(0.42, -0.64, 0.1, 0.2, 0.03)
    pen.box(-0.12, -0.34, 0.24, 0.2)
    pen.box(-0.44, -0.86, 0.88, 0.58, 0.12)
    pen.box(-0.46, -0.18, 0.92, 0.82, 0.12)
    for side in (pen, pen.at(0, 0, flip=True)):
        side.oval(0.19, -0.64, 0.11)
        side.dot(0.19, -0.63, 0.045)
    pen.box(-0.2, -0.46, 0.4, 0.1, 0.03)
    for x in (-0.1, 0.0, 0.1):
        pen.curve([(x, -0.46), (x, -0.36)])
    pen.box(-0.3, -0.04, 0.6, 0.34, 0.05)
    pen.oval(-0.16, 0.13, 0.08)
    pen.oval(0.08, 0.13, 0.08)
    for x in (-0.22, 0.0, 0.22):
        pen.oval(x, 0.46, 0.06)


def snowman(pen: Pen) -> None:
    for side in (pen, pen.at(0, 0, flip=True)):
        side.blob([(0.3, -0.06), (0.6, -0.24), (0.86, -0.36), (0.88, -0.3), (0.64, -0.16), (0.34, 0.02)])
    pen.oval(0, 0.58, 0.46, 0.42)
    pen.oval(0, 0.02, 0.36, 0.32)
    pen.oval(0, -0.46, 0.28, 0.26)
    pen.box(-0.24, -0.98, 0.48, 0.32, 0.04)
    pen.box(-0.38, -0.7, 0.76, 0.1, 0.04)
    pen.dot(-0.1, -0.5, 0.035)
    pen.dot(0.1, -0.5, 0.035)
    pen.polygon([(0, -0.45), (0.26, -0.38), (0, -0.37)])
    _smile(pen, 0, -0.33, 0.11, 0.05)
    pen.blob([(-0.26, -0.28), (0, -0.2), (0.26, -0.28), (0.28, -0.16), (0, -0.08), (-0.28, -0.16)])
    pen.blob([(0.1, -0.14), (0.26, -0.16), (0.3, 0.16), (0.14, 0.18)])
    for y in (0.06, 0.42, 0.62):
        pen.oval(-0.02, y, 0.045)


def star(pen: Pen) -> None:
    points = []
    for index in range(10):
        reach = 1.0 if index % 2 == 0 else 0.44
        points.append((reach * math.sin(math.pi * index / 5), -reach * math.cos(math.pi * index / 5)))
    pen.polygon(points)


def heart(pen: Pen) -> None:
    pen.blob([
        (0, -0.34), (0.26, -0.74), (0.7, -0.72), (0.9, -0.3), (0.66, 0.18), (0.28, 0.6), (0, 0.94), (-0.28, 0.6),
        (-0.66, 0.18), (-0.9, -0.3), (-0.7, -0.72), (-0.26, -0.74),
    ])  # fmt: skip


# ── sky and water ─────────────────────────────────────────────────────────────────────────────────


def sun(pen: Pen) -> None:
    for ray in pen.ring(12, 0.62):
        ray.polygon([(-0.1, 0.06), (0, -0.36), (0.1, 0.06)])
    pen.oval(0, 0, 0.58)
    pen.dot(-0.19, -0.1, 0.055)
    pen.dot(0.19, -0.1, 0.055)
    _smile(pen, 0, 0.1, 0.24, 0.18)


def moon(pen: Pen) -> None:
    pen.blob([
        (0.3, -0.9), (-0.3, -0.8), (-0.76, -0.24), (-0.7, 0.4), (-0.2, 0.84), (0.4, 0.84), (0.7, 0.62), (0.2, 0.54),
        (-0.14, 0.2), (-0.2, -0.3), (0.0, -0.7),
    ])  # fmt: skip


def cloud(pen: Pen) -> None:
    puffs = ((-0.66, 0.14, 0.32), (-0.3, -0.14, 0.38), (0.2, -0.2, 0.42), (0.66, 0.1, 0.34), (0.2, 0.16, 0.36), (-0.22, 0.18, 0.34))
    for x, y, r in puffs:
        pen.oval(x, y, r)
    for x, y, r in puffs:  # the same without a line covers what of the others' lines lies within
        pen.oval(x, y, 0.93 * r, line=0)


def planet(pen: Pen) -> None:
    pen.at(0, 0, turn=-20).oval(0, 0, 1.0, 0.3)
    pen.at(0, 0, turn=-20).oval(0, 0, 0.82, 0.19)
    pen.oval(0, 0, 0.56)
    pen.at(0, 0, turn=-20).blob([
        (-0.555, 0.06), (-0.3, 0.15), (0, 0.18), (0.3, 0.15), (0.555, 0.06), (0.98, 0.05), (0.6, 0.24), (0, 0.31),
        (-0.6, 0.24), (-0.98, 0.05),
    ])  # fmt: skip
    for x, y, r in ((-0.16, -0.28, 0.12), (0.2, -0.34, 0.07), (0.26, -0.06, 0.09)):
        pen.oval(x, y, r)


def weed(pen: Pen) -> None:
    """Water weed, swaying."""
    right = [(0.16 + 0.14 * math.sin(3.2 * y), y) for y in (1.0, 0.6, 0.2, -0.2, -0.6)]
    left = [(-0.1 + 0.14 * math.sin(3.2 * y), y) for y in (-0.6, -0.2, 0.2, 0.6, 1.0)]
    pen.blob([*right, (0.1, -0.98), *left])


def coral(pen: Pen) -> None:
    pen.blob([
        (-0.2, 1.0), (-0.16, 0.5), (-0.6, 0.2), (-0.66, -0.3), (-0.46, -0.34), (-0.36, 0.04), (-0.14, 0.14),
        (-0.14, -0.6), (0.1, -0.66), (0.12, 0.0), (0.34, -0.14), (0.38, -0.5), (0.6, -0.46), (0.56, 0.06), (0.16, 0.46),
        (0.22, 1.0),
    ])  # fmt: skip


def shell(pen: Pen) -> None:
    pen.blob([(0, 1.0), (-0.5, 0.6), (-0.8, 0.0), (-0.6, -0.4), (-0.3, -0.6), (0, -0.66), (0.3, -0.6), (0.6, -0.4), (0.8, 0.0), (0.5, 0.6)])
    for x in (-0.5, -0.26, 0, 0.26, 0.5):
        pen.curve([(0.1 * x, 0.92), (0.66 * x, 0.2), (x, -0.58 + 0.5 * x * x)])


# Words of a prompt → motif. Plurals are understood; what is not here falls back on a motif by
# chance.
MOTIFS: dict[str, Motif] = {
    **{name: _sitter(name) for name in _SITTERS},
    "kitten": _sitter("cat"), "puppy": _sitter("dog"), "bunny": _sitter("rabbit"), "hare": _sitter("rabbit"), "teddy": _sitter("bear"),
    "owl": owl, "bird": bird, "robin": bird, "butterfly": butterfly, "fish": fish, "turtle": turtle, "tortoise": turtle, "snail": snail,
    "whale": whale, "octopus": octopus, "dinosaur": dinosaur, "dino": dinosaur, "dragon": dinosaur, "elephant": elephant,
    "flower": flower, "daisy": flower, "sunflower": flower, "rose": flower, "tulip": tulip, "tree": tree, "oak": tree, "apple": tree,
    "fir": fir, "pine": fir, "palm": palm, "mushroom": mushroom, "toadstool": mushroom, "cactus": cactus,
    "house": house, "cottage": house, "home": house, "castle": castle, "palace": castle, "rocket": rocket, "spaceship": rocket,
    "boat": boat, "ship": boat, "sailboat": boat, "car": car, "taxi": car, "balloon": balloon, "cupcake": cupcake, "cake": cupcake,
    "robot": robot, "snowman": snowman, "star": star, "heart": heart, "sun": sun, "moon": moon, "planet": planet, "shell": shell,
}  # fmt: skip
