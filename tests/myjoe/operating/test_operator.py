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
    [[(old, new)], refused] = operator(database).requeue(str(job)[:ID_CHARS], "the provider was down")
    assert (old, refused) == (job, [])
    assert operator(database).dead() == [] and [row["requeued_as"] for row in operator(database).dead(requeued_too=True)] == [new]
    assert database.balance(user) == 8 and database.status(new) == "pending"
    [(actor, reason)] = database.rows("select actor, reason from public.admin_actions")
    assert (actor, reason) == ("postgres", "the provider was down")
    [done, [(again, sentence)]] = operator(database).requeue(str(job), "once more")
    assert (done, again) == ([], job) and "was requeued before, as" in sentence
    database.check_books()


def test_the_dead_of_a_run_a_kind_and_a_user_are_requeued_together(newest: Database) -> None:
    first, second = newest.user(credits_half=20), newest.user(credits_half=4)
    run = newest.submit(first, pages=3)["run_id"]
    newest.submit(second, pages=2)
    for held in newest.claim(5):
        newest.fail(held, for_good=True)
    rich, poor = (str(user)[:ID_CHARS] for user in (first, second))
    with pytest.raises(RequestError, match="no dead job is like that"):
        operator(newest).requeue(None, "an outage", kind="judge")
    done, refused = operator(newest).requeue(run[:ID_CHARS], "an outage")
    assert len(done) == 3 and not refused and newest.balance(first) == 14
    newest.run("update public.dead_jobs set error_kind = 'timeout' where user_id = %s", second)
    with pytest.raises(RequestError, match="no dead job is like that"):
        operator(newest).requeue(None, "an outage", kind="timeout", user=rich)
    # Who cannot pay for all of them has as many tried again as they can pay for.
    newest.one("select private.admin_adjust_credits(%s, -2, 'taken', 'r')", second)
    done, refused = operator(newest).requeue(None, "an outage", kind="timeout", user=poor)
    assert len(done) == 1 and [sentence for _, sentence in refused] == ["the user has too few credits for that"]
    assert newest.one("select count(*) from public.admin_actions where action = 'requeue'") == 4
    newest.check_books()


def test_users_are_found_and_their_credits_given_and_taken_once_a_request(database: Database) -> None:
    user, _ = database.user(credits_half=20), database.user()
    email = database.one("select email from auth.users where id = %s", user)
    [row] = operator(database).users(email[:12])
    assert (row["user_id"], row["plan"], row["balance_half"], row["runs"]) == (user, "max", 20, 0)
    assert len(operator(database).users()) == 2
    for of in (email, email.upper(), str(user)[:ID_CHARS]):
        assert operator(database).ledger(of)[0]["user_id"] == user
    booked = [operator(database).adjust(email, -5, "a mistake of ours", "r1") for _ in range(2)]
    assert [(new, row["balance_half"]) for new, row in booked] == [(True, 15), (False, 15)]
    account, rows = operator(database).ledger(email)
    assert account["balance_half"] == 15
    assert [(row["kind"], row["amount_half"], row["reason"]) for row in rows] == [
        ("adjustment", -5, "a mistake of ours"), ("grant", 20, None)
    ]  # fmt: skip
    for half, reason, request, sentence in (
        (-100, "a mistake", None, "the user has too few credits for that"), (1, " ", None, "a reason of three letters"),
        (7, "a mistake", "r1", "request r1 was booked before, for another user or amount"),
    ):  # fmt: skip
        with pytest.raises(RequestError, match=sentence):
            operator(database).adjust(email, half, reason, request)
    with pytest.raises(RequestError, match="there is no user nobody@"):
        operator(database).ledger("nobody@example.com")
    with pytest.raises(RequestError, match="there is no user example"):
        operator(database).ledger("example")  # a part of an address is no address
    database.check_books()


