"""From words to a page of line art: which motifs a prompt names, where they are at home, and how a
page is filled with them.

The same words, size and seed give the same page. It is for demo and tests: it knows some fifty
things, and draws nothing else.
"""
from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from myjoe.providers.sketch_brain import singular, words_of
from myjoe_worker.sketching import _motifs
from myjoe_worker.sketching._motifs import MOTIFS, Motif
from myjoe_worker.sketching._pen import Pen, Sheet

# Pixels of a page, as image models give them: about a megapixel.
_MEGAPIXEL = 1024 * 1024
# Line widths in pixels by what a prompt says of lines, the first that is found: about 5, 3, 2.3 and
# 1.7 pt on letter paper.
_LINES = (("very thick", 8.0), ("bold", 5.0), ("medium", 3.8), ("fine", 3.0), ("", 4.5))
# How many things lie about, by what a prompt says of detail.
_DETAILS = (("very simple", 1), ("simple", 2), ("intricate", 4), ("detailed", 3), ("", 2))

_FLYERS = frozenset({_motifs.butterfly, _motifs.bird, _motifs.balloon, _motifs.rocket, _motifs.planet, _motifs.star, _motifs.heart})
_IN_THE_SKY = frozenset({_motifs.sun, _motifs.moon})
_PLAIN = frozenset({_motifs.heart, _motifs.star, _motifs.shell, _motifs.butterfly, _motifs.mushroom, _motifs.sun, _motifs.turtle})
_SMALL = (_motifs.flower, _motifs.tulip, _motifs.mushroom)
_SWIMMERS = frozenset({_motifs.fish, _motifs.whale, _motifs.octopus, _motifs.shell})


def draw(prompt: str, width: float, height: float, seed: int) -> Sheet:
    """A page of these proportions for this prompt."""
    rng = random.Random(hashlib.sha256(f"{seed}:{prompt}".encode()).digest())
    ratio = min(max(width / height, 0.25), 4.0)
    across = 16 * round(math.sqrt(_MEGAPIXEL * ratio) / 16)
    sheet = Sheet(across, 16 * round(across / ratio / 16), _first(_LINES, prompt))
    _Page(sheet, rng, prompt).fill()
    return sheet


def motifs_of(prompt: str) -> list[Motif]:
    """The motifs that a prompt names, in its order, each once."""
    return list(dict.fromkeys(MOTIFS[name] for word in words_of(prompt) if (name := singular(word)) in MOTIFS))


def _first(table: Sequence[tuple[str, Any]], prompt: str) -> Any:
    return next(value for words, value in table if words in prompt.lower())


