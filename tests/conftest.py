"""Settings that hold for every test."""
from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.database.fixtures import database, newest, pooler, servers, shared

__all__ = ["database", "newest", "pooler", "servers", "shared"]  # fixtures for all tests

# No deadlines: the first call of a kernel may compile it, and the machine may be busy; no test
# asserts a time. On the build server the examples are the same every time, so that a red run can be
# repeated.
settings.register_profile("linefinish", deadline=None, derandomize=os.environ.get("CI") == "true", print_blob=True)
settings.load_profile("linefinish")


# What `make test-arm` and `make test-pythons` run: minutes, for what is tested in small elsewhere.
collect_ignore = [] if os.environ.get("MYJOE_TESTS_ALL") else ["platforms"]

# Its files wait for the same wheels, so one process has them all, and from the start: two that wait
# with it, or one that still waits when the others have ended, cost the whole run minutes.
TOGETHER_AND_FIRST = "tests/packaging"
# The files that take longest come next, each minutes on its own: what is begun last decides when
# the whole ends. One that computes, then one that waits.
FIRST = (
    TOGETHER_AND_FIRST, "tests/linefinish/kernels/test_modes.py", "tests/acceptance/test_faults.py",
    "tests/myjoe_studio/test_every_page.py", "tests/acceptance/test_pages.py", "tests/benchmarks/test_quality.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {first: place for place, first in enumerate(FIRST)}
    items.sort(key=lambda item: next((place for first, place in places.items() if item.nodeid.startswith(first)), len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``--dist loadfile``, as pytest-xdist does it, but for `TOGETHER_AND_FIRST`."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return TOGETHER_AND_FIRST if nodeid.startswith(TOGETHER_AND_FIRST) else super()._split_scope(nodeid)

    return Scheduling(config, log)


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """Processes that the test starts heed SIGINT, as those that a person starts at a terminal do. A
    shell's background job ignores it, and whatever it starts would inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def logging_ends_with_the_test() -> Iterator[None]:
    """A command that is run within a test logs to that test's standard error, which is closed
    behind it: what it has set up goes with it.
    """
    root, own = logging.getLogger(), logging.getLogger("myjoe")
    handlers, levels = root.handlers[:], (root.level, own.level)
    yield
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(levels[0])
    own.setLevel(levels[1])
