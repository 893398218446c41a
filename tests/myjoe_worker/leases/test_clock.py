"""The machine's clock, and the one that tests move: both keep what `Clock` promises."""
from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from math import inf

import pytest

from myjoe_worker.leases.clock import Clock, SystemClock
from tests.support.clock import START, ManualClock

# So far away is a moment that is to come while a test waits for it, in seconds.
SOON_SECONDS = 0.01
# Longer than anything takes that happens at all, on a busy machine, in seconds.
PATIENCE_SECONDS = 60.0


class Passing:
    """A clock, and how its time is made to pass."""

    def __init__(self, clock: Clock, let_pass: Callable[[float], object]) -> None:
        self.clock, self.let_pass = clock, let_pass


def manual() -> Passing:
    clock = ManualClock()
    return Passing(clock, lambda moment: clock.move(moment - clock.now()))


@pytest.fixture(params=[lambda: Passing(SystemClock(), lambda moment: None), manual], ids=["system", "manual"])
def passing(request: pytest.FixtureRequest) -> Passing:
    made: Passing = request.param()
    return made


async def patiently(waiting: asyncio.Task[None]) -> None:
    await asyncio.wait_for(waiting, PATIENCE_SECONDS)


@pytest.mark.parametrize("with_event", [True, False], ids=["an event", "no event"])
def test_a_wait_ends_when_its_moment_has_come(passing: Passing, with_event: bool) -> None:
    async def run() -> None:
        moment = passing.clock.now() + SOON_SECONDS
        waiting = asyncio.ensure_future(passing.clock.wait_until(moment, asyncio.Event() if with_event else None))
        await asyncio.wait({waiting}, timeout=0)  # it waits
        passing.let_pass(moment)
        await patiently(waiting)
        # A timer of the event loop may be early by what rounding takes off it.
        assert passing.clock.now() >= moment - 1e-6

    asyncio.run(run())


@pytest.mark.parametrize("away", [-1.0, 0.0], ids=["past", "now"])
def test_a_wait_for_a_moment_that_has_come_gives_others_a_turn_and_ends(passing: Passing, away: float) -> None:
    async def run() -> None:
        turns: list[str] = []
        asyncio.get_running_loop().call_soon(turns.append, "another's")
        await patiently(asyncio.ensure_future(passing.clock.wait_until(passing.clock.now() + away, asyncio.Event())))
        await patiently(asyncio.ensure_future(passing.clock.wait_until(passing.clock.now() + away)))
        assert turns == ["another's"]

    asyncio.run(run())


@pytest.mark.parametrize("seconds", [3600.0, inf])
def test_an_event_ends_a_wait_sooner(passing: Passing, seconds: float) -> None:
    async def run() -> None:
        event = asyncio.Event()
        waiting = asyncio.ensure_future(passing.clock.wait_until(passing.clock.now() + seconds, event))
        _, pending = await asyncio.wait({waiting}, timeout=0)
        assert pending == {waiting}
        event.set()
        await patiently(waiting)
        await patiently(asyncio.ensure_future(passing.clock.wait_until(passing.clock.now() + seconds, event)))  # set already

    asyncio.run(run())


def test_a_wait_can_be_cancelled(passing: Passing) -> None:
    async def run() -> None:
        for event in (asyncio.Event(), None):
            waiting = asyncio.ensure_future(passing.clock.wait_until(passing.clock.now() + 3600, event))
            await asyncio.wait({waiting}, timeout=0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await patiently(waiting)

    asyncio.run(run())


def test_a_call_is_made_at_its_moment_and_a_cancelled_one_is_not(passing: Passing) -> None:
    async def run() -> None:
        made, called = asyncio.Event(), []
        moment = passing.clock.now() + SOON_SECONDS
        passing.clock.call_at(moment, lambda: called.append("cancelled")).cancel()
        passing.clock.call_at(moment, lambda: called.append("kept"))
        passing.clock.call_at(moment, made.set)
        assert called == []
        passing.let_pass(moment)
        await asyncio.wait_for(made.wait(), PATIENCE_SECONDS)
        assert called == ["kept"]

    asyncio.run(run())


def test_the_system_clock_is_the_one_that_nobody_sets_and_that_no_sleep_stops() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    between = SystemClock().now()
    assert before <= between <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_a_system_without_that_clock_has_the_one_that_nobody_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    before = time.monotonic()
    between = SystemClock().now()
    assert before <= between <= time.monotonic()


def test_an_endless_wait_sets_no_timer() -> None:
    """No wake-up, however rare, of a worker that has nothing to wait for."""

    async def run() -> None:
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        asked: list[float] = []
        loop.call_at = lambda when, *_args, **_more: asked.append(when)  # type: ignore[method-assign,assignment]
        waiting = asyncio.ensure_future(SystemClock().wait_until(inf, event))
        loop.call_soon(event.set)
        await waiting
        assert asked == []

    asyncio.run(run())


# ── the clock that tests move ─────────────────────────────────────────────────────────────────────


def test_the_manual_clock_stands_still_and_tells_what_is_waited_for() -> None:
    async def run() -> None:
        clock = ManualClock()
        ended = asyncio.Event()
        waits = [asyncio.ensure_future(clock.wait_until(START + seconds, ended)) for seconds in (7, 5)]
        timer = clock.call_at(START + 6, lambda: None)
        await asyncio.to_thread(clock.until_waits_for, START + 5, START + 6, START + 7)
        assert clock.now() == START
        clock.move(5)
        await waits[1]
        assert (clock.now(), clock.moments, waits[0].done()) == (START + 5, [START + 6, START + 7], False)
        timer.cancel()
        assert clock.moments == [START + 7]
        ended.set()
        assert clock.moments == []
        await waits[0]

    asyncio.run(run())


def test_the_manual_clock_can_be_moved_from_another_thread() -> None:
    clock = ManualClock()
    thread = threading.Thread(target=lambda: asyncio.run(clock.wait_until(START + 5)))
    thread.start()
    clock.until_waits_for(START + 5)
    clock.move(5)
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
