"""Operating by hand: what is shown, found, requeued and cancelled, by whom, and
what is on record.
"""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from myjoe.database.connection import RetryingConnection
from myjoe.errors import RequestError
from myjoe.formatting import ID_CHARS
from myjoe.operating.operator import STATES, Operator
from tests.database.support import Database


class BlockingOperator:
    """An operator who asks one thing after the other, each over a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*words: Any, **named: Any) -> Any:
            async with RetryingConnection(self.url) as connection:
                return await getattr(Operator(connection), name)(*words, **named)

        return lambda *words, **named: asyncio.run(ask(*words, **named))


def operator(database: Database, user: str = "postgres") -> BlockingOperator:
    return BlockingOperator(database.server.url(database.name, user))


def dead_job(database: Database, user: uuid.UUID) -> uuid.UUID:
    database.submit(user)
    [held] = database.claim()
    assert database.fail(held, for_good=True) == "failed"
    return held[0]


def test_jobs_are_shown_by_state_and_user(database: Database) -> None:
    first, second = database.user(credits_half=20), database.user(credits_half=20)
    database.submit(first, pages=4)
    done, back, _ = database.claim(3)
    database.book(done[0], 3000)
    database.complete(done)
    database.fail(back)
    database.advance(5)
    database.submit(second)
    rows = operator(database).jobs()
    assert len(rows) == 5 and rows[0]["user_id"] == second
    assert sorted(row["state"] for row in rows) == ["completed", "in progress", "postponed", "waiting", "waiting"]
    assert {state: [row["id"] for row in operator(database).jobs(state)] for state in ("completed", "postponed")} == {
        "completed": [done[0]], "postponed": [back[0]]
    }  # fmt: skip
    assert [row["cost_micro_usd"] for row in operator(database).jobs("completed")] == [3000]
    assert {row["user_id"] for row in operator(database).jobs(user=str(second)[:8])} == {second}
    assert len(operator(database).jobs(count=2)) == 2
    assert {row["state"] for row in rows} < set(STATES)


def test_a_run_is_found_by_the_beginning_of_its_id_or_of_a_job_of_it(newest: Database) -> None:
    user = newest.user(credits_half=20)
    run_id = uuid.UUID(newest.submit(user, pages=2)["run_id"])
    [held] = newest.claim()
    newest.complete(held, result={"provider": "sketch", "model": "sketch", "width_px": 1, "height_px": 1, "dpi": 300, "bit_depth": 1,
                                  "files": {"png": "a/b.png"}})  # fmt: skip
    for prefix in (str(run_id), str(run_id)[:ID_CHARS].upper(), str(held[0])[:ID_CHARS]):
        run, pages = operator(newest).run(prefix)
        assert run["id"] == run_id and run["page_count"] == 2 and run["refunded_half"] == 0
        assert [(page["page"], page["state"]) for page in pages] == [(1, "completed"), (2, "waiting")]
    assert pages[0]["files"] == {"png": "a/b.png"}


@pytest.mark.parametrize(
    ("of", "sentence"),
    [("0", "'0' is no id"), ("'; drop table x", "is no id"), ("ffffffff", "there is no run and no job ffffffff"), ("%%%%", "is no id")],
)
def test_what_is_not_there_is_said(shared: Database, of: str, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        operator(shared).run(of)


def test_an_id_that_could_be_two_is_not_guessed(newest: Database) -> None:
    user = newest.user()
    for end in "12":
        newest.run("insert into public.jobs (id, user_id, type) values (%s, %s, 'page')", f"aaaa0000-0000-4000-8000-00000000000{end}", user)
    with pytest.raises(RequestError, match="several ids begin with aaaa: give more of it"):
        operator(newest).run("aaaa")
    with pytest.raises(RequestError, match="belongs to no run"):
        operator(newest).run("aaaa0000-0000-4000-8000-000000000001")


def test_a_dead_job_is_requeued_once_paid_anew_and_on_record(database: Database) -> None:
    user = database.user(credits_half=10)
    job = dead_job(database, user)
    assert [row["id"] for row in operator(database).dead()] == [job]
    new = operator(database).requeue(str(job)[:ID_CHARS], "the provider was down")
    assert operator(database).dead() == [] and [row["requeued_as"] for row in operator(database).dead(requeued_too=True)] == [new]
    assert database.balance(user) == 8 and database.status(new) == "pending"
    [(actor, reason)] = database.rows("select actor, reason from public.admin_actions")
    assert (actor, reason) == ("postgres", "the provider was down")
    with pytest.raises(RequestError, match="was requeued before, as"):
        operator(database).requeue(str(job), "once more")
    database.check_books()


def test_a_requeue_needs_a_reason_a_dead_job_and_credits(newest: Database) -> None:
    user = newest.user(credits_half=2)
    job = dead_job(newest, user)
    with pytest.raises(RequestError, match="a reason of three letters or more is kept"):
        operator(newest).requeue(str(job), "  ")
    run = newest.submit(user)["run_id"]
    with pytest.raises(RequestError, match="the user has too few credits to pay for the page anew"):
        operator(newest).requeue(str(job), "the provider was down")
    with pytest.raises(RequestError, match="is a run; one dead job at a time"):
        operator(newest).requeue(run, "the provider was down")
    [held] = newest.claim()
    with pytest.raises(RequestError, match="there is no dead job"):
        operator(newest).requeue(str(held[0]), "the provider was down")
    assert newest.rows("select * from public.admin_actions") == []


def test_a_run_or_one_job_of_it_is_cancelled(newest: Database) -> None:
    user = newest.user(credits_half=20)
    run_id = newest.submit(user, pages=3)["run_id"]
    [(running, _)] = newest.claim()
    waiting = newest.one("select min(id::text) from public.jobs where status = 'pending'")
    assert operator(newest).cancel(waiting) == (1, 0)
    assert operator(newest).cancel(run_id) == (1, 1)
    assert newest.status(running) == "in_progress" and newest.balance(user) == 18
    newest.check_books()


def test_it_works_through_a_transaction_pooler(newest: Database, pooler: Callable[[Database], str]) -> None:
    user = newest.user(credits_half=20)
    job = dead_job(newest, user)
    there = BlockingOperator(pooler(newest))
    assert [row["id"] for row in there.dead()] == [job]
    there.requeue(str(job), "the provider was down")
    with psycopg.connect(pooler(newest), autocommit=True, prepare_threshold=None) as connection:
        assert connection.execute("select current_user").fetchone() == ("postgres",)


def test_an_admin_may_look_and_requeue_and_a_stranger_nothing(newest: Database) -> None:
    user = newest.user(credits_half=20)
    job = dead_job(newest, user)
    names = [f"{kind}_{uuid.uuid4().hex[:8]}" for kind in ("admin", "stranger")]
    for name in names:
        newest.run(f"create role {name} login")
    newest.run(f"grant myjoe_admin to {names[0]}")
    try:
        admin = operator(newest, names[0])
        assert [row["id"] for row in admin.dead()] == [job] and len(admin.jobs()) == 1
        admin.requeue(str(job), "the provider was down")
        assert newest.one("select actor from public.admin_actions") == names[0]
        with pytest.raises(RequestError, match="this login may not act as service_role"):
            admin.cancel(str(job))
        with pytest.raises(RequestError, match="this login may not act as myjoe_admin"):
            operator(newest, names[1]).jobs()
    finally:
        for name in names:
            newest.run(f"drop role {name}")