class _Page:
    """One page, being filled. Lengths are in pixels."""

    def __init__(self, sheet: Sheet, rng: random.Random, prompt: str) -> None:
        self.rng, self.width, self.height = rng, sheet.width, sheet.height
        self.unit = min(sheet.width, sheet.height)
        self.pen = Pen(sheet, rng)
        self.words = set(words_of(prompt))
        self.motifs = motifs_of(prompt)
        self.detail: int = _first(_DETAILS, prompt)

    def fill(self) -> None:
        """Choose what kind of page it is, and draw it."""
        if self._says("mandala", "mandalas", "rosette", "kaleidoscope"):
            self._mandala()
        elif self._says("pattern", "patterns", "tiles", "wallpaper", "zentangle", "doodle", "doodles", "ornament"):
            self._pattern()
        else:
            self._scene()
        self.pen.frame(0.016 * self.unit)

    def _says(self, *words: str) -> bool:
        return not self.words.isdisjoint(words)

    # ── scenes ────────────────────────────────────────────────────────────────────────────────────

    def _scene(self) -> None:
        if not self.motifs:
            self.motifs = [self.rng.choice(list(MOTIFS.values()))]
        hero = next((motif for motif in self.motifs if motif not in _IN_THE_SKY), self.motifs[0])
        others = [motif for motif in self.motifs if motif is not hero]
        if hero is _motifs.boat or self._says("lake", "waves", "harbour", "harbor"):
            self._on_water(hero, others)
        elif hero in _SWIMMERS or self._says("sea", "ocean", "underwater", "reef", "aquarium", "mermaid"):
            self._under_water(hero, others)
        elif hero in (_motifs.rocket, _motifs.planet) or self._says("space", "galaxy", "alien", "astronaut"):
            self._in_space(hero, others)
        elif hero in _FLYERS:
            self._in_the_air(hero, others)
        else:
            self._on_land(hero, others)

    def _on_land(self, hero: Motif, others: Sequence[Motif]) -> None:
        width, height, unit, rng = self.width, self.height, self.unit, self.rng
        snow = hero is _motifs.snowman or self._says("snow", "winter", "christmas", "ice")
        horizon = height * rng.uniform(0.5, 0.58)
        self._sky(others, snow)
        self._hill(horizon - 0.06 * height, 0.09 * height)
        self._hill(horizon, 0.06 * height)
        behind = [other for other in others if other not in (*_FLYERS, *_IN_THE_SKY, *_SMALL)][:2]
        hot = self._says("beach", "island", "jungle", "desert")
        woods = (_motifs.fir,) if snow else (_motifs.palm,) if hot else (_motifs.tree, _motifs.fir)
        homes = (_motifs.castle,) if self._says("princess", "knight", "king", "queen") else (_motifs.house,)
        around = [motif for motif in ((*woods, *woods, *homes) if self.detail > 1 else woods) if motif is not hero] or [_motifs.tree]
        while len(behind) < 2:
            behind.append(rng.choice(around))
        large = hero in (_motifs.house, _motifs.castle, _motifs.tree, _motifs.elephant)
        aside = 0.1 if large or hero is _motifs.dinosaur else 0.16
        for motif, x in zip(behind, (aside, 1 - aside)):
            size = unit * (0.2 if motif in (_motifs.house, _motifs.castle, _motifs.tree, _motifs.palm, _motifs.fir) else 0.13)
            self._stand(motif, x * width, horizon + 0.07 * height, size, weight=0.85)
        self._hill(height * 0.68, 0.03 * height)
        if hero is _motifs.car:
            self._road(height * 0.8, 0.16 * height)
        self._stand(hero, width * 0.5, height * (0.9 if hero is not _motifs.car else 0.93), unit * (0.42 if large else 0.37))
        self._foreground(snow)

    def _under_water(self, hero: Motif, others: Sequence[Motif]) -> None:
        width, height, unit, rng = self.width, self.height, self.unit, self.rng
        for index in range(2 + self.detail):
            x = width * (0.08 + 0.84 * (index + 0.5) / (2 + self.detail))
            size = unit * rng.uniform(0.11, 0.17)
            self._stand(rng.choice((_motifs.weed, _motifs.weed, _motifs.coral)), x, height * 0.92, size, weight=0.9)
        self._hill(height * 0.87, 0.03 * height)
        for index, (x, y) in enumerate(((0.2, 0.17), (0.82, 0.15), (0.2, 0.74), (0.8, 0.76))[: 1 + self.detail]):
            motif = others[index] if index < len(others) else _motifs.fish
            motif(self.pen.at(x * width, y * height, unit * 0.11, flip=x > 0.5, weight=0.8))
        hero(self.pen.at(width * 0.5, height * 0.47, unit * 0.34, flip=rng.random() < 0.5))
        bubbles = ((0.44, 0.06), (0.5, 0.12), (0.46, 0.18), (0.93, 0.42), (0.9, 0.48), (0.07, 0.5), (0.1, 0.56), (0.6, 0.08))
        for x, y in bubbles[: 2 + 2 * self.detail]:
            self.pen.oval(x * width, y * height, unit * rng.uniform(0.013, 0.026))
        for x in (0.14, 0.5, 0.85)[: self.detail]:
            lying = self.pen.at(x * width, 0.945 * height, 0.035 * unit, turn=rng.uniform(-30, 30), weight=0.8)
            rng.choice((_motifs.shell, _motifs.star))(lying)

    def _on_water(self, hero: Motif, others: Sequence[Motif]) -> None:
        width, height, unit = self.width, self.height, self.unit
        self._sky(others, snow=False)
        self._hill(height * 0.5, 0.05 * height)
        self._waves(height * 0.6)
        hero(self.pen.at(width * 0.5, height * 0.47, unit * 0.4))
        for y in (0.7, 0.78, 0.86, 0.94):
            self._waves(height * y)
        for other, x in zip((o for o in others if o not in _FLYERS | _IN_THE_SKY), (0.2, 0.8)):
            other(self.pen.at(x * width, 0.86 * height, 0.11 * unit, weight=0.8))

    def _in_space(self, hero: Motif, others: Sequence[Motif]) -> None:
        width, height, unit, rng = self.width, self.height, self.unit, self.rng
        spots = [(0.2, 0.16), (0.81, 0.2), (0.18, 0.78), (0.82, 0.8)]
        rng.shuffle(spots)
        company = [*others, _motifs.planet, _motifs.moon, _motifs.planet, _motifs.star]
        for (x, y), motif in zip(spots[: 1 + self.detail], company):
            motif(self.pen.at(x * width, y * height, unit * 0.12, turn=rng.uniform(-15, 15), weight=0.85))
        for x, y in ((0.08, 0.42), (0.92, 0.5), (0.36, 0.08), (0.66, 0.93), (0.62, 0.07), (0.35, 0.94), (0.1, 0.6), (0.9, 0.36)):
            _motifs.star(self.pen.at(x * width, y * height, unit * rng.uniform(0.022, 0.036), turn=rng.uniform(0, 60), weight=0.7))
        hero(self.pen.at(width * 0.5, height * 0.5, unit * 0.4, turn=16 if hero is _motifs.rocket else 0))

    def _in_the_air(self, hero: Motif, others: Sequence[Motif]) -> None:
        width, height, unit, rng = self.width, self.height, self.unit, self.rng
        self._sky(others, snow=False)
        self._hill(height * 0.84, 0.07 * height)
        for x in (0.27, 0.73)[: self.detail]:
            self._stand(rng.choice((_motifs.tree, _motifs.fir, _motifs.house)), x * width, height * 0.9, unit * 0.12, weight=0.8)
        self._hill(height * 0.92, 0.015 * height)
        hero(self.pen.at(width * 0.5, height * 0.48, unit * (0.36 if hero is not _motifs.balloon else 0.42)))
        self._foreground(snow=False)

    # ── what scenes are made of ───────────────────────────────────────────────────────────────────

    def _stand(self, motif: Motif, x: float, ground: float, size: float, weight: float = 1.0) -> None:
        """A motif with its feet on the ground."""
        motif(self.pen.at(x, ground - size, size, weight=weight, flip=motif not in (_motifs.boat,) and self.rng.random() < 0.5))

    def _sky(self, others: Sequence[Motif], snow: bool) -> None:
        """Sun or moon on one side, clouds, and whatever of the others flies."""
        width, height, unit, rng = self.width, self.height, self.unit, self.rng
        night = self._says("night", "moon", "bedtime", "halloween", "dreams")
        side = rng.choice((0.18, 0.82))
        (_motifs.moon if night else _motifs.sun)(self.pen.at(side * width, 0.13 * height, 0.12 * unit, flip=side > 0.5))
        flyers = [other for other in others if other in _FLYERS]
        spots = [(1 - side, 0.12), (0.5, 0.1), (0.13 if side < 0.5 else 0.87, 0.29), (0.87 if side < 0.5 else 0.13, 0.29)]
        for index, (x, y) in enumerate(spots[: 1 + self.detail]):
            motif = flyers.pop() if flyers and index != 1 else _motifs.star if night and index else _motifs.cloud
            size = unit * {_motifs.cloud: rng.uniform(0.1, 0.13), _motifs.star: 0.035}.get(motif, 0.1)
            motif(self.pen.at(x * width, y * height + unit * rng.uniform(-0.02, 0.02), size, weight=0.85))
        if snow:
            for _ in range(6 * self.detail):
                self.pen.oval(rng.uniform(0.05, 0.95) * width, rng.uniform(0.05, 0.5) * height, 0.009 * unit, line=0.7)

    def _hill(self, y: float, swell: float) -> None:
        """Ground from side to side and down to the page's end, its edge rolling."""
        phase = self.rng.uniform(0, 2 * math.pi)
        self._ground([y + swell * math.sin(phase + 1.3 * math.pi * index / 8) for index in range(-3, 12)], step=self.width / 8)

    def _waves(self, y: float) -> None:
        self._ground([y + (-1) ** index * 0.012 * self.height for index in range(-3, 12)], step=self.width / 8)

    def _ground(self, heights: Sequence[float], step: float) -> None:
        """What lies below an edge that begins and ends well outside of the page, where the curve
        closes itself unseen.
        """
        edge = [((index - 3) * step, y) for index, y in enumerate(heights)]
        self.pen.blob([*edge, (edge[-1][0] + step, 2 * self.height), (edge[0][0] - step, 2 * self.height)])

    def _road(self, y: float, depth: float) -> None:
        self.pen.polygon([(-50, y), (self.width + 50, y), (self.width + 50, y + depth), (-50, y + depth)])
        for index in range(5):
            self.pen.box(self.width * (0.04 + 0.2 * index), y + 0.84 * depth, 0.1 * self.width, 0.07 * depth)

    def _foreground(self, snow: bool) -> None:
        """Small things along the lower edge, none before the hero's face."""
        width, height, unit, rng = self.width, self.height, self.unit, self.rng
        small: Sequence[Motif] = _SMALL
        if asked := [motif for motif in self.motifs[1:] if motif in _SMALL]:
            small = asked
        elif snow:
            small = (_motifs.fir, _motifs.star)
        elif self._says("beach", "island", "desert"):
            small = (_motifs.shell, _motifs.cactus)
        spots = [0.1, 0.9, 0.22, 0.78][: 2 * max(1, self.detail - 1)]
        size = unit * (0.1 if self.pen.sheet.line < 6 else 0.14)  # thick lines need room
        for index, x in enumerate(spots):
            first = index < 2
            self._stand(rng.choice(small), x * width, height * (0.955 if first else 0.975), size * (1 if first else 0.65), weight=0.8)

    # ── pages without a scene ─────────────────────────────────────────────────────────────────────

    def _mandala(self) -> None:
        """Rings about a centre, the outermost first; each covers the inner part of the
        one before.
        """
        rng, unit = self.rng, self.unit
        middle = self.pen.at(self.width / 2, self.height / 2)
        count = rng.choice((8, 10, 12, 16))
        centre = self.motifs[0] if self.motifs and self.motifs[0] in _PLAIN else _motifs.bloom
        for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
            inset = 0.13 * unit
            if max(self.width, self.height) > 1.15 * unit:  # on a square page the rings reach into the corners
                centre(self.pen.at(abs(x * self.width - inset), abs(y * self.height - inset), 0.1 * unit))
        radius, rings = 0.46 * unit, 3 + self.detail
        step = radius / (rings + 1.2)
        for index in range(rings):
            if radius < 0.13 * unit:
                break
            ring = _RINGS[rng.randrange(len(_RINGS))] if index else _petals
            middle.oval(0, 0, radius - 0.55 * step)
            fitting = int(2 * math.pi * (radius - step) / (0.075 * unit))  # narrower pieces could not be coloured
            many = min(count * (2 if radius > 0.3 * unit and index % 2 else 1), max(6, fitting))
            for spot in middle.ring(many, radius - step, start=180 / many * (index % 2)):
                ring(spot, step, 2 * math.pi * (radius - step) / many)
            radius -= step
            middle.oval(0, 0, radius)
            if rng.random() < 0.5:
                radius -= 0.16 * step
                middle.oval(0, 0, radius)
        centre(middle.at(0, 0, 0.8 * radius, weight=0.85))

    def _pattern(self) -> None:
        """The same motifs over the whole page, in rows that are shifted against each other."""
        rng, width, height, unit = self.rng, self.width, self.height, self.unit
        columns = 2 + self.detail
        cell = width / columns
        rows = math.ceil(height / cell) + 1
        if not self.motifs and rng.random() < 0.5:
            self._scales(cell)
            return
        small = [_motifs.heart, _motifs.star]
        likely = [_motifs.bloom, _motifs.shell, _motifs.butterfly, _motifs.mushroom, _motifs.heart, _motifs.cupcake]
        chosen = self.motifs[:3] or rng.sample(likely, 3)
        for row in range(rows):
            for column in range(columns + 1):
                x, y = (column + 0.5 * (row % 2)) * cell, (row + 0.1) * cell
                motif = chosen[(column + 2 * row) % len(chosen)]
                motif(self.pen.at(x, y, 0.36 * cell, turn=rng.uniform(-14, 14), flip=rng.random() < 0.5, weight=0.72))
                filler = small[(row + column) % len(small)]
                filler(self.pen.at(x + 0.5 * cell, y + 0.02 * unit, 0.085 * cell, turn=rng.uniform(-30, 30), weight=0.7))

    def _scales(self, cell: float) -> None:
        """Scales, each row covering the upper half of the one below, with a figure in each."""
        figures = self.rng.sample([_arcs, _leaf, _drops, _daisy], 3)
        for row in range(math.ceil(self.height / (0.5 * cell)) + 2, -3, -1):
            for column in range(-1, math.ceil(self.width / cell) + 2):
                spot = self.pen.at((column + 0.5 * (row % 2)) * cell, row * 0.5 * cell, 0.5 * cell)
                spot.oval(0, 0, 1.0)
                figures[(row + 2 * column) % 3](spot.at(0, 0.12))


