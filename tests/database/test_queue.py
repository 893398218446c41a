"""The queue: one test per sentence of its promise, told through the functions a worker calls."""
from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.database.support import Database

PAGE = {"provider": "replicate", "model": "flux-schnell", "width_px": 1024, "height_px": 1536, "dpi": 300, "bit_depth": 1}


def events(database: Database, job: uuid.UUID) -> list[str]:
    return [event for (event,) in database.rows("select event from public.job_events where job_id = %s order by id", job)]


def test_a_job_is_claimed_renewed_and_completed(database: Database) -> None:
    user = database.user(credits_half=2)
    run = database.submit(user)["run_id"]
    ((job, token),) = database.claim()
    assert token == 1
    assert database.rows(
        "select status, locked_by, attempts, lease_until - locked_at = '5 min', started_at = private.clock()"
        " from public.jobs where id = %s", job,
    ) == [("in_progress", "w1", 1, True, True)]
    database.advance(200)
    assert database.rows(
        "select id, lease_until = private.clock() + interval '60 s', cancel from private.heartbeat_jobs(%s, %s, 60)", [job], [token]
    ) == [(job, True, False)]
    assert database.complete((job, token), result={**PAGE, "files": {"png": "a/b.png"}, "qc": {"greys": 0}}) == [job]
    assert database.rows(
        "select status, locked_by, lease_until, completed_at = private.clock() from public.jobs where run_id = %s", run
    ) == [("completed", None, None, True)]
    assert database.rows("select user_id, dpi, bit_depth, files, qc from public.generations where job_id = %s", job) == [
        (user, 300, 1, {"png": "a/b.png"}, {"greys": 0})
    ]
    assert events(database, job) == ["enqueued", "claimed", "renewed", "completed"]
    database.check_books()


def test_what_carries_an_old_token_touches_nothing(database: Database) -> None:
    (job,) = database.enqueue(database.user())
    (old,) = database.claim(worker="slow")
    database.advance(301)
    assert database.one("select private.reclaim_jobs()") == 1
    database.advance(100)
    (new,) = database.claim(worker="quick")
    assert new == (job, 2)
    before = database.rows("select * from public.jobs")
    assert database.rows("select * from private.heartbeat_jobs(%s, %s)", [old[0]], [old[1]]) == []
    assert database.complete(old, result=PAGE) == []
    assert database.fail(old) == "lost"
    assert database.release(old) == []
    assert database.rows("select * from public.jobs") == before
    assert database.rows("select * from public.generations") == []
    assert database.complete(new) == [job]
    assert database.complete(old) == []


def test_a_lease_that_ran_out_but_was_not_taken_over_still_counts(database: Database) -> None:
    database.enqueue(database.user())
    (held,) = database.claim()
    database.advance(1000)
    assert database.complete(held) == [held[0]]


def test_retries_wait_longer_each_time_and_then_the_job_is_dead_and_refunded(database: Database) -> None:
    user = database.user(credits_half=2)
    database.submit(user)
    for attempt, minutes in ((1, 1), (2, 5)):
        (held,) = database.claim()
        assert held[1] == attempt
        assert database.fail(held) == "retried"
        assert database.claim() == []
        database.advance(minutes * 60 * 0.79)
        assert database.claim() == []
        database.advance(minutes * 60 * 0.42)
    (held,) = database.claim()
    assert database.fail(held) == "failed"
    assert database.balance(user) == 2
    assert database.rows("select error_kind, last_error, attempts from public.dead_jobs where job_id = %s", held[0]) == [
        ("provider", "it broke", 3)
    ]
    assert events(database, held[0]) == ["enqueued", "claimed", "retried", "claimed", "retried", "claimed", "failed"]
    database.check_books()


