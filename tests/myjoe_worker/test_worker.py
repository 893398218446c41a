"""The loop, with a queue that is a list and a heart that does not beat: what it asks of both, and
how a job ends by how its handler did.
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
from myjoe_worker import worker as worker_module
from myjoe_worker.job import Job, Result
from myjoe_worker.leases.lease import Lease, Stop, now
from myjoe_worker.settings import WorkerSettings
from myjoe_worker.worker import Worker

# No test waits for a poll: what is found is found for another reason.
SETTINGS = replace(WorkerSettings(), concurrency=2, concurrency_per_user=1, lease_seconds=300.0, poll_seconds=600.0, grace_seconds=600.0)
PAGE = Result("sketch", "sketch", 8, 8, 300, 1, {})
Call = tuple[Any, ...]


def job(number: int = 1) -> Job:
    return Job(uuid.UUID(int=number), 1, "page", {}, ("raster",), uuid.uuid4(), uuid.UUID(int=number + 100), 1, 3, None)


class FakeQueue:
    """Gives out `waiting`, and writes down what it is told. `troubles` are raised first, one a
    call.
    """

    def __init__(self, *waiting: Job) -> None:
        self.waiting = list(waiting)
        self.told: list[Call] = []
        self.claims: list[int] = []
        self.troubles: list[Exception] = []
        self.due: float | None = None
        self.answer: Any = None
        self.amid_claim: Callable[[], object] = lambda: None

    async def claim(self, jobs_max: int, *, per_user_max: int | None = None) -> Sequence[Job]:
        self.claims.append(jobs_max)
        await asyncio.sleep(0)
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
        return usual if self.answer is None else self.answer


class FakeHeart:
    beats = True

    def __init__(self) -> None:
        self.held: list[Lease] = []
        self.let_go_of: list[Lease] = []
        self.beats_asked = 0

    def hold(self, job: Job, taken_at: float) -> Lease:
        lease = Lease(job, SETTINGS.lease_seconds, taken_at)
        self.held.append(lease)
        return lease

    def let_go(self, lease: Lease) -> None:
        self.let_go_of.append(lease)

    def beat_soon(self) -> None:
        self.beats_asked += 1


class FakeListener:
    def __init__(self) -> None:
        self.notes: asyncio.Queue[str] = asyncio.Queue()

    async def wait(self, timeout: float) -> str | None:
        return await self.notes.get()


class Scene:
    """A worker among fakes, and what it said."""

    def __init__(self, *jobs: Job, handler: Callable[[Job, Lease], Awaitable[Result | None]], **settings: Any) -> None:
        self.queue, self.heart, self.listener = FakeQueue(*jobs), FakeHeart(), FakeListener()
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.worker = Worker(replace(SETTINGS, **settings), self.queue, handler, self.heart, self.listener)  # type: ignore[arg-type]

    async def run(self, **how: Any) -> None:
        async with asyncio.timeout(60):
            await self.worker.run(**how)

    def play(self, **how: Any) -> Scene:
        forget = telemetry.subscribe(lambda event, fields: self.events.append((event, dict(fields))))
        try:
            asyncio.run(self.run(**how))
        finally:
            forget()
        # Whatever happened, nothing is held that nobody works on.
        assert set(self.heart.let_go_of) == set(self.heart.held)
        return self

    def said(self) -> list[str]:
        return [event for event, _ in self.events if event.startswith("job.")]


def raising(error: BaseException) -> Callable[[Job, Lease], Awaitable[Result | None]]:
    async def handler(job: Job, lease: Lease) -> Result | None:
        raise error

    return handler


async def draws(job: Job, lease: Lease) -> Result | None:
    await asyncio.sleep(0)
    return PAGE


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "REFUSED_PAUSE_SECONDS", 0.001)


# ── what becomes of a job ─────────────────────────────────────────────────────────────────────────


def test_a_result_is_handed_in() -> None:
    scene = Scene(job(), handler=draws).play(once=True)
    assert scene.queue.told == [("complete", job().id, PAGE)]
    assert scene.said() == ["job.started", "job.completed"]


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
    (Stop.LOST, [], "job.lost"),
    (Stop.CANCELLED, [("release",)], "job.cancelled"),
    (Stop.LEAVING, [("release",)], "job.released"),
    (Stop.SILENT, [("fail", "lease", 0.0)], "job.retried"),
    (Stop.OVERDUE, [("fail", "overdue", None)], "job.retried"),
]


@pytest.mark.parametrize(("why", "calls", "event"), STOPS, ids=[why.name for why, _, _ in STOPS])
@pytest.mark.parametrize("dies_with", [None, OSError("the child was killed")], ids=["cancelled", "by its child's death"])
def test_a_stopped_job_ends_by_why_it_was_stopped(why: Stop, calls: list[Call], event: str, dies_with: Exception | None) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        # From another thread, as the heart does it.
        await asyncio.get_running_loop().run_in_executor(None, lease.stop, why)
        if dies_with:
            raise dies_with
        await asyncio.sleep(600)
        return PAGE

    scene = Scene(job(), handler=handler).play(once=True)
    told = [(call[0], *(() if call[0] == "release" else (call[3], call[5]))) for call in scene.queue.told]
    assert told == calls
    assert scene.said() == ["job.started", event]


@pytest.mark.parametrize("why", [why for why in Stop if why is not Stop.LOST])
def test_a_result_that_came_before_the_stop_was_heard_is_kept(why: Stop) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        lease.stop(why)
        return PAGE

    scene = Scene(job(), handler=handler).play(once=True)
    assert scene.queue.told == [("complete", job().id, PAGE)]


def test_a_job_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        await asyncio.sleep(600)
        return PAGE

    monkeypatch.setattr(worker_module, "JOB_SECONDS_MAX", 0.02)
    scene = Scene(job(), handler=handler).play(once=True)
    assert [call[3] for call in scene.queue.told] == ["overdue"]


# ── the database is away, or will not ─────────────────────────────────────────────────────────────


def test_an_outcome_is_offered_until_the_database_is_back() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.queue.troubles = [DatabaseUnreachableError() for _ in range(4 * worker_module.OFFERS_MAX)]
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play(once=True)
    assert scene.queue.told == [("complete", job().id, PAGE)]


def test_a_result_that_the_database_will_not_have_is_a_failed_attempt() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.queue.troubles = [ValueError("width 0") for _ in range(worker_module.OFFERS_MAX)]
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play(once=True)
    assert scene.queue.told == [("fail", job().id, "ValueError: width 0", "internal", False, None)]


def test_a_job_of_which_the_database_takes_no_outcome_is_left_to_its_lease() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.queue.troubles = [ValueError("no") for _ in range(2 * worker_module.OFFERS_MAX)]
        return PAGE

    scene = Scene(job(1), job(2), handler=handler, concurrency=1)
    scene.play(once=True)
    assert scene.queue.told == []
    assert [lease.job.id for lease in scene.heart.let_go_of] == [job(1).id, job(2).id]


@pytest.mark.parametrize("trouble", [DatabaseUnreachableError(), ValueError("no such function")])
def test_the_loop_goes_on_after_a_claim_that_failed(trouble: Exception) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.worker.leave()
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.queue.troubles = [trouble] * 3
    scene.play()
    assert scene.queue.told == [("complete", job().id, PAGE)]
    assert [event for event, _ in scene.events].count("loop.failed") == 3


def test_without_a_heart_it_claims_nothing_and_ends() -> None:
    scene = Scene(job(), handler=draws)
    scene.heart.beats = False
    with pytest.raises(RuntimeError, match="the heart has stopped"):
        scene.play()
    assert scene.queue.claims == []


def test_a_listener_that_fails_ends_it_in_good_order() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        await asyncio.sleep(0.02)
        return PAGE

    async def wait(timeout: float) -> str | None:
        await until(lambda: scene.heart.held)
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


def test_a_claim_whose_answer_took_too_long_is_handed_back_and_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(job(), handler=draws)
    clock = [0.0]
    monkeypatch.setattr(worker_module, "now", lambda: clock[0])
    scene.queue.amid_claim = lambda: clock.append(clock.pop() + SETTINGS.lease_seconds)

    async def release(jobs: Sequence[Job]) -> None:
        scene.queue.told.append(("release", *(job.id for job in jobs)))
        scene.queue.waiting += jobs
        scene.queue.amid_claim = lambda: None

    scene.queue.release = release  # type: ignore[method-assign]
    scene.play(once=True)
    assert [call[0] for call in scene.queue.told] == ["release", "complete"]


# ── claiming and waiting ──────────────────────────────────────────────────────────────────────────


def test_no_more_than_so_many_at_a_time_and_a_free_place_is_filled_at_once() -> None:
    running: set[uuid.UUID] = set()
    most = 0

    async def handler(job: Job, lease: Lease) -> Result | None:
        nonlocal most
        running.add(job.id)
        most = max(most, len(running))
        await asyncio.sleep(0.001 * job.id.int)
        running.remove(job.id)
        return PAGE

    scene = Scene(*(job(number) for number in range(1, 8)), handler=handler).play(once=True)
    assert most == SETTINGS.concurrency
    assert len(scene.queue.told) == 7
    assert max(scene.queue.claims) == SETTINGS.concurrency


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.001)


def idle(scene: Scene, story: Callable[[], Awaitable[None]]) -> None:
    """Play `story` while the worker has nothing to do."""

    async def play() -> None:
        running = asyncio.create_task(scene.run())
        await until(lambda: scene.queue.claims)
        await asyncio.sleep(0.02)
        await story()
        scene.worker.leave()
        await running

    asyncio.run(play())


def test_a_note_wakes_it_and_it_looks_once_more_a_moment_later() -> None:
    scene = Scene(handler=draws)

    async def story() -> None:
        assert len(scene.queue.claims) == 1
        await scene.listener.notes.put("jobs")
        await until(lambda: len(scene.queue.claims) == 3)
        await asyncio.sleep(5 * worker_module.LOOK_AGAIN_SECONDS)
        assert len(scene.queue.claims) == 3

    idle(scene, story)


def test_it_looks_again_when_something_is_due_but_not_all_the_time() -> None:
    scene = Scene(handler=draws)
    scene.queue.due = -5.0  # overdue, and held by somebody else

    async def story() -> None:
        before, began = len(scene.queue.claims), now()
        await until(lambda: len(scene.queue.claims) >= before + 3)
        assert now() - began >= 2 * worker_module.DUE_PAUSE_SECONDS

    idle(scene, story)


def test_the_poll_finds_what_nobody_told() -> None:
    scene = Scene(handler=draws, poll_seconds=0.03)

    async def story() -> None:
        scene.queue.waiting.append(job())
        await until(lambda: scene.queue.told)

    idle(scene, story)


def test_a_cancel_of_a_run_at_work_asks_the_heart_and_others_do_not() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        await scene.listener.notes.put(f"cancel:{uuid.uuid4()}")
        await until(scene.listener.notes.empty)
        assert scene.heart.beats_asked == 0
        await scene.listener.notes.put(f"cancel:{job.run_id}")
        await until(lambda: scene.heart.beats_asked == 1)
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play(once=True)
    assert scene.queue.told == [("complete", job().id, PAGE)]


# ── leaving ───────────────────────────────────────────────────────────────────────────────────────


def test_leaving_it_claims_no_more_and_finishes_what_runs() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.worker.leave()
        scene.queue.waiting.append(job)
        await asyncio.sleep(0.02)
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play()
    assert [call[0] for call in scene.queue.told] == ["complete"]


def test_what_is_not_finished_within_the_grace_is_handed_back() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.worker.leave()
        await asyncio.sleep(600)
        return PAGE

    scene = Scene(job(1), job(2), handler=handler, grace_seconds=0.05)
    scene.play()
    assert sorted(scene.queue.told) == [("release", job(1).id), ("release", job(2).id)]


def test_told_twice_it_hands_back_at_once() -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.worker.leave()
        scene.worker.leave()
        await asyncio.sleep(600)
        return PAGE

    scene = Scene(job(), handler=handler)
    scene.play()
    assert scene.queue.told == [("release", job().id)]


def test_a_claim_that_is_answered_after_that_is_handed_back_unopened() -> None:
    scene = Scene(job(), handler=draws)
    scene.queue.amid_claim = scene.worker.leave
    asyncio.run(scene.run())
    assert scene.queue.told == [("release", job().id)]
    assert scene.heart.held == []


def test_it_leaves_even_if_the_database_is_away_and_a_job_will_not_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        scene.queue.troubles = [DatabaseUnreachableError() for _ in range(100_000)]
        scene.worker.leave()
        await asyncio.sleep(600)
        return PAGE

    monkeypatch.setattr(worker_module, "HAND_BACK_SECONDS", 0.05)
    scene = Scene(job(), handler=handler, grace_seconds=0.05)
    asyncio.run(scene.run())
    assert scene.queue.told == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_mean_leave(number: signal.Signals) -> None:
    async def handler(job: Job, lease: Lease) -> Result | None:
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.05)
        os.kill(os.getpid(), number)
        await asyncio.sleep(600)
        return PAGE

    scene = Scene(job(), handler=handler)

    async def play() -> None:
        with scene.worker.leaving_on_signals():
            await scene.run()

    before = signal.getsignal(number)
    asyncio.run(play())
    assert scene.queue.told == [("release", job().id)]
    assert signal.getsignal(number) in (before, signal.SIG_DFL, signal.default_int_handler)