# ── rings of a mandala: each draws one piece, its foot at the origin, so long and so wide ─────────


def _petals(pen: Pen, length: float, width: float) -> None:
    half = 0.5 * width
    for part in (1.0, 0.6):
        pen.blob([
            (-half * part, 0.1 * length), (-0.8 * half * part, -0.55 * length * part), (0, -0.98 * length * part),
            (0.8 * half * part, -0.55 * length * part), (half * part, 0.1 * length),
        ])  # fmt: skip


def _pearls(pen: Pen, length: float, width: float) -> None:
    r = 0.42 * min(length, width)
    pen.oval(0, -0.5 * length, r)
    pen.oval(0, -0.5 * length, 0.5 * r)


def _spikes(pen: Pen, length: float, width: float) -> None:
    pen.polygon([(-0.5 * width, 0.08 * length), (0, -0.96 * length), (0.5 * width, 0.08 * length)])
    pen.oval(0, -0.26 * length, 0.13 * min(width, length))


def _drop_ring(pen: Pen, length: float, width: float) -> None:
    half = 0.34 * width
    pen.blob([
        (0, 0.02 * length), (-half, -0.5 * length), (-0.7 * half, -0.8 * length), (0, -0.92 * length),
        (0.7 * half, -0.8 * length), (half, -0.5 * length),
    ])  # fmt: skip
    pen.oval(0, -0.62 * length, 0.3 * half)


