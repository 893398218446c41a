"""`sketch`: draws real line art without network, account or cost. For demo and tests only;
production never falls back to it.

What it hands out looks like what image models do: soft edges, off-white paper, uneven ink, a wash
here and there, specks; so the finisher has real work. The model "sketch" gives such PNGs,
"sketch-vector" a clean SVG as vector models do.
"""
from __future__ import annotations

import hashlib
import io

import numpy as np
import resvg_py
from PIL import Image, ImageFilter

from myjoe.errors import ImageRefusedError
from myjoe.providers.protocol import Meter
from myjoe_worker.imaging.processes import ImageProcesses
from myjoe_worker.providers.protocol import DrawingOrder, Picture
from myjoe_worker.sketching import _sketchbook

# Paper and ink of image models, in greys, and how they scatter.
_PAPER, _INK, _NOISE = 250, 22, 2.5
# Blur of their edges, in pixels.
_SOFTNESS_PX = 0.7
# Dark specks of 1 to 2 px that they leave on the paper.
_SPECKS = 24
# One shape in so many gets a wash.
_WASHED_ONE_IN = 14
# No picture is enlarged beyond this, as with real upscalers.
_ENLARGED_SIDE_PX_MAX = 4096


class SketchArtist:
    """Draws pages. The same order gives the same picture."""

    def __init__(self, processes: ImageProcesses) -> None:
        self._processes = processes

    async def draw(self, order: DrawingOrder, model: str, meter: Meter) -> Picture:
        """One drawing, at no cost."""
        vector = model == "sketch-vector"
        content = await self._processes.run(draw, order.prompt, order.width, order.height, order.seed, vector)
        await meter.closed(_request_id(order.key), {"image": 1}, micro_usd=0)
        return Picture(content, "image/svg+xml" if vector else "image/png", "sketch", model, _request_id(order.key))


class SketchUpscaler:
    """Doubles a picture."""

    def __init__(self, processes: ImageProcesses) -> None:
        self._processes = processes

    async def enlarge(self, picture: Picture, model: str, meter: Meter) -> Picture:
        """The same drawing, twice as wide and high; an SVG, which has no size, as it is."""
        if picture.media_type == "image/svg+xml":
            return picture
        content = await self._processes.run(enlarge, picture.content)
        await meter.closed(f"{picture.request_id}-enlarged", {"image": 1}, micro_usd=0)
        return Picture(content, "image/png", "sketch", model, f"{picture.request_id}-enlarged")


def _request_id(key: str) -> str:
    return f"sketch-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


# ── in a child process ────────────────────────────────────────────────────────────────────────────


def draw(prompt: str, width: float, height: float, seed: int, vector: bool) -> bytes:
    """The page as an SVG, or as the PNG that an image model would have made of it."""
    svg = _sketchbook.draw(prompt, width, height, seed).svg()
    if vector:
        return svg
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}:{prompt}".encode()).digest()[:8]))
    drawing = resvg_py.svg_to_bytes(svg_string=_washed(svg.decode(), rng), skip_system_fonts=True)
    with Image.open(io.BytesIO(bytes(drawing))) as image:
        return _as_generated(image.convert("L"), rng)


def enlarge(content: bytes) -> bytes:
    """The PNG at twice its size."""
    with Image.open(io.BytesIO(content)) as image:
        if max(image.size) > _ENLARGED_SIDE_PX_MAX // 2:
            raise ImageRefusedError(f"the picture of {image.width} × {image.height} px is too large to be enlarged")
        return _png(image.convert("L").resize((2 * image.width, 2 * image.height), Image.Resampling.BICUBIC))


def _washed(svg: str, rng: np.random.Generator) -> str:
    """Some shapes with a pale wash in them, as models shade what they were asked to leave white."""
    stops = '<stop offset="0.4" stop-color="#fff"/><stop offset="1" stop-color="#e4e4e4"/>'
    wash = f'<defs><linearGradient id="wash" x2="0.3" y2="1">{stops}</linearGradient></defs>'
    head, *marks = svg.split("\n")
    for index, mark in enumerate(marks):
        if mark.startswith("<path") and "fill" not in mark and rng.random() < 1 / _WASHED_ONE_IN:
            marks[index] = mark.replace("<path", '<path fill="url(#wash)"', 1)
    return "\n".join((head, wash, *marks))


def _as_generated(image: Image.Image, rng: np.random.Generator) -> bytes:
    """The drawing with the faults of image models."""
    ink = 1 - np.asarray(image.filter(ImageFilter.GaussianBlur(_SOFTNESS_PX)), np.float32) / 255
    height, width = ink.shape
    coarse = Image.fromarray(rng.normal(0, 9, (height // 64 + 2, width // 64 + 2)).astype(np.float32), "F")
    uneven = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
    greys = _PAPER - ink * (_PAPER - _INK - uneven) + rng.normal(0, _NOISE, ink.shape)
    for _ in range(_SPECKS):
        x, y, side = rng.integers(2, width - 3), rng.integers(2, height - 3), rng.integers(1, 3)
        greys[y : y + side, x : x + side] = rng.integers(60, 170)
    return _png(Image.fromarray(np.clip(greys, 0, 255).round().astype(np.uint8), "L"))


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
