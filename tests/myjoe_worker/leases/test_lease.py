"""Leases and their heart, against a database that answers, refuses, or keeps
silent as it is told.
"""
from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from myjoe.errors import DatabaseUnreachableError, LeaseLostError
from myjoe_worker.job import Job
from myjoe_worker.leases import lease as lease_module
from myjoe_worker.leases.lease import GIVE_UP_SHARE, SQL, Heart, Lease, Stop, now

# Longer than any test: a heart that is late on a busy machine gives nothing up. The short one is
# for tests that wait for just that.
LEASE_SECONDS = 600.0
SHORT_SECONDS = 1.2
HEARTBEAT_SECONDS = 0.1
# Longer than anything here takes on a busy machine, in seconds.
PATIENCE_SECONDS = 20.0


def job(number: int = 1) -> Job:
    return Job(uuid.UUID(int=number), 1, "page", {}, ("raster",), uuid.uuid4(), uuid.uuid4(), 1, 3, None)


class FakeDatabase:
    """Answers first words and heartbeats for the jobs it knows: their id, and whether their cancel
    was asked for.
    """

    def __init__(self) -> None:
        self.jobs: dict[uuid.UUID, bool] = {}
        self.error: Exception | None = None
        self.away = False
        self.beats: list[tuple[float, int]] = []
        self.confirmed: list[uuid.UUID] = []
        self.asked = 0
        self.threads: set[str] = set()
        self.closed = False

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[tuple[Any, ...]]:
        self.threads.add(threading.current_thread().name)
        if self.away:
            await asyncio.sleep(patience_seconds)
            raise DatabaseUnreachableError
        if self.error is not None:
            raise self.error
        if sql == SQL["heartbeat"]:
            self.beats.append((now(), len(params["jobs"])))
            return [(one, self.jobs[one]) for one in params["jobs"] if one in self.jobs]
        if sql == SQL["confirm"]:
            self.confirmed += params["jobs"]
            return [(one, self.jobs[one]) for one in params["jobs"] if one in self.jobs]
        self.asked += 1
        return [(one,) for one in params["jobs"] if self.jobs.get(one)]

    async def close(self) -> None:
        self.closed = True


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def hears() -> list[bool]:
    return [True]


@pytest.fixture
def heart(database: FakeDatabase, hears: list[bool]) -> Iterator[Heart]:
    heart = Heart(
        lambda: database, lease_seconds=LEASE_SECONDS, heartbeat_seconds=HEARTBEAT_SECONDS, hears_cancels=lambda: hears[0]
    )
    heart.start()
    yield heart
    heart.close()
    assert database.closed


def check(lease: Lease) -> None:
    asyncio.run(lease.check())


def hold(heart: Heart, database: FakeDatabase, number: int = 1) -> Lease:
    database.jobs[job(number).id] = False
    return heart.hold(job(number), now())


def test_the_clock_goes_on_and_nobody_sets_it() -> None:
    before = now()
    time.sleep(0.01)
    assert 0.01 <= now() - before < PATIENCE_SECONDS


def test_check_passes_until_the_lease_is_stopped() -> None:
    lease = Lease(job(), 300, now())
    lease.confirm()
    check(lease)
    lease.stop(Stop.LOST)
    with pytest.raises(LeaseLostError, match="another worker owns the job now"):
        check(lease)


def test_the_first_check_waits_until_the_claim_is_on_the_disk() -> None:
    async def run() -> None:
        kept, wiped, gone = (Lease(job(), 300, now()) for _ in range(3))
        checks = [asyncio.ensure_future(lease.check()) for lease in (kept, wiped, gone)]
        await asyncio.sleep(0.05)
        assert not any(check.done() for check in checks)
        checks[2].cancel()  # a job that is stopped meanwhile takes nothing with it
        await asyncio.to_thread(wiped.stop, Stop.LOST)
        for lease in (kept, wiped, gone):
            await asyncio.to_thread(lease.confirm)
        await checks[0]
        with pytest.raises(LeaseLostError, match="another worker owns the job now"):
            await checks[1]
        await gone.check()

    asyncio.run(run())


