"""Leases: the right to work on a job for a while. A heart outside the event loop keeps them, and
gives them up in time.

The heart is a thread with an event loop and a database connection of its own, so that neither a
long computation nor a full event loop keeps it from beating. It renews all leases in one call. A
lease that cannot be renewed is given up after two thirds of its time: the job has stopped before
anybody else may take it. A new lease is confirmed at once, beside the job's beginning, for a claim
is answered before it is on the disk (docs/database.md). The worker's clock is used for that alone;
who owns a job is the database's to say.
"""
from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from enum import Enum
from typing import Any
from uuid import UUID

from myjoe import telemetry
from myjoe.database.connection import RetryingConnection
from myjoe.database.protocol import Database, Row
from myjoe.database.statements import statements
from myjoe.errors import LeaseLostError
from myjoe_worker.job import Job

# The share of its time after which a lease that was not renewed is given up. Larger bears longer
# outages; smaller leaves the job more time to stop before somebody else may take it.
GIVE_UP_SHARE = 2 / 3
# Where notifications do not arrive, how often running jobs are asked after for a cancel, in
# seconds: it is to take effect within one.
CANCEL_POLL_SECONDS = 0.5
# The shortest pause after a beat that failed for another reason than an unreachable database, in
# seconds: one that never succeeds (a missing right) must not become a busy loop.
FAILED_BEAT_PAUSE_SECONDS = 1.0
# At most so long `close` waits for a statement that is under way, in seconds: the process is about
# to end anyway.
CLOSE_SECONDS_MAX = 2.0

SQL = statements("myjoe_worker.leases")


def now() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the process is stopped or the
    machine asleep.
    """
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Stop(Enum):
    """Why a running job has to stop, in words."""

    LOST = "another worker owns the job now"
    SILENT = "the lease could not be renewed in time"
    CANCELLED = "its user cancelled the job"
    LEAVING = "the worker leaves"
    OVERDUE = "the job took longer than any may"


class Lease:
    """The right to work on `job`. It ends with `stop`, from any thread; `stopped` then says why."""

    def __init__(self, job: Job, seconds: float, taken_at: float) -> None:
        self.job = job
        self.stopped: Stop | None = None
        self._seconds = seconds
        self._lock = threading.Lock()
        self._hooks: list[Callable[[], object]] = []
        self._over = False
        # Ends when the database has said, after the claim, that it will not forget it; or when
        # there is nothing left to wait for.
        self._word: Future[None] = Future()
        self.renewed_at = taken_at
        # Until then it need not be given up: never, once the job is stopping or settled anyway.
        self.good_until = taken_at + GIVE_UP_SHARE * seconds

    def renew(self, sent_at: float) -> None:
        """The database granted the whole time again, to a request that was sent at `sent_at`."""
        with self._lock:
            self.renewed_at = sent_at
            if self.stopped is None and not self._over:
                self.good_until = sent_at + GIVE_UP_SHARE * self._seconds

    @property
    def confirmed(self) -> bool:
        """Whether the database has been asked what it still knows of the claim."""
        return self._word.done()

    def confirm(self) -> None:
        """It has been asked."""
        with self._lock:
            if not self._word.done():
                self._word.set_result(None)

    async def check(self) -> None:
        """Raise LeaseLostError unless the job is still ours. To be called before every side effect.

        The first waits, a moment, for the claim to be on the disk: what a crash of the server
        undoes has had no effect.
        """
        if not self._word.done():
            await asyncio.shield(asyncio.wrap_future(self._word))
        if now() > self.good_until:
            self.stop(Stop.SILENT)
        if self.stopped is not None:
            raise LeaseLostError(self.stopped.value)

    def on_stop(self, hook: Callable[[], object]) -> Callable[[], None]:
        """Have `hook` called when the job has to stop, at once if that has happened. It must be
        quick, and runs in any thread.

        What is returned takes the hook back.
        """
        with self._lock:
            if self.stopped is None:
                self._hooks.append(hook)
                return lambda: self._forget(hook)
        hook()
        return lambda: None

    def stop(self, why: Stop) -> None:
        """The job has to stop. Only the first reason counts, and none after the handler's end."""
        with self._lock:
            if self.stopped is not None or self._over:
                return
            self.stopped, hooks = why, self._hooks
            self._hooks, self.good_until = [], float("inf")
        self.confirm()
        if why in (Stop.LOST, Stop.SILENT):
            telemetry.emit("lease.lost", job=self.job.id, token=self.job.lease_token, reason=why.value)
        for hook in hooks:
            try:
                hook()
            except Exception as error:
                # Of one job; the heart that called us has others to look after.
                telemetry.emit("lease.hook_failed", job=self.job.id, token=self.job.lease_token, error=error)

    def finish(self) -> Stop | None:
        """The handler has ended: nothing is left to stop. Why it was stopped, if it was."""
        with self._lock:
            self._over, self.good_until = True, float("inf")
            return self.stopped

    def _forget(self, hook: Callable[[], object]) -> None:
        with self._lock:
            if hook in self._hooks:
                self._hooks.remove(hook)


