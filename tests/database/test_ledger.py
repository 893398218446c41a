"""Credits: append-only for everybody, exact, idempotent per outside object, and never overdrawn."""
from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.database.support import Database, manifest


def test_a_grant_is_booked_once_per_reference(database: Database) -> None:
    user = database.user()
    assert database.one("select private.add_credits(%s, 'topup', 3, 'topup:cs_1')", user) is True
    assert database.one("select private.add_credits(%s, 'topup', 3, 'topup:cs_1')", user) is False
    assert database.balance(user) == 3
    with pytest.raises(psycopg.errors.UniqueViolation, match="another user or amount"):
        database.one("select private.add_credits(%s, 'topup', 4, 'topup:cs_1')", user)
    with pytest.raises(psycopg.errors.UniqueViolation, match="another user or amount"):
        database.one("select private.add_credits(%s, 'topup', 3, 'topup:cs_1')", database.user())
    database.check_books()


@pytest.mark.parametrize(
    ("kind", "amount", "reference"),
    [("burn", -1, "burn:1"), ("refund", 1, "refund:1"), ("grant", -1, "grant:1"), ("grant", 0, "grant:1"), ("grant", 1, "topup:1")],
)
def test_only_credits_come_in_by_hand(newest: Database, kind: str, amount: int, reference: str) -> None:
    with pytest.raises((psycopg.errors.InvalidParameterValue, psycopg.errors.CheckViolation)):
        newest.one("select private.add_credits(%s, %s, %s, %s)", newest.user(), kind, amount, reference)


@pytest.mark.parametrize("role", ["service_role", "postgres", "supabase_admin"])
@pytest.mark.parametrize(
    "change", ["update public.credit_ledger set amount_half = 9", "delete from public.credit_ledger", "truncate public.credit_ledger"]
)
def test_nobody_changes_a_row(shared: Database, role: str, change: str) -> None:
    user = shared.user(credits_half=5)
    with shared.connect("supabase_admin") as connection:
        connection.execute(f"set role {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(change)
    assert shared.balance(user) == 5


def test_an_account_cannot_be_overdrawn_even_by_its_owner(database: Database) -> None:
    user = database.user(credits_half=5)
    with pytest.raises(psycopg.errors.CheckViolation):
        database.run(
            "insert into public.credit_ledger (user_id, kind, amount_half, reference) values (%s, 'burn', -6, 'burn:1')", user
        )
    assert database.balance(user) == 5


@pytest.mark.parametrize("isolation", list(psycopg.IsolationLevel))
def test_twenty_burns_at_once_on_a_balance_for_ten_give_exactly_ten(database: Database, isolation: psycopg.IsolationLevel) -> None:
    user = database.user(credits_half=20)
    project = database.project(user)

    def burn(number: int) -> str:
        with database.connect() as connection:
            connection.isolation_level = isolation
            while True:
                try:
                    row = connection.execute(
                        "select private.submit_run(%s, %s, %s, %s)", (user, project, str(number), json.dumps(manifest()))
                    ).fetchone()
                    assert row is not None
                    return "accepted" if row[0]["accepted"] else str(row[0]["code"])
                except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
                    continue  # what a client does, too: nothing was done, so it asks again

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(burn, range(20)))
    assert sorted(answers) == ["accepted"] * 10 + ["insufficient_credits"] * 10
    assert database.balance(user) == 0
    assert database.one("select count(*) from public.jobs where user_id = %s", user) == 10
    database.check_books()


def test_refunds_of_many_users_in_one_statement_reach_each_of_them(database: Database) -> None:
    users = [database.user(credits_half=10) for _ in range(5)]
    for user in users:
        assert database.submit(user, pages=3, operations=("raster", "fix_upscale"))["accepted"]
    assert {database.balance(user) for user in users} == {1}
    for held in database.claim(15):
        database.run("update public.jobs set attempts = max_attempts, lease_token = 3 where id = %s", held[0])
    database.advance(301)
    assert database.one("select private.reclaim_jobs()") == 15
    assert {database.balance(user) for user in users} == {10}
    database.check_books()


def test_a_ledger_row_needs_an_account(newest: Database) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        newest.one("select private.add_credits(%s, 'grant', 1, 'grant:1')", uuid.uuid4())
