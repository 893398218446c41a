"""Those who draw and enlarge. One file per provider; here is what they have in common, beside the
`Meter` of `myjoe.providers.protocol`.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from myjoe.providers.protocol import Meter


@dataclass(frozen=True)
class DrawingOrder:
    """What an artist is asked for.

    prompt            what to draw, in words for this page alone; the adapter adds what its model
                      needs to hear about line art
    width, height     the page's proportions, in any unit; the adapter takes the nearest size its
                      model has
    seed              the same order with the same seed should give the same drawing, where the
                      model can
    key               names the step of the job, for providers that take idempotency keys: "<job
                      id>:<step>:<attempt>"
    user_hash         a pseudonym of the user, for providers that want to know who is behind a
                      request
    """

    prompt: str
    width: float
    height: float
    seed: int
    key: str
    user_hash: str = ""


@dataclass(frozen=True)
class Picture:
    """An image file as it came: PNG, JPEG, WEBP or SVG. Hostile until proved otherwise."""

    content: bytes
    media_type: str
    provider: str
    model: str
    request_id: str


class Artist(Protocol):
    """Draws a page."""

    async def draw(self, order: DrawingOrder, model: str, meter: Meter) -> Picture:
        """One drawing."""


class Upscaler(Protocol):
    """Enlarges a drawing and keeps its content."""

    async def enlarge(self, picture: Picture, model: str, meter: Meter) -> Picture:
        """The same drawing, larger."""