class Heart:
    """Renews all leases every `heartbeat_seconds`, and stops the jobs whose leases are lost,
    cancelled, or cannot be renewed.

    `connect` makes the heart's own database connection, inside its thread. While `hears_cancels`
    says no, running jobs are asked after.
    """

    def __init__(
        self,
        connect: Callable[[], RetryingConnection],
        *,
        lease_seconds: float,
        heartbeat_seconds: float,
        hears_cancels: Callable[[], bool] = lambda: True,
    ) -> None:
        self.lease_seconds = lease_seconds
        self.heartbeat_seconds = heartbeat_seconds
        self._connect = connect
        self._hears_cancels = hears_cancels
        self._lock = threading.Lock()
        self._leases: list[Lease] = []
        self._beat_not_before = 0.0
        self._asked_at = 0.0
        self._was_deaf = False
        self._soon = False
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    # ── from any thread ───────────────────────────────────────────────────────────────────────────
    def start(self) -> None:
        """Begin; once."""
        self._thread.start()
        self._started.wait()

    @property
    def beats(self) -> bool:
        """Whether the thread lives. It ends with `close` alone; a worker whose heart has ended
        otherwise must end, too.
        """
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop beating; leases that are still held run out."""
        if self.beats:
            self._loop.call_soon_threadsafe(self._living.cancel)
            self._thread.join(CLOSE_SECONDS_MAX)

    def hold(self, job: Job, taken_at: float) -> Lease:
        """Keep the lease of a job that was claimed by a request sent at `taken_at` (of `now`),
        until it is let go.
        """
        lease = Lease(job, self.lease_seconds, taken_at)
        with self._lock:
            self._leases.append(lease)
        self._stir()
        return lease

    def let_go(self, lease: Lease) -> None:
        """The job is settled."""
        with self._lock:
            self._leases.remove(lease)

    def beat_soon(self) -> None:
        """Renew, and hear of cancels, right away."""
        self._soon = True
        self._stir()

    # ── in the heart's own thread ─────────────────────────────────────────────────────────────────
    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._live())

    async def _live(self) -> None:
        self._loop, self._stirred = asyncio.get_running_loop(), asyncio.Event()
        self._living = asyncio.ensure_future(self._beat_on())
        self._started.set()
        await self._living

    async def _beat_on(self) -> None:
        database = self._connect()
        try:
            while True:
                self._stirred.clear()
                held = self._held()
                if fresh := [lease for lease in held if not lease.confirmed]:
                    await self._confirm(database, fresh)
                elif held and self._beat_at(held) <= now():
                    await self._beat(database, held)
                elif held and self._ask_at() <= now():
                    await self._ask(database, held)
                else:
                    await self._wait(held)
        finally:
            await database.close()

    def _held(self) -> list[Lease]:
        """The leases that are worth keeping; those that were not renewed in time are
        given up here.
        """
        with self._lock:
            leases = list(self._leases)
        for lease in leases:
            if lease.good_until < now():
                lease.stop(Stop.SILENT)
        return [lease for lease in leases if lease.stopped not in (Stop.LOST, Stop.SILENT)]

    def _beat_at(self, held: Iterable[Lease]) -> float:
        if self._soon:
            return 0.0
        oldest = min((lease.renewed_at for lease in held), default=0.0)
        return max(self._beat_not_before, oldest + self.heartbeat_seconds)

    def _ask_at(self) -> float:
        """While cancels are not heard, twice a second; and once more when they are again, for what
        came in between.
        """
        if self._hears_cancels():
            return 0.0 if self._was_deaf else float("inf")
        return self._asked_at + CANCEL_POLL_SECONDS

    async def _wait(self, held: list[Lease]) -> None:
        """Until the next thing to do, or until somebody stirs us. That cancels are not heard any
        more is not told but seen.
        """
        times = [self._beat_at(held), self._ask_at(), now() + CANCEL_POLL_SECONDS, *(lease.good_until for lease in held)]
        next_at = min(times) if held else None
        with suppress(TimeoutError):
            async with asyncio.timeout(next_at and max(0.0, next_at - now())):
                await self._stirred.wait()

    async def _beat(self, database: Database, held: list[Lease]) -> None:
        sent_at, self._soon = now(), False
        rows = await self._try(
            database, held, "heartbeat", jobs=_jobs(held), tokens=_tokens(held), lease_seconds=self.lease_seconds
        )
        if rows is None:
            self._beat_not_before = now() + min(FAILED_BEAT_PAUSE_SECONDS, self.heartbeat_seconds)
            return
        telemetry.emit("heart.beat", jobs=len(rows))
        for lease in _still_held(held, rows):
            lease.renew(sent_at)

    async def _confirm(self, database: Database, fresh: list[Lease]) -> None:
        """Once for each lease. Where it fails, the next beat tells what has become of them."""
        rows = await self._try(database, fresh, "confirm", jobs=_jobs(fresh), tokens=_tokens(fresh))
        if rows is not None:
            _still_held(fresh, rows)
        for lease in fresh:
            lease.confirm()

    async def _ask(self, database: Database, held: list[Lease]) -> None:
        self._asked_at, self._was_deaf = now(), not self._hears_cancels()
        rows = await self._try(database, held, "cancel_requested", jobs=_jobs(held))
        cancelled = {job for (job,) in rows or ()}
        for lease in held:
            if lease.job.id in cancelled:
                lease.stop(Stop.CANCELLED)

    async def _try(self, database: Database, held: list[Lease], name: str, **values: Any) -> list[Row] | None:
        """The rows; None if they could not be had. Never takes longer than until the first lease
        has to be given up.
        """
        patience = min([self.lease_seconds, *(max(0.0, lease.good_until - now()) for lease in held)])
        try:
            return await database.rows(SQL[name], values, patience_seconds=patience)
        except Exception as error:
            # Whatever it is, the heart lives on: without it every job of this worker would be
            # stopped.
            seconds_left = min(lease.good_until for lease in held) - now()
            telemetry.emit("heart.failed", jobs=len(held), seconds_left=seconds_left, error=error)
        return None

    def _stir(self) -> None:
        self._loop.call_soon_threadsafe(self._stirred.set)


def _jobs(leases: Iterable[Lease]) -> list[UUID]:
    return [lease.job.id for lease in leases]


def _tokens(leases: Iterable[Lease]) -> list[int]:
    return [lease.job.lease_token for lease in leases]


def _still_held(leases: Iterable[Lease], rows: Iterable[tuple[Any, ...]]) -> list[Lease]:
    """Those of the leases that are among the rows (id, cancel); the others are lost. Jobs whose
    users want it are stopped.
    """
    cancels = dict(rows)
    for lease in leases:
        if lease.job.id not in cancels:
            lease.stop(Stop.LOST)
        elif cancels[lease.job.id]:
            lease.stop(Stop.CANCELLED)
    return [lease for lease in leases if lease.job.id in cancels]
