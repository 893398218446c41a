"""How a worker's leases are kept: a renewer outside the event loop renews them, and gives them up
in time.

The renewer is a thread with an event loop and a database connection of its own, so that neither a
long computation nor a full event loop keeps it from beating. It renews all leases in one call, and
only while the worker's loop turns: one that hangs does no page, and others are to have them. A
new lease is confirmed at once, beside the job's beginning, for a claim is answered before it is on
the disk (docs/discussion/database.md).
"""
from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from math import inf
from typing import Any
from uuid import UUID

from myjoe import telemetry
from myjoe.database.connection import RetryingConnection
from myjoe.database.protocol import Database, Row
from myjoe.database.statements import statements
from myjoe_worker.job import Job
from myjoe_worker.leases.clock import Clock
from myjoe_worker.leases.lease import Lease, StopReason

# Where notifications do not arrive, how often running jobs are asked after for a cancel, in
# seconds: it is to take effect within one.
CANCEL_POLL_SECONDS = 0.5
# The shortest pause after a beat that failed for another reason than an unreachable database, in
# seconds: one that never succeeds (a missing right) must not become a busy loop.
FAILED_BEAT_PAUSE_SECONDS = 1.0
# How long the worker's loop may take to come round, in seconds, before a beat is left out: as long
# as a heartbeat, and this at least. A busy machine takes tenths of a second.
TURN_SECONDS_MIN = 1.0
# At most so long `close` waits for a statement that is under way, in seconds: the process is about
# to end anyway.
CLOSE_SECONDS_MAX = 2.0

SQL = statements("myjoe_worker.leases")


