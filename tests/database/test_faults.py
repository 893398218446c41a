"""What happens to money and jobs when connections and servers die in the middle."""
from __future__ import annotations

import itertools
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest

from myjoe.database.server import SUPERUSER
from tests.database import support
from tests.database.faults import Fault
from tests.database.support import Database, manifest

# Tables that submit_run writes to, in its order: the trigger below dies at each of them, before and
# after.
WRITTEN = ("runs", "credit_ledger", "credit_accounts", "jobs", "job_events", "idempotency_keys")


@contextmanager
def holding(database: Database, table: str, moment: str) -> Iterator[None]:
    """Whoever writes to the table stops there until it is killed, in the middle of
    the statement.
    """
    database.run(
        "create or replace function tests.stop() returns trigger language plpgsql as"
        " $$ begin perform pg_sleep(60); return null; end $$"
    )
    database.run(f"create trigger stop_here {moment} insert or update on public.{table} for each statement execute function tests.stop()")
    try:
        yield
    finally:
        database.run(f"drop trigger stop_here on public.{table}")


def kill_when_it_sleeps(database: Database, pid: int) -> None:
    deadline = time.monotonic() + 30
    while database.rows("select wait_event from pg_stat_activity where pid = %s", pid) != [("PgSleep",)]:
        assert time.monotonic() < deadline, "it never came to where it should stop"
        time.sleep(0.002)
    database.one("select pg_terminate_backend(%s, 10000)", pid)


