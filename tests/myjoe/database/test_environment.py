"""Staging and production are apart: whose a database is, is written into it once."""
from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from myjoe.database.connection import RetryingConnection
from myjoe.database.environment import check_environment, mark, require_environment
from myjoe.errors import RequestError, SettingsError
from tests.database.support import Database


@pytest.mark.parametrize(
    ("env", "marked", "works"),
    [
        ("development", None, True), ("development", "development", True), ("development", "staging", False),
        ("development", "production", False), ("staging", None, False), ("staging", "staging", True), ("staging", "production", False),
        ("production", None, False), ("production", "staging", False), ("production", "production", True),
    ],
)  # fmt: skip
def test_staging_and_production_are_apart(env: str, marked: str | None, works: bool) -> None:
    if works:
        require_environment(env, marked)
    else:
        with pytest.raises(SettingsError, match="marked as"):
            require_environment(env, marked)


def checked(database: Database, env: str) -> str | None:
    async def run() -> str | None:
        async with RetryingConnection(database.server.url(database.name)) as connection:
            return await check_environment(env, connection)

    return asyncio.run(run())


def test_a_database_is_marked_once_and_the_same_again_changes_nothing(newest: Database) -> None:
    url = newest.server.url(newest.name)
    assert checked(newest, "development") is None
    mark(url, "staging")
    mark(url, "staging")
    assert checked(newest, "staging") == "staging"
    for env in ("development", "production"):
        with pytest.raises(SettingsError, match=f"MYJOE_ENV is {env}, but the database is marked as staging"):
            checked(newest, env)
    with pytest.raises(RequestError, match=r"^this database is marked as staging$"):
        mark(url, "production")
    assert checked(newest, "staging") == "staging"


def test_an_unmarked_one_is_refused_with_the_way_out(newest: Database) -> None:
    with pytest.raises(SettingsError, match="marked as nobody's; mark it once with `myjoe db mark production`"):
        checked(newest, "production")


def test_there_are_no_other_environments(newest: Database) -> None:
    with pytest.raises((RequestError, psycopg.Error)):
        mark(newest.server.url(newest.name), "playground")
    assert checked(newest, "development") is None


def test_marking_works_through_a_pooler(newest: Database, pooler: Callable[[Database], str]) -> None:
    mark(pooler(newest), "development")
    assert checked(newest, "development") == "development"
