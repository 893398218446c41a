"""Draw the Studio's illustrations: pages as customers get them, and one as a telephone saw it, to
be finished before a visitor's eyes. `make docs` writes src/myjoe_studio/static/pages.
"""
from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from linefinish import finish, read_gray
from myjoe_worker.sketching.sketch import draw

TARGET = Path(__file__).parents[1] / "src/myjoe_studio/static/pages"
# Proportions of letter paper.
WIDTH, HEIGHT = 8.5, 11.0
# Name, prompt, seed: a book of the night forest, and a few pages of others.
PAGES = (
    ("owl", "A bold line drawing of an owl on a branch by the moon with trees", 2),
    ("fox", "A fox and mushrooms in the forest, bold", 3),
    ("butterfly", "Butterfly and flowers, detailed, medium", 3),
    ("dinosaur", "A dinosaur by a volcano, bold", 1),
    ("castle", "A castle with a dragon and a moon, detailed, medium", 1),
    ("whale", "A whale with a small boat and fish in the sea, medium lines", 2),
    ("rocket", "A rocket among planets and stars, bold simple", 1),
    ("mandala", "An intricate mandala, fine lines", 2),
)
# The page that is photographed, as wide as a telephone's preview, and how it is kept.
SAMPLE, SAMPLE_WIDTH, QUALITY = "owl", 640, 62


def photographed(content: bytes) -> Image.Image:
    """A page under a lamp from the upper left: uneven light, soft edges, a sensor's noise."""
    page = Image.open(io.BytesIO(content)).convert("L")
    page = page.resize((SAMPLE_WIDTH, round(SAMPLE_WIDTH * page.height / page.width)), Image.Resampling.BOX)
    page = page.filter(ImageFilter.GaussianBlur(0.9))
    x, y = np.meshgrid(np.linspace(0, 1, page.width), np.linspace(0, 1, page.height))
    light = 0.93 - 0.34 * (0.55 * x + 0.45 * y) ** 1.4
    noise = np.random.default_rng(1).normal(0, 2.2, light.shape)
    levels = 34 + (np.asarray(page, dtype=float) - 20) * 0.9 * light + noise
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def main() -> None:
    """Draw and finish all of them."""
    TARGET.mkdir(exist_ok=True)
    for name, prompt, seed in PAGES:
        drawn = draw(prompt, WIDTH, HEIGHT, seed, vector=False)
        if name == SAMPLE:
            photographed(drawn).save(TARGET / f"{name}-before.webp", quality=QUALITY, method=6)
            drawn = (TARGET / f"{name}-before.webp").read_bytes()
        finish(read_gray(drawn)).write(TARGET / f"{name}.svg")


if __name__ == "__main__":
    main()
