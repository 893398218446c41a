"""Servers and databases as fixtures, for all tests: tests/conftest.py takes them in, so that a
process starts each server once.
"""
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from myjoe.database.server import Server
from tests.database import support

_numbers = itertools.count()


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[int], Server]]:
    """The server of a version, started when it is first asked for, with a template in it."""
    with ExitStack() as stack:
        started: dict[int, Server] = {}

        def server(version: int) -> Server:
            if version not in started:
                started[version] = stack.enter_context(support.running_server(version, fsync="off", synchronous_commit="off"))
                support.make_template(started[version])
            return started[version]

        yield server


@pytest.fixture(scope="module", params=support.VERSIONS)
def shared(request: pytest.FixtureRequest, servers: Callable[[int], Server]) -> Iterator[support.Database]:
    """One database on each server for all tests of a file, for those that only look or only touch
    what they made.
    """
    yield from _database(servers(request.param))


@pytest.fixture(params=support.VERSIONS)
def database(request: pytest.FixtureRequest, servers: Callable[[int], Server]) -> Iterator[support.Database]:
    """A database of one's own on each server."""
    yield from _database(servers(request.param))


@pytest.fixture
def newest(servers: Callable[[int], Server]) -> Iterator[support.Database]:
    """A database of one's own on the embedded server, for what does not depend on the version."""
    yield from _database(servers(18))


def _database(server: Server) -> Iterator[support.Database]:
    name = f"test_{next(_numbers)}"
    support.make_database(server, name, "template_myjoe")
    database = support.Database(server, name)
    try:
        yield database
    finally:
        database.close()
        # Dropped one by one: removing a hundred of them with the server's folder took 37 s at the
        # end.
        support.drop_database(server, name)


@pytest.fixture
def pooler() -> Iterator[Callable[[support.Database], str]]:
    """PgBouncer in transaction mode with a single server connection; called with a database, it
    gives its address.
    """
    with support.running_pooler() as start:
        yield start
