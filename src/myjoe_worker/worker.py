"""The loop: claim, run, settle, wait. What a job is and how it is made is the handler's to know;
start reading at `Worker`.

A handler takes a job and its lease and returns what it made. The type of the error it raises
decides what becomes of the job: see `errors.py`. Whatever handlers and the database do, the loop
goes on.
"""
from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar

from myjoe import telemetry
from myjoe.errors import (
    DatabaseAwayError,
    DatabaseUnreachableError,
    JobArgsError,
    JobError,
    LeaseLostError,
    LeaseRanOutError,
    OperatorError,
    OverdueError,
    PermanentError,
    RetryableError,
    SnoozeError,
)
from myjoe_worker.job import Job, Result
from myjoe_worker.leases.clock import Clock
from myjoe_worker.leases.lease import GIVE_UP_SHARE, Lease, StopReason
from myjoe_worker.leases.renewing import LeaseRenewer
from myjoe_worker.queues.queue import Queue
from myjoe_worker.settings import WorkerSettings

# A worker that was woken looks once more after so long, in seconds: where many add jobs at once
# some leave it to others to notify (docs/discussion/database.md), and may be in a little later than
# they. Longer finds those of slower disks; shorter finds the others sooner.
LOOK_AGAIN_SECONDS = 0.005
# The shortest wait for something that is said to be due, in seconds. Less would be a busy loop
# while another worker has it locked; more would be felt when a dead worker's job is taken over.
DUE_PAUSE_SECONDS = 0.1
# An idle worker looks for jobs so often at least, as a share of the lease: the database takes a
# silence of all workers for a line that is cut (`private.hear`), which begins at two thirds.
LOOKS_SHARE = 1 / 2
# Between two questions to a database that refuses to answer, in seconds. Unreachable ones are
# waited for by the connection itself.
REFUSED_PAUSE_SECONDS = 1.0
# A result that the database has not taken after so long, in seconds, may become another worker's to
# make: what that needs is kept. Longer is a shorter time for it; shorter keeps more that nobody
# needs.
HELD_UP_SECONDS = 2.0
# How often an outcome is offered to a database that refuses it, before the job is left to its
# lease.
OFFERS_MAX = 5
# No page takes this long, in seconds, all waiting for providers included: a job that does hangs.
JOB_SECONDS_MAX = 3600.0
# How long jobs may take, after the grace, to stop and to be handed back, in seconds. Platforms give
# five more than the grace.
HAND_BACK_SECONDS = 3.0

Handler = Callable[[Job, Lease], Awaitable[Result | None]]
Answer = TypeVar("Answer")


class Listener(Protocol):
    """Hears what the database calls out: a hint, and never more."""

    async def wait(self, timeout: float) -> str | None:
        """What was heard: "jobs", "cancel:<run id>", or None when so many seconds are over."""


