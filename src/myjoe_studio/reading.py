"""The database as a visitor sees it: the session, what is known of its user, and a page's rows, in
one round trip. Row-level security is the guard.
"""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from myjoe.database.acting import ADMIN, SERVICE, USER
from myjoe.database.connection import RetryingConnection

# How long a page waits for the database, in seconds, before it says that it is away. A person waits
# too; longer outlasts a restart of the server, shorter tells sooner.
PATIENCE_SECONDS = 4.0


class Connections:
    """So many connections to the database, each for one statement at a time."""

    def __init__(self, url: str, count: int) -> None:
        self._all = [RetryingConnection(url, name=f"myjoe studio {number}") for number in range(1, count + 1)]
        self._free: asyncio.LifoQueue[RetryingConnection] = asyncio.LifoQueue()
        for one in self._all:
            self._free.put_nowait(one)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[RetryingConnection]:
        """A connection of one's own for the block: the one that was used last, as it is warm."""
        connection = await self._free.get()
        try:
            yield connection
        finally:
            self._free.put_nowait(connection)

    async def close(self) -> None:
        """Close all of them."""
        for one in self._all:
            await one.close()


@dataclass(frozen=True)
class Person:
    """What is known of a signed-in user at this request: private.standing() by its names."""

    standing: Mapping[str, Any]

    @property
    def id(self) -> UUID:
        """The user's id."""
        return UUID(self.standing["user_id"])

    def __getattr__(self, name: str) -> Any:
        try:
            return self.standing[name]
        except KeyError as error:
            raise AttributeError(name) from error


@dataclass(frozen=True)
class _Entering:
    """The actor of a session: its user, or an admin where `admin` asks for one and it is one."""

    hash: bytes
    admin: bool

    def statements(self) -> Sequence[tuple[str, Sequence[object]]]:
        """First as the service, which may look the session up, then as its user."""
        role = "select set_config('role', %s, true)"
        is_admin = "coalesce((nullif(current_setting('myjoe.person', true), '')::jsonb ->> 'admin')::boolean, false)"
        by_right = f"select set_config('role', case when {is_admin} then %s else %s end, true)"
        whom: tuple[str, Sequence[object]] = (by_right, (ADMIN, USER)) if self.admin else (role, (USER,))
        return [(role, (SERVICE,)), ("select private.enter_session(%s)", (self.hash,)), whom]


@dataclass(frozen=True)
class Look:
    """A visit's person, if somebody is signed in, and the rows of its page."""

    person: Person | None
    rows: Sequence[Mapping[str, Any]]


class Reader:
    """Asks in visitors' names. Raises DatabaseUnreachableError after PATIENCE_SECONDS."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def look(
        self, session_hash: bytes, statement: str | None = None, values: Mapping[str, Any] | None = None, *, admin: bool = False
    ) -> Look:
        """Who has this session, and the rows of a statement in their name; `admin` lets admins read
        everything. The values of the rows are those of JSON: ids and times come as text.
        """
        asked = (
            "select nullif(current_setting('myjoe.person', true), '')::jsonb as person, "
            + (f"(select coalesce(jsonb_agg(to_jsonb(found)), '[]') from ({statement}) as found)" if statement else "'[]'::jsonb")
            + " as rows"
        )
        async with self._connections.one() as connection:
            [(person, rows)] = await connection.rows(
                asked, values or {}, patience_seconds=PATIENCE_SECONDS, actor=_Entering(session_hash, admin)
            )
        return Look(Person(person) if person else None, rows)
