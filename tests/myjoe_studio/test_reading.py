"""The database as visitors see it: session, standing and rows in one round trip; nobody else's."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
import pytest

from myjoe.errors import DatabaseUnreachableError
from myjoe_studio import reading
from myjoe_studio.reading import Connections, Look, Reader
from myjoe_studio.sessions import hash_of
from tests.database import support
from tests.support.studio import begin_session

Found = TypeVar("Found")
PROJECTS = "select p.name, p.user_id from public.projects p order by p.name"


def asked(database: support.Database, ask: Callable[[Reader], Awaitable[Found]], connections: int = 2) -> Found:
    async def run() -> Found:
        pool = Connections(database.server.url(database.name), connections)
        try:
            return await ask(Reader(pool))
        finally:
            await pool.close()

    return asyncio.run(run())


def test_a_session_shows_its_user_and_their_rows_alone(newest: support.Database) -> None:
    ann, _bob = newest.user("pro", credits_half=7), newest.user()
    token = begin_session(newest, ann)
    look = asked(newest, lambda reader: reader.look(hash_of(token), PROJECTS))
    assert look.person is not None
    assert (look.person.id, look.person.plan, look.person.balance_half, look.person.admin) == (ann, "pro", 7, False)
    assert look.rows == [{"name": "Book", "user_id": str(ann)}]


@pytest.mark.parametrize("why", ["unknown", "idle", "old", "banned", "deleted", "ended"])
def test_a_session_that_is_over_shows_nothing(newest: support.Database, why: str) -> None:
    ann = newest.user()
    token = begin_session(newest, ann)
    if why == "unknown":
        token += "x"
    if why == "idle":
        newest.advance(31 * 86400)
    if why == "old":
        newest.run("update private.studio_sessions set created_at = created_at - interval '181 days'")
    if why == "banned":
        newest.run("update auth.users set banned_until = private.clock() + interval '1 day' where id = %s", ann)
    if why == "deleted":
        newest.run("update auth.users set deleted_at = private.clock() where id = %s", ann)
    if why == "ended":
        newest.run("select private.end_sessions(%s)", ann)
    assert asked(newest, lambda reader: reader.look(hash_of(token), PROJECTS)) == Look(None, [])


def test_a_visit_keeps_a_session_alive_and_writes_seldom(newest: support.Database) -> None:
    token = begin_session(newest, newest.user())

    def seen() -> object:
        asked(newest, lambda reader: reader.look(hash_of(token)))
        return newest.one("select seen_at from private.studio_sessions")

    first = seen()
    newest.advance(300)
    assert seen() == first
    newest.advance(29 * 86400)
    assert seen() == newest.now()


def test_what_a_session_has_seen_does_not_stay_on_the_connection(newest: support.Database) -> None:
    token = begin_session(newest, newest.user())

    async def both(reader: Reader) -> tuple[Look, Look]:
        return await reader.look(hash_of(token), PROJECTS), await reader.look(hash_of("nobody"), PROJECTS)

    first, second = asked(newest, both, connections=1)
    assert first.person is not None and second == Look(None, [])


def test_a_plan_that_has_ended_is_none(newest: support.Database) -> None:
    ann = newest.user("lite")
    newest.run("update public.subscriptions set status = 'trialing', ends_at = private.clock() + interval '1 day' where user_id = %s", ann)
    token = begin_session(newest, ann)
    look = asked(newest, lambda reader: reader.look(hash_of(token)))
    assert look.person is not None and (look.person.plan, look.person.plan_status) == ("lite", "trialing")
    newest.advance(86401)
    look = asked(newest, lambda reader: reader.look(hash_of(token)))
    assert look.person is not None and look.person.plan is None


def test_only_admins_read_as_admins(newest: support.Database) -> None:
    ann = newest.user()
    token = begin_session(newest, ann)
    costs = "select count(*) as n from public.cost_events"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asked(newest, lambda reader: reader.look(hash_of(token), costs, admin=True))
    newest.run("insert into public.admins (user_id, appointed_by, reason) values (%s, 'tests', 'for tests')", ann)
    assert asked(newest, lambda reader: reader.look(hash_of(token), costs, admin=True)).rows == [{"n": 0}]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asked(newest, lambda reader: reader.look(hash_of(token), costs))


def test_a_page_is_one_round_trip(newest: support.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted at the socket: what was sent to the server before it answered."""
    token = begin_session(newest, newest.user())
    sent: list[bytes] = []
    execute = psycopg.AsyncClientCursor.execute

    async def counted(self: Any, query: Any, *args: Any, **how: Any) -> Any:
        sent.append(query)
        return await execute(self, query, *args, **how)

    monkeypatch.setattr(psycopg.AsyncClientCursor, "execute", counted)
    monkeypatch.setattr(psycopg.AsyncConnection, "execute", None)  # there is no other way to ask
    look = asked(newest, lambda reader: reader.look(hash_of(token), PROJECTS), connections=1)
    assert look.rows and len(sent) == 1


def test_through_a_transaction_pooler_nobody_sees_anothers_rows(
    newest: support.Database, pooler: Callable[[support.Database], str]
) -> None:
    users = [newest.user() for _ in range(6)]
    tokens = {user: begin_session(newest, user) for user in users}

    async def run() -> list[tuple[object, object]]:
        pool = Connections(pooler(newest), 4)
        reader = Reader(pool)

        async def one(user: object, token: str) -> tuple[object, object]:
            look = await reader.look(hash_of(token), PROJECTS)
            return str(user), look.rows[0]["user_id"] if len(look.rows) == 1 else look.rows

        try:
            return await asyncio.gather(*(one(user, token) for _ in range(20) for user, token in tokens.items()))
        finally:
            await pool.close()

    found = asyncio.run(run())
    assert len(found) == 120 and all(user == owner for user, owner in found)


def test_a_database_that_is_away_is_told_within_patience(newest: support.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE_SECONDS", 0.2)

    async def run() -> None:
        pool = Connections("postgresql://127.0.0.1:1/none", 1)
        with pytest.raises(DatabaseUnreachableError):
            await Reader(pool).look(b"", None)
        await pool.close()

    asyncio.run(run())
