"""The connection: what it asks again, for how long, and what it does not."""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from myjoe import telemetry
from myjoe.database.acting import RoleActor
from myjoe.database.connection import RetryingConnection
from myjoe.database.server import SUPERUSER
from myjoe.errors import DatabaseUnreachableError
from tests.database import support
from tests.database.support import Database
from tests.support.proxy import Proxy, running_proxy


def url_of(database: Database, **settings: str) -> str:
    """With settings of the session, as an operator may give them in a connection string."""
    options = "%20".join(f"-c%20{name}%3D{value}" for name, value in settings.items())
    return database.server.url(database.name, "postgres") + (f"&options={options}" if options else "")


def counting(database: Database, body: str) -> None:
    """`tests.work(n)` counts its calls in a sequence, which no rollback undoes, and then does
    `body`.
    """
    database.run("create sequence tests.calls; create sequence tests.met; create table tests.counter (id int primary key, n int not null);")
    database.run("insert into tests.counter values (1, 0), (2, 0); grant all on all tables in schema tests to public")
    database.run("grant all on all sequences in schema tests to public")
    database.run(
        "create function tests.work(first int) returns int language plpgsql as"
        f" $$ begin perform nextval('tests.calls'); {body}; return first; end $$"
    )


def calls(database: Database) -> int:
    count: int = database.one("select last_value from tests.calls")
    return count


# In `tests.work`: waits for the other, so that both are amid it at once.
MEET = "perform nextval('tests.met'); while (select last_value from tests.met) < 2 loop perform pg_sleep(0.01); end loop"


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def both(database: Database, **settings: str) -> list[list[tuple[Any, ...]]]:
    """The work done over two links at once."""
    links = [RetryingConnection(url_of(database, **settings)) for _ in range(2)]
    answers = await asyncio.gather(*[connection.rows("select tests.work(%s)", (number,)) for number, connection in enumerate(links, 1)])
    for connection in links:
        await connection.close()
    return answers


def test_it_answers_rows_and_none(newest: Database) -> None:
    async def run() -> None:
        connection = RetryingConnection(url_of(newest), name="a test")
        assert await connection.rows("select 1, 'a'") == [(1, "a")]
        assert await connection.rows("select %(x)s::int where false", {"x": 1}) == []
        assert await connection.rows("create temporary table t (n int)") == []
        assert await connection.rows("select application_name from pg_stat_activity where pid = pg_backend_pid()") == [("a test",)]
        await connection.close()
        assert await connection.rows("select %s::int", (2,)) == [(2,)]
        await connection.close()

    asyncio.run(run())


def test_texts_are_texts_whatever_encoding_the_environment_asks_for(newest: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "SQL_ASCII")

    async def run() -> None:
        async with RetryingConnection(url_of(newest)) as connection:
            assert await connection.rows("select 'ä'::text || %s", ("ö",)) == [("äö",)]

    asyncio.run(run())


def test_serialization_failures_are_tried_again(database: Database, events: list[str]) -> None:
    counting(database, f"perform n from tests.counter; {MEET}; update tests.counter set n = n + 1 where id = 1")
    answers = asyncio.run(both(database, default_transaction_isolation="repeatable\\%20read"))
    assert answers == [[(1,)], [(2,)]]
    assert database.one("select n from tests.counter where id = 1") == 2
    assert calls(database) >= 3, "there was a failure to try again"
    assert events == [], "which is no outage"


def test_deadlocks_are_tried_again(database: Database) -> None:
    counting(database, f"update tests.counter set n = n + 1 where id = first; {MEET};"
                       " update tests.counter set n = n + 1 where id = 3 - first")  # fmt: skip
    answers = asyncio.run(both(database))
    assert answers == [[(1,)], [(2,)]]
    assert database.rows("select n from tests.counter") == [(2,), (2,)]
    assert calls(database) >= 3, "there was a deadlock to try again"


@pytest.mark.parametrize("limit", ["statement_timeout", "lock_timeout"])
def test_what_a_limit_of_the_login_ended_is_tried_again(newest: Database, events: list[str], limit: str) -> None:
    counting(newest, "perform n from tests.counter where id = 1 for update")

    async def run() -> None:
        connection = RetryingConnection(url_of(newest, **{limit: "50ms"}))
        blocker = await psycopg.AsyncConnection.connect(url_of(newest))
        await blocker.execute("select from tests.counter for update")
        asking = asyncio.create_task(connection.rows("select tests.work(7)"))
        await until(lambda: calls(newest) >= 3)
        await blocker.rollback()
        assert await asking == [(7,)]
        await connection.close()
        await blocker.close()

    asyncio.run(run())
    assert events == [], "which is no outage"


