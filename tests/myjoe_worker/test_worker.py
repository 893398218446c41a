"""The loop, with a queue that is a list and a renewer that does not beat: what it asks of both, and
how a job ends by how its handler did. Time passes when a test says so.
"""
from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from myjoe import telemetry
from myjoe.errors import (
    DatabaseUnreachableError,
    JobArgsError,
    LeaseLostError,
    PageRefusedError,
    ProviderBusyError,
    ProviderTimeoutError,
)
from myjoe_worker.job import Job, Result
from myjoe_worker.leases.lease import GIVE_UP_SHARE, Lease, StopReason
from myjoe_worker.settings import WorkerSettings
from myjoe_worker.worker import (
    DUE_PAUSE_SECONDS,
    HAND_BACK_SECONDS,
    JOB_SECONDS_MAX,
    LOOK_AGAIN_SECONDS,
    OFFERS_MAX,
    REFUSED_PAUSE_SECONDS,
    Worker,
)
from tests.support.clock import INSTANT, START, ManualClock

SETTINGS = replace(WorkerSettings(), concurrency=2, concurrency_per_user=1, lease_seconds=1200.0, poll_seconds=600.0, grace_seconds=500.0)
# What is waited for by a worker that polls, by one that leaves, and by each job, if they begin when
# the test does.
POLL = START + SETTINGS.poll_seconds
GRACE = START + SETTINGS.grace_seconds
OVERDUE = START + JOB_SECONDS_MAX
PAGE = Result("sketch", "sketch", 8, 8, 300, 1, {})
Call = tuple[Any, ...]
Story = Callable[[], Awaitable[None]]
# Longer than anything takes that happens at all, on a busy machine, in seconds.
PATIENCE_SECONDS = 60.0


def job(number: int = 1) -> Job:
    return Job(uuid.UUID(int=number), 1, "page", {}, ("raster",), uuid.uuid4(), uuid.UUID(int=number + 100), 1, 3, None)


class FakeQueue:
    """Gives out `waiting`, and writes down what it is told. `troubles` are raised first, one a
    call.
    """

    def __init__(self, clock: ManualClock, *waiting: Job) -> None:
        self.clock = clock
        self.waiting = list(waiting)
        self.told: list[Call] = []
        self.claims: list[int] = []
        self.troubles: list[Exception] = []
        self.due: float | None = None
        self.answer: Any = None
        self.amid_claim: Callable[[], object] = lambda: None

    async def claim(self, jobs_max: int, *, per_user_max: int | None = None) -> Sequence[Job]:
        self.claims.append(jobs_max)
        await self.clock.wait_until(self.clock.now())  # others have a turn before the answer is there
        self.amid_claim()
        if self.troubles:
            raise self.troubles.pop(0)
        assert per_user_max == SETTINGS.concurrency_per_user
        taken, self.waiting = self.waiting[:jobs_max], self.waiting[jobs_max:]
        return taken

    async def next_due(self) -> float | None:
        return self.due

    async def complete(self, job: Job, result: Result | None) -> bool:
        return bool(self._tell(True, "complete", job.id, result))

    async def fail(
        self, job: Job, error: str, kind: str, *, for_good: bool = False, retry_after_seconds: float | None = None
    ) -> str:
        return str(self._tell("failed" if for_good else "retried", "fail", job.id, error, kind, for_good, retry_after_seconds))

    async def snooze(self, job: Job, after_seconds: float, reason: str, kind: str) -> str:
        return str(self._tell("snoozed", "snooze", job.id, after_seconds, reason, kind))

    async def release(self, jobs: Sequence[Job]) -> None:
        self._tell(None, "release", *(job.id for job in jobs))

    def _tell(self, usual: Any, *call: Any) -> Any:
        if self.troubles:
            raise self.troubles.pop(0)
        self.told.append(call)
        self.clock.notice()
        return usual if self.answer is None else self.answer


