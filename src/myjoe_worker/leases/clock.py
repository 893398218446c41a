"""The clock that leases and the worker's loop go by. It is passed in, so that tests move one of
their own and wait for nothing.
"""
from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Protocol


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None:
        """Take the call back, if it has not been made."""


class Clock(Protocol):
    """Tells the time, and when a moment has come. Moments are seconds of `now`; infinity never
    comes.
    """

    def now(self) -> float:
        """Seconds on a clock that nobody sets, and that goes on while the process is stopped or the
        machine asleep.
        """

    async def wait_until(self, moment: float, event: asyncio.Event | None = None) -> None:
        """Return when it is `moment`, or sooner when `event` is set."""

    def call_at(self, moment: float, call: Callable[[], object]) -> Timer:
        """Have `call` called by the running event loop when it is `moment`."""


class SystemClock:
    """The machine's `Clock`.

    Its waits are timers of the event loop, which stand still while the machine is asleep: they may
    end late by as long as it slept. Who must not be late compares `now` with the moment.
    """

    def now(self) -> float:
        """As `Clock` says: since the machine was started, where it has such a clock."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    async def wait_until(self, moment: float, event: asyncio.Event | None = None) -> None:
        """As `Clock` says."""
        seconds = max(0.0, moment - self.now())
        if event is None:
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == inf else seconds):
                await event.wait()

    def call_at(self, moment: float, call: Callable[[], object]) -> asyncio.TimerHandle:
        """As `Clock` says."""
        return asyncio.get_running_loop().call_later(moment - self.now(), call)