def test_what_a_limit_ends_for_ever_ends_with_the_caller_s_patience(newest: Database) -> None:
    async def run() -> None:
        async with RetryingConnection(url_of(newest, statement_timeout="20ms")) as connection:
            # The last try may be cut off by the patience itself, a moment before the limit ends it.
            with pytest.raises(DatabaseUnreachableError, match=r"within 0\.3 s: (canceling statement due to|consuming input failed)"):
                await connection.rows("select pg_sleep(60)", patience_seconds=0.3)

    asyncio.run(run())


def test_other_errors_are_raised_at_once_and_the_connection_stays(newest: Database) -> None:
    counting(newest, "perform 1 / 0")

    async def run() -> None:
        connection = RetryingConnection(url_of(newest))
        [(pid,)] = await connection.rows("select pg_backend_pid()")
        with pytest.raises(psycopg.errors.DivisionByZero):
            await connection.rows("select tests.work(1)")
        assert calls(newest) == 1
        assert await connection.rows("select pg_backend_pid()") == [(pid,)]
        await connection.close()
        with pytest.raises(psycopg.ProgrammingError):
            await RetryingConnection("this is no connection string").rows("select 1")

    asyncio.run(run())


@pytest.mark.parametrize("actor", [None, RoleActor("service_role", {"sub": "a\x00\ud800"})], ids=["by itself", "as somebody"])
def test_texts_of_others_are_washed_at_this_border(newest: Database, actor: RoleActor | None) -> None:
    hostile, clean = "a\x00b\ud83d\udc80", "a\ufffdb\ufffd\ufffd"

    async def run() -> None:
        async with RetryingConnection(url_of(newest)) as connection:
            params = (hostile, [hostile], Jsonb({hostile: [hostile, float("nan")]}))
            rows = await connection.rows("select %s::text, %s::text[], %s::jsonb", params, actor=actor)
            assert rows == [(clean, [clean], {clean: [clean, None]})]
            rows = await connection.rows("select %(x)s::text, %(b)s::bytea", {"x": hostile, "b": b"\x00"}, actor=actor)
            assert rows == [(clean, b"\x00")]

    asyncio.run(run())


def test_a_connection_that_was_ended_is_made_anew(database: Database) -> None:
    async def run() -> None:
        connection = RetryingConnection(url_of(database))
        [(pid,)] = await connection.rows("select pg_backend_pid()")
        database.one("select pg_terminate_backend(%s, 10000)", pid)  # between two statements
        [(other,)] = await connection.rows("select pg_backend_pid()")
        assert other != pid
        database.one("select pg_advisory_lock(1)::text")
        asking = asyncio.create_task(connection.rows("select pg_backend_pid() from pg_advisory_xact_lock(1)"))
        await until(lambda: database.rows("select from pg_locks where pid = %s and not granted", other))
        database.one("select pg_terminate_backend(%s, 10000)", other)  # and in the middle of one
        database.one("select pg_advisory_unlock(1)")
        [(third,)] = await asking
        assert third not in (pid, other)
        await connection.close()

    asyncio.run(run())


@pytest.fixture
def events() -> Iterator[list[str]]:
    """Names of the events that are emitted, as they come."""
    heard: list[str] = []
    forget = telemetry.subscribe(lambda event, fields: heard.append(f"{event} {fields['name']}"))
    yield heard
    forget()


def test_after_an_outage_what_yields_is_asked_behind_all_others(newest: Database, events: list[str]) -> None:
    newest.run("create table tests.asked (number serial, what text); grant all on tests.asked to public;"
               " grant all on sequence tests.asked_number_seq to public")  # fmt: skip
    answered: list[str] = []

    async def run() -> None:
        with running_proxy(newest) as proxy:
            connection = RetryingConnection(proxy.url, statement_seconds=0.5)
            await connection.rows("select 1")
            proxy.freeze()

            async def ask(what: str, yielding: bool = False) -> None:
                await connection.rows("insert into tests.asked (what) values (%s)", (what,), yielding=yielding)
                answered.append(what)

            claiming = asyncio.create_task(ask("more", yielding=True))
            await until(lambda: events)
            telling = [asyncio.create_task(ask(f"done {number}")) for number in range(8)]
            await asyncio.sleep(0)
            proxy.cut()
            proxy.thaw()
            await asyncio.gather(claiming, *telling)
            # While nothing is wrong, everybody is asked in turn.
            assert await asyncio.gather(*[connection.rows("select 1", yielding=yielding) for yielding in (True, False)]) == [[(1,)]] * 2
            await connection.close()

    asyncio.run(run())
    asked = [what for (what,) in newest.rows("select what from tests.asked order by number")]
    # What the frozen proxy has taken of a try that was given up may get through, and late.
    assert sorted(set(asked)) == [*(f"done {number}" for number in range(8)), "more"] and answered[-1] == "more"


