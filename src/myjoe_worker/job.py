"""`Job`, what a worker is given, and `Result`, what it hands in. Plain data: no database, no
network, no clock.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True)
class Pause:
    """Somebody refuses, and is left alone for a while.

    seconds       until they may be asked again, from the claim on; 0 where that is now
    kind, reason  of the last refusal: the kind of its error, and its words
    """

    seconds: float
    kind: str
    reason: str


@dataclass(frozen=True)
class Job:
    """One page to be made, and the lease under which it may be.

    lease_token         grows with each claim; every write of the worker carries it
    type, payload       what to make; `payload` is the page's part of the run's manifest and its
                        number, "page"
    operations          what was paid for: "raster" or "vector", perhaps "fix_upscale"
    attempts            this one included, 1 …
    cogs_max_micro_usd  what all attempts together may cost us; None where nothing was agreed
    fault               why the payload cannot be read, where it cannot; the payload is empty then
    paused              who was known to refuse when the job was claimed: providers, "storage"
    """

    id: UUID
    lease_token: int
    type: str
    payload: Mapping[str, Any]
    operations: tuple[str, ...]
    user_id: UUID
    run_id: UUID | None
    attempts: int
    max_attempts: int
    cogs_max_micro_usd: int | None
    fault: str | None = None
    paused: Mapping[str, Pause] = field(default_factory=dict)


class Draft(Protocol):
    """What a result was made of, and what would be bought again without it."""

    async def held_up(self) -> None:
        """The database cannot be told of the result now, and another worker may have to make it."""

    async def accepted(self) -> None:
        """The result is accepted: nobody needs it any more."""


@dataclass(frozen=True)
class Result:
    """What a finished page is: a row of `generations`.

    files  storage key by kind: "png", "svg", "pdf", "thumbnail"
    qc     what the judges and the finisher measured, as JSON
    draft  what it was made of, which is kept until it is accepted
    """

    provider: str
    model: str
    width_px: int
    height_px: int
    dpi: int
    bit_depth: int
    files: Mapping[str, str]
    qc: Mapping[str, Any] = field(default_factory=dict)
    draft: Draft | None = field(default=None, compare=False)

    def to_mapping(self) -> dict[str, Any]:
        """Names and values, ready for JSON, as `complete_jobs` takes them."""
        row = {**vars(self), "files": dict(self.files), "qc": dict(self.qc)}
        del row["draft"]
        return row
