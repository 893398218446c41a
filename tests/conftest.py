"""Settings that hold for every test."""
from __future__ import annotations

import os

from hypothesis import settings

from tests.database.fixtures import database, newest, pooler, servers, shared

__all__ = ["database", "newest", "pooler", "servers", "shared"]  # fixtures for all tests

# No deadlines: the first call of a kernel may compile it, and the machine may be busy; no test
# asserts a time. On the build server the examples are the same every time, so that a red run can be
# repeated.
settings.register_profile("linefinish", deadline=None, derandomize=os.environ.get("CI") == "true", print_blob=True)
settings.load_profile("linefinish")
