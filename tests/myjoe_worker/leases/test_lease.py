"""One lease: when it is good, when it is over, and who hears of it."""
from __future__ import annotations

import asyncio
import uuid

import pytest

from myjoe.errors import LeaseLostError
from myjoe_worker.job import Job
from myjoe_worker.leases.lease import GIVE_UP_SHARE, Lease, StopReason
from tests.support.clock import INSTANT, START, ManualClock

LEASE_SECONDS = 300.0
GIVE_UP_SECONDS = GIVE_UP_SHARE * LEASE_SECONDS


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def lease(clock: ManualClock) -> Lease:
    """Taken and confirmed a moment ago."""
    lease = taken(clock)
    lease.confirm()
    return lease


def taken(clock: ManualClock) -> Lease:
    job = Job(uuid.UUID(int=1), 1, "page", {}, ("raster",), uuid.uuid4(), uuid.uuid4(), 1, 3, None)
    return Lease(job, LEASE_SECONDS, clock.now(), clock)


def check(lease: Lease) -> None:
    asyncio.run(lease.check())


def test_check_passes_until_the_lease_is_stopped(lease: Lease) -> None:
    check(lease)
    lease.stop(StopReason.LOST)
    with pytest.raises(LeaseLostError, match="another worker owns the job now"):
        check(lease)


def test_the_first_check_waits_until_the_claim_is_on_the_disk(clock: ManualClock) -> None:
    async def run() -> None:
        kept, wiped, gone = (taken(clock) for _ in range(3))
        checks = [asyncio.ensure_future(lease.check()) for lease in (kept, wiped, gone)]
        _, pending = await asyncio.wait(checks, timeout=0)  # each has had its turn
        assert pending == {*checks}
        checks[2].cancel()  # a job that is stopped meanwhile takes nothing with it
        await asyncio.to_thread(wiped.stop, StopReason.LOST)
        for lease in (kept, wiped, gone):
            await asyncio.to_thread(lease.confirm)
        await checks[0]
        with pytest.raises(LeaseLostError, match="another worker owns the job now"):
            await checks[1]
        await gone.check()

    asyncio.run(run())


def test_check_knows_the_time_without_being_told(clock: ManualClock, lease: Lease) -> None:
    # As after a SIGCONT, before the renewer has had its turn.
    clock.move_to(START + GIVE_UP_SECONDS - INSTANT)
    check(lease)
    clock.move_to(START + GIVE_UP_SECONDS)
    with pytest.raises(LeaseLostError, match="could not be renewed in time"):
        check(lease)
    assert lease.stopped is StopReason.SILENT


def test_a_renewal_counts_from_when_it_was_asked_for(clock: ManualClock, lease: Lease) -> None:
    clock.move(150)
    sent_at = clock.now()
    clock.move(20)  # until the answer is there
    lease.renew(sent_at)
    assert (lease.renewed_at, lease.good_until) == (sent_at, sent_at + GIVE_UP_SECONDS)
    clock.move_to(sent_at + GIVE_UP_SECONDS - INSTANT)
    check(lease)
    clock.move_to(sent_at + GIVE_UP_SECONDS)
    with pytest.raises(LeaseLostError):
        check(lease)


def test_hooks_are_called_once_and_only_the_first_reason_counts(lease: Lease) -> None:
    called: list[str] = []
    lease.on_stop(lambda: called.append("first"))
    lease.on_stop(lambda: called.append("second"))()  # taken back
    lease.stop(StopReason.CANCELLED)
    lease.stop(StopReason.LOST)
    assert called == ["first"]
    assert lease.stopped is StopReason.CANCELLED
    lease.on_stop(lambda: called.append("late"))
    assert called == ["first", "late"]


def test_after_the_handlers_end_nothing_stops_it_any_more(clock: ManualClock, lease: Lease) -> None:
    assert lease.finish() is None
    lease.stop(StopReason.SILENT)
    assert lease.stopped is None
    clock.move(10 * LEASE_SECONDS)
    check(lease)
    assert lease.stopped is None


def test_the_end_of_the_handler_tells_why_it_was_stopped(lease: Lease) -> None:
    lease.stop(StopReason.OVERDUE)
    assert lease.finish() is StopReason.OVERDUE