class Worker:
    """Works on up to `settings.concurrency` jobs at a time, until it is told to leave.

    `clock` is the one that `renewer` goes by.
    """

    def __init__(
        self, settings: WorkerSettings, queue: Queue, handler: Handler, renewer: LeaseRenewer, listener: Listener, clock: Clock
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._handler = handler
        self._renewer = renewer
        self._listener = listener
        self._clock = clock
        self._running: dict[asyncio.Task[None], Lease] = {}
        self._stirred = asyncio.Event()
        self._leaving = asyncio.Event()
        # There is nothing more to wait for: what runs is handed back now.
        self._grace_over = asyncio.Event()

    async def run(self, *, once: bool = False) -> None:
        """Work until `leave` is called; with `once`, until there is nothing to do. Then, or on a
        fault, leave in good order.
        """
        listening = asyncio.create_task(self._listen())
        looking = asyncio.create_task(self._look_for_jobs(once))
        leaving = asyncio.create_task(self._leaving.wait())
        await asyncio.wait({looking, listening, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not self._leaving.is_set():
            self.leave()
        await self._leave(looking)
        for task in (looking, listening, leaving):
            task.cancel()
            # What was a fault of ours is raised, and ends the process: the platform starts it
            # again.
            with suppress(asyncio.CancelledError):
                await task

    def leave(self) -> None:
        """Claim no more; leave when what runs has finished, or hand it back when the grace is over.
        Called again: hand it back now.
        """
        if self._leaving.is_set():
            self._grace_over.set()
        self._leaving.set()
        self._stirred.set()

    @contextmanager
    def leaving_on_signals(self) -> Iterator[None]:
        """Inside, SIGTERM and SIGINT mean `leave`."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)

        def heard(number: signal.Signals) -> None:
            telemetry.emit("worker.stopping", signal=number.name, held=len(self._running), grace_seconds=self._settings.grace_seconds)
            self.leave()

        for number in signals:
            loop.add_signal_handler(number, heard, number)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    # ── claim and wait ────────────────────────────────────────────────────────────────────────────
    async def _look_for_jobs(self, once: bool) -> None:
        while not self._leaving.is_set():
            if not self._renewer.beats:
                raise RuntimeError("the lease renewer has stopped: no lease would be renewed")
            self._stirred.clear()
            pause = min(self._settings.poll_seconds, LOOKS_SHARE * self._settings.lease_seconds)
            try:
                room = self._settings.concurrency - len(self._running)
                if room and await self._claim(room) < room:
                    if once and not self._running:
                        return
                    due = await self._queue.next_due()
                    pause = pause if due is None else min(pause, max(due, DUE_PAUSE_SECONDS))
                telemetry.emit("loop.turned", held=len(self._running))
            except Exception as error:
                if once:
                    raise
                telemetry.emit("loop.failed", error=error)
                pause = REFUSED_PAUSE_SECONDS
            await self._clock.wait_until(self._clock.now() + pause, self._stirred)

    async def _claim(self, room: int) -> int:
        """Claim up to `room` jobs and start them; how many there are: less than `room` means that
        there are no more.
        """
        sent_at = self._clock.now()
        jobs = await self._queue.claim(room, per_user_max=self._settings.concurrency_per_user)
        if self._leaving.is_set() or self._clock.now() - sent_at >= GIVE_UP_SHARE * self._settings.lease_seconds:
            # Too late to begin: we are told to leave, or the answer was so long under way that
            # little of the lease is left. There may be as many as we asked for, so look again.
            if jobs:
                await self._queue.release(jobs)
            self._stirred.set()
            return room
        for number, job in enumerate(jobs):
            try:
                lease = self._renewer.track(job, sent_at)
            except Exception:
                await self._queue.release(jobs[number:])  # nobody holds them
                raise
            task = asyncio.create_task(self._work(job, lease))
            self._running[task] = lease
            task.add_done_callback(self._done)
        if jobs:  # after their confirmation is under way
            telemetry.emit("queue.claimed", jobs=len(jobs), seconds=self._clock.now() - sent_at)
        return len(jobs)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._renewer.forget(self._running.pop(task))
        self._stirred.set()

    async def _listen(self) -> None:
        while True:
            heard = await self._listener.wait(self._settings.poll_seconds)
            if heard == "jobs":
                self._stirred.set()
                self._clock.call_at(self._clock.now() + LOOK_AGAIN_SECONDS, self._stirred.set)
            elif heard in {f"cancel:{lease.job.run_id}" for lease in self._running.values()}:
                self._renewer.beat_soon()

    async def _leave(self, looking: asyncio.Task[None]) -> None:
        """Give what runs the grace, hand back what is left of it, and leave the rest, if the
        database is away, to its lease.
        """
        ended, ending = asyncio.Event(), asyncio.ensure_future(asyncio.wait({looking, *self._running}))
        ending.add_done_callback(lambda _: ended.set())
        ending.add_done_callback(lambda _: self._grace_over.set())
        await self._clock.wait_until(self._clock.now() + self._settings.grace_seconds, self._grace_over)
        for lease in self._running.values():
            lease.stop(StopReason.LEAVING)
        await self._clock.wait_until(self._clock.now() + HAND_BACK_SECONDS, ended)
        for task in (ending, *self._running):
            task.cancel()

    # ── run and settle ────────────────────────────────────────────────────────────────────────────
    async def _work(self, job: Job, lease: Lease) -> None:
        with telemetry.context(job=job.id, token=job.lease_token, attempt=job.attempts, user=job.user_id, run=job.run_id):
            telemetry.emit("job.started", type=job.type, operations=job.operations)
            began = self._clock.now()
            result, error = await self._attempt(job, lease)
            stopped = lease.finish()
            try:
                if error is None and stopped is not StopReason.LOST:
                    # A result that came before the job was stopped is kept, and paid.
                    await self._complete(job, result, began)
                else:
                    await self._give_up(job, error, stopped, began)
            except Exception as refusal:
                # The database takes no outcome of this job: its lease runs out, which counts as an
                # attempt.
                telemetry.emit("job.crashed", error=refusal)

    async def _attempt(self, job: Job, lease: Lease) -> tuple[Result | None, BaseException | None]:
        """What the handler returned, or what it raised. It is cancelled when its lease is
        stopped.
        """
        if job.fault is not None:
            return None, JobArgsError(job.fault)
        loop = asyncio.get_running_loop()
        doing = asyncio.ensure_future(self._handler(job, lease))
        lease.on_stop(lambda: loop.call_soon_threadsafe(doing.cancel))
        overdue = self._clock.call_at(self._clock.now() + JOB_SECONDS_MAX, lambda: lease.stop(StopReason.OVERDUE))
        try:
            await asyncio.wait({doing})
        finally:
            overdue.cancel()
            doing.cancel()
        if doing.cancelled():
            return None, asyncio.CancelledError()
        error = doing.exception()
        return (None, error) if error else (doing.result(), None)

    async def _complete(self, job: Job, result: Result | None, began: float) -> None:
        draft = None if result is None else result.draft
        offering = asyncio.ensure_future(self._offer(lambda: self._queue.complete(job, result)))
        try:
            await asyncio.wait({offering}, timeout=None if draft is None else HELD_UP_SECONDS)
            if draft is not None and not offering.done():
                await draft.held_up()
            accepted = await offering
        except Exception as refusal:
            await self._give_up(job, refusal, None, began)
            return
        finally:
            offering.cancel()
        if accepted:
            telemetry.emit("job.completed", seconds=self._clock.now() - began)
            if draft is not None:
                await draft.accepted()
        else:
            telemetry.emit("job.lost", seconds=self._clock.now() - began, outcome="completed")

    async def _give_up(self, job: Job, error: BaseException | None, stopped: StopReason | None, began: float) -> None:
        seconds = self._clock.now() - began
        if stopped in (StopReason.CANCELLED, StopReason.LEAVING):
            await self._offer(lambda: self._queue.release([job]))
            if stopped is StopReason.CANCELLED:
                telemetry.emit("job.cancelled", seconds=seconds)
            else:
                telemetry.emit("job.released", seconds=seconds, reason=stopped.value)
            return
        reason = _reason(error, stopped)
        told, whose = str(reason), None
        if isinstance(reason, OperatorError):
            told, whose = reason.told, reason.told.partition(":")[0]
        retry_after_seconds = reason.retry_after_seconds if isinstance(reason, RetryableError) else None
        if isinstance(reason, LeaseLostError):
            answer = "lost"
        elif isinstance(reason, SnoozeError):
            after_seconds = reason.after_seconds
            answer = await self._told(lambda said: self._queue.snooze(job, after_seconds, said, reason.kind), reason, told)
        else:
            for_good = isinstance(reason, PermanentError)
            answer = await self._told(
                lambda said: self._queue.fail(job, said, reason.kind, for_good=for_good, retry_after_seconds=retry_after_seconds),
                reason, told,
            )
        if answer == "lost":
            telemetry.emit("job.lost", seconds=seconds, outcome=reason.kind)
        elif answer == "cancelled":
            telemetry.emit("job.cancelled", seconds=seconds)
        elif answer == "snoozed":
            telemetry.emit(
                "job.snoozed", seconds=seconds, kind=reason.kind, error=told, provider=whose, after_seconds=after_seconds
            )
        elif answer == "retried":
            telemetry.emit("job.retried", seconds=seconds, kind=reason.kind, error=told, retry_after_seconds=retry_after_seconds)
        else:
            telemetry.emit("job.failed", seconds=seconds, kind=reason.kind, error=told)

    async def _told(self, call: Callable[[str], Awaitable[str]], reason: JobError, told: str) -> str:
        """What has become of the job. Where the database refuses the reason's own words, ours
        stand in for them: what becomes of a job must not hang on what others say.
        """
        try:
            return await self._offer(lambda: call(told))
        except Exception as refusal:
            telemetry.emit("job.crashed", error=refusal)
            return await self._offer(lambda: call(f"{type(reason).__name__}, in words that the database refuses"))

    async def _offer(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask until the database answers: the work is done and paid, and its token keeps it from
        landing where it is not wanted.
        """
        refusals = 0
        while True:
            try:
                return await call()
            except DatabaseUnreachableError:
                pass  # the connection has said so, and has waited
            except Exception:
                refusals += 1
                if refusals == OFFERS_MAX:
                    raise
            await self._clock.wait_until(self._clock.now() + REFUSED_PAUSE_SECONDS)


def _reason(error: BaseException | None, stopped: StopReason | None) -> JobError:
    """Why an attempt has come to nothing, as one of the family."""
    if stopped is StopReason.LOST:
        return LeaseLostError(stopped.value)
    if stopped is StopReason.SILENT:
        return LeaseRanOutError()
    if stopped is StopReason.OVERDUE:
        return OverdueError()
    if isinstance(error, JobError):
        return error
    if isinstance(error, DatabaseUnreachableError):
        return DatabaseAwayError(str(error))
    telemetry.emit("job.crashed", error=error)
    return RetryableError(f"{type(error).__name__}: {error}")