def test_check_knows_the_time_without_being_told() -> None:
    # As after a SIGCONT, before the heart has had its turn.
    lease = Lease(job(), 300, now() - GIVE_UP_SHARE * 300 - 0.1)
    lease.confirm()
    with pytest.raises(LeaseLostError, match="could not be renewed in time"):
        check(lease)
    assert lease.stopped is Stop.SILENT


def test_a_renewal_counts_from_when_it_was_asked_for() -> None:
    lease = Lease(job(), 3000, now() - 2500)
    lease.confirm()
    lease.renew(now() - 1900)
    check(lease)
    lease.renew(now() - 2001)
    with pytest.raises(LeaseLostError):
        check(lease)


def test_hooks_are_called_once_and_only_the_first_reason_counts() -> None:
    lease, called = Lease(job(), 300, now()), []
    lease.on_stop(lambda: called.append("first"))
    lease.on_stop(lambda: called.append("second"))()  # taken back
    lease.stop(Stop.CANCELLED)
    lease.stop(Stop.LOST)
    assert called == ["first"]
    assert lease.stopped is Stop.CANCELLED
    lease.on_stop(lambda: called.append("late"))
    assert called == ["first", "late"]


def test_a_hook_that_fails_keeps_nobody_from_the_next_and_the_heart_from_nothing(heart: Heart, database: FakeDatabase) -> None:
    def fails() -> None:
        raise ProcessLookupError

    lease, called = hold(heart, database), []
    lease.on_stop(fails)
    lease.on_stop(lambda: called.append("second"))
    database.jobs.clear()
    eventually(lambda: called)
    assert heart.beats
    again = hold(heart, database, 2)
    taken = again.good_until
    eventually(lambda: again.good_until > taken)


def test_after_the_handlers_end_nothing_stops_it_any_more() -> None:
    lease = Lease(job(), 300, now())
    assert lease.finish() is None
    lease.stop(Stop.SILENT)
    assert lease.stopped is None


def test_all_leases_are_renewed_in_one_call_from_the_hearts_own_thread(heart: Heart, database: FakeDatabase) -> None:
    leases = [hold(heart, database, number) for number in (1, 2, 3)]
    taken = [lease.good_until for lease in leases]
    eventually(lambda: all(lease.good_until > was for lease, was in zip(leases, taken)))
    assert {jobs for _, jobs in database.beats} <= {1, 2, 3}
    assert database.beats[-1][1] == 3
    assert [lease.stopped for lease in leases] == [None] * 3
    assert database.threads == {"heart"}
    assert threading.current_thread().name != "heart"


def test_a_new_lease_is_confirmed_at_once_and_once(heart: Heart, database: FakeDatabase) -> None:
    first = hold(heart, database)
    eventually(lambda: first.confirmed)
    second = hold(heart, database, 2)
    eventually(lambda: second.confirmed)
    beats = len(database.beats)
    eventually(lambda: len(database.beats) > beats + 2)
    assert database.confirmed == [first.job.id, second.job.id]
    assert first.stopped is second.stopped is None


def test_a_claim_that_was_wiped_out_is_lost_with_the_first_word(database: FakeDatabase) -> None:
    """Long before the first beat: its job waits in line again, and may be another
    worker's by then.
    """
    database.jobs[job(1).id] = False
    heart = Heart(lambda: database, lease_seconds=300, heartbeat_seconds=100)
    heart.start()
    kept, wiped = (heart.hold(job(number), now()) for number in (1, 2))
    eventually(lambda: wiped.stopped and kept.confirmed)
    heart.close()
    assert (wiped.stopped, kept.stopped, database.beats) == (Stop.LOST, None, [])


def test_a_first_word_that_fails_is_not_repeated_and_the_beats_go_on(heart: Heart, database: FakeDatabase) -> None:
    database.error = RuntimeError("no")
    lease = hold(heart, database)
    eventually(lambda: lease.confirmed)
    database.error = None
    eventually(lambda: database.beats)
    assert (lease.stopped, database.confirmed) == (None, [])


def test_no_beat_without_a_lease(heart: Heart, database: FakeDatabase) -> None:
    lease = hold(heart, database)
    eventually(lambda: database.beats)
    heart.let_go(lease)
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), heart._loop).result()  # one may have been under way
    beats = len(database.beats)
    time.sleep(5 * HEARTBEAT_SECONDS)
    assert len(database.beats) == beats


