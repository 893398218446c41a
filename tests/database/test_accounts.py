"""Trials and closed accounts when many come at once, and the faults that they mend."""
from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.database import support


def newcomer(database: support.Database) -> uuid.UUID:
    """Somebody who has confirmed their address and bought nothing."""
    user = database.user(None)
    database.run("update auth.users set email_confirmed_at = private.clock() where id = %s", user)
    return user


def at_once(database: support.Database, statements: list[tuple[str, Any]]) -> list[Any]:
    """The single values of statements that are asked at the same time."""
    def ask(statement: tuple[str, Any]) -> Any:
        with database.connect() as connection:
            row = connection.execute(statement[0], (statement[1],)).fetchone()
            assert row is not None
            return row[0]

    with ThreadPoolExecutor(len(statements)) as pool:
        return list(pool.map(ask, statements))


def test_many_clicks_are_one_trial(database: support.Database) -> None:
    user = newcomer(database)
    answers = at_once(database, [("select private.begin_trial(%s)", user)] * 8)
    assert all(answer["accepted"] for answer in answers)
    assert database.balance(user) == 20
    assert database.rows("select plan, status from public.subscriptions") == [("lite", "trialing")]
    database.check_books()


def test_a_days_cap_holds_for_all_that_come_at_once(database: support.Database) -> None:
    database.run("create or replace function private.trials_per_day_max() returns integer language sql immutable as 'select 3'")
    users = [newcomer(database) for _ in range(8)]
    answers = at_once(database, [("select private.begin_trial(%s)", user) for user in users])
    assert sorted(answer["accepted"] for answer in answers) == [False] * 5 + [True] * 3
    assert {answer["code"] for answer in answers if not answer["accepted"]} == {"full"}


def test_a_trial_leaves_what_a_credit_earns_as_it_was_and_a_free_plan_would_not(newest: support.Database) -> None:
    """Fault 7: a plan that costs nothing makes every run unprofitable, for everybody."""
    buyer = newest.user(credits_half=20)
    before = newest.one("select private.revenue_per_half_micro_usd()")
    assert newest.one("select private.begin_trial(%s)", newcomer(newest))["accepted"]
    assert newest.one("select private.revenue_per_half_micro_usd()") == before
    assert newest.submit(buyer)["accepted"]
    newest.run(
        "insert into public.plans (code, label, price_micro_usd_month, credits_half_month, pages_per_run_max, pages_per_day_max)"
        " values ('free', 'Free', 1, 20, 10, 10)"
    )
    assert newest.submit(buyer)["code"] == "cogs_ceiling"


def test_who_tries_draws_ten_pages_within_two_weeks(newest: support.Database) -> None:
    user = newcomer(newest)
    newest.one("select private.begin_trial(%s)", user)
    assert newest.submit(user, pages=4)["accepted"]
    assert newest.submit(user, pages=7)["code"] == "insufficient_credits"
    newest.advance(14 * 86400 - 1)
    assert newest.submit(user, pages=1)["accepted"]
    newest.advance(1)
    refused = newest.submit(user, pages=1)
    assert refused["code"] == "plan_forbids" and "trial is over" in refused["message"]


def test_a_user_with_a_ledger_cannot_be_deleted_but_erased(newest: support.Database) -> None:
    """Fault 6: deleting the user broke on the ledger, which has to stay."""
    user = newest.user(credits_half=20)
    newest.submit(user, pages=2)
    with pytest.raises(psycopg.errors.RestrictViolation):
        newest.run("delete from auth.users where id = %s", user)
    newest.one("select private.request_deletion(%s)", user)
    newest.advance(7 * 86400)
    [(job, token)] = newest.claim(10)
    assert newest.one("select private.erase_user(%s, %s, %s)", user, job, token) == {"erased": True}
    assert newest.complete((job, token)) == [job]
    assert newest.rows("select email, encrypted_password from auth.users") == [(None, None)]
    assert newest.one("select count(*) from public.credit_ledger where user_id = %s", user) == 4
    newest.check_books()


def test_an_order_and_a_closing_at_once_leave_nothing_running(newest: support.Database) -> None:
    user = newest.user(credits_half=40)
    project = newest.project(user)
    with ThreadPoolExecutor(8) as pool:
        def order(number: int) -> None:
            with newest.connect() as connection:
                one = json.dumps(support.manifest())
                connection.execute("select private.submit_run(%s, %s, %s, %s)", (user, project, f"key {number}", one))

        def close(_: int) -> None:
            with newest.connect() as connection:
                connection.execute("select private.request_deletion(%s)", (user,))

        list(pool.map(lambda number: (close if number == 3 else order)(number), range(8)))
    assert newest.rows("select type from public.jobs where status in ('pending', 'in_progress')") == [("erase",)]
    assert newest.balance(user) == 40
    newest.check_books()


def test_while_files_are_removed_it_is_too_late_to_stay(newest: support.Database) -> None:
    user = newest.user()
    newest.one("select private.request_deletion(%s)", user)
    newest.advance(7 * 86400)
    [held] = newest.claim()
    assert newest.one("select private.cancel_deletion(%s)", user) is False
    assert newest.fail(held) == "retried"
    assert newest.one("select private.cancel_deletion(%s)", user) is False, "some of the files are gone"