def test_operations_are_switched_and_it_is_on_record_why(newest: Database) -> None:
    assert {row["operation"]: row["providers"] for row in operator(newest).operations()} == {
        "brain": "openai", "fix_upscale": "openai, recraft", "raster": "openai, replicate", "vector": "openai, recraft"
    }  # fmt: skip
    for to, off, fallback, providers in (
        ("fallback", False, True, "openai, recraft"), ("off", True, True, "openai, recraft"), ("on", False, True, "openai, recraft"),
        ("first", False, False, "openai, replicate"),
    ):  # fmt: skip
        row = operator(newest).switch("raster", to, f"to be {to}")
        seen = row["switched_off"], row["uses_fallback"], row["providers"], row["switch_reason"]
        assert seen == (off, fallback, providers, f"to be {to}")
    with pytest.raises(RequestError, match="vector has no fallback"):
        operator(newest).switch("vector", "fallback", "no reason")
    with pytest.raises(RequestError, match="there is no operation 'colour'; there are brain, fix_upscale, raster, vector"):
        operator(newest).switch("colour", "off", "no reason")
    with pytest.raises(RequestError, match="a reason of three letters"):
        operator(newest).switch("raster", "off", "")


def test_why_a_job_waits_is_said(newest: Database) -> None:
    user = newest.user(credits_half=40)
    newest.submit(user, pages=4)
    back, *_ = newest.claim(2, "w1#abc", lease_seconds=90)
    newest.rows("select private.snooze_job(%s, %s, 300, 'openai: the account is empty', 'account')", *back)
    [row] = operator(newest).jobs("postponed")
    assert row["why"] == "comes back in 5 min, for an operator to mend openai"
    assert {row["why"] for row in operator(newest).jobs("waiting")} == {"its turn has not come"}
    newest.advance(30)
    assert [row["why"] for row in operator(newest).jobs("in progress")] == ["w1 holds it, silent for 30 s, free in 60 s"]
    assert {row["why"] for row in operator(newest).jobs("waiting", per_user_max=1)} == {"its user's limit: 1 of 1 run"}
    newest.advance(50)
    assert {row["why"] for row in operator(newest).jobs("waiting", per_user_max=1)} == {
        "its user's limit: 1 of 1 run; w1 is silent for 80 s, free in 10 s"
    }  # fmt: skip
    newest.advance(11)
    assert [row["why"] for row in operator(newest).jobs("in progress")] == ["w1 holds it, silent for 91 s, free now"]
    assert {row["why"] for row in operator(newest).jobs("waiting", per_user_max=1)} == {"its turn has not come"}


def test_what_a_dead_worker_holds_is_given_back(newest: Database) -> None:
    newest.submit(newest.user(credits_half=40), pages=3)
    first, _ = newest.claim(2, "fly-1#abc"), newest.claim(1, "fly-2#abc")
    newest.advance(20)
    with pytest.raises(RequestError, match="no worker 'render' holds a job; those who do: fly-1, fly-2"):
        operator(newest).release("render", "it is gone")
    with pytest.raises(RequestError, match="several workers begin with 'fly': fly-1, fly-2"):
        operator(newest).release("fly", "they are gone")
    with pytest.raises(RequestError, match="a reason of three letters"):
        operator(newest).release("fly-1", "")
    assert operator(newest).release("fly-1", "its machine is gone") == ("fly-1", 2, 20.0)
    assert [newest.status(job) for job, _ in first] == ["pending", "pending"] and newest.complete(*first) == []


def test_a_requeue_needs_a_reason_a_dead_job_and_credits(newest: Database) -> None:
    user = newest.user(credits_half=2)
    job = dead_job(newest, user)
    with pytest.raises(RequestError, match="a reason of three letters or more is kept"):
        operator(newest).requeue(str(job), "  ")
    run = newest.submit(user)["run_id"]
    refused = [(job, "the user has too few credits for that")]
    assert operator(newest).requeue(str(job), "the provider was down") == ([], refused)
    with pytest.raises(RequestError, match="no dead job is like that"):
        operator(newest).requeue(run, "the provider was down")
    [held] = newest.claim()
    [done, [(_, sentence)]] = operator(newest).requeue(str(held[0]), "the provider was down")
    assert done == [] and "there is no dead job" in sentence
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
