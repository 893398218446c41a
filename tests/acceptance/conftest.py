"""A stage of one's own for each test, on a server of whichever version it asks for."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from myjoe.database.server import Server
from tests.acceptance.stage import Stage, make_template, staged
from tests.database import support

_numbers = itertools.count()


@pytest.fixture(scope="session")
def stage_servers() -> Iterator[Callable[[int], Server]]:
    """The server of a version, started when it is first asked for. Commits wait for the log, as
    servers are killed here.
    """
    with ExitStack() as stack:
        started: dict[int, Server] = {}

        def server(version: int) -> Server:
            if version not in started:
                started[version] = stack.enter_context(support.running_server(version, fsync="off", max_connections="100"))
                make_template(started[version])
            return started[version]

        yield server


@pytest.fixture
def stage(request: pytest.FixtureRequest, stage_servers: Callable[[int], Server], tmp_path: Path) -> Iterator[Stage]:
    """On PostgreSQL 18, unless the test is parametrized with another version; what must always be
    true is checked at its end.
    """
    with staged(stage_servers(getattr(request, "param", 18)), f"stage_{next(_numbers)}", tmp_path) as stage:
        yield stage
        stage.check()