class FakeRenewer:
    beats = True

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.held: list[Lease] = []
        self.forgotten: list[Lease] = []
        self.beats_asked = 0

    def track(self, job: Job, taken_at: float) -> Lease:
        lease = Lease(job, SETTINGS.lease_seconds, taken_at, self.clock)
        self.held.append(lease)
        self.clock.notice()
        return lease

    def forget(self, lease: Lease) -> None:
        self.forgotten.append(lease)

    def beat_soon(self) -> None:
        self.beats_asked += 1
        self.clock.notice()


class FakeListener:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.notes: asyncio.Queue[str] = asyncio.Queue()
        self.waits = 0

    async def wait(self, timeout: float) -> str | None:
        self.waits += 1
        self.clock.notice()
        return await self.notes.get()


class Scene:
    """A worker among fakes, and what it said."""

    def __init__(self, *jobs: Job, handler: Callable[[Job, Lease], Awaitable[Result | None]], **settings: Any) -> None:
        self.clock = ManualClock()
        self.queue, self.renewer, self.listener = FakeQueue(self.clock, *jobs), FakeRenewer(self.clock), FakeListener(self.clock)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.worker = Worker(
            replace(SETTINGS, **settings), self.queue, handler, self.renewer, self.listener, self.clock  # type: ignore[arg-type]
        )

    async def run(self, story: Story | None = None, **how: Any) -> None:
        running = asyncio.create_task(self.worker.run(**how))
        try:
            if story is not None:
                await story()
            await asyncio.wait_for(running, PATIENCE_SECONDS)
        finally:
            running.cancel()

    def play(self, story: Story | None = None, **how: Any) -> Scene:
        """Run the worker, and `story` beside it."""
        forget = telemetry.subscribe(lambda event, fields: self.events.append((event, dict(fields))))
        try:
            asyncio.run(self.run(story, **how))
        finally:
            forget()
        # Whatever happened, nothing is held that nobody works on.
        assert set(self.renewer.forgotten) == set(self.renewer.held)
        return self

    def said(self) -> list[str]:
        return [event for event, _ in self.events if event.startswith("job.")]

    def seconds(self, event: str) -> list[float]:
        """How long it took, by each event of that name."""
        return [fields["seconds"] for name, fields in self.events if name == event]

    async def until(self, true: Callable[[], object]) -> None:
        """Wait, for as long as it takes and no time passes, until `true()`."""
        await asyncio.to_thread(self.clock.until, true)

    async def until_waits_for(self, *moments: float) -> None:
        """The same, until exactly these moments are waited for."""
        await asyncio.to_thread(self.clock.until_waits_for, *moments)

    async def sit_out(self, pauses: int) -> None:
        """Let pass so many pauses between two questions to a database that refuses to answer."""
        for _ in range(pauses):
            await self.until(lambda: self.clock.now() + REFUSED_PAUSE_SECONDS in self.clock.moments)
            self.clock.move(REFUSED_PAUSE_SECONDS)


def raising(error: BaseException) -> Callable[[Job, Lease], Awaitable[Result | None]]:
    async def handler(job: Job, lease: Lease) -> Result | None:
        raise error

    return handler


async def draws(job: Job, lease: Lease) -> Result | None:
    return PAGE


async def hangs(job: Job, lease: Lease) -> Result | None:
    await asyncio.Event().wait()
    return PAGE


# ── what becomes of a job ─────────────────────────────────────────────────────────────────────────


def test_a_result_is_handed_in() -> None:
    scene = Scene(job(), handler=draws).play(once=True)
    assert scene.queue.told == [("complete", job().id, PAGE)]
    assert scene.said() == ["job.started", "job.completed"]


def test_it_says_how_long_the_claim_and_the_job_took() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.clock.move(12.5)
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.queue.amid_claim = lambda: scene.clock.move(0.25)
    scene.play(once=True)
    assert (scene.seconds("queue.claimed"), scene.seconds("job.completed")) == ([0.25], [12.5])


