"""The line: urgent first, users in turn, and a claim that costs the same whatever else is in the table."""
from __future__ import annotations

import json
import uuid
from collections import Counter

import psycopg
import pytest

from tests.database.support import Database


def claimed_users(database: Database, count: int) -> list[uuid.UUID]:
    jobs = [database.claim()[0][0] for _ in range(count)]
    owners = dict(database.rows("select id, user_id from public.jobs where id = any (%s)", jobs))
    return [owners[job] for job in jobs]


def test_urgent_jobs_come_first_and_each_users_own_in_their_order(database: Database) -> None:
    user = database.user()
    later = database.enqueue(user, 3)
    urgent = database.enqueue(user, 3, priority=10)
    assert [database.claim()[0][0] for _ in range(6)] == [*urgent, *later]


def test_users_take_turns(database: Database) -> None:
    noisy, calm = database.user(), database.user()
    database.enqueue(noisy, 100)
    claimed_users(database, 10)
    database.enqueue(calm, 3)
    served = claimed_users(database, 8)
    # One of the noisy user's jobs may come before each of the calm one's, never two.
    assert Counter(served[:6]) == {noisy: 3, calm: 3}
    for one, two in zip(served[:5], served[1:6], strict=True):
        assert one != two


def test_nobody_waits_behind_a_user_with_90_percent_of_100000_jobs(newest: Database) -> None:
    noisy = newest.user()
    newest.enqueue(noisy, 90_000)
    others = [newest.user() for _ in range(100)]
    for user in others:
        newest.enqueue(user, 100)
    served = claimed_users(newest, 202)
    # In each round everybody is served once: between two of the noisy user's jobs, all hundred others.
    assert Counter(served[:202])[noisy] == 2
    assert all(count == 2 for count in Counter(served).values())
    newcomer = newest.user()
    newest.enqueue(newcomer)
    served = claimed_users(newest, 102)
    assert newcomer in served
    assert served[: served.index(newcomer)].count(noisy) <= 1


def test_who_was_served_much_before_is_not_made_to_pay_for_it(newest: Database) -> None:
    first, second = newest.user(), newest.user()
    newest.enqueue(first, 50)
    claimed_users(newest, 50)
    newest.enqueue(second, 10)
    newest.enqueue(first, 10)
    assert Counter(claimed_users(newest, 10)) == {first: 5, second: 5}


def test_a_crash_forgets_where_the_line_was_and_nobody_pays_for_it(newest: Database) -> None:
    """The hints are not logged: a server that fell over finds them at 0."""
    first, second = newest.user(), newest.user()
    newest.enqueue(first, 50)
    claimed_users(newest, 50)
    for hint in ("head", "turn", "walk_due", "notified"):
        newest.run(f"select setval('private.line_{hint}', 0)")
    newest.enqueue(second, 10)
    newest.enqueue(first, 10)
    assert Counter(claimed_users(newest, 10)) == {first: 5, second: 5}
    assert len(newest.claim(20)) == 10


def test_an_empty_claim_waits_for_no_disk(newest: Database) -> None:
    """It takes no transaction number, so its commit writes nothing."""
    newest.claim()
    with newest.connect(autocommit=False) as connection:
        assert connection.execute("select * from private.claim_jobs('w', 1)").fetchall() == []
        assert connection.execute("select pg_current_xact_id_if_assigned()").fetchone() == (None,)


def test_urgent_service_does_not_spoil_the_turns_of_the_rest(newest: Database) -> None:
    noisy, urgent, calm = newest.user(), newest.user(), newest.user()
    newest.enqueue(noisy, 50)
    claimed_users(newest, 2)
    newest.enqueue(urgent, 40, priority=10)
    assert set(claimed_users(newest, 20)) == {urgent}
    newest.enqueue(calm, 2)
    claimed_users(newest, 20)
    served = claimed_users(newest, 4)
    assert Counter(served) == {noisy: 2, calm: 2}


def test_a_retry_does_not_wait_behind_all_that_its_user_has_added_since(newest: Database) -> None:
    user = newest.user()
    (first,) = newest.enqueue(user)
    (held,) = newest.claim()
    assert newest.fail(held, retry_after_seconds=1) == "retried"
    newest.enqueue(user, 200)
    newest.advance(2)
    newest.run("select setval('private.line_walk_due', 0)")
    assert first in [newest.claim()[0][0] for _ in range(3)]


