"""What changes something is one call of one function, as the service or in an admin's name."""
from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
import pytest

from myjoe.database.statements import statements
from myjoe_studio.deciding import Decider
from myjoe_studio.reading import Connections
from tests.database import support

Found = TypeVar("Found")


def decided(database: support.Database, decide: Callable[[Decider], Awaitable[Found]]) -> Found:
    async def run() -> Found:
        pool = Connections(database.server.url(database.name), 1)
        try:
            return await decide(Decider(pool))
        finally:
            await pool.close()

    return asyncio.run(run())


def test_rates_are_counted_by_window_and_bucket(newest: support.Database) -> None:
    async def taken(decide: Decider) -> list[int]:
        return [await decide("take_rate", bucket=bucket, at_most=2, seconds=600) for bucket in ("a", "a", "a", "b")]

    first, second, third, other = decided(newest, taken)
    assert (first, second, other) == (0, 0, 0) and 0 < third <= 600
    newest.advance(third)
    assert decided(newest, lambda decide: decide("take_rate", bucket="a", at_most=2, seconds=600)) == 0


def test_an_admin_is_on_record_by_their_id(newest: support.Database) -> None:
    admin, user = newest.user(), newest.user()
    decided(newest, lambda decide: decide.as_admin(admin, "admin_credits", user=user, half=4, reason="for a test", request="12345678"))
    assert newest.rows("select actor, reason from public.admin_actions") == [(str(admin), "for a test")]


def test_the_service_may_not_do_what_admins_do(newest: support.Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        decided(newest, lambda decide: decide("admin_switch", operation="raster", off=True, fallback=False, reason="for a test"))


def test_a_plan_that_was_paid_for_is_kept_whatever_the_brain_put_into_its_words(newest: support.Database) -> None:
    user = newest.user(credits_half=20)
    asked = {"description": "a cat", "pages": 1, "operations": ["raster"]}

    async def planned(decide: Decider) -> bool:
        begun = await decide("begin_draft", user=user, key="form-001", request=asked, project=newest.project(user))
        token = (await decide("plan_draft", user=user, draft=begun["draft_id"], seconds=60))["token"]
        plan = {"title": "\x00", "style": "\udc80", "pages": [{"title": "a\x00b", "prompt": "\ud83d cat \x00"}]}
        return bool(await decide("finish_draft", draft=begun["draft_id"], token=token, plan=plan))

    assert decided(newest, planned)
    kept = newest.rows("select state, title, style, pages from public.drafts")
    assert kept == [("planned", "\ufffd", "\ufffd", [{"title": "a\ufffdb", "prompt": "\ufffd cat \ufffd"}])]


def test_each_statement_is_one_call_and_its_function_is_there(newest: support.Database) -> None:
    for name, sql in statements("myjoe_studio", "decisions.sql").items():
        assert ";" not in sql, name
        newest.run("prepare asked as " + re.sub(r"%\((\w+)\)s", "null", sql))
        newest.run("deallocate asked")