def in_background(call: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(call())
        except psycopg.Error as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("table", WRITTEN)
def test_a_submission_killed_anywhere_leaves_nothing_and_can_be_repeated(newest: Database, table: str, moment: str) -> None:
    user = newest.user(credits_half=4)
    project = newest.project(user)
    arguments = (user, project, "key", json.dumps(manifest(2)))

    def everything() -> list[Any]:
        tables = [*(f"public.{name}" for name in WRITTEN), "private.virtual_times"]
        return [newest.rows(f"select t::text from {name} t order by 1") for name in tables]

    before = everything()
    with holding(newest, table, moment), newest.connect() as dying:
        thread, outcome = in_background(lambda: dying.execute("select private.submit_run(%s, %s, %s, %s)", arguments).fetchone())
        kill_when_it_sleeps(newest, dying.info.backend_pid)
        thread.join()
    assert isinstance(outcome[0], psycopg.OperationalError)
    assert everything() == before
    assert newest.submit(user, "key", 2)["accepted"]
    assert len(newest.claim(9)) == 2
    newest.check_books()


# All that runs when a run is submitted: the governor, what it asks, and what it makes.
SUBMITTING = (
    "submit_run", "decide_run", "manifest_pages", "enqueue_jobs", "take_virtual_times", "virtual_time_served", "wake_workers",
    "move_balances",
)  # fmt: skip


def with_stops(database: Database, function: str, first: int) -> int:
    """Make every statement of a function one before which it can be stopped, by a setting of the
    connection; the next free number.
    """
    whole: str = database.one("select pg_get_functiondef(('private.' || %s)::regproc)", function)
    head, begin, body = whole.partition("\nbegin\n")
    number, lines = first, []
    starts = True
    for line in body.splitlines():
        # A line that follows a complete one begins a statement, unless it closes or divides a
        # block.
        if starts and not line.strip().startswith(("end", "else", "elsif", "exception", "when", "--", "$")):
            lines.append(f"if tests.stops_at({number}) then null; end if;")  # which leaves FOUND as it was
            number += 1
        lines.append(line)
        said = line.partition("--")[0].rstrip()
        if said:
            starts = said.endswith(("; ", ";", "then", "loop", "else"))
    database.run(head + begin + "\n".join(lines))
    return number


def test_a_submission_killed_before_any_statement_leaves_nothing_and_can_be_repeated(newest: Database) -> None:
    newest.run(
        "create function tests.stops_at(number int) returns boolean language plpgsql stable as $$ begin"
        " if current_setting('tests.stop_at', true) = number::text then perform pg_sleep(60); end if; return false; end $$"
    )
    count = 0
    for function in SUBMITTING:
        count = with_stops(newest, function, count)
    user = newest.user(credits_half=400)
    stopped = 0
    for number in range(count):
        before = newest.balance(user)
        arguments = (user, newest.project(user), str(number), json.dumps(manifest(2)))
        with newest.connect(options=f"-c tests.stop_at={number}") as dying:
            submit = partial(dying.execute, "select private.submit_run(%s, %s, %s, %s) ->> 'accepted'", arguments)
            thread, outcome = in_background(lambda submit=submit: submit().fetchone())
            while thread.is_alive():
                if newest.rows("select from pg_stat_activity where pid = %s and wait_event = 'PgSleep'", dying.info.backend_pid):
                    newest.one("select pg_terminate_backend(%s, 10000)", dying.info.backend_pid)
                    thread.join()
        if isinstance(outcome[0], psycopg.Error):
            stopped += 1
            assert newest.balance(user) == before
            assert newest.rows("select from public.idempotency_keys where key = %s", str(number)) == []
        else:
            assert outcome == [("true",)]
        assert newest.submit(user, str(number), 2)["accepted"]
        assert newest.balance(user) == before - 4, "once, whether it was killed or not"
        newest.check_books()
    # The others lie on the way to a refusal, which writes nothing.
    assert stopped > 40
    assert len(newest.claim(1000)) == 2 * count


@pytest.mark.parametrize("ending", ["complete", "fail", "cancel", "claim"])
def test_a_worker_killed_while_it_ends_a_job_changes_nothing(newest: Database, ending: str) -> None:
    user = newest.user(credits_half=4)
    run = newest.submit(user, pages=2)["run_id"]
    (held,) = newest.claim()
    calls = {
        "complete": ("select private.complete_jobs(array[%s::uuid], array[%s::bigint])", held),
        "fail": ("select private.fail_job(%s, %s, 'broke', 'kind', true)", held),
        "cancel": ("select private.cancel_jobs(%s, %s)", (user, run)),
        "claim": ("select private.claim_jobs('w2', %s)", (1,)),
    }
    before = newest.rows("select j::text from public.jobs j order by 1")
    with holding(newest, "job_events", "after"), newest.connect() as dying:
        thread, outcome = in_background(lambda: dying.execute(*calls[ending]).fetchone())
        kill_when_it_sleeps(newest, dying.info.backend_pid)
        thread.join()
    assert isinstance(outcome[0], psycopg.OperationalError)
    assert newest.rows("select j::text from public.jobs j order by 1") == before
    assert newest.complete(held) == [held[0]]
    assert len(newest.claim(9)) == 1, "a claim that was killed is made good"
    newest.check_books()


@pytest.mark.parametrize("version", support.VERSIONS)
def test_a_server_that_falls_over_loses_nothing_that_was_answered(version: int) -> None:
    """Pulled plug in mid-run, with fsync on: what was answered is there, and what was not is whole
    or not at all.
    """
    with support.running_server(version) as server:
        support.make_template(server, name="work")
        database = Database(server, "work")
        # However many orders fit in before the server is gone, none is refused.
        database.run("update public.plans set pages_per_day_max = 1000000000")
        user = database.user(credits_half=1_000_000_000)
        project = database.project(user)
        database.submit(user, "first", 5)
        held = database.claim(2)
        accepted: list[str] = []

        def submit_until_it_breaks() -> Any:
            with database.connect() as connection:
                for key in map(str, itertools.count()):
                    row = connection.execute(
                        "select private.submit_run(%s, %s, %s, %s)", (user, project, key, json.dumps(manifest()))
                    ).fetchone()
                    if row is None or not row[0]["accepted"]:
                        return row
                    accepted.append(key)

        thread, outcome = in_background(submit_until_it_breaks)
        while len(accepted) < 5:
            assert thread.is_alive(), outcome
            time.sleep(0.001)
        server.stop("immediate")
        thread.join()
        assert isinstance(outcome[0], psycopg.OperationalError), outcome
        server.start()
        database = Database(server, "work")
        kept = {key for (key,) in database.rows("select key from public.idempotency_keys")}
        assert set(accepted) <= kept
        assert len(kept - set(accepted) - {"first"}) <= 1
        database.check_books()
        # Leases outlive the server: the worker goes on where it was.
        assert sorted(database.complete(*held)) == sorted(job for job, _ in held)
        waiting = database.one("select count(*)::int from public.jobs") - 2
        assert len(database.claim(waiting + 1)) == waiting
        database.close()


def begin_a_page_of_the_log(database: Database) -> None:
    """PostgreSQL 15 writes the log when a page of it, 8 kB, is full, though no commit waits for it.
    What the tests add and claim takes 5 kB, and must not begin just anywhere.
    """
    database.rows("select pg_switch_wal()")


@pytest.mark.parametrize("version", support.VERSIONS)
@pytest.mark.parametrize("fenced", [True, False], ids=["as it is", "tokens that only count"])
def test_no_token_is_given_twice_when_a_crash_wipes_out_a_claim(version: int, fenced: bool) -> None:
    """A claim does not wait for the disk. Without the server's epoch in it, its token
    would be somebody else's as well.
    """
    # Nobody writes the log unless a commit waits for it: what a claim does is lost for certain.
    with support.running_server(version, wal_writer_delay="10s", bgwriter_lru_maxpages="0") as server:
        support.make_template(server, name="work")
        database = Database(server, "work")
        if not fenced:
            Fault("tokens that only count", "claim_jobs", "greatest(j.lease_token + 1, epoch)", "j.lease_token + 1").seed(database)
        user = database.user()
        database.enqueue(user)
        begin_a_page_of_the_log(database)
        [wiped] = database.claim()
        assert wiped[1] == 1
        server.stop("immediate")
        server.start()
        database = Database(server, "work")
        assert database.rows("select status, lease_token, attempts from public.jobs") == [("pending", 0, 0)]
        [held] = database.claim()
        assert held[0] == wiped[0]
        assert (held[1] == wiped[1]) is not fenced
        assert database.complete(wiped) == ([] if fenced else [wiped[0]]), "the first worker knows nothing of the second"
        if fenced:
            assert database.complete(held) == [held[0]]
            # A stop in good order loses nothing and begins no new epoch; tokens go on counting.
            database.close()
            server.stop("fast")
            server.start()
            database = Database(server, "work")
            again = database.enqueue(user)[0]
            [(job, token)] = database.claim()
            assert (job, token) == (again, held[1])
        database.check_books()
        database.close()


@pytest.mark.parametrize("mode", ["immediate", "fast"], ids=["a crash", "a stop in good order"])
def test_leases_that_ran_out_while_the_server_was_away_are_honoured_for_a_while(mode: str) -> None:
    with support.running_server(support.VERSIONS[-1]) as server:
        support.make_template(server, name="work")
        database = Database(server, "work")
        database.enqueue(database.user(), 3)
        told, late, untold = database.claim(3, lease_seconds=300)
        held = [told, late, untold]
        confirmed = database.rows("select id from private.confirm_claims(%s, %s)", [job for job, _ in held], [token for _, token in held])
        assert len(confirmed) == 3
        database.close()
        server.stop(mode)
        server.start()
        database = Database(server, "work")
        database.advance(1000)
        assert database.claim(3, worker="another") == [], "who was cut off has the time to say so"
        assert database.complete(told) == [told[0]], "and what was done meanwhile counts"
        database.advance(149)
        assert database.complete(late) == [late[0]]
        assert database.claim(3, worker="another") == []
        database.advance(1.1)
        [(job, _)] = database.claim(3, worker="another")
        assert job == untold[0], "who is dead keeps nothing for longer than half a lease"
        database.check_books()
        database.close()


ADDING = "select private.enqueue_jobs(%s, null, 'page', '[{}]'), set_config('synchronous_commit', 'off', true)"


@pytest.mark.parametrize("version", support.VERSIONS)
@pytest.mark.parametrize("confirmed", ["by nobody", "by who added it", "by who claimed it"])
def test_a_job_that_was_added_without_waiting_for_the_disk_is_there_once_anybody_confirms(version: int, confirmed: str) -> None:
    with support.running_server(version, wal_writer_delay="10s", bgwriter_lru_maxpages="0") as server:
        support.make_template(server, name="work")
        database = Database(server, "work")
        user = database.user()
        begin_a_page_of_the_log(database)
        [([job], _)] = database.rows(ADDING, user)
        [held] = database.claim()
        assert held[0] == job, "it can be claimed at once"
        if confirmed == "by who added it":
            assert database.rows("select * from private.confirm_jobs(%s)", [job]) == [(job,)]
        elif confirmed == "by who claimed it":
            assert database.rows("select * from private.confirm_claims(%s, %s)", [job], [held[1]]) == [(job, False)]
        server.stop("immediate")
        server.start()
        database = Database(server, "work")
        there = [] if confirmed == "by nobody" else [(job,)]
        assert database.rows("select id from public.jobs") == there
        assert database.rows("select * from private.confirm_jobs(%s)", [job]) == there, "who asks only now is told the truth"
        database.check_books()
        database.close()


def test_what_is_paid_takes_the_claim_before_it_to_the_disk() -> None:
    """A claim that cost anything is never wiped out: costs wait for the disk, and the log is
    written in order.
    """
    with support.running_server(18, wal_writer_delay="10s", bgwriter_lru_maxpages="0") as server:
        support.make_template(server, name="work")
        database = Database(server, "work")
        database.enqueue(database.user())
        [held] = database.claim()
        database.book(held[0], 1)
        server.stop("immediate")
        server.start()
        database = Database(server, "work")
        assert database.rows("select status, lease_token, attempts from public.jobs") == [("in_progress", 1, 1)]
        assert database.complete(held) == [held[0]]
        database.close()


def test_two_cancels_and_completions_of_many_jobs_never_deadlock_for_good(newest: Database) -> None:
    user = newest.user(credits_half=60)
    run = newest.submit(user, pages=30)["run_id"]
    held = newest.claim(30)
    backwards = held[::-1]

    def complete() -> int:
        with newest.connect() as connection:
            ids, tokens = [job for job, _ in backwards], [token for _, token in backwards]
            return len(connection.execute("select * from private.complete_jobs(%s, %s)", (ids, tokens)).fetchall())

    def cancel() -> int:
        with newest.connect() as connection:
            row = connection.execute("select requested from private.cancel_jobs(%s, %s)", (user, run)).fetchone()
            assert row is not None
            return int(row[0])

    threads = [in_background(call) for call in (complete, cancel, complete, cancel)]
    for thread, _ in threads:
        thread.join()
    outcomes = [outcome[0] for _, outcome in threads]
    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    assert outcomes[0] == outcomes[2] == 30, "the second has the same token and gets the same answer"
    assert newest.one("select count(*) from public.job_events where event = 'completed'") == 30
    newest.check_books()


def test_everything_works_through_a_transaction_pooler(newest: Database, pooler: Callable[[Database], str]) -> None:
    """Two clients on one server connection, which changes hands with every transaction, and nothing
    prepared.
    """
    user = newest.user(credits_half=40)
    url = pooler(newest)
    plain: dict[str, Any] = {"autocommit": True, "prepare_threshold": None}
    with psycopg.connect(url, **plain) as one, psycopg.connect(url, **plain) as two:
        for turn in range(5):
            arguments = (user, newest.project(user), str(turn), json.dumps(manifest(4)))
            answer = one.execute("select private.submit_run(%s, %s, %s, %s)", arguments).fetchone()
            assert answer is not None and answer[0]["accepted"]
            held = [c.execute("select id, lease_token from private.claim_jobs('w', 1)").fetchone() for c in (one, two, one, two)]
            assert all(held)
            leases: list[tuple[uuid.UUID, int]] = [lease for lease in held if lease is not None]
            for connection, (job, token) in zip((two, one, two), leases[:3], strict=True):
                assert connection.execute("select id from private.heartbeat_jobs(%s, %s)", ([job], [token])).fetchall() == [(job,)]
                assert connection.execute("select * from private.complete_jobs(%s, %s)", ([job], [token])).fetchall() == [(job,)]
            outcome = one.execute("select private.fail_job(%s, %s, 'broke', 'kind', true)", leases[3]).fetchone()
            assert outcome == ("failed",)
    newest.check_books()
    assert newest.balance(user) == 40 - 5 * 3 * 2


def test_the_listener_needs_a_direct_connection_and_polling_does_not(newest: Database, pooler: Callable[[Database], str]) -> None:
    """What a transaction pooler cannot do, so that nobody relies on it: NOTIFY goes through, LISTEN
    does not.
    """
    with psycopg.connect(pooler(newest), autocommit=True, prepare_threshold=None) as pooled, newest.connect(SUPERUSER) as direct:
        direct.execute("listen myjoe_jobs")
        pooled.execute("select private.enqueue_jobs(%s, null, 'page', '[{}]')", (newest.user(),))
        assert len(list(direct.notifies(timeout=60, stop_after=1))) == 1
        assert pooled.execute("select count(*) from private.claim_jobs('w', 9)").fetchone() == (1,)
