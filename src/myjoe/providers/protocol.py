"""Those who draw, enlarge, judge and plan. One file per provider; here is what they have in common.

An adapter speaks HTTP and nothing else: it knows no job, no database and no price list. It tells a
`Meter` what a call costs, and raises the errors of `myjoe.errors`, whose type decides what
becomes of the job.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Meter(Protocol):
    """Books the calls of one step of one job. `units` is what was used, by the units of
    `provider_prices`.

    Units are "image", "input_token", "cached_input_token", "cache_write_token", "output_token",
    "second"; a provider that states the price itself says `micro_usd` instead.
    """

    @property
    def resumable(self) -> str | None:
        """The request id of an earlier attempt whose answer never came: ask for that before paying
        for another. None: there is none.
        """

    async def opened(self, request_id: str, units: Mapping[str, float]) -> None:
        """The provider has taken the request and will bill about this. Booked as an estimate
        *before* the answer is waited for.
        """

    async def closed(self, request_id: str, units: Mapping[str, float] | None = None, *, micro_usd: int | None = None) -> None:
        """What it really was; takes the place of the estimate, if there was one. Zero where the
        provider does not bill.
        """

    async def unknown(self, units: Mapping[str, float]) -> None:
        """A call may have been billed and nobody can tell (a timeout without a request id): booked
        as an estimate, once per attempt.

        Adapters say so of answers that were lost. A call that is stopped from outside is booked by
        whoever stops it.
        """


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


@dataclass(frozen=True)
class Opinion:
    """What a judge thinks: whether the page passes, why not (one sentence each, for a person), and
    what it measured.
    """

    accepted: bool
    reasons: Sequence[str] = ()
    measured: Mapping[str, Any] = field(default_factory=dict)


class Artist(Protocol):
    """Draws a page."""

    async def draw(self, order: DrawingOrder, model: str, meter: Meter) -> Picture:
        """One drawing."""


class Upscaler(Protocol):
    """Enlarges a drawing and keeps its content."""

    async def enlarge(self, picture: Picture, model: str, meter: Meter) -> Picture:
        """The same drawing, larger."""


class Judge(Protocol):
    """Looks at a page before it is finished."""

    async def look(self, thumbnail_png: bytes, prompt: str, audience: str, model: str, meter: Meter) -> Opinion:
        """An opinion on a small grey copy (longest side 768 px) of what was drawn for `prompt`."""


@dataclass(frozen=True)
class PlannedPage:
    """A page of a book as the brain plans it."""

    title: str
    prompt: str


@dataclass(frozen=True)
class BookPlan:
    """What the brain makes of a description: a title, one locked style for all pages, and the
    pages.
    """

    title: str
    style: str
    pages: Sequence[PlannedPage]


class Brain(Protocol):
    """Plans a book. Screens the description first (PromptRefusedError), before any
    money is spent.
    """

    async def plan(self, description: str, audience: str, pages: int, model: str, meter: Meter) -> BookPlan:
        """So many pages, each with a prompt of its own."""
