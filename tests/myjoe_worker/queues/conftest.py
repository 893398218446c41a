"""A database and one kind of queue on it: each test of the suite runs for both kinds, on every
server.
"""
from __future__ import annotations

import asyncio
import itertools
import random
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from myjoe.database.connection import RetryingConnection
from myjoe.database.server import Server
from myjoe_worker.queues.pgmq import PgmqQueue
from myjoe_worker.queues.postgres import PostgresQueue
from tests.database import support

KINDS: dict[str, type[PostgresQueue]] = {"table": PostgresQueue, "pgmq": PgmqQueue}
LEASE_SECONDS = 300.0
_numbers = itertools.count()


class Stage:
    """A database with pgmq in it, and workers' queues on it."""

    def __init__(self, database: support.Database, kind: str, url: str | None = None) -> None:
        self.database, self.kind = database, kind
        self.url = url or database.server.url(database.name, "postgres")

    @asynccontextmanager
    async def workers(self, count: int = 1, kind: str | None = None) -> AsyncIterator[list[PostgresQueue]]:
        """So many workers' queues, each with a connection of its own."""
        links = [RetryingConnection(self.url) for _ in range(count)]
        made = KINDS[kind or self.kind]
        try:
            yield [made(connection, f"{kind or self.kind}-{next(_numbers)}", LEASE_SECONDS) for connection in links]
        finally:
            for connection in links:
                await connection.close()

    def play(self, scene: Callable[[PostgresQueue], Any]) -> Any:
        """Run a scene with one worker; housekeeping is done by every claim, as if it were always
        due.
        """

        async def run() -> Any:
            async with self.workers() as (queue,):
                return await scene(queue)

        return asyncio.run(run())

    def look_everywhere(self) -> None:
        """Let the next claim scan the whole queue."""
        self.database.run("select setval('private.full_scan_due', 0)")

    def user_of(self, job: uuid.UUID) -> uuid.UUID:
        user: uuid.UUID = self.database.one("select user_id from public.jobs where id = %s", job)
        return user

    def messages(self) -> int:
        """How many messages there are, seen or unseen."""
        count: int = self.database.one("select count(*) from pgmq.q_myjoe_jobs")
        return count


@pytest.fixture(scope="session")
def staged(servers: Callable[[int], Server]) -> Callable[[int], Server]:
    """The server of a version, with a template that has pgmq."""
    ready: set[int] = set()

    def server(version: int) -> Server:
        found = servers(version)
        if version not in ready:
            support.make_database(found, "template_pgmq", "template_myjoe")
            database = support.Database(found, "template_pgmq")
            support.add_pgmq(database)
            database.close()
            ready.add(version)
        return found

    return server


def make_stage(server: Server, kind: str) -> Iterator[Stage]:
    name = f"stage_{next(_numbers)}_{random.randrange(10**6)}"
    support.make_database(server, name, "template_pgmq")
    database = support.Database(server, name)
    try:
        yield Stage(database, kind)
    finally:
        database.close()
        support.drop_database(server, name)


@pytest.fixture(params=[(kind, version) for kind in KINDS for version in support.VERSIONS], ids=lambda pair: f"{pair[0]}-{pair[1]}")
def stage(request: pytest.FixtureRequest, staged: Callable[[int], Server]) -> Iterator[Stage]:
    kind, version = request.param
    yield from make_stage(staged(version), kind)


@pytest.fixture(params=KINDS)
def newest_stage(request: pytest.FixtureRequest, staged: Callable[[int], Server]) -> Iterator[Stage]:
    """Both kinds on the newest server, for what does not depend on it."""
    yield from make_stage(staged(18), request.param)


@pytest.fixture
def pgmq_stage(staged: Callable[[int], Server]) -> Iterator[Stage]:
    """For what only pgmq has to show, on the newest server."""
    yield from make_stage(staged(18), "pgmq")