class LeaseRenewer:
    """Renews all leases every `heartbeat_seconds`, and stops the jobs whose leases are lost,
    cancelled, or cannot be renewed.

    `connect` makes the renewer's own database connection, inside its thread. `clock` is the one
    that claims are timed by. While `hears_cancels` says no, running jobs are asked after.
    """

    def __init__(
        self,
        connect: Callable[[], RetryingConnection],
        *,
        lease_seconds: float,
        heartbeat_seconds: float,
        clock: Clock,
        hears_cancels: Callable[[], bool] = lambda: True,
    ) -> None:
        self.lease_seconds = lease_seconds
        self.heartbeat_seconds = heartbeat_seconds
        self._connect = connect
        self._clock = clock
        self._hears_cancels = hears_cancels
        self._lock = threading.Lock()
        self._leases: list[Lease] = []
        self._beat_not_before = 0.0
        self._asked_at = 0.0
        self._was_deaf = False
        self._soon = False
        # Where the jobs run; None where nobody's loop has to turn.
        self._worker_loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease renewer", daemon=True)

    # ── from any thread ───────────────────────────────────────────────────────────────────────────
    def start(self) -> None:
        """Begin; once. Called on a loop, leases are renewed while that one turns."""
        with suppress(RuntimeError):  # on none
            self._worker_loop = asyncio.get_running_loop()
        self._thread.start()
        self._started.wait()

    @property
    def beats(self) -> bool:
        """Whether the thread lives. It ends with `close` alone; a worker whose renewer has ended
        otherwise must end, too.
        """
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop beating; leases that are still held run out."""
        if self.beats:
            self._loop.call_soon_threadsafe(self._living.cancel)
            self._thread.join(CLOSE_SECONDS_MAX)

    def track(self, job: Job, taken_at: float) -> Lease:
        """Renew the lease of a job, which was claimed by a request sent at `taken_at`, until it is
        forgotten.
        """
        lease = Lease(job, self.lease_seconds, taken_at, self._clock)
        with self._lock:
            self._leases.append(lease)
        self._stir()
        return lease

    def forget(self, lease: Lease) -> None:
        """Renew the lease no longer: its job is settled."""
        with self._lock:
            self._leases.remove(lease)

    def beat_soon(self) -> None:
        """Renew, and hear of cancels, right away."""
        self._soon = True
        self._stir()

    # ── in the renewer's own thread ───────────────────────────────────────────────────────────────
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
                elif held and self._beat_at(held) <= self._clock.now():
                    await self._beat(database, held)
                elif held and self._ask_at() <= self._clock.now():
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
        now = self._clock.now()
        for lease in leases:
            if lease.good_until <= now:
                lease.stop(StopReason.SILENT)
        return [lease for lease in leases if lease.stopped not in (StopReason.LOST, StopReason.SILENT)]

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
            return 0.0 if self._was_deaf else inf
        return self._asked_at + CANCEL_POLL_SECONDS

    async def _wait(self, held: list[Lease]) -> None:
        """Until the next thing to do, or until somebody stirs us. That cancels are not heard any
        more is not told but seen.
        """
        moments = [self._beat_at(held), self._ask_at(), self._clock.now() + CANCEL_POLL_SECONDS, *(lease.good_until for lease in held)]
        await self._clock.wait_until(min(moments) if held else inf, self._stirred)

    async def _beat(self, database: Database, held: list[Lease]) -> None:
        if not await self._turns(min(lease.good_until for lease in held)):
            self._put_off(held, RuntimeError("the worker's loop does not come round"))
            return
        sent_at, self._soon = self._clock.now(), False
        rows = await self._try(
            database, held, "heartbeat", jobs=_jobs(held), tokens=_tokens(held), lease_seconds=self.lease_seconds
        )
        if rows is None:
            self._put_off(held)
            return
        telemetry.emit("lease.renewed", jobs=len(rows))
        for lease in _still_held(held, rows):
            lease.renew(sent_at)

    def _put_off(self, held: list[Lease], error: Exception | None = None) -> None:
        """The next beat comes a little later."""
        self._soon = False
        self._beat_not_before = self._clock.now() + min(FAILED_BEAT_PAUSE_SECONDS, self.heartbeat_seconds)
        if error is not None:
            self._failed(held, error)

    async def _turns(self, until: float) -> bool:
        """Whether the worker's loop comes round: it is asked to call back, and may take its time,
        but not beyond `until`.
        """
        if self._worker_loop is None:
            return True
        turned = asyncio.Event()
        try:
            self._worker_loop.call_soon_threadsafe(self._loop.call_soon_threadsafe, turned.set)
        except RuntimeError:  # it is closed
            return False
        patience = max(TURN_SECONDS_MIN, self.heartbeat_seconds)
        await self._clock.wait_until(min(self._clock.now() + patience, until), turned)
        return turned.is_set()

    async def _confirm(self, database: Database, fresh: list[Lease]) -> None:
        """Once for each lease. Where it fails, the next beat tells what has become of them."""
        rows = await self._try(database, fresh, "confirm", jobs=_jobs(fresh), tokens=_tokens(fresh))
        if rows is not None:
            _still_held(fresh, rows)
        for lease in fresh:
            lease.confirm()

    async def _ask(self, database: Database, held: list[Lease]) -> None:
        self._asked_at, self._was_deaf = self._clock.now(), not self._hears_cancels()
        rows = await self._try(database, held, "cancel_requested", jobs=_jobs(held))
        cancelled = {job for (job,) in rows or ()}
        for lease in held:
            if lease.job.id in cancelled:
                lease.stop(StopReason.CANCELLED)

    async def _try(self, database: Database, held: list[Lease], name: str, **values: Any) -> list[Row] | None:
        """The rows; None if they could not be had. Never takes longer than until the first lease
        has to be given up.
        """
        patience = min([self.lease_seconds, *(max(0.0, lease.good_until - self._clock.now()) for lease in held)])
        try:
            return await database.rows(SQL[name], values, patience_seconds=patience)
        except Exception as error:
            # Whatever it is, the renewer lives on: without it every job of this worker would be
            # stopped.
            self._failed(held, error)
        return None

    def _failed(self, held: list[Lease], error: Exception) -> None:
        seconds_left = min(lease.good_until for lease in held) - self._clock.now()
        telemetry.emit("lease.not_renewed", jobs=len(held), seconds_left=seconds_left, error=error)

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
            lease.stop(StopReason.LOST)
        elif cancels[lease.job.id]:
            lease.stop(StopReason.CANCELLED)
    return [lease for lease in leases if lease.job.id in cancels]