@pytest.mark.parametrize(
    ("error", "call", "event"),
    [
        (ProviderTimeoutError("no answer"), ("fail", "no answer", "timeout", False, None), "job.retried"),
        (PageRefusedError("too grey"), ("fail", "too grey", "judge", False, 0.0), "job.retried"),
        (JobArgsError("no page"), ("fail", "no page", "payload", True, None), "job.failed"),
        (ProviderBusyError("later", 7.0), ("snooze", 7.0, "later", "busy"), "job.snoozed"),
        (DatabaseUnreachableError("away"), ("fail", "away", "database", False, None), "job.retried"),
        (ValueError("a bug"), ("fail", "ValueError: a bug", "internal", False, None), "job.retried"),
        (asyncio.CancelledError(), ("fail", "CancelledError: ", "internal", False, None), "job.retried"),
    ],
)
def test_the_type_of_the_error_decides(error: BaseException, call: Call, event: str) -> None:
    scene = Scene(job(), handler=raising(error)).play(once=True)
    assert scene.queue.told == [(call[0], job().id, *call[1:])]
    assert scene.said()[-1] == event


def test_a_job_whose_payload_cannot_be_read_is_dead_at_once_and_no_handler_sees_it() -> None:
    scene = Scene(replace(job(), fault="the payload cannot be read"), handler=draws).play(once=True)
    assert scene.queue.told == [("fail", job().id, "the payload cannot be read", "payload", True, None)]
    assert scene.said() == ["job.started", "job.failed"]


def test_a_reason_whose_words_are_refused_is_told_in_ours() -> None:
    scene = Scene(job(), handler=raising(ProviderTimeoutError("\x00")))

    async def offers() -> None:
        await scene.sit_out(OFFERS_MAX - 1)
        await scene.until(lambda: scene.queue.told)
        scene.worker.leave()

    told = scene.queue.fail

    async def fail(job: Job, error: str, kind: str, **how: Any) -> str:
        if "refuses" not in error:
            raise ZeroDivisionError
        return await told(job, error, kind, **how)

    scene.queue.fail = fail  # type: ignore[method-assign]
    scene.play(offers)
    [call] = scene.queue.told
    assert call[2] == "ProviderTimeoutError, in words that the database refuses" and call[3] == "timeout"


def test_jobs_that_cannot_be_held_are_handed_back() -> None:
    scene = Scene(job(1), job(2), handler=draws)

    def broken(job: Job, taken_at: float) -> Lease:
        raise RuntimeError("the renewer's loop is closed")

    scene.renewer.track = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        scene.play(once=True)
    assert scene.queue.told == [("release", job(1).id, job(2).id)]


def test_a_bug_is_logged_with_its_traceback() -> None:
    scene = Scene(job(), handler=raising(ValueError("a bug"))).play(once=True)
    assert ("job.crashed", "ValueError: a bug") in [(event, fields.get("error")) for event, fields in scene.events]
    crashed = next(fields for event, fields in scene.events if event == "job.crashed")
    assert crashed["job"] == job().id
    assert crashed["token"] == 1


def test_who_lost_the_lease_writes_nothing() -> None:
    scene = Scene(job(), handler=raising(LeaseLostError())).play(once=True)
    assert scene.queue.told == []
    assert scene.said() == ["job.started", "job.lost"]


def test_a_result_that_is_not_accepted_is_said_to_be_lost() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.queue.answer = False
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play(once=True)
    assert scene.said() == ["job.started", "job.lost"]


STOPS = [
    (StopReason.LOST, [], "job.lost"),
    (StopReason.CANCELLED, [("release",)], "job.cancelled"),
    (StopReason.LEAVING, [("release",)], "job.released"),
    (StopReason.SILENT, [("fail", "lease", 0.0)], "job.retried"),
    (StopReason.OVERDUE, [("fail", "overdue", None)], "job.retried"),
]


@pytest.mark.parametrize(("why", "calls", "event"), STOPS, ids=[why.name for why, _, _ in STOPS])
@pytest.mark.parametrize("dies_with", [None, OSError("the child was killed")], ids=["cancelled", "by its child's death"])
def test_a_stopped_job_ends_by_why_it_was_stopped(why: StopReason, calls: list[Call], event: str, dies_with: Exception | None) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        # From another thread, as the renewer does it.
        await asyncio.get_running_loop().run_in_executor(None, lease.stop, why)
        if dies_with:
            raise dies_with
        return await hangs(job, lease)

    scene = Scene(job(), handler=handler).play(once=True)
    told = [(call[0], *(() if call[0] == "release" else (call[3], call[5]))) for call in scene.queue.told]
    assert told == calls
    assert scene.said() == ["job.started", event]


