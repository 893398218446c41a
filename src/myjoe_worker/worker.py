"""The loop: claim, run, settle, wait. What a job is and how it is made is the handler's to know; start reading at `Worker`.

A handler takes a job and its lease and returns what it made. The type of the error it raises decides what becomes of the job: see
`errors.py`. Whatever handlers and the database do, the loop goes on.
"""
from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar

from myjoe_worker.errors import DatabaseUnreachableError, JobError, LeaseLostError, PermanentError, RetryableError, SnoozeError
from myjoe_worker.job import Job, Result
from myjoe_worker.lease import GIVE_UP_SHARE, Heart, Lease, Stop, now
from myjoe_worker.queues import Queue
from myjoe_worker.settings import Settings

_log = logging.getLogger(__name__)

# A worker that was woken looks once more after so long, in seconds: notifications are at least this far apart (docs/database.md), and one
# that was swallowed may have been for a job of its own.
LOOK_AGAIN_SECONDS = 0.005
# The shortest wait for something that is said to be due, in seconds. Less would be a busy loop while another worker has it locked; more would
# be felt when a dead worker's job is taken over.
DUE_PAUSE_SECONDS = 0.1
# Between two questions to a database that refuses to answer, in seconds. Unreachable ones are waited for by the link itself.
REFUSED_PAUSE_SECONDS = 1.0
# How often an outcome is offered to a database that refuses it, before the job is left to its lease.
OFFERS_MAX = 5
# No page takes this long, in seconds, all waiting for providers included: a job that does hangs.
JOB_SECONDS_MAX = 3600.0
# How long jobs may take, after the grace, to stop and to be handed back, in seconds. Platforms give five more than the grace.
HAND_BACK_SECONDS = 3.0

Handler = Callable[[Job, Lease], Awaitable[Result | None]]
Answer = TypeVar("Answer")


class Listener(Protocol):
    """Hears what the database calls out: a hint, and never more."""

    async def wait(self, timeout: float | None = None) -> str | None:
        """What was heard: "jobs", "cancel:<run id>", or None when the time is over."""


class Worker:
    """Works on up to `settings.concurrency` jobs at a time, until it is told to leave."""

    def __init__(self, settings: Settings, queue: Queue, handler: Handler, heart: Heart, listener: Listener) -> None:
        self._settings = settings
        self._queue = queue
        self._handler = handler
        self._heart = heart
        self._listener = listener
        self._running: dict[asyncio.Task[None], Lease] = {}
        self._stirred = asyncio.Event()
        self._leaving = asyncio.Event()
        self._in_haste = asyncio.Event()
        # When the database last answered a claim, on the clock of `now`; for /health.
        self.claimed_at: float | None = None

    async def run(self, *, once: bool = False) -> None:
        """Work until `leave` is called; with `once`, until there is nothing to do."""
        listening = asyncio.create_task(self._listen())
        looking = asyncio.create_task(self._look_for_jobs(once))
        leaving = asyncio.create_task(self._leaving.wait())
        await asyncio.wait({looking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        await self._leave(looking)
        for task in (listening, leaving):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await looking

    def leave(self) -> None:
        """Claim no more; leave when what runs has finished, or hand it back when the grace is over. Called again: hand it back now."""
        if self._leaving.is_set():
            self._in_haste.set()
        self._leaving.set()
        self._stirred.set()

    @property
    def leases(self) -> Sequence[Lease]:
        """Those of the jobs that run now."""
        return list(self._running.values())

    # ── claim and wait ───────────────────────────────────────────────────────────────────────────────────────────────────────────
    async def _look_for_jobs(self, once: bool) -> None:
        while not self._leaving.is_set():
            self._stirred.clear()
            pause = self._settings.poll_seconds
            try:
                room = self._settings.concurrency - len(self._running)
                if room and await self._claim(room) < room:
                    if once and not self._running:
                        return
                    due = await self._queue.next_due()
                    pause = min(pause, max(due, DUE_PAUSE_SECONDS)) if due is not None else pause
            except Exception as error:
                if once:
                    raise
                _log.error("claim.failed", exc_info=error)
                pause = REFUSED_PAUSE_SECONDS
            await self._wait(pause)

    async def _claim(self, room: int) -> int:
        """Claim up to `room` jobs and start them; how many there were."""
        sent_at = now()
        jobs = await self._queue.claim(room, per_user_max=self._settings.concurrency_per_user)
        self.claimed_at = now()
        # An answer that was long under way (the database was away) leaves too little of the lease to begin.
        if jobs and (self._leaving.is_set() or now() - sent_at > GIVE_UP_SHARE * self._settings.lease_seconds):
            await self._queue.release(jobs)
            return len(jobs)
        for job in jobs:
            task = asyncio.create_task(self._work(job, self._heart.hold(job, sent_at)))
        return len(jobs)

    async def _wait(self, seconds: float) -> None:
        """Until something stirs us, but no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
