"""Asking in somebody's name, on a real server, directly and through a transaction pooler: what each
persona sees and may change, who is on record, and that nothing of one name is left for the next.
"""
from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from myjoe.database.acting import Connection, as_admin, as_service, as_user
from myjoe.database.connection import RetryingConnection
from myjoe.database.protocol import Database
from myjoe.database.server import SUPERUSER
from myjoe.errors import DatabaseUnreachableError
from tests.database import support
from tests.support.proxy import Proxy, running_proxy

# Who is asking: the role, the login, and the claims, which policies and records read. After the
# transaction that set them they are the empty text, not null.
WHO = "select current_user::text, session_user::text, nullif(current_setting('request.jwt.claims', true), '')::jsonb"
NOBODY = ("postgres", "postgres", None)
# Seconds that something may take on a busy machine before it is taken for something that does not
# happen.
LONG_SECONDS = 20.0


@pytest.fixture(params=["directly", "pooled"])
def url(request: pytest.FixtureRequest, newest: support.Database, pooler: Callable[[support.Database], str]) -> str:
    """The database's address, as the login postgres, which is a member of every role."""
    return pooler(newest) if request.param == "pooled" else newest.server.url(newest.name, "postgres")


def user_named(user: uuid.UUID) -> tuple[Any, ...]:
    """What `WHO` says of a user."""
    return "authenticated", "postgres", {"role": "authenticated", "sub": str(user)}


def asked(url: str, questions: Callable[[RetryingConnection], Awaitable[Any]]) -> Any:
    """What comes of the questions, asked over one connection."""

    async def run() -> Any:
        async with RetryingConnection(url, name="a test") as connection:
            return await questions(connection)

    return asyncio.run(run())


# ── what each of them sees ────────────────────────────────────────────────────────────────────────


def lived_in(database: support.Database) -> tuple[uuid.UUID, uuid.UUID]:
    """Two users, each with something in every table that holds things of users: a page that is
    done, one that failed, one that was cancelled, and what they cost.
    """
    users = database.user(credits_half=20), database.user(credits_half=20)
    for user in users:
        assert database.submit(user, pages=3)["accepted"]
        done, dead = database.claim(2)
        database.book(done[0], 3000)
        page = {"provider": "replicate", "model": "m", "width_px": 8, "height_px": 8, "dpi": 300, "bit_depth": 1}
        assert database.complete(done, result=page) == [done[0]]
        assert database.fail(dead, for_good=True) == "failed"
        database.rows("select * from private.cancel_jobs(%s, (select run_id from public.jobs where id = %s))", user, done[0])
        database.one("select private.admin_look(%s, 'a test')", user)
    return users


def tables(database: support.Database) -> dict[str, str | None]:
    """All tables, each with the column that says whose a row is."""
    rows = database.rows("""
        select c.oid::regclass::text, min(a.attname::text) from pg_class c
        left join pg_attribute a on a.attrelid = c.oid and a.attname = case c.relname when 'profiles' then 'id' else 'user_id' end
        where c.relkind in ('r', 'p') and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) group by c.oid""")
    return dict(rows)


# What no admin has to see: who is signed in by which hash, and how often somebody tried something.
UNREAD = ("private.studio_sessions", "private.rates")


def readable(database: support.Database, role: str, table: str) -> list[str]:
    """The columns that the role may read."""
    rows = database.rows(
        "select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " and has_column_privilege(%s, attrelid, attnum, 'select') order by attnum",
        table, role,
    )  # fmt: skip
    return [name for (name,) in rows]


async def count(database: Database, table: str, columns: list[str], where: str = "true", *params: Any) -> int:
    """How many rows of the table there are for whoever asks."""
    return len(await database.rows(f"select {', '.join(columns)} from {table} where {where}", params))


def test_a_user_sees_their_own_rows_of_every_table_and_nobody_elses(newest: support.Database, url: str) -> None:
    a, b = lived_in(newest)
    owned = {
        table: owner for table, owner in tables(newest).items()
        if owner and readable(newest, "authenticated", table) and newest.one(f"select count(*) from {table} where {owner} = %s", a)
    }  # fmt: skip
    assert len(owned) >= 8, "the tables that show users what is theirs"

    async def questions(connection: RetryingConnection) -> None:
        for table, owner in owned.items():
            columns = readable(newest, "authenticated", table)
            for user, other in ((a, b), (b, a)):
                theirs = newest.one(f"select count(*) from {table} where {owner} = %s", user)
                assert theirs > 0, table
                database = as_user(connection, user)
                assert await count(database, table, columns) == theirs, table
                if owner in columns:
                    assert await count(database, table, columns, f"{owner} = %s", other) == 0, table
            assert await count(as_user(connection, uuid.uuid4()), table, columns) == 0, table

    asked(url, questions)