@pytest.mark.parametrize("why", [why for why in StopReason if why is not StopReason.LOST])
def test_a_result_that_came_before_the_stop_was_heard_is_kept(why: StopReason) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        lease.stop(why)
        return PAGE

    scene = Scene(job(), handler=handler).play(once=True)
    assert scene.queue.told == [("complete", job().id, PAGE)]


def test_a_job_that_hangs_is_stopped() -> None:
    scene = Scene(job(), handler=hangs, poll_seconds=2 * JOB_SECONDS_MAX, lease_seconds=4 * JOB_SECONDS_MAX)

    async def story() -> None:
        await scene.until_waits_for(OVERDUE, START + 2 * JOB_SECONDS_MAX)
        scene.clock.move(JOB_SECONDS_MAX - INSTANT)
        await scene.until_waits_for(OVERDUE, START + 2 * JOB_SECONDS_MAX)
        assert scene.renewer.held[0].stopped is None
        scene.clock.move(INSTANT)

    scene.play(story, once=True)
    assert [call[3] for call in scene.queue.told] == ["overdue"]
    assert scene.seconds("job.retried") == [JOB_SECONDS_MAX]


# ── the database is away, or will not ─────────────────────────────────────────────────────────────


def test_an_outcome_is_offered_until_the_database_is_back() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.queue.troubles = [DatabaseUnreachableError() for _ in range(4 * OFFERS_MAX)]
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play(lambda: scene.sit_out(4 * OFFERS_MAX), once=True)
    assert scene.queue.told == [("complete", job().id, PAGE)]


def test_a_result_that_the_database_will_not_have_is_a_failed_attempt() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.queue.troubles = [ValueError("width 0") for _ in range(OFFERS_MAX)]
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play(lambda: scene.sit_out(OFFERS_MAX - 1), once=True)
    assert scene.queue.told == [("fail", job().id, "ValueError: width 0", "internal", False, None)]


def test_a_job_of_which_the_database_takes_no_outcome_is_left_to_its_lease() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.queue.troubles = [ValueError("no") for _ in range(3 * OFFERS_MAX)]
        return PAGE

    scene = Scene(job(1), job(2), handler=handler, concurrency=1)
    # Each job's result is offered so often, and then its failure, in its words and in ours.
    scene.play(lambda: scene.sit_out(2 * 3 * (OFFERS_MAX - 1)), once=True)
    assert scene.queue.told == []
    assert [lease.job.id for lease in scene.renewer.forgotten] == [job(1).id, job(2).id]


@pytest.mark.parametrize("trouble", [DatabaseUnreachableError(), ValueError("no such function")])
def test_the_loop_goes_on_after_a_claim_that_failed(trouble: Exception) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.worker.leave()
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.queue.troubles = [trouble] * 3
    scene.play(lambda: scene.sit_out(3))
    assert scene.queue.told == [("complete", job().id, PAGE)]
    assert [event for event, _ in scene.events].count("loop.failed") == 3


def test_without_a_renewer_it_claims_nothing_and_ends() -> None:
    scene = Scene(job(), handler=draws)
    scene.renewer.beats = False
    with pytest.raises(RuntimeError, match="the lease renewer has stopped"):
        scene.play()
    assert scene.queue.claims == []


def test_a_listener_that_fails_ends_it_in_good_order() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        await scene.until(lambda: GRACE in scene.clock.moments)
        return PAGE

    async def wait(timeout: float) -> str | None:
        await scene.until(lambda: scene.renewer.held)
        raise RuntimeError("a bug")

    scene = Scene(job(), handler=handler)
    scene.listener.wait = wait  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="a bug"):
        scene.play()
    assert scene.queue.told == [("complete", job().id, PAGE)]