def _leaves(pen: Pen, length: float, width: float) -> None:
    for turn in (-16, 16):
        leaf = pen.at(0, 0.05 * length, turn=turn)
        leaf.blob([(0, 0), (-0.2 * width, -0.4 * length), (0, -0.95 * length), (0.2 * width, -0.4 * length)])
        leaf.curve([(0, -0.1 * length), (0, -0.6 * length)])


_RINGS: tuple[Callable[[Pen, float, float], None], ...] = (_petals, _pearls, _spikes, _drop_ring, _leaves)


# ── figures in scales ─────────────────────────────────────────────────────────────────────────────


def _arcs(pen: Pen) -> None:
    for r in (0.72, 0.48, 0.24):
        pen.oval(0, 0.1, r)


def _leaf(pen: Pen) -> None:
    pen.blob([(0, 0.8), (-0.34, 0.3), (0, -0.5), (0.34, 0.3)])
    pen.curve([(0, 0.7), (0, -0.2)])


def _drops(pen: Pen) -> None:
    for turn in (-38, 0, 38):
        pen.at(0, -0.2, turn=turn).blob([(0, 0.1), (-0.16, 0.6), (0, 0.84), (0.16, 0.6)])


def _daisy(pen: Pen) -> None:
    for petal in pen.at(0, 0.28).ring(7, 0.0):
        petal.blob([(-0.16, -0.3), (0, -0.48), (0.16, -0.3), (0, -0.02)])
    pen.oval(0, 0.28, 0.14)