def test_backoff_is_1_5_30_minutes_a_fifth_more_or_less(shared: Database) -> None:
    for attempt, seconds in ((1, 60), (2, 300), (3, 1800), (9, 1800)):
        low, high, kinds = shared.rows(
            "select min(s), max(s), count(distinct s) from (select extract(epoch from private.backoff(%s))::float8 as s"
            " from generate_series(1, 2000)) as drawn", attempt,
        )[0]  # fmt: skip
        assert 0.8 * seconds <= low < 0.83 * seconds
        assert 1.17 * seconds < high <= 1.2 * seconds
        assert kinds > 1900


def test_retry_after_takes_the_place_of_the_backoff(database: Database) -> None:
    database.enqueue(database.user())
    (held,) = database.claim()
    assert database.fail(held, retry_after_seconds=7) == "retried"
    database.advance(6.9)
    assert database.claim() == []
    database.advance(0.1)
    assert database.claim() == [(held[0], 2)]


def test_a_worker_may_say_that_it_is_for_good(database: Database) -> None:
    database.enqueue(database.user())
    (held,) = database.claim()
    assert database.fail(held, for_good=True) == "failed"


def test_a_job_that_has_cost_what_it_may_is_not_tried_again(database: Database) -> None:
    user = database.user(credits_half=4)
    database.submit(user, pages=2)
    cheap, dear = database.claim(2)
    most = database.one("select cogs_max_micro_usd from public.jobs where id = %s", dear[0])
    assert most == 44992
    for held, cost in ((cheap, most - 1), (dear, most)):
        assert database.book(held[0], cost) == 1
    assert database.fail(cheap) == "retried"
    assert database.fail(dear) == "failed"
    database.check_books()


def test_a_job_handed_back_has_not_been_tried(database: Database) -> None:
    (job,) = database.enqueue(database.user())
    for token in range(1, 6):
        (held,) = database.claim()
        assert held == (job, token)
        assert database.release(held) == [job]
    assert database.one("select attempts from public.jobs") == 0
    assert database.release(database.claim()[0], after_seconds=30) == [job]
    assert database.claim() == []
    database.advance(30)
    assert database.claim() == [(job, 7)]


def test_a_snoozed_job_has_not_been_tried_and_waits(database: Database) -> None:
    (job,) = database.enqueue(database.user())
    for token in (1, 2):
        (held,) = database.claim()
        assert held == (job, token)
        assert database.snooze(held, 30) == "snoozed"
        assert database.snooze(held, 30) == "lost"
        database.advance(29)
        assert database.claim() == []
        database.advance(1)
    assert database.rows("select attempts, error_kind, last_error from public.jobs") == [(0, "busy", "come back later")]
    assert events(database, job) == ["enqueued", "claimed", "snoozed", "claimed", "snoozed"]


def test_a_job_that_was_put_off_for_too_long_is_dead_and_refunded(database: Database) -> None:
    user = database.user(credits_half=2)
    database.submit(user)
    for _ in range(11):
        (held,) = database.claim()
        assert database.snooze(held, 3600) == "snoozed"
        database.advance(3600)
    (held,) = database.claim()
    database.advance(1)
    assert database.snooze(held, 3600) == "failed"
    assert database.balance(user) == 2
    assert database.rows("select error_kind, attempts from public.dead_jobs") == [("busy", 1)]
    database.check_books()


def test_the_floor_of_pauses_begins_anew_with_an_attempt_that_counts(newest: Database) -> None:
    newest.submit(newest.user(credits_half=2))
    waits = []
    for tried in (False, False, True, False):
        (held,) = newest.claim()
        if tried:
            newest.fail(held, retry_after_seconds=0)
            continue
        assert newest.snooze(held, 0) == "snoozed"
        waits.append(newest.one("select extract(epoch from scheduled_at - private.clock())::int from public.jobs"))
        newest.advance(waits[-1])
    assert waits == [1, 2, 1]