def test_a_single_pass_ends_with_the_claim_that_failed() -> None:
    scene = Scene(job(), handler=draws)
    scene.queue.troubles = [DatabaseUnreachableError()]
    with pytest.raises(DatabaseUnreachableError):
        scene.play(once=True)


@pytest.mark.parametrize(
    ("early", "told"), [(0.0, ["release", "complete"]), (INSTANT, ["complete"])], ids=["too long", "almost too long"]
)
def test_a_claim_whose_answer_took_too_long_is_handed_back_and_asked_for_again(early: float, told: list[str]) -> None:
    scene = Scene(job(), handler=draws)
    scene.queue.amid_claim = lambda: scene.clock.move(GIVE_UP_SHARE * SETTINGS.lease_seconds - early)

    async def release(jobs: Sequence[Job]) -> None:
        scene.queue.told.append(("release", *(job.id for job in jobs)))
        scene.queue.waiting += jobs
        scene.queue.amid_claim = lambda: None

    scene.queue.release = release  # type: ignore[method-assign]
    scene.play(once=True)
    assert [call[0] for call in scene.queue.told] == told


# ── claiming and waiting ──────────────────────────────────────────────────────────────────────────


def test_no_more_than_so_many_at_a_time_and_a_free_place_is_filled_at_once() -> None:
    running: set[int] = set()
    most = 0

    async def handler(job: Job, lease: Lease) -> Result | None:
        nonlocal most
        running.add(job.id.int)
        most = max(most, len(running))
        await scene.clock.wait_until(START + job.id.int)
        running.remove(job.id.int)
        return PAGE

    scene = Scene(*(job(number) for number in range(1, 8)), handler=handler)

    async def story() -> None:
        for now in range(7):
            at_work = {now + 1, now + 2} & {*range(1, 8)}
            await scene.until(lambda at_work=at_work: running == at_work)
            scene.clock.move(1)

    scene.play(story, once=True)
    assert most == SETTINGS.concurrency
    assert scene.queue.told == [("complete", job(number).id, PAGE) for number in range(1, 8)]
    assert max(scene.queue.claims) == SETTINGS.concurrency


def idle(scene: Scene, story: Story) -> None:
    """Play `story` while the worker has nothing to do."""

    async def play() -> None:
        await scene.until(lambda: len(scene.queue.claims) == 1 and scene.clock.moments)
        await story()
        scene.worker.leave()

    scene.play(play)


def test_a_note_wakes_it_and_it_looks_once_more_a_moment_later() -> None:
    scene = Scene(handler=draws)

    async def story() -> None:
        again = START + LOOK_AGAIN_SECONDS
        assert scene.clock.moments == [POLL]
        await scene.listener.notes.put("jobs")
        await scene.until(lambda: len(scene.queue.claims) == 2 and scene.clock.moments == [again, POLL])
        scene.clock.move_to(again)
        # And then no more.
        await scene.until(lambda: len(scene.queue.claims) == 3 and scene.clock.moments == [again + SETTINGS.poll_seconds])

    idle(scene, story)


@pytest.mark.parametrize(
    ("due", "pause"),
    [(-5.0, DUE_PAUSE_SECONDS), (7.0, 7.0), (2 * SETTINGS.poll_seconds, SETTINGS.poll_seconds), (None, SETTINGS.poll_seconds)],
    ids=["overdue, and held by somebody else", "soon", "after the poll", "nothing"],
)
def test_it_looks_again_when_something_is_due_but_not_all_the_time(due: float | None, pause: float) -> None:
    scene = Scene(handler=draws)
    scene.queue.due = due

    async def story() -> None:
        for look in (1, 2, 3):
            await scene.until(lambda look=look: len(scene.queue.claims) == look and scene.clock.moments == [scene.clock.now() + pause])
            scene.clock.move(pause)

    idle(scene, story)


