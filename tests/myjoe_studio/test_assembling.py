"""The Studio's parts are made of settings, and refuse what belongs to others."""
from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import psycopg
import pytest

from myjoe.database import environment
from myjoe.errors import DatabaseUnreachableError, SettingsError
from myjoe.settings.variables import Secret
from myjoe_studio import assembling
from myjoe_studio.assembling import assembled
from myjoe_studio.settings import StudioSettings
from myjoe_studio.static_files import StaticFiles
from tests.database import support
from tests.support.studio import serving


def settings(url: str, folder: Path) -> StudioSettings:
    return StudioSettings(database_url=Secret(url), home=folder, storage_folder=folder, secret=Secret("5" * 64))


def test_parts_are_ready_within_the_block(newest: support.Database, tmp_path: Path) -> None:
    async def run() -> int:
        async with assembled(settings(newest.server.url(newest.name), tmp_path), StaticFiles()) as parts:
            return int(await parts.decide("take_rate", bucket="a", at_most=1, seconds=60))

    assert asyncio.run(run()) == 0
    held = "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'myjoe studio%%'"
    deadline = time.monotonic() + 60
    while newest.one(held):  # the server hears a moment later that they are closed
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_database_of_production_is_refused_in_development(newest: support.Database, tmp_path: Path) -> None:
    url = newest.server.url(newest.name)
    environment.mark(url, "production")

    async def run() -> None:
        async with assembled(settings(url, tmp_path), StaticFiles()):
            raise AssertionError("it was taken")

    with pytest.raises(SettingsError, match="the database is marked as production"):
        asyncio.run(run())


def test_a_database_that_is_not_there_is_told_before_anybody_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with assembled(settings("postgresql://127.0.0.1:1/none", tmp_path), StaticFiles()):
            raise AssertionError("it was taken")

    monkeypatch.setattr(assembling, "START_SECONDS", 0.2)
    with pytest.raises(DatabaseUnreachableError, match=r"within 0\.2 s"):
        asyncio.run(run())


# The login of the deployed Studio, as docs/operating/studio.md has it made.
DEPLOYING = Path(__file__).parents[2] / "docs/operating/studio.md"
LOGIN = re.search(r"```sql\n(create role myjoe_studio .*?)```", DEPLOYING.read_text(), re.DOTALL)


def test_the_login_that_the_docs_make_is_enough_and_may_do_nothing_by_itself(newest: support.Database, tmp_path: Path) -> None:
    assert LOGIN is not None
    newest.run("drop role if exists myjoe_studio")
    newest.root.execute(LOGIN[1].encode())
    try:
        url = newest.server.url(newest.name, "myjoe_studio")
        with newest.connect("myjoe_studio") as login:
            for statement in ("select * from public.profiles", "select private.environment()", "select * from auth.users"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    login.execute(statement)
        admin, user = newest.user(credits_half=20), newest.user(credits_half=8)
        newest.run("insert into public.admins (user_id, appointed_by, reason) values (%s, 'a test', 'a test')", admin)
        told = {"identity": "supabase", "supabase_url": "http://127.0.0.1:9", "database_url": Secret(url)}
        with serving(newest, tmp_path, **told) as site:
            assert "4 credits" in site.visitor(user).get("/studio").text
            assert site.visitor(user).post("/account/name", data={"name": "Joe"}).status_code == 303
            assert site.visitor(admin).get("/admin").status_code == 200
            assert site.visitor().get("/pricing").status_code == 200
            assert site.visitor().get("/health").json()["ready"]
    finally:
        newest.run("drop role myjoe_studio")