def test_a_job_that_is_to_be_stopped_is_not_put_off(newest: Database) -> None:
    user = newest.user(credits_half=2)
    run = newest.submit(user)["run_id"]
    (held,) = newest.claim()
    assert newest.rows("select * from private.cancel_requested(%s)", [held[0]]) == []
    newest.rows("select * from private.cancel_jobs(%s, %s)", user, run)
    assert newest.rows("select * from private.cancel_requested(%s)", [held[0], uuid.uuid4()]) == [(held[0],)]
    assert newest.snooze(held) == "cancelled"
    assert newest.balance(user) == 2
    newest.check_books()


def test_a_completion_that_is_asked_again_gets_the_same_answer(database: Database) -> None:
    database.enqueue(database.user(), 3)
    held = database.claim(3)
    assert database.complete(held[0], result=PAGE) == [held[0][0]]
    before = database.rows("select * from public.jobs where id = %s", held[0][0])
    assert database.complete(held[0], result={**PAGE, "dpi": 600}) == [held[0][0]]
    assert sorted(database.complete(*held)) == sorted(job for job, _ in held)
    assert database.rows("select * from public.jobs where id = %s", held[0][0]) == before
    assert database.rows("select dpi from public.generations") == [(300,)]
    assert events(database, held[0][0]) == ["enqueued", "claimed", "completed"]


def test_a_completion_that_waits_for_the_same_one_gets_its_answer(database: Database) -> None:
    """The connection broke while the first was on its way: the second comes in the middle of it."""
    database.enqueue(database.user())
    (held,) = database.claim()
    complete = "select * from private.complete_jobs(array[%s::uuid], array[%s::bigint])"
    with database.connect(autocommit=False) as first, database.connect() as looking, ThreadPoolExecutor(1) as pool:
        assert first.execute(complete, held).fetchall() == [(held[0],)]
        second = pool.submit(database.complete, held)
        while looking.execute("select from pg_locks where not granted").fetchone() is None:
            assert not second.done()
        first.commit()
        assert second.result() == [held[0]]


def test_the_first_lost_lease_is_made_good_at_once_the_next_waits_and_the_last_is_the_end(database: Database) -> None:
    user = database.user(credits_half=2)
    database.submit(user)
    ((job, token),) = database.claim()
    database.advance(300)
    assert database.claim() == [(job, token + 1)]  # the claim takes back by itself what ran out
    database.advance(300)
    assert database.claim() == []
    assert 48 <= database.one("select private.next_due()") <= 72
    database.advance(72)
    assert database.claim() == [(job, token + 2)]
    database.advance(300)
    assert database.claim() == []
    assert database.status(job) == "failed"
    assert database.one("select last_error from public.dead_jobs") == "lease of w1 ran out at attempt 3"
    assert database.balance(user) == 2
    database.check_books()


def test_a_claim_asked_twice_is_one_claim_even_while_the_first_is_still_at_it(database: Database) -> None:
    jobs = database.enqueue(database.user(), 4)
    claim = "select id, lease_token from private.claim_once('w1#7', false, 2, 300, null)"
    with ThreadPoolExecutor(1) as pool, database.connect() as first, database.connect() as second:
        with first.transaction():
            got = first.execute(claim).fetchall()
            again = pool.submit(lambda: second.execute(claim).fetchall())
            while not database.one("select count(*) from pg_locks where locktype = 'advisory' and not granted"):
                assert not again.done()
        assert {*again.result()} == {*got} == {(jobs[0], 1), (jobs[1], 1)}
    assert {*database.rows("select id from private.claim_once('w1#8', false, 9, 300, null)")} == {(jobs[2],), (jobs[3],)}
    # What has been taken over by somebody else meanwhile is not the claim's any more.
    database.advance(301)
    assert len(database.claim(9, worker="w2")) == 4
    assert database.rows(claim) == []


