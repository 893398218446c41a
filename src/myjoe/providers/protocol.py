"""Who plans books, and how their calls are metered. One file per provider; here is what they have
in common.

A provider's adapter speaks HTTP and nothing else: it knows no job, no database and no price list.
It tells a `Meter` what a call costs, and raises the errors of `myjoe.errors`, whose type decides
what becomes of the job.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

# Characters of a description. A person writes a few hundred; more is somebody who wants a cheap
# language model.
DESCRIPTION_CHARACTERS_MAX = 4000
# A question; more is a text that somebody wants worked on.
QUESTION_CHARACTERS_MAX = 500

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

    async def intended(self, units: Mapping[str, float], seconds: float = 0.0) -> None:
        """A call is about to be made that costs about this, and has no id before it is answered.
        Noted *before* it is made, so that one whose asker is killed is counted as paid. `seconds`
        from now on it has ended, and what it brought is kept: nobody else asks anew before that.

        Raises LeaseLostError where somebody else may ask already.
        """

    async def withdrawn(self) -> None:
        """What was `intended` has cost nothing: the provider has refused it, or never heard of
        it.
        """

    async def opened(self, request_id: str, units: Mapping[str, float]) -> None:
        """The provider has taken the request and will bill about this. Booked as an estimate
        *before* the answer is waited for.
        """

    async def closed(self, request_id: str, units: Mapping[str, float] | None = None, *, micro_usd: int | None = None) -> None:
        """What it really was; takes the place of the estimate, if there was one. Zero where the
        provider does not bill.
        """

    async def delivered(
        self, request_id: str, units: Mapping[str, float] | None = None, *, micro_usd: int | None = None
    ) -> None:
        """What was `opened` or `intended` has ended, and its picture is in hand: as `closed`, but
        not before the picture is kept. Until then the next attempt would ask for it again, where
        the provider can be asked, or look where pictures are kept.
        """

    async def unknown(self, units: Mapping[str, float]) -> None:
        """A call may have been billed and nobody can tell (a timeout without a request id): booked
        as an estimate, once per attempt.

        Adapters say so of answers that were lost. A call that is stopped from outside is booked by
        whoever stops it.
        """


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