def test_it_says_once_that_the_database_is_away_and_once_that_it_is_back(newest: Database, events: list[str]) -> None:
    async def run(proxy: Proxy) -> None:
        connection = RetryingConnection(proxy.url, name="mine")
        await connection.rows("select 1")
        proxy.freeze()
        asking = [asyncio.create_task(connection.rows("select 1")) for _ in range(2)]
        proxy.cut()
        await until(lambda: events)
        for _ in range(3):  # what it tries then fails as well
            await asyncio.sleep(0.1)
            proxy.cut()
        proxy.thaw()
        await asyncio.gather(*asking)
        await connection.close()

    with running_proxy(newest) as proxy:
        asyncio.run(run(proxy))
    assert events == ["database.lost mine", "database.back mine"]


def test_a_server_that_is_started_again_is_waited_for() -> None:
    with support.running_server(18, fsync="off") as server:
        support.make_database(server, "work")

        async def run() -> None:
            connection = RetryingConnection(server.url("work", SUPERUSER))
            assert await connection.rows("select 1") == [(1,)]
            server.stop("immediate")
            asking = asyncio.create_task(connection.rows("select 2"))
            await asyncio.sleep(0.3)
            assert not asking.done()
            await asyncio.to_thread(server.start)
            assert await asking == [(2,)]
            await connection.close()

        asyncio.run(run())


def test_patience_ends_and_the_password_is_not_told() -> None:
    async def run() -> None:
        connection = RetryingConnection("postgresql://joe:hush@/none?host=/nonexistent")
        with pytest.raises(DatabaseUnreachableError, match=r"within 0\.2 s.*/nonexistent") as caught:
            await connection.rows("select 1", patience_seconds=0.2)
        assert "hush" not in str(caught.value)

    asyncio.run(run())


def test_a_frozen_connection_is_given_up_and_made_anew(newest: Database) -> None:
    """Nobody closes it, so nothing but our own patience tells: with the statement, with waiting for
    a turn, and with connecting.
    """

    async def run(frozen: Proxy) -> None:
        connection = RetryingConnection(frozen.url, statement_seconds=0.3)
        assert await connection.rows("select 1") == [(1,)]
        frozen.freeze()
        first = asyncio.create_task(connection.rows("select 1", patience_seconds=1.0))
        second = asyncio.create_task(connection.rows("select 1", patience_seconds=0.1))
        for asking in (second, first):
            with pytest.raises(DatabaseUnreachableError):
                await asking
        waiting = asyncio.create_task(connection.rows("select 2"))
        await asyncio.sleep(0.4)
        frozen.thaw()
        assert await waiting == [(2,)]
        await connection.close()

    with running_proxy(newest) as frozen:
        asyncio.run(asyncio.wait_for(run(frozen), 60))


def test_whoever_is_cancelled_leaves_a_link_that_works(newest: Database) -> None:
    async def run() -> None:
        connection = RetryingConnection(url_of(newest))
        asking = asyncio.create_task(connection.rows("select pg_sleep(60)"))
        await until(lambda: newest.rows("select from pg_stat_activity where query = 'select pg_sleep(60)' and wait_event = 'PgSleep'"))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await connection.rows("select 3") == [(3,)]
        await connection.close()

    asyncio.run(run())


def test_statements_come_one_after_the_other(newest: Database) -> None:
    async def run() -> None:
        connection = RetryingConnection(url_of(newest))
        rows = await asyncio.gather(*[connection.rows("select pg_backend_pid(), %s::int", (n,)) for n in range(20)])
        assert len({row[0][0] for row in rows}) == 1
        assert [row[0][1] for row in rows] == list(range(20))
        await connection.close()

    asyncio.run(run())


def test_nothing_is_prepared_so_a_transaction_pooler_may_be_in_between(newest: Database, pooler: Callable[[Database], str]) -> None:
    async def run() -> None:
        url = pooler(newest)
        links = [RetryingConnection(url) for _ in range(2)]
        for number in range(20):
            assert await links[number % 2].rows("select %s::int", (number,)) == [(number,)]
        for connection in links:
            await connection.close()

    asyncio.run(run())
