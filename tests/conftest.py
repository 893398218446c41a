"""Settings that hold for every test."""
from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.database.fixtures import database, newest, pooler, servers, shared

__all__ = ["database", "newest", "pooler", "servers", "shared"]  # fixtures for all tests

# No deadlines: the first call of a kernel may compile it, and the machine may be busy; no test
# asserts a time. On the build server the examples are the same every time, so that a red run can be
# repeated.
settings.register_profile("linefinish", deadline=None, derandomize=os.environ.get("CI") == "true", print_blob=True)
settings.load_profile("linefinish")


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """Processes that the test starts heed SIGINT, as those that a person starts at a terminal do. A
    shell's background job ignores it, and whatever it starts would inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
