"""Drawings for books: small, each of another shape."""
from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

import linefinish


def draw(number: int, size: tuple[int, int] = (550, 700)) -> Image.Image:
    """A page of circles and polygons of which no two are alike."""
    chance = random.Random(number)
    image = Image.new("L", size, 255)
    pen = ImageDraw.Draw(image)
    for _ in range(5):
        x, y, r = chance.randint(120, size[0] - 120), chance.randint(120, size[1] - 120), chance.randint(40, 110)
        corners = chance.randint(3, 9)
        way = [(x + r * math.cos(2 * math.pi * at / corners), y + r * math.sin(2 * math.pi * at / corners)) for at in range(corners + 1)]
        pen.line(way, fill=0, width=6, joint="curve")
    return image


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of ten images, page-1.png to page-10.png."""
    folder = tmp_path_factory.mktemp("images")
    for number in range(1, 11):
        draw(number).save(folder / f"page-{number}.png")
    return folder


@pytest.fixture(scope="session")
def finished(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, finished: five SVG, five PDF."""
    folder = tmp_path_factory.mktemp("finished")
    for number in range(1, 11):
        result = linefinish.finish(images / f"page-{number}.png")
        result.write(folder / f"page-{number}.{'svg' if number % 2 else 'pdf'}", width_pt=550.0)
    return folder
