"""Leases for tests of handlers: held, and lost when a test wants it."""
from __future__ import annotations

from collections.abc import Callable

from myjoe.errors import LeaseLostError


class Held:
    """A lease that is lost at its so manieth check."""

    silent = False

    def __init__(self, lost_at: int = 0) -> None:
        self.checks, self.lost_at = 0, lost_at

    async def check(self) -> None:
        self.checks += 1
        if self.checks == self.lost_at:
            raise LeaseLostError

    def on_stop(self, hook: Callable[[], object]) -> Callable[[], None]:
        raise AssertionError("nothing here has to be killed")
