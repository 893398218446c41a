"""The same promises through PgBouncer in transaction mode, where all workers share one connection
to the server.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from myjoe.database.server import Server
from tests.database.support import Database
from tests.myjoe_worker.queues.conftest import KINDS, Stage, make_stage
from tests.myjoe_worker.queues.test_conformance import *  # noqa: F403  (its tests, with the stage below)


@pytest.fixture(params=KINDS)
def stage(
    request: pytest.FixtureRequest, staged: Callable[[int], Server], pooler: Callable[[Database], str]
) -> Iterator[Stage]:
    for direct in make_stage(staged(18), request.param):
        direct.url = pooler(direct.database)
        yield direct
