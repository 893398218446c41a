"""A lease: the right to work on a job for a while, by the worker's own clock.

It counts from when it was asked for, and is given up after two thirds of its time: the job has
stopped before anybody else may take it. The worker's clock is used for that alone; who owns a job
is the database's to say. `renewing` keeps all leases of a worker.
"""
from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum
from math import inf

from myjoe import telemetry
from myjoe.errors import LeaseLostError
from myjoe_worker.job import Job
from myjoe_worker.leases.clock import Clock

# The share of its time after which a lease that was not renewed is given up. Larger bears longer
# outages; smaller leaves the job more time to stop before somebody else may take it.
GIVE_UP_SHARE = 2 / 3


class StopReason(Enum):
    """Why a running job has to stop, in words."""

    LOST = "another worker owns the job now"
    SILENT = "the lease could not be renewed in time"
    CANCELLED = "its user cancelled the job"
    LEAVING = "the worker leaves"
    OVERDUE = "the job took longer than any may"


class Lease:
    """The right to work on `job` for so many seconds from `taken_at`, a moment of `clock`, and from
    each renewal. It ends with `stop`, from any thread; `stopped` then says why.
    """

    def __init__(self, job: Job, seconds: float, taken_at: float, clock: Clock) -> None:
        self.job = job
        self.stopped: StopReason | None = None
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._hooks: list[Callable[[], object]] = []
        self._over = False
        # Ends when the database has said, after the claim, that it will not forget it; or when
        # there is nothing left to wait for.
        self._confirmation: Future[None] = Future()
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
        return self._confirmation.done()

    @property
    def silent(self) -> bool:
        """Whether it was given up as it could not be renewed: nobody has said that another has the
        job.
        """
        return self.stopped is StopReason.SILENT

    def confirm(self) -> None:
        """Note that the database has been asked: what it had forgotten was stopped before."""
        with self._lock:
            if not self._confirmation.done():
                self._confirmation.set_result(None)

    async def check(self) -> None:
        """Raise LeaseLostError unless the job is still ours. To be called before every side effect.

        The first waits, a moment, for the claim to be on the disk: what a crash of the server
        undoes has had no effect.
        """
        if not self._confirmation.done():
            await asyncio.shield(asyncio.wrap_future(self._confirmation))
        if self._clock.now() >= self.good_until:
            self.stop(StopReason.SILENT)
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
                return lambda: self._take_back(hook)
        hook()
        return lambda: None

    def stop(self, why: StopReason) -> None:
        """The job has to stop. Only the first reason counts, and none after the handler's end."""
        with self._lock:
            if self.stopped is not None or self._over:
                return
            self.stopped, hooks = why, self._hooks
            self._hooks, self.good_until = [], inf
        self.confirm()
        if why in (StopReason.LOST, StopReason.SILENT):
            telemetry.emit("lease.lost", job=self.job.id, token=self.job.lease_token, reason=why.value)
        for hook in hooks:
            try:
                hook()
            except Exception as error:
                # Of one job; the renewer that called us has others to look after.
                telemetry.emit("lease.hook_failed", job=self.job.id, token=self.job.lease_token, error=error)

    def finish(self) -> StopReason | None:
        """The handler has ended: nothing is left to stop. Why it was stopped, if it was."""
        with self._lock:
            self._over, self.good_until = True, inf
            return self.stopped

    def _take_back(self, hook: Callable[[], object]) -> None:
        with self._lock:
            if hook in self._hooks:
                self._hooks.remove(hook)
