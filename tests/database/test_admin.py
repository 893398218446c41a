"""What admins do by hand, with a reason, on record."""
from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.support import Database


def act(database: Database, sql: str, *args: Any) -> Any:
    with database.connect() as connection:
        connection.execute("set role myjoe_admin")
        row = connection.execute(sql, args).fetchone()
        assert row is not None
        return row[0]


def actions(database: Database) -> list[tuple[Any, ...]]:
    return database.rows("select actor, action, subject, reason from public.admin_actions order by id")


def dead_job(database: Database, user: uuid.UUID) -> uuid.UUID:
    database.submit(user)
    (held,) = database.claim()
    assert database.fail(held, for_good=True) == "failed"
    return held[0]


def test_credits_are_adjusted_once_per_request(database: Database) -> None:
    user = database.user(credits_half=5)
    adjust = "select private.admin_adjust_credits(%s, %s, %s, %s)"
    assert act(database, adjust, user, -3, "charged by mistake", "ticket 7") is True
    assert act(database, adjust, user, -3, "charged by mistake", "ticket 7") is False
    assert database.balance(user) == 2
    with pytest.raises(psycopg.errors.UniqueViolation, match="another user or amount"):
        act(database, adjust, user, 3, "charged by mistake", "ticket 7")
    with pytest.raises(psycopg.errors.CheckViolation):
        act(database, adjust, user, -3, "more than there is", "ticket 8")
    assert actions(database) == [("postgres", "adjust_credits", str(user), "charged by mistake")]
    database.check_books()


@pytest.mark.parametrize("reason", ["", "  ", None, "x"])
def test_nothing_without_a_reason(newest: Database, reason: str | None) -> None:
    user = newest.user(credits_half=6)
    dead = dead_job(newest, user)
    for sql, args in (
        ("select private.admin_adjust_credits(%s, 3, %s, 'r')", (user, reason)), ("select private.admin_requeue(%s, %s)", (dead, reason)),
        ("select private.admin_switch('raster', true, false, %s)", (reason,)), ("select private.admin_look(%s, %s)", (user, reason)),
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.CheckViolation):
            act(newest, sql, *args)
    assert newest.balance(user) == 6
    assert newest.rows("select code from public.operations where switched_off") == []
    assert newest.one("select count(*) from public.jobs") == 1


def test_a_dead_job_is_requeued_once_and_paid_anew(database: Database) -> None:
    user = database.user(credits_half=2)
    dead = dead_job(database, user)
    again = act(database, "select private.admin_requeue(%s, 'provider was down')", dead)
    assert database.balance(user) == 0
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="requeued before"):
        act(database, "select private.admin_requeue(%s, 'once more')", dead)
    (held,) = database.claim()
    assert held == (again, 1)
    columns = "user_id, run_id, type, payload, operations, priority, max_attempts, credits_half, cogs_max_micro_usd"
    assert len(set(map(str, database.rows(f"select {columns} from public.jobs")))) == 1
    database.complete(held)
    assert database.balance(user) == 0
    database.check_books()


def test_who_cannot_pay_is_not_requeued(newest: Database) -> None:
    user = newest.user(credits_half=2)
    dead = dead_job(newest, user)
    assert newest.submit(user)["accepted"]
    with pytest.raises(psycopg.errors.CheckViolation):
        act(newest, "select private.admin_requeue(%s, 'provider was down')", dead)
    assert newest.one("select requeued_as is null from public.dead_jobs")
    newest.check_books()


def test_a_switch_is_flipped_and_back(newest: Database) -> None:
    user = newest.user(credits_half=2)
    act(newest, "select private.admin_switch('raster', true, false, 'provider is down')")
    assert newest.submit(user)["code"] == "switched_off"
    act(newest, "select private.admin_switch('raster', false, true, 'the other one works')")
    assert newest.submit(user)["accepted"]
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="no operation sculpt"):
        act(newest, "select private.admin_switch('sculpt', false, true, 'why not')")


def test_looking_at_a_user_is_on_record(newest: Database) -> None:
    user = newest.user("pro", credits_half=4)
    dead = dead_job(newest, user)
    seen = act(newest, "select private.admin_look(%s, 'asked for help')", user)
    assert (seen["balance_half"], seen["subscriptions"], seen["jobs"], seen["dead"]) == (
        4, [{"plan": "pro", "status": "active"}], {"failed": 1}, [str(dead)],
    )  # fmt: skip
    assert actions(newest) == [("postgres", "look", str(user), "asked for help")]


def test_the_actor_is_who_is_signed_in(newest: Database) -> None:
    admin, user = newest.user(), newest.user()
    with newest.connect(autocommit=False) as connection:
        connection.execute("set local role myjoe_admin")
        connection.execute("select set_config('request.jwt.claim.sub', %s, true)", (str(admin),))
        connection.execute("select private.admin_look(%s, 'asked for help')", (user,))
        connection.commit()
    assert actions(newest) == [(str(admin), "look", str(user), "asked for help")]
