"""The lease renewer in its thread, against a database that answers, refuses, or keeps silent as it
is told. Time passes when a test says so: each moment below is exact.
"""
from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest

from myjoe.errors import DatabaseUnreachableError
from myjoe_worker.job import Job
from myjoe_worker.leases.lease import GIVE_UP_SHARE, Lease, StopReason
from myjoe_worker.leases.renewing import CANCEL_POLL_SECONDS, FAILED_BEAT_PAUSE_SECONDS, SQL, LeaseRenewer
from tests.support.clock import INSTANT, START, ManualClock

LEASE_SECONDS = 300.0
GIVE_UP_SECONDS = GIVE_UP_SHARE * LEASE_SECONDS
HEARTBEAT_SECONDS = 15.0

STATEMENTS = {SQL[name]: name for name in ("confirm", "heartbeat", "cancel_requested")}


def job(number: int = 1) -> Job:
    return Job(uuid.UUID(int=number), 1, "page", {}, ("raster",), uuid.uuid4(), uuid.uuid4(), 1, 3, None)


class FakeDatabase:
    """Answers confirmations and heartbeats for the jobs it knows: their id, and whether their
    cancel was asked for.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.jobs: dict[uuid.UUID, bool] = {}
        self.error: Exception | None = None
        self.away = False
        # All that was asked, answered or not: when, what, and for how many jobs.
        self.calls: list[tuple[float, str, int]] = []
        self.threads: set[str] = set()
        self.closed = False

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[tuple[Any, ...]]:
        self.calls.append((self.clock.now(), STATEMENTS[sql], len(params["jobs"])))
        self.threads.add(threading.current_thread().name)
        if self.away:
            await self.clock.wait_until(self.clock.now() + patience_seconds)
            raise DatabaseUnreachableError
        if self.error is not None:
            raise self.error
        if STATEMENTS[sql] == "cancel_requested":
            return [(one,) for one in params["jobs"] if self.jobs.get(one)]
        return [(one, self.jobs[one]) for one in params["jobs"] if one in self.jobs]

    async def close(self) -> None:
        self.closed = True

    def asked(self, name: str) -> list[float]:
        """When a statement was sent."""
        return [moment for moment, statement, _ in self.calls if statement == name]

    @property
    def beats(self) -> list[float]:
        return self.asked("heartbeat")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def database(clock: ManualClock) -> FakeDatabase:
    return FakeDatabase(clock)


@pytest.fixture
def hears() -> list[bool]:
    return [True]


@pytest.fixture
def renewer(clock: ManualClock, database: FakeDatabase, hears: list[bool]) -> Iterator[LeaseRenewer]:
    renewer = LeaseRenewer(
        lambda: database, lease_seconds=LEASE_SECONDS, heartbeat_seconds=HEARTBEAT_SECONDS, clock=clock, hears_cancels=lambda: hears[0]
    )
    renewer.start()
    yield renewer
    renewer.close()
    assert database.closed


def track(renewer: LeaseRenewer, database: FakeDatabase, number: int = 1) -> Lease:
    """A lease on a job that the database knows, after its confirmation."""
    database.jobs[job(number).id] = False
    lease = renewer.track(job(number), database.clock.now())
    database.clock.until(lambda: lease.confirmed)
    return lease


def pass_time(clock: ManualClock, seconds: float) -> None:
    """Let so much time pass, and the renewer do all that is to be done meanwhile."""
    end = clock.now() + seconds
    clock.until(lambda: clock.moments)
    while clock.moments[0] <= end:
        clock.move_to(clock.moments[0])
        clock.until(lambda: clock.moments)
    clock.move_to(end)


# ── confirmations and beats ───────────────────────────────────────────────────────────────────────


def test_all_leases_are_renewed_in_one_call_from_the_renewers_own_thread(
    clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase
) -> None:
    leases = [track(renewer, database, 1), track(renewer, database, 2)]
    pass_time(clock, 10)
    leases.append(track(renewer, database, 3))
    pass_time(clock, 20)
    # Each counts from the oldest.
    assert [call for call in database.calls if call[1] == "heartbeat"] == [(START + 15, "heartbeat", 3), (START + 30, "heartbeat", 3)]
    assert [lease.good_until for lease in leases] == [START + 30 + GIVE_UP_SECONDS] * 3
    assert [lease.stopped for lease in leases] == [None] * 3
    assert database.threads == {"lease renewer"}
    assert threading.current_thread().name != "lease renewer"


def test_a_new_lease_is_confirmed_at_once_and_once(clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase) -> None:
    first = track(renewer, database)
    pass_time(clock, 7)
    second = track(renewer, database, 2)
    pass_time(clock, 4 * HEARTBEAT_SECONDS)
    assert [call for call in database.calls if call[1] == "confirm"] == [(START, "confirm", 1), (START + 7, "confirm", 1)]
    assert first.stopped is second.stopped is None


def test_a_claim_that_was_wiped_out_is_lost_with_its_confirmation(
    clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase
) -> None:
    """Long before the first beat: its job waits in line again, and may be another
    worker's by then.
    """
    kept = track(renewer, database)
    wiped = renewer.track(job(2), clock.now())
    clock.until(lambda: wiped.stopped)
    assert (wiped.stopped, kept.stopped, database.beats, clock.now()) == (StopReason.LOST, None, [], START)


def test_a_confirmation_that_fails_is_not_repeated_and_the_beats_go_on(
    clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase
) -> None:
    database.error = RuntimeError("no")
    lease = track(renewer, database)
    database.error = None
    pass_time(clock, HEARTBEAT_SECONDS)
    assert database.calls == [(START, "confirm", 1), (START + HEARTBEAT_SECONDS, "heartbeat", 1)]
    assert (lease.stopped, lease.good_until) == (None, clock.now() + GIVE_UP_SECONDS)


def test_no_beat_and_no_wake_up_without_a_lease(clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase) -> None:
    clock.until_waits_for(inf)
    lease = track(renewer, database)
    pass_time(clock, HEARTBEAT_SECONDS)
    assert database.beats == [START + HEARTBEAT_SECONDS]
    renewer.forget(lease)
    pass_time(clock, 10 * HEARTBEAT_SECONDS)
    assert database.beats == [START + HEARTBEAT_SECONDS]
    clock.until_waits_for(inf)


def test_a_lease_that_is_missing_from_the_answer_is_lost_and_the_others_are_not(
    clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase
) -> None:
    mine, gone = track(renewer, database, 1), track(renewer, database, 2)
    del database.jobs[gone.job.id]
    pass_time(clock, HEARTBEAT_SECONDS - INSTANT)
    assert gone.stopped is None
    pass_time(clock, INSTANT)
    assert (gone.stopped, mine.stopped) == (StopReason.LOST, None)
    pass_time(clock, HEARTBEAT_SECONDS)
    assert [jobs for _, statement, jobs in database.calls if statement == "heartbeat"] == [2, 1]


def test_a_hook_that_fails_keeps_nobody_from_the_next_and_the_renewer_from_nothing(
    clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase
) -> None:
    def fails() -> None:
        raise ProcessLookupError

    called: list[str] = []
    lease = track(renewer, database)
    lease.on_stop(fails)
    lease.on_stop(lambda: called.append("second"))
    database.jobs.clear()
    pass_time(clock, HEARTBEAT_SECONDS)
    assert called == ["second"]
    assert renewer.beats
    again = track(renewer, database, 2)
    pass_time(clock, HEARTBEAT_SECONDS)
    assert again.good_until == clock.now() + GIVE_UP_SECONDS


# ── cancels ───────────────────────────────────────────────────────────────────────────────────────


def test_a_cancel_comes_with_the_beat(clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase) -> None:
    lease = track(renewer, database)
    database.jobs[lease.job.id] = True
    pass_time(clock, HEARTBEAT_SECONDS - INSTANT)
    assert lease.stopped is None
    pass_time(clock, INSTANT)
    assert lease.stopped is StopReason.CANCELLED


def test_a_cancel_comes_at_once_when_a_beat_is_asked_for(clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase) -> None:
    lease = track(renewer, database)
    database.jobs[lease.job.id] = True
    renewer.beat_soon()
    clock.until(lambda: lease.stopped)
    assert (lease.stopped, database.beats) == (StopReason.CANCELLED, [START])


def test_where_cancels_are_not_heard_they_are_asked_after_and_once_more_when_they_are_heard_again(
    clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase, hears: list[bool]
) -> None:
    stopped_at: list[float] = []
    lease = track(renewer, database)
    lease.on_stop(lambda: stopped_at.append(clock.now()))
    pass_time(clock, 4 * CANCEL_POLL_SECONDS)
    hears[0] = False
    pass_time(clock, 2 * CANCEL_POLL_SECONDS)
    database.jobs[lease.job.id] = hears[0] = True  # it came at the last moment when nobody heard
    assert database.asked("cancel_requested") == [START + 5 * CANCEL_POLL_SECONDS, START + 6 * CANCEL_POLL_SECONDS]
    pass_time(clock, 4 * CANCEL_POLL_SECONDS)
    assert database.asked("cancel_requested")[2:] == stopped_at == [START + 7 * CANCEL_POLL_SECONDS]
    assert lease.stopped is StopReason.CANCELLED


# ── outages ───────────────────────────────────────────────────────────────────────────────────────


def test_without_an_answer_the_job_is_stopped_before_the_lease_is_over(
    clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase
) -> None:
    stopped_at: list[float] = []
    lease = track(renewer, database)
    lease.on_stop(lambda: stopped_at.append(clock.now()))
    pass_time(clock, HEARTBEAT_SECONDS)
    database.away = True
    pass_time(clock, LEASE_SECONDS)
    assert lease.stopped is StopReason.SILENT
    assert stopped_at == [START + HEARTBEAT_SECONDS + GIVE_UP_SECONDS]
    # The second had all the time that was left.
    assert database.beats == [START + HEARTBEAT_SECONDS, START + 2 * HEARTBEAT_SECONDS]


def test_an_outage_shorter_than_that_stops_nothing(clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase) -> None:
    lease = track(renewer, database)
    pass_time(clock, HEARTBEAT_SECONDS)
    database.error = DatabaseUnreachableError()
    pass_time(clock, HEARTBEAT_SECONDS + 2 * FAILED_BEAT_PAUSE_SECONDS)
    database.error = None
    pass_time(clock, FAILED_BEAT_PAUSE_SECONDS)
    failed = START + 2 * HEARTBEAT_SECONDS
    assert database.beats == [START + HEARTBEAT_SECONDS, *(failed + pause * FAILED_BEAT_PAUSE_SECONDS for pause in range(4))]
    assert (lease.stopped, lease.good_until) == (None, clock.now() + GIVE_UP_SECONDS)


def test_whatever_goes_wrong_the_renewer_lives_on(clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase) -> None:
    lease = track(renewer, database)
    database.error = RuntimeError("a bug")
    pass_time(clock, GIVE_UP_SECONDS - INSTANT)
    assert lease.stopped is None
    pass_time(clock, INSTANT)
    assert lease.stopped is StopReason.SILENT
    database.error = None
    again = track(renewer, database, 2)
    pass_time(clock, HEARTBEAT_SECONDS)
    assert again.good_until == clock.now() + GIVE_UP_SECONDS


def test_a_lease_that_is_being_settled_is_kept_but_never_stopped(
    clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase
) -> None:
    lease = track(renewer, database)
    lease.finish()
    database.away = True
    pass_time(clock, HEARTBEAT_SECONDS + LEASE_SECONDS)
    database.away = False
    pass_time(clock, FAILED_BEAT_PAUSE_SECONDS)
    assert database.beats == [START + HEARTBEAT_SECONDS, START + HEARTBEAT_SECONDS + LEASE_SECONDS + FAILED_BEAT_PAUSE_SECONDS]
    assert (lease.stopped, lease.renewed_at) == (None, clock.now())


# ── the end ───────────────────────────────────────────────────────────────────────────────────────


def test_closing_does_not_wait_for_a_database_that_is_away(clock: ManualClock, renewer: LeaseRenewer, database: FakeDatabase) -> None:
    database.away = True
    lease = renewer.track(job(), clock.now())
    clock.until_waits_for(START + GIVE_UP_SECONDS)  # the confirmation is under way, and has so long
    assert not lease.confirmed
    renewer.close()
    assert database.closed
    assert not renewer.beats


# ── the worker's loop ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def worker_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, as a worker has."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def hung(clock: ManualClock, database: FakeDatabase, worker_loop: asyncio.AbstractEventLoop) -> Iterator[LeaseRenewer]:
    """A renewer whose worker's loop hangs until the test is over."""
    renewer = LeaseRenewer(lambda: database, lease_seconds=LEASE_SECONDS, heartbeat_seconds=HEARTBEAT_SECONDS, clock=clock)

    async def start() -> None:
        renewer.start()

    asyncio.run_coroutine_threadsafe(start(), worker_loop).result()
    over = threading.Event()
    worker_loop.call_soon_threadsafe(over.wait)
    yield renewer
    over.set()
    renewer.close()


def test_a_loop_that_does_not_turn_loses_its_leases(clock: ManualClock, database: FakeDatabase, hung: LeaseRenewer) -> None:
    lease = track(hung, database)
    pass_time(clock, GIVE_UP_SECONDS - INSTANT)
    assert database.beats == [] and lease.stopped is None
    pass_time(clock, INSTANT)
    clock.until(lambda: lease.stopped)
    assert lease.stopped is StopReason.SILENT and database.beats == []


def test_a_loop_that_turns_keeps_them(clock: ManualClock, database: FakeDatabase, worker_loop: asyncio.AbstractEventLoop) -> None:
    renewer = LeaseRenewer(lambda: database, lease_seconds=LEASE_SECONDS, heartbeat_seconds=HEARTBEAT_SECONDS, clock=clock)

    async def start() -> None:
        renewer.start()

    asyncio.run_coroutine_threadsafe(start(), worker_loop).result()
    track(renewer, database)
    clock.until(lambda: clock.moments)
    clock.move(HEARTBEAT_SECONDS)
    clock.until(lambda: database.beats)
    assert database.beats == [START + HEARTBEAT_SECONDS]
    renewer.close()