def test_it_is_known_when_something_will_be_due(database: Database) -> None:
    assert database.one("select private.next_due()") is None
    database.enqueue(database.user(), 2)
    assert database.one("select private.next_due()") is None  # what waits in the queue is due now, and is no matter of time
    _, other = database.claim(2, lease_seconds=10)
    assert database.one("select private.next_due()") == 10
    database.fail(other, retry_after_seconds=7)
    assert database.one("select private.next_due()") == 7
    database.advance(12)
    assert database.one("select private.next_due()") == -5
    assert len(database.claim(2)) == 2


def test_a_lease_holds_to_the_microsecond(database: Database) -> None:
    database.enqueue(database.user())
    database.claim(lease_seconds=10)
    database.advance(9.999999)
    assert database.one("select private.reclaim_jobs()") == 0
    database.advance(0.000001)
    assert database.one("select private.reclaim_jobs()") == 1


def test_cancelling_a_run_refunds_what_waits_and_asks_what_runs(database: Database) -> None:
    user = database.user(credits_half=6)
    run = database.submit(user, pages=3)["run_id"]
    (held,) = database.claim()
    assert database.rows("select * from private.cancel_jobs(%s, %s)", user, run) == [(2, 1)]
    assert database.balance(user) == 4
    assert database.rows("select cancel from private.heartbeat_jobs(%s, %s)", [held[0]], [held[1]]) == [(True,)]
    assert database.rows("select * from private.cancel_jobs(%s, %s)", user, run) == [(0, 0)]
    assert database.release(held) == [held[0]]
    assert database.status(held[0]) == "cancelled"
    assert database.balance(user) == 6
    assert events(database, held[0]) == ["enqueued", "claimed", "cancel_requested", "renewed", "cancelled"]
    database.check_books()


@pytest.mark.parametrize("end", ["fail", "reclaim"])
def test_a_job_asked_to_stop_is_not_tried_again(newest: Database, end: str) -> None:
    user = newest.user(credits_half=2)
    run = newest.submit(user)["run_id"]
    (held,) = newest.claim()
    newest.rows("select * from private.cancel_jobs(%s, %s)", user, run)
    if end == "fail":
        assert newest.fail(held) == "cancelled"
    else:
        newest.advance(301)
        assert newest.one("select private.reclaim_jobs()") == 1
    assert newest.status(held[0]) == "cancelled"
    assert newest.balance(user) == 2
    newest.check_books()


def test_a_result_that_is_there_before_the_worker_heard_of_the_cancel_is_kept_and_paid(newest: Database) -> None:
    user = newest.user(credits_half=2)
    run = newest.submit(user)["run_id"]
    (held,) = newest.claim()
    newest.rows("select * from private.cancel_jobs(%s, %s)", user, run)
    assert newest.complete(held, result=PAGE) == [held[0]]
    assert newest.balance(user) == 0
    newest.check_books()


def test_one_job_of_a_run_can_be_cancelled_and_only_by_its_user(newest: Database) -> None:
    user, other = newest.user(credits_half=4), newest.user()
    run = newest.submit(user, pages=2)["run_id"]
    first, second = (job for (job,) in newest.rows("select id from public.jobs order by position"))
    assert newest.rows("select * from private.cancel_jobs(%s, %s)", other, run) == [(0, 0)]
    assert newest.rows("select * from private.cancel_jobs(%s, %s, %s)", user, run, first) == [(1, 0)]
    assert newest.claim(5) == [(second, 1)]
    newest.check_books()


def test_batches_accept_each_job_by_its_own_token(database: Database) -> None:
    database.enqueue(database.user(), 4)
    held = database.claim(4)
    wrong = [(held[0][0], 2), held[1], (uuid.uuid4(), 1), held[3]]
    assert sorted(database.complete(*wrong)) == sorted([held[1][0], held[3][0]])
    assert sorted(database.release(*held)) == sorted([held[0][0], held[2][0]])


def test_a_result_that_is_none_is_refused_and_the_job_stays(newest: Database) -> None:
    newest.enqueue(newest.user())
    (held,) = newest.claim()
    with pytest.raises(psycopg.errors.NotNullViolation):
        newest.complete(held, result={"provider": "replicate"})
    assert newest.status(held[0]) == "in_progress"
    assert newest.rows("select event from public.job_events where job_id = %s and event = 'completed'", held[0]) == []