def test_a_lease_that_is_missing_from_the_answer_is_lost_and_the_others_are_not(heart: Heart, database: FakeDatabase) -> None:
    mine, gone = hold(heart, database, 1), hold(heart, database, 2)
    del database.jobs[gone.job.id]
    eventually(lambda: gone.stopped)
    assert gone.stopped is Stop.LOST
    assert mine.stopped is None


def test_a_cancel_comes_with_the_beat_and_at_once_when_one_is_asked_for(database: FakeDatabase) -> None:
    slow = Heart(lambda: database, lease_seconds=3000, heartbeat_seconds=1000)
    slow.start()
    lease = hold(slow, database)
    database.jobs[lease.job.id] = True
    slow.beat_soon()
    eventually(lambda: lease.stopped)
    assert lease.stopped is Stop.CANCELLED
    slow.close()


def test_where_cancels_are_not_heard_they_are_asked_after_and_once_more_when_they_are_heard_again(
    database: FakeDatabase, hears: list[bool]
) -> None:

    def hears_cancels() -> bool:
        if hears[0] and database.asked:
            database.jobs[first.job.id] = True  # until the very moment when they are heard again
        return hears[0]

    slow = Heart(lambda: database, lease_seconds=3000, heartbeat_seconds=1000, hears_cancels=hears_cancels)
    slow.start()
    first = hold(slow, database, 1)
    time.sleep(0.1)
    assert database.asked == 0
    hears[0] = False
    eventually(lambda: database.asked >= 2)
    hears[0] = True
    eventually(lambda: first.stopped)
    assert first.stopped is Stop.CANCELLED
    asked = database.asked
    time.sleep(3 * lease_module.CANCEL_POLL_SECONDS)
    assert database.asked == asked
    slow.close()


def test_without_an_answer_the_job_is_stopped_before_the_lease_is_over(heart: Heart, database: FakeDatabase) -> None:
    heart.lease_seconds = SHORT_SECONDS
    stopped_at: list[float] = []
    lease = hold(heart, database)
    lease.on_stop(lambda: stopped_at.append(now()))
    eventually(lambda: database.beats or lease.stopped)
    database.away = True
    eventually(lambda: lease.stopped)
    assert lease.stopped is Stop.SILENT
    # Not sooner than agreed; the tolerance is for the clock, which is read twice.
    assert stopped_at[0] - lease.renewed_at >= GIVE_UP_SHARE * SHORT_SECONDS - 0.01


def test_an_outage_shorter_than_that_stops_nothing(heart: Heart, database: FakeDatabase) -> None:
    lease = hold(heart, database)
    eventually(lambda: database.beats)
    beats, database.error = len(database.beats), DatabaseUnreachableError()
    time.sleep(3 * HEARTBEAT_SECONDS)
    database.error = None
    eventually(lambda: len(database.beats) > beats)
    assert lease.stopped is None


def test_whatever_goes_wrong_the_heart_lives_on(heart: Heart, database: FakeDatabase) -> None:
    heart.lease_seconds = SHORT_SECONDS
    lease = hold(heart, database)
    database.error = RuntimeError("a bug")
    eventually(lambda: lease.stopped)
    assert lease.stopped is Stop.SILENT
    database.error = None
    beats = len(database.beats)
    heart.lease_seconds = LEASE_SECONDS
    hold(heart, database, 2)
    eventually(lambda: len(database.beats) > beats)


def test_a_lease_that_is_being_settled_is_kept_but_never_stopped(heart: Heart, database: FakeDatabase) -> None:
    heart.lease_seconds = SHORT_SECONDS
    lease = hold(heart, database)
    lease.finish()
    database.away = True
    time.sleep(GIVE_UP_SHARE * SHORT_SECONDS + 2 * HEARTBEAT_SECONDS)
    database.away = False
    beats = len(database.beats)
    eventually(lambda: len(database.beats) > beats)
    assert lease.stopped is None


def test_closing_does_not_wait_for_a_database_that_is_away(database: FakeDatabase) -> None:
    heart = Heart(lambda: database, lease_seconds=3000, heartbeat_seconds=0.01)
    heart.start()
    database.away = True
    hold(heart, database)
    time.sleep(0.1)
    heart.close()
    assert database.closed