def test_the_poll_finds_what_nobody_told() -> None:
    scene = Scene(handler=draws)

    async def story() -> None:
        scene.queue.waiting.append(job())
        scene.clock.move_to(POLL)
        await scene.until(lambda: scene.queue.told)

    idle(scene, story)
    assert scene.queue.told == [("complete", job().id, PAGE)]


def test_a_cancel_of_a_run_at_work_asks_the_renewer_and_others_do_not() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        await scene.listener.notes.put(f"cancel:{uuid.uuid4()}")
        await scene.until(lambda: scene.listener.waits == 2)  # it has heard of it, and waits for the next
        assert scene.renewer.beats_asked == 0
        await scene.listener.notes.put(f"cancel:{job.run_id}")
        await scene.until(lambda: scene.listener.waits == 3)
        assert scene.renewer.beats_asked == 1
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play(once=True)
    assert scene.queue.told == [("complete", job().id, PAGE)]


# ── leaving ───────────────────────────────────────────────────────────────────────────────────────


def test_leaving_it_claims_no_more_and_finishes_what_runs() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.worker.leave()
        scene.queue.waiting.append(job)
        await scene.until_waits_for(GRACE, OVERDUE)
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play()
    assert [call[0] for call in scene.queue.told] == ["complete"]
    assert scene.queue.claims == [SETTINGS.concurrency]


def test_what_is_not_finished_within_the_grace_is_handed_back() -> None:
    scene = Scene(job(1), job(2), handler=hangs)

    async def story() -> None:
        await scene.until_waits_for(POLL, OVERDUE, OVERDUE)
        scene.worker.leave()
        await scene.until_waits_for(GRACE, OVERDUE, OVERDUE)
        scene.clock.move_to(GRACE - INSTANT)
        await scene.until_waits_for(GRACE, OVERDUE, OVERDUE)
        assert [lease.stopped for lease in scene.renewer.held] == [None, None]
        scene.clock.move_to(GRACE)

    scene.play(story)
    assert sorted(scene.queue.told) == [("release", job(1).id), ("release", job(2).id)]
    assert scene.seconds("job.released") == [SETTINGS.grace_seconds] * 2


def test_told_twice_it_hands_back_at_once() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.worker.leave()
        scene.worker.leave()
        return await hangs(job, lease)

    scene = Scene(job(), handler=handler)
    scene.play()
    assert scene.queue.told == [("release", job().id)]


def test_a_claim_that_is_answered_after_that_is_handed_back_unopened() -> None:
    scene = Scene(job(), handler=draws)
    scene.queue.amid_claim = scene.worker.leave
    asyncio.run(scene.run())
    assert scene.queue.told == [("release", job().id)]
    assert scene.renewer.held == []


def test_it_leaves_even_if_the_database_is_away_and_a_job_will_not_stop() -> None:
    scene = Scene(job(), handler=hangs)

    async def story() -> None:
        await scene.until_waits_for(POLL, OVERDUE)
        scene.queue.troubles = [DatabaseUnreachableError() for _ in range(100)]
        scene.worker.leave()
        await scene.until_waits_for(GRACE, OVERDUE)
        scene.clock.move_to(GRACE)
        for _ in range(round(HAND_BACK_SECONDS / REFUSED_PAUSE_SECONDS)):
            await scene.until_waits_for(scene.clock.now() + REFUSED_PAUSE_SECONDS, GRACE + HAND_BACK_SECONDS)
            scene.clock.move(REFUSED_PAUSE_SECONDS)

    asyncio.run(scene.run(story))
    assert scene.queue.told == []
    assert scene.clock.now() == GRACE + HAND_BACK_SECONDS


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_mean_leave(number: signal.Signals) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        os.kill(os.getpid(), number)
        await scene.until_waits_for(GRACE, OVERDUE)
        os.kill(os.getpid(), number)
        return await hangs(job, lease)

    scene = Scene(job(), handler=handler)

    async def play() -> None:
        with scene.worker.leaving_on_signals():
            await scene.run()

    before = signal.getsignal(number)
    asyncio.run(play())
    assert scene.queue.told == [("release", job().id)]
    assert signal.getsignal(number) in (before, signal.SIG_DFL, signal.default_int_handler)