def test_a_user_may_not_even_ask_for_what_is_not_for_users(newest: support.Database, url: str) -> None:
    a, _ = lived_in(newest)
    shut = [table for table in tables(newest) if not readable(newest, "authenticated", table)]
    assert {"admin_actions", "cost_events", "private.environment"} <= set(shut)

    async def questions(connection: RetryingConnection) -> None:
        for table in shut:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await as_user(connection, a).rows(f"select * from {table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await as_user(connection, a).rows("select private.add_credits(%s, 'grant', 1000, 'grant:mine')", (a,))

    asked(url, questions)


def test_a_user_changes_what_is_theirs_alone(newest: support.Database, url: str) -> None:
    a, b = newest.user(), newest.user()

    async def questions(connection: RetryingConnection) -> None:
        mine = as_user(connection, a)
        assert len(await mine.rows("update public.projects set name = 'Mine' returning id")) == 1
        assert await mine.rows("update public.projects set name = 'Mine' where id = %s returning id", (newest.project(b),)) == []
        assert await mine.rows("delete from public.projects where id = %s returning id", (newest.project(b),)) == []
        assert await mine.records("insert into public.projects (name) values ('Second') returning user_id, name") == [
            {"user_id": a, "name": "Second"}
        ]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await mine.rows("update public.jobs set status = 'completed'")

    asked(url, questions)
    names = newest.rows("select name, count(*) from public.projects group by name order by name")
    assert names == [("Book", 1), ("Mine", 1), ("Second", 1)]


def test_an_admin_reads_everything_and_changes_nothing(newest: support.Database, url: str) -> None:
    lived_in(newest)
    generated = "select distinct attname::text from pg_attribute where attidentity <> '' or attgenerated <> ''"
    made = [name for (name,) in newest.rows(generated)]

    async def questions(connection: RetryingConnection) -> None:
        admin = as_admin(connection)
        for table in tables(newest):
            columns = readable(newest, "myjoe_admin", table)
            if table in UNREAD:
                assert columns == [], table
                continue
            assert await count(admin, table, columns) == newest.one(f"select count(*) from {table}"), table
            column = next(name for name in columns if name not in made)
            for act in (f"delete from {table}", f"update {table} set {column} = {column}", f"insert into {table} default values"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    await admin.rows(act)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await admin.rows("select private.note_action('look', 'nobody', 'I say so', '{}')")

    asked(url, questions)


def test_what_an_admin_does_is_on_record_under_their_id_or_else_the_login(newest: support.Database, url: str) -> None:
    user, admin = newest.user(), newest.user()

    async def questions(connection: RetryingConnection) -> None:
        adjust = "select private.admin_adjust_credits(%s, 4, 'a gift', %s)"
        assert await as_admin(connection, admin).rows(adjust, (user, "r1")) == [(True,)]
        assert await as_admin(connection).rows(adjust, (user, "r2")) == [(True,)]
        # Who asked before in the same session is nobody now.
        assert await as_user(connection, user).rows("select 1") == [(1,)]
        assert await as_admin(connection).rows(adjust, (user, "r3")) == [(True,)]

    asked(url, questions)
    assert newest.rows("select actor, action, subject from public.admin_actions order by id") == [
        (str(admin), "adjust_credits", str(user)), ("postgres", "adjust_credits", str(user)), ("postgres", "adjust_credits", str(user)),
    ]  # fmt: skip
    assert newest.balance(user) == 12


def test_the_service_does_what_the_processes_do_and_is_no_user(newest: support.Database, url: str) -> None:
    user = newest.user(credits_half=20)

    async def questions(connection: RetryingConnection) -> None:
        service = as_service(connection)
        quote = "select private.quote_run(%s, %s, %s)"
        [(answer,)] = await service.rows(quote, (user, newest.project(user), json.dumps(support.manifest())))
        assert answer["accepted"]
        assert await service.rows(WHO) == [("service_role", "postgres", {"role": "service_role"})]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await service.rows("select private.admin_look(%s, 'out of curiosity')", (user,))

    asked(url, questions)


# ── what is left of a name ────────────────────────────────────────────────────────────────────────


def test_nothing_of_a_name_is_left_for_the_next(newest: support.Database, url: str) -> None:
    a, b = uuid.uuid4(), uuid.uuid4()

    async def questions(connection: RetryingConnection) -> None:
        async with RetryingConnection(url) as other:
            names: list[tuple[Database, tuple[Any, ...]]] = [
                (as_user(connection, a), user_named(a)),
                (connection, NOBODY),
                (as_user(other, b), user_named(b)),
                (as_admin(connection, a), ("myjoe_admin", "postgres", {"role": "myjoe_admin", "sub": str(a)})),
                (as_admin(other), ("myjoe_admin", "postgres", {"role": "myjoe_admin"})),
                (as_service(connection), ("service_role", "postgres", {"role": "service_role"})),
                (other, NOBODY),
            ]
            for database, who in [*names, *reversed(names)]:
                assert await database.rows(WHO) == [who]

    asked(url, questions)


@pytest.mark.parametrize(
    "wrong", ["select 1 / 0", "select from public.no_such_table", "selec 1", "select * from public.admin_actions", "select %s::int"]
)
def test_after_an_error_the_connection_goes_on_and_the_name_is_gone(
    newest: support.Database, url: str, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    user = uuid.uuid4()
    params = ("no number",) if "%s" in wrong else ()

    async def questions(connection: RetryingConnection) -> None:
        [(pid,)] = await connection.rows("select pg_backend_pid()")
        for _ in range(3):
            with pytest.raises(psycopg.Error) as caught:
                await as_user(connection, user).rows(wrong, params)
            assert not isinstance(caught.value, psycopg.errors.InFailedSqlTransaction), "the error itself, not what follows from it"
            assert await connection.rows(WHO) == [NOBODY]
            assert await as_user(connection, user).rows(WHO) == [user_named(user)]
        assert await connection.rows("select pg_backend_pid()") == [(pid,)], "the same session"

    asked(url, questions)
    assert caplog.records == [], "an error is raised, and not logged by the driver as well"


def test_an_error_undoes_what_the_statement_had_done(newest: support.Database, url: str) -> None:
    user = newest.user()

    async def questions(connection: RetryingConnection) -> None:
        with pytest.raises(psycopg.errors.DivisionByZero):
            await as_user(connection, user).rows("with made as (insert into public.projects (name) values ('Half') returning id)"
                                                 " select 1 / (count(*) - 1) from made")  # fmt: skip

    asked(url, questions)
    assert newest.rows("select name from public.projects") == [("Book",)]


def test_what_fails_only_at_the_commit_is_raised_too(newest: support.Database, url: str) -> None:
    newest.run("create table tests.late (n int unique deferrable initially deferred); grant all on tests.late to authenticated")

    async def questions(connection: RetryingConnection) -> None:
        user = as_user(connection, uuid.uuid4())
        await user.rows("insert into tests.late values (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            await user.rows("insert into tests.late values (1)")
        assert await user.rows("select n from tests.late") == [(1,)]

    asked(url, questions)


def test_a_conflict_is_tried_again_in_the_same_name(newest: support.Database) -> None:
    """Two transactions at repeatable read change one row: the second is refused by the server, and
    asked again.
    """
    newest.run("create table tests.counter (n int); insert into tests.counter values (0); grant all on tests.counter to authenticated")
    url = f"{newest.server.url(newest.name, 'postgres')}&options=-c%20default_transaction_isolation%3Drepeatable%5C%20read"
    user = uuid.uuid4()
    add = ("with wait as materialized (select pg_sleep(0.2)) update tests.counter set n = n + 1 from wait"
           " returning auth.uid(), current_user::text")  # fmt: skip

    async def questions(connection: RetryingConnection) -> None:
        async with RetryingConnection(url) as other:
            answers = await asyncio.gather(as_user(connection, user).rows(add), as_user(other, user).rows(add))
        assert list(answers) == [[(user, "authenticated")]] * 2

    asked(url, questions)
    assert newest.one("select n from tests.counter") == 2


def test_a_broken_connection_is_made_anew_in_the_same_name(newest: support.Database) -> None:
    user = uuid.uuid4()
    with running_proxy(newest) as proxy:

        async def questions(connection: RetryingConnection) -> None:
            for _ in range(3):
                assert await as_user(connection, user).rows(WHO) == [user_named(user)]
                proxy.cut()

        asked(proxy.url, questions)


# ── how it is asked ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("acting", [lambda link: as_user(link, uuid.uuid4()), as_admin, as_service])
def test_it_takes_one_round_trip(newest: support.Database, acting: Callable[[Connection], Database]) -> None:
    """The server has committed while not one of its answers has come through."""
    newest.run("create table tests.seen (n int); grant all on tests.seen to public")

    async def committed() -> None:
        deadline = time.monotonic() + LONG_SECONDS
        while newest.rows("select n from tests.seen") != [(7,)]:
            assert time.monotonic() < deadline, "the server waits for more, and the client for an answer"
            await asyncio.sleep(0.01)

    async def questions(proxy: Proxy, connection: RetryingConnection) -> None:
        database = acting(connection)
        await database.rows("select 1")
        proxy.hold_answers()
        asking = asyncio.create_task(database.rows("insert into tests.seen values (%s) returning n", (7,)))
        try:
            await committed()
        finally:
            proxy.thaw()
        assert await asking == [(7,)]

    with running_proxy(newest) as proxy:
        asked(proxy.url, lambda connection: questions(proxy, connection))


def test_a_transaction_pooler_gets_its_server_back_after_every_statement(
    newest: support.Database, pooler: Callable[[support.Database], str]
) -> None:
    """Two clients share the pooler's one server: neither may hold it while it asks nothing."""
    url = pooler(newest)

    async def questions(connection: RetryingConnection) -> None:
        async with RetryingConnection(url) as other:
            for number in range(150):
                for client in (connection, other):
                    user = as_user(client, uuid.uuid4())
                    assert await user.rows("select %s::int", (number,), patience_seconds=LONG_SECONDS) == [(number,)]
                    if number % 10 == 0:
                        with pytest.raises(psycopg.errors.DivisionByZero):
                            await as_service(client).rows("select 1 / 0", patience_seconds=LONG_SECONDS)

    asked(url, questions)


@pytest.mark.parametrize(
    "value",
    [
        "it's", '"', "\\", "\\'; select 1; --", "$$", "%", "%s", "%(x)s",
        ";commit;", "ü 花", "", "-- ", "/*", "e'\\x41'", "\n; reset role; --",
    ],
)  # fmt: skip
def test_a_value_is_a_value_whatever_it_holds(newest: support.Database, url: str, value: str) -> None:
    user = uuid.uuid4()
    ask = "select %s::text, %s::text[], %s::jsonb, current_user::text, 'a%%b' -- and a comment"

    async def questions(connection: RetryingConnection) -> None:
        found = await as_user(connection, user).rows(ask, (value, [value, None], json.dumps({"k": value})))
        assert found == [(value, [value, None], {"k": value}, "authenticated", "a%b")]
        assert await connection.rows(WHO) == [NOBODY]

    asked(url, questions)


def test_values_of_all_kinds_come_back_as_they_were(newest: support.Database, url: str) -> None:
    one = uuid.uuid4()
    moment = datetime(2026, 12, 1, 12, 30, 15, 123456, UTC)
    values: dict[str, Any] = {
        "uuid": one, "uuids": [one, one], "none": None, "true": True, "int": -7, "big": 2**40, "float": 0.1, "decimal": Decimal("1.50"),
        "at": moment, "empty": [],
    }  # fmt: skip
    ask = ("select %(uuid)s::uuid, %(uuids)s::uuid[], %(none)s::text, %(true)s::boolean, %(int)s::int, %(big)s::bigint, %(float)s::float8,"
           " %(decimal)s::numeric, %(at)s::timestamptz, %(empty)s::text[]")  # fmt: skip

    async def questions(connection: RetryingConnection) -> None:
        [found] = await as_user(connection, one).rows(ask, values)
        assert list(found) == list(values.values())
        assert [found] == await connection.rows(ask, values), "the same in the login's name"

    asked(url, questions)


def test_a_login_that_is_no_member_of_the_role_is_refused_and_asks_nothing_in_its_own_name(newest: support.Database) -> None:
    newest.root.execute("do $$ begin create role stranger login; exception when duplicate_object then null; end $$")
    newest.run("create table tests.seen (n int); grant all on tests.seen to public")
    url = newest.server.url(newest.name, "stranger")

    async def questions(connection: RetryingConnection) -> None:
        for database in (as_user(connection, uuid.uuid4()), as_admin(connection), as_service(connection)):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="set role"):
                await database.rows("insert into tests.seen values (1)")
        assert await connection.rows("select current_user::text") == [("stranger",)]

    asked(url, questions)
    assert newest.rows("select n from tests.seen") == []


def test_patience_ends_in_every_name(newest: support.Database) -> None:
    with running_proxy(newest) as proxy:

        async def questions(connection: RetryingConnection) -> None:
            user = as_user(connection, uuid.uuid4())
            await user.rows("select 1")
            proxy.freeze()
            for ask in (user.rows, user.records):
                with pytest.raises(DatabaseUnreachableError):
                    await ask("select 1", patience_seconds=0.2)
            proxy.thaw()
            assert await user.records("select 1 as one") == [{"one": 1}]

        asked(proxy.url, questions)


def test_the_superuser_is_bound_by_the_name_too(newest: support.Database) -> None:
    a, _ = lived_in(newest)

    async def questions(connection: RetryingConnection) -> None:
        assert await as_user(connection, a).rows("select user_id from public.runs") == [(a,)]

    asked(newest.server.url(newest.name, SUPERUSER), questions)
