"""A clock that moves when a test moves it, and that tells which moments are waited for."""
from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass

# No test starts at zero: what forgets to set a moment would be right by chance. Seconds.
START = 1000.0
# So little before a moment is not yet that moment. Sums with it are exact. Seconds.
INSTANT = 2**-10
# Longer than anything takes that happens at all, on a busy machine, in seconds.
PATIENCE_SECONDS = 60.0


@dataclass(eq=False)
class ManualTimer:
    """A call that is made when the clock reaches `moment`; not needed any more once `event` is
    set.
    """

    clock: ManualClock
    moment: float
    call: Callable[[], object]
    event: asyncio.Event | None
    loop: asyncio.AbstractEventLoop
    cancelled: bool = False

    def cancel(self) -> None:
        """Take the call back, if it has not been made."""
        self.cancelled = True
        self.clock.drop(self)

    def fire(self) -> None:
        """Have the call made by the event loop that asked for it."""
        self.loop.call_soon_threadsafe(lambda: None if self.cancelled else self.call())


class ManualClock:
    """A `Clock` that stands still until it is moved. It may be used from several threads."""

    def __init__(self) -> None:
        self._now = START
        self._timers: list[ManualTimer] = []
        self._changed = threading.Condition()

    # ── what is tested uses ───────────────────────────────────────────────────────────────────────
    def now(self) -> float:
        return self._now

    async def wait_until(self, moment: float, event: asyncio.Event | None = None) -> None:
        waiting = asyncio.ensure_future((event or asyncio.Event()).wait())
        timer = self._add(moment, waiting.cancel, event)
        try:
            await asyncio.wait({waiting})
            if not waiting.cancelled():
                waiting.result()  # a fault is the caller's to know
        finally:
            timer.cancel()
            waiting.cancel()

    def call_at(self, moment: float, call: Callable[[], object]) -> ManualTimer:
        return self._add(moment, call, None)

    # ── tests use ─────────────────────────────────────────────────────────────────────────────────
    @property
    def moments(self) -> list[float]:
        """All moments that are waited for, the next one first."""
        return sorted(timer.moment for timer in self._timers if timer.event is None or not timer.event.is_set())

    def move(self, seconds: float) -> None:
        """Move on by so many seconds; otherwise as `move_to`."""
        self.move_to(self._now + seconds)

    def move_to(self, moment: float) -> None:
        """Move on to `moment`, and have made the calls whose moments have come."""
        assert moment >= self._now, "no clock goes back"
        with self._changed:
            self._now = moment
            due = sorted((timer for timer in self._timers if timer.moment <= self._now), key=lambda timer: timer.moment)
            self._timers = [timer for timer in self._timers if timer.moment > self._now]
            self._changed.notify_all()
        for timer in due:
            timer.fire()

    def until(self, true: Callable[[], object]) -> None:
        """Block until `true()`, which is asked whenever what is waited for has changed, and at
        `notice`.
        """
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE_SECONDS), f"it never came true; waited for: {self.moments}"

    def until_waits_for(self, *moments: float) -> None:
        """Block until exactly these moments are waited for, the next one first."""
        with self._changed:
            came = self._changed.wait_for(lambda: self.moments == [*moments], PATIENCE_SECONDS)
            assert came, f"waited for: {self.moments}, and not {[*moments]}"

    def notice(self) -> None:
        """Something else has changed that `until` may be asking about."""
        with self._changed:
            self._changed.notify_all()

    def drop(self, timer: ManualTimer) -> None:
        """Forget a timer, if it is still known."""
        with self._changed:
            if timer in self._timers:
                self._timers.remove(timer)
                self._changed.notify_all()

    def _add(self, moment: float, call: Callable[[], object], event: asyncio.Event | None) -> ManualTimer:
        timer = ManualTimer(self, moment, call, event, asyncio.get_running_loop())
        with self._changed:
            if moment > self._now:
                self._timers.append(timer)
            else:
                timer.fire()
            self._changed.notify_all()
        return timer