@pytest.mark.parametrize("how", ["null, 1, 300", "'w', 0, 300", "'w', 1, 0", "'w', 1, 300, 0"])
def test_a_claim_that_makes_no_sense_is_refused(newest: Database, how: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        newest.rows(f"select * from private.claim_jobs({how})")


def test_many_workers_at_once_never_hold_the_same_job(database: Database) -> None:
    users = [database.user() for _ in range(4)]
    for user in users:
        database.enqueue(user, 100)

    def work(number: int) -> list[tuple[uuid.UUID, int]]:
        done: list[tuple[uuid.UUID, int]] = []
        with database.connect() as connection:
            while True:
                held = connection.execute("select id, lease_token from private.claim_jobs(%s, 7)", (f"w{number}",)).fetchall()
                if not held:
                    return done
                ids = connection.execute(
                    "select * from private.complete_jobs(%s, %s)", ([j for j, _ in held], [t for _, t in held])
                ).fetchall()
                assert len(ids) == len(held)
                done += held

    with ThreadPoolExecutor(6) as pool:
        done = [held for batch in pool.map(work, range(6)) for held in batch]
    assert len(done) == len(set(done)) == 400
    assert {token for _, token in done} == {1}


def test_adding_jobs_notifies_unless_three_others_are_about_to(database: Database) -> None:
    """And nobody waits for the lock that those who notify hand on from commit to commit."""
    listener = database.connect()
    listener.execute("listen myjoe_jobs")
    adding = "select private.enqueue_jobs(%s, null, 'page', '[{}]')"
    others = [database.connect(autocommit=False) for _ in range(4)]
    for other in others:
        other.execute(adding, (database.user(),))
    database.rows(adding, database.user())  # a sixth, which neither waits nor notifies

    def heard() -> list[str]:
        """All that was told up to now."""
        database.run("notify myjoe_jobs, 'now'")
        notes: list[str] = []
        for told in listener.notifies(timeout=60):
            if told.payload == "now":
                return notes
            notes.append(told.payload)
        raise AssertionError("the last note did not come")

    assert heard() == []
    for other in others:
        other.commit()
    assert len(heard()) == 3
    database.rows(adding, database.user())
    assert len(heard()) == 1
    for connection in (listener, *others):
        connection.close()


def test_a_cancel_is_told_to_those_who_listen(newest: Database) -> None:
    user = newest.user(credits_half=2)
    run = newest.submit(user)["run_id"]
    newest.claim()
    listener = newest.connect()
    listener.execute("listen myjoe_cancel")
    newest.rows("select * from private.cancel_jobs(%s, %s)", user, run)
    assert [told.payload for told in listener.notifies(timeout=60, stop_after=1)] == [run]
    listener.close()


def test_only_the_databases_clock_decides(newest: Database) -> None:
    """No function but the machine's own pauses asks any other clock, so a test that turns it turns
    everything.
    """
    asking = newest.rows("""
        select oid::regprocedure::text from pg_proc where pronamespace = 'private'::regnamespace
          and prosrc ~* '(now|timeofday|(clock|statement|transaction)_timestamp)\\s*\\(|current_(timestamp|date|time)' order by 1""")
    assert asking == [("private.machine_us()",)]


def test_production_clock_is_the_transactions_time(newest: Database) -> None:
    from myjoe.database.migrating import migrations

    (clock,) = re.findall(r"^create (function private\.clock\(.*?\$\$;)$", "".join(m.sql for m in migrations()), re.DOTALL | re.MULTILINE)
    newest.run(f"create or replace {clock}")
    assert newest.one("select private.clock() = now()")
    with newest.connect("postgres") as connection:
        connection.execute("set role service_role")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create or replace function private.clock() returns timestamptz language sql as 'select null::timestamptz'")