def test_a_job_committed_after_the_line_moved_on_is_found(database: Database) -> None:
    slow, quick = database.user(), database.user()
    with database.connect(autocommit=False) as late:
        late.execute("select private.enqueue_jobs(%s, null, 'page', '[{}]')", (slow,))
        database.enqueue(quick, 5)
        assert len(database.claim(5)) == 5
        late.commit()
    (found,) = database.claim()
    assert database.one("select user_id from public.jobs where id = %s", found[0]) == slow


def test_a_claim_that_was_rolled_back_is_made_good(database: Database) -> None:
    jobs = database.enqueue(database.user(), 6)
    with database.connect(autocommit=False) as dying:
        assert len(dying.execute("select * from private.claim_jobs('w', 3)").fetchall()) == 3
        dying.rollback()
    assert sorted(job for _ in range(6) for job, _ in database.claim()) == sorted(jobs)
    assert database.claim() == []


def test_stragglers_are_found_under_load_too(newest: Database) -> None:
    user = newest.user()
    first = newest.enqueue(user, 3)
    newest.enqueue(user, 2000)
    with newest.connect(autocommit=False) as dying:
        dying.execute("select * from private.claim_jobs('w', 3)")
        dying.rollback()
    seen: list[uuid.UUID] = []
    while not set(first) <= set(seen):
        claimed = newest.claim()
        assert claimed, "the stragglers were not found before the line was empty"
        seen += [job for job, _ in claimed]
    assert len(seen) < 2003


def test_raw_inserts_get_in_line_at_the_next_claim(newest: Database) -> None:
    user = newest.user()
    newest.run("insert into public.jobs (user_id, type, scheduled_at) values (%s, 'page', private.clock())", user)
    assert len(newest.claim()) == 1


def claim_buffers(database: Database) -> int:
    """Pages of 8 kB that one claim of one job touches, the median of nine: what it costs, whatever the machine is doing."""
    counts = []
    for _ in range(9):
        (plan,) = database.rows("explain (analyze, buffers, format json) select * from private.claim_jobs('w', 1)")
        node = plan[0][0]["Plan"] if not isinstance(plan[0], str) else json.loads(plan[0])[0]["Plan"]
        assert node["Actual Rows"] == 1
        counts.append(node["Shared Hit Blocks"] + node["Shared Read Blocks"])
    return sorted(counts)[4]


# A hundred times the rows make each index one level deeper: a page more per index a claim writes to.
INDEXES = 8


@pytest.fixture
def crowd(newest: Database) -> uuid.UUID:
    user = newest.user()
    newest.enqueue(user, 500)
    for _ in range(20):
        newest.claim()
    return user


def test_a_claim_costs_the_same_among_finished_jobs(newest: Database, crowd: uuid.UUID) -> None:
    def finished(count: int) -> int:
        newest.run(
            "insert into public.jobs (user_id, type, status, completed_at) select %s, 'page', 'completed', now()"
            " from generate_series(1, %s)", crowd, count,
        )  # fmt: skip
        newest.run("vacuum analyze public.jobs")
        return claim_buffers(newest)

    few = finished(1_000)
    many = finished(100_000)
    assert many <= 1.1 * few + INDEXES


def test_a_claim_costs_the_same_beside_postponed_jobs(newest: Database, crowd: uuid.UUID) -> None:
    few = claim_buffers(newest)
    newest.run(
        "insert into public.jobs (user_id, type, priority, scheduled_at) select %s, 'page', 1, private.clock() + interval '1 hour'"
        " from generate_series(1, 100000)", crowd,
    )  # fmt: skip
    assert claim_buffers(newest) <= 1.2 * few + INDEXES


def test_a_fair_claim_costs_what_first_come_first_served_costs(newest: Database) -> None:
    newest.enqueue(newest.user(), 20_000)
    alone = claim_buffers(newest)
    for _ in range(200):
        newest.enqueue(newest.user(), 10)
    assert claim_buffers(newest) <= 1.3 * alone


def test_a_claim_does_not_step_over_the_dead_that_an_old_snapshot_keeps(newest: Database, crowd: uuid.UUID) -> None:
    newest.enqueue(crowd, 6000)
    few = claim_buffers(newest)
    with newest.connect(autocommit=False) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("select count(*) from public.jobs")
        for _ in range(50):
            held = newest.claim(100)
            newest.complete(*held)
        # Without a full walk, whose share of the time is bounded instead.
        newest.run("select setval('private.line_walk_due', private.machine_us() + 60000000)")
        assert claim_buffers(newest) <= 1.2 * few
