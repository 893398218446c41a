"""`Pauses`: who refuses is left alone for a while, by all workers.

A provider that is busy or does not accept our account, or a storage that takes nothing, is paused
with the first refusal. Each claim tells who is (`Job.paused`), so it costs no question of its own.
When the pause is over, the next page asks again; that it is answered ends the pause, and another
refusal makes it longer.
"""
from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from myjoe import telemetry
from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import (
    FileRefusedError,
    OperatorError,
    ProviderAccountError,
    ProviderBusyError,
    ProviderError,
    ProviderOutError,
    SnoozeError,
    StorageAwayError,
)
from myjoe.storage.keys import TRIAL_BYTES
from myjoe.storage.protocol import Storage
from myjoe_worker.job import Job

SQL = statements("myjoe_worker")
STORAGE = "storage"
# So many failures in a row, of whatever pages, are no accident. Fewer pauses a provider that is
# only shaky; more costs more pages an attempt.
OUT_FAILURES = 3
# How long one that is out is left alone at first, in seconds.
OUT_SECONDS = 30.0
# By how much a page comes later than the pause ends, as a share: so that not all come at once.
SPREAD = 0.2
# Those refusals that are of the whole key and not of one page: what a page meets while they last.
ERRORS: dict[str, type[SnoozeError]] = {error.kind: error for error in (ProviderBusyError, ProviderAccountError, StorageAwayError)}


class Pauses:
    """Begins and ends pauses, and holds pages to them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # How often each failed in a row here, whatever it was asked.
        self._failures: Counter[str] = Counter()

    def require(self, job: Job, what: str) -> None:
        """Raise what the last one met if `what` may not be asked yet, as of the job's claim."""
        pause = job.paused.get(what)
        if pause is not None and pause.seconds > 0:
            refusal = ERRORS.get(pause.kind, OperatorError)(pause.reason, pause.seconds * random.uniform(1.0, 1.0 + SPREAD))
            raise refusal.of(what) if isinstance(refusal, OperatorError) else refusal

    async def refused(self, what: str, error: SnoozeError) -> None:
        """`what` has refused: it is left alone for as long as the error says, or longer."""
        values = {"what": what, "kind": error.kind, "reason": str(error)[:500], "after_seconds": error.after_seconds}
        [(began, seconds)] = await self._database.rows(SQL["begin_pause"], values)
        if began:
            telemetry.emit("pause.began", provider=what, kind=error.kind, error=str(error), after_seconds=seconds)

    async def failed(self, job: Job, what: str, error: ProviderError) -> None:
        """`what` is out or silent. After some times in a row it is paused; and while it is known to
        be out, a page that has asked in vain, and for nothing, has not been tried: raises
        ProviderBusyError.
        """
        self._failures[what] += 1
        if self._failures[what] < OUT_FAILURES and what not in job.paused:
            return
        out = ProviderBusyError(f"{what} is out: {error}", max(OUT_SECONDS, error.retry_after_seconds or 0.0))
        await self.refused(what, out)
        if isinstance(error, ProviderOutError):
            raise out from error

    async def answered(self, job: Job, what: str) -> None:
        """`what` has answered well; it costs a question only where it was paused."""
        self._failures.pop(what, None)
        if what in job.paused:
            [(seconds,)] = await self._database.rows(SQL["end_pause"], {"what": what})
            if seconds is not None:
                telemetry.emit("pause.ended", provider=what, seconds=seconds)

    @asynccontextmanager
    async def minding_storage(self, job: Job, storage: Storage) -> AsyncIterator[None]:
        """Inside, files go to the storage. One that is paused is tried first, with a file of no
        matter; one that refuses is paused. Where it refuses a file in words that we do not know, it
        is tried so too: what would meet any file is no fault of this one.
        """
        await self.probe(job, STORAGE, lambda: try_storage(storage))
        try:
            try:
                yield
            except FileRefusedError:
                await try_storage(storage)
                raise
        except StorageAwayError as error:
            await self.refused(STORAGE, error)
            raise

    async def probe(self, job: Job, what: str, ask: Callable[[], Awaitable[object]]) -> None:
        """If `what` is paused, ask it for nothing that matters, before anything is done that would
        be lost. Raises what it answers.
        """
        if what not in job.paused:
            return
        self.require(job, what)
        try:
            await ask()
        except SnoozeError as error:
            await self.refused(what, error)
            raise
        await self.answered(job, what)


async def try_storage(storage: Storage) -> None:
    """Try a storage with a file of no matter; StorageAwayError if it has not even that."""
    try:
        await storage.check(TRIAL_BYTES)
    except FileRefusedError as error:
        raise StorageAwayError(str(error)) from error
