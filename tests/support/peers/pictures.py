"""What generators send: line drawings with soft edges and a little grey, and what nobody wants to
get.
"""
from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw

# Drawn larger and scaled down, for soft edges.
OVERSAMPLING = 2


def line_art(width: int = 832, height: int = 1216, seed: int = 1) -> Image.Image:
    """Closed shapes in even black outlines on white."""
    chance = random.Random(seed)
    image = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING), 255)
    draw = ImageDraw.Draw(image)
    stroke = max(6, round(max(width, height) / 200)) * OVERSAMPLING
    columns, rows = 3, 4
    for column in range(columns):
        for row in range(rows):
            left, top = (column + 0.15) * image.width / columns, (row + 0.15) * image.height / rows
            right, bottom = (column + 0.85) * image.width / columns, (row + 0.85) * image.height / rows
            shape = chance.choice(("ellipse", "house", "box", "rings"))
            if shape in ("ellipse", "rings"):
                draw.ellipse((left, top, right, bottom), outline=0, width=stroke)
            if shape == "rings":
                inset = min(right - left, bottom - top) / 4
                draw.ellipse((left + inset, top + inset, right - inset, bottom - inset), outline=0, width=stroke)
            if shape == "box":
                draw.rounded_rectangle((left, top, right, bottom), radius=(right - left) / 5, outline=0, width=stroke)
            if shape == "house":
                middle, eaves = (left + right) / 2, top + (bottom - top) / 2
                corners = [(left, eaves), (middle, top), (right, eaves), (right, bottom), (left, bottom), (left, eaves), (right, eaves)]
                draw.line(corners, fill=0, width=stroke, joint="curve")
    return image.resize((width, height), Image.Resampling.LANCZOS)


def encoded(image: Image.Image, kind: str) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def png(width: int = 832, height: int = 1216, seed: int = 1) -> bytes:
    return encoded(line_art(width, height, seed), "PNG")


def webp(width: int = 832, height: int = 1216, seed: int = 1) -> bytes:
    return encoded(line_art(width, height, seed), "WEBP")


def jpeg(width: int = 832, height: int = 1216, seed: int = 1) -> bytes:
    return encoded(line_art(width, height, seed), "JPEG")


def grey(width: int = 832, height: int = 1216) -> bytes:
    """A shaded picture: no line art, and no white."""
    return encoded(Image.linear_gradient("L").resize((width, height)), "PNG")


def large_png(width: int = 1024, height: int = 1024) -> bytes:
    """Noise, which no PNG makes small: larger than what travels inside a request."""
    return encoded(Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height)), "PNG")


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 896 1216" width="896" height="1216">'
    b'<rect width="896" height="1216" fill="#fff"/><g fill="none" stroke="#000" stroke-width="10">'
    b'<circle cx="448" cy="400" r="220"/><circle cx="370" cy="340" r="40"/><circle cx="526" cy="340" r="40"/>'
    b'<path d="M300 480 Q448 600 596 480 Z"/><rect x="200" y="760" width="496" height="300"/></g></svg>'
)
SVG_WITH_SCRIPT = SVG.replace(b"</svg>", b"<script>fetch('https://example.org/')</script></svg>")


def of_kind(kind: str, width: int = 832, height: int = 1216, seed: int = 1) -> bytes:
    """By name: png, webp, jpeg, grey, svg, svg_with_script, html, nothing."""
    if kind in ("png", "webp", "jpeg"):
        return encoded(line_art(width, height, seed), kind.upper())
    return {
        "grey": grey(width, height), "svg": SVG, "svg_with_script": SVG_WITH_SCRIPT,
        "html": b"<!DOCTYPE html><html><body>not here</body></html>", "nothing": b"",
    }[kind]  # fmt: skip
