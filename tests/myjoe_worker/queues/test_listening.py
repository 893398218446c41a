"""The listener: what it hears, that it knows when it does not, and that it comes back."""
from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from myjoe_worker.queues.listening import Listener
from tests.database.support import Database
from tests.support.proxy import running_proxy


def url_of(database: Database) -> str:
    return database.server.url(database.name, "postgres")


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


def test_it_hears_of_jobs_and_cancels_each_once(database: Database) -> None:
    user = database.user(credits_half=4)

    async def run() -> None:
        listener = Listener(url_of(database))
        assert await listener.start()
        assert await listener.wait(30) == "jobs"  # what came before it listened
        assert await listener.wait(0.05) is None
        run_id = database.submit(user, pages=2)["run_id"]
        assert await listener.wait(30) == "jobs"
        database.claim(2)
        database.rows("select * from private.cancel_jobs(%s, %s)", user, run_id)
        assert await listener.wait(30) == f"cancel:{run_id}"
        for note in ("one", "two", "one"):
            database.run("select pg_notify('myjoe_cancel', %s)", note)
            database.run("select pg_notify('myjoe_jobs', '')")
        database.run("select pg_notify('myjoe_cancel', 'all')")
        heard = []
        while (note := await listener.wait(30)) != "cancel:all":
            assert note
            heard.append(note)
        assert sorted(set(heard)) == ["cancel:one", "cancel:two", "jobs"]
        await listener.stop()

    asyncio.run(run())


def test_notes_that_nobody_took_yet_are_kept_once(newest: Database) -> None:
    async def run() -> None:
        listener = Listener(url_of(newest))
        await listener.start()
        for number in range(100):
            newest.run("select pg_notify('myjoe_jobs', %s)", str(number))
        newest.run("select pg_notify('myjoe_cancel', 'all')")
        await until(lambda: "cancel:all" in listener._notes)
        assert [await listener.wait(30), await listener.wait(30), await listener.wait(0.1)] == ["jobs", "cancel:all", None]
        await listener.stop()

    asyncio.run(run())


def test_it_knows_that_a_transaction_pooler_does_not_deliver(newest: Database, pooler: Callable[[Database], str]) -> None:
    async def run() -> None:
        listener = Listener(pooler(newest))
        assert not await listener.start()
        assert "transaction pooler" in listener.trouble
        assert await listener.wait(0.05) is None
        await listener.stop()

    asyncio.run(run())


def test_it_comes_back_and_says_that_there_may_be_work(newest: Database) -> None:
    async def run() -> None:
        with running_proxy(newest) as proxy:
            listener = Listener(proxy.url, name="the listener")
            assert await listener.start()
            assert await listener.wait(30) == "jobs"
            proxy.cut()
            await until(lambda: not listener.works)
            assert listener.trouble
            await until(lambda: listener.works)
            assert await listener.wait(30) == "jobs"
            newest.run("select pg_notify('myjoe_cancel', 'it')")
            assert await listener.wait(30) == "cancel:it"
            await listener.stop()

    asyncio.run(run())


def test_a_server_that_is_away_at_the_start_is_no_error() -> None:
    async def run() -> None:
        listener = Listener("postgresql://joe@/none?host=/nonexistent")
        assert not await listener.start()
        assert "/nonexistent" in listener.trouble
        await listener.stop()
        with pytest.raises(psycopg.OperationalError):  # as it is with any connection to it
            await psycopg.AsyncConnection.connect("postgresql://joe@/none?host=/nonexistent")

    asyncio.run(run())
