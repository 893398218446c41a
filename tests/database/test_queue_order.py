"""The order of the queue: urgent first, users in turn, and a claim that costs the same whatever
else is in the table.
"""
from __future__ import annotations

import json
import os
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.database.faults import Fault
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


def test_users_take_virtual_times(database: Database) -> None:
    noisy, calm = database.user(), database.user()
    database.enqueue(noisy, 100)
    claimed_users(database, 10)
    database.enqueue(calm, 3)
    served = claimed_users(database, 8)
    # One of the noisy user's jobs may come before each of the calm one's, never two.
    assert Counter(served[:6]) == {noisy: 3, calm: 3}
    for one, two in zip(served[:5], served[1:6], strict=True):
        assert one != two


def test_nobody_waits_behind_a_user_with_90_percent_of_all_jobs(newest: Database) -> None:
    noisy = newest.user()
    each = 100 if os.environ.get("MYJOE_TESTS_ALL") else 10
    newest.enqueue(noisy, 900 * each)
    others = [newest.user() for _ in range(100)]
    for user in others:
        newest.enqueue(user, each)
    served = claimed_users(newest, 202)
    # In each round everybody is served once: between two of the noisy user's jobs, all hundred
    # others.
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


def test_a_crash_forgets_where_the_queue_was_and_nobody_pays_for_it(newest: Database) -> None:
    """The hints are not logged: a server that fell over finds them at 0."""
    first, second = newest.user(), newest.user()
    newest.enqueue(first, 50)
    claimed_users(newest, 50)
    for hint in ("queue_cursor", "virtual_time", "full_scan_due"):
        newest.run(f"select setval('private.{hint}', 0)")
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
    newest.run("select setval('private.full_scan_due', 0)")
    assert first in [newest.claim()[0][0] for _ in range(3)]


def test_a_job_committed_after_the_cursor_moved_on_is_found(database: Database) -> None:
    slow, quick = database.user(), database.user()
    with database.connect(autocommit=False) as late:
        late.execute("select private.enqueue_jobs(%s, null, 'page', '[{}]')", (slow,))
        database.enqueue(quick, 5)
        assert len(database.claim(5)) == 5
        late.commit()
    (found,) = database.claim()
    assert database.one("select user_id from public.jobs where id = %s", found[0]) == slow


PAUSE_LASTS = Fault("the pause is never over", "claim_jobs", "if not full_scan then", "if false then")


@pytest.mark.parametrize("fault", [None, PAUSE_LASTS], ids=str)
def test_a_queue_at_rest_is_scanned_in_full_again_once_something_was_found(newest: Database, fault: Fault | None) -> None:
    if fault:
        fault.seed(newest)
    # The machine's clock, by which scans are due, stands still until it is turned.
    newest.run("create table tests.machine as select 1000000000000 as us; grant select on tests.machine to public")
    newest.run(
        "create or replace function private.machine_us() returns bigint language sql set search_path = '' as 'select us from tests.machine'"
    )
    slow, quick = newest.user(), newest.user()
    assert newest.claim() == []
    until_due = newest.one("select last_value - private.machine_us() from private.full_scan_due")
    assert until_due == 10_000_000, "a claim that found nothing anywhere leaves the queue at rest"
    newest.run("select setval('private.full_scan_us', 1000)")  # so long the scan took
    with newest.connect(autocommit=False) as late:
        late.execute("select private.enqueue_jobs(%s, null, 'page', '[{}]')", (slow,))
        newest.enqueue(quick, 9)
        assert claimed_users(newest, 3) == [quick] * 3
        assert 0 < newest.one("select last_value from private.queue_cursor")
        late.commit()
    # The queue goes on, so no claim comes back with nothing; what it has passed is found all the
    # same, within 20 scans' time.
    newest.run("update tests.machine set us = us + 20 * 1000")
    assert (slow in claimed_users(newest, 3)) == (fault is None)


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
        assert claimed, "the stragglers were not found before the queue was empty"
        seen += [job for job, _ in claimed]
    assert len(seen) < 2003


def test_raw_inserts_are_enqueued_at_the_next_claim(newest: Database) -> None:
    user = newest.user()
    newest.run("insert into public.jobs (user_id, type, scheduled_at) values (%s, 'page', private.clock())", user)
    assert len(newest.claim()) == 1


# Pages that a capped claim may touch in looking at a stretch of the queue: one for each of its
# jobs, and what leads to them.
STRETCH = 80


def claim_buffers(database: Database, per_user_max: int | None = None, found: int = 1) -> int:
    """Pages of 8 kB that one claim of one job touches, the median of nine: what it costs, whatever
    the machine is doing.
    """
    counts = []
    for _ in range(9):
        claim = "explain (analyze, buffers, format json) select * from private.claim_jobs('w', 1, 300, %s::int)"
        (plan,) = database.rows(claim, per_user_max)
        node = plan[0][0]["Plan"] if not isinstance(plan[0], str) else json.loads(plan[0])[0]["Plan"]
        assert node["Actual Rows"] == found
        counts.append(node["Shared Hit Blocks"] + node["Shared Read Blocks"])
    return sorted(counts)[4]


# A hundred times the rows make each index one level deeper: a page more per index a claim writes
# to.
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
        # Without a full scan, whose share of the time is bounded instead: one that took so long is
        # not due for minutes.
        newest.run("select setval('private.full_scan_due', private.machine_us() + 60000000), setval('private.full_scan_us', 60000000)")
        assert claim_buffers(newest) <= 1.2 * few


# ── a cap on what runs of one user ────────────────────────────────────────────────────────────────


def owners(database: Database, held: list[tuple[uuid.UUID, int]]) -> Counter[uuid.UUID]:
    users = dict(database.rows("select id, user_id from public.jobs where id = any (%s)", [job for job, _ in held]))
    return Counter(users[job] for job, _ in held)


def test_a_cap_holds_over_all_claims_and_workers(database: Database) -> None:
    noisy, calm = database.user(), database.user()
    database.enqueue(noisy, 50)
    database.enqueue(calm, 1)
    first = database.claim(2, "w1", per_user_max=2)
    second = database.claim(9, "w2", per_user_max=2)
    assert owners(database, first + second) == {noisy: 2, calm: 1}
    assert database.claim(9, "w3", per_user_max=2) == []
    assert owners(database, database.claim(9, per_user_max=4)) == {noisy: 2}
    # A slot is free again when a job ends, and when its lease has run out.
    mine = [held for held in first + second if owners(database, [held]) == {noisy: 1}]
    assert database.complete(mine[0]) == [mine[0][0]]
    assert owners(database, database.claim(9, per_user_max=4)) == {noisy: 1}
    database.advance(301)
    # Whether the calm user's job, whose lease has run out too, is back in the queue already is a
    # matter of the machine's time.
    assert owners(database, database.claim(9, per_user_max=4))[noisy] == 4


def test_jobs_that_a_cap_passed_over_keep_their_order(newest: Database) -> None:
    noisy, calm = newest.user(), newest.user()
    jobs = newest.enqueue(noisy, 20)
    newest.enqueue(calm, 40)
    seen: list[uuid.UUID] = []
    held: list[tuple[uuid.UUID, int]] = []
    while claimed := newest.claim(1, per_user_max=1):
        ours = [lease for lease in claimed if owners(newest, [lease]) == {noisy: 1}]
        seen += [job for job, _ in ours]
        held += ours
        newest.complete(*[lease for lease in claimed if lease not in ours])
        if len(held) == 1 and len(newest.rows("select from public.jobs where status = 'completed'")) % 4 == 0:
            newest.complete(held.pop())
    while held:
        newest.complete(*held)
        held = newest.claim(1, per_user_max=1)
        seen += [job for job, _ in held]
    assert seen == jobs


def test_others_are_found_behind_thousands_that_a_cap_passes_over(newest: Database) -> None:
    noisy, calm, urgent = newest.user(), newest.user(), newest.user()
    newest.enqueue(noisy, 5000, priority=10)
    (last,) = newest.enqueue(calm, 1)
    assert owners(newest, newest.claim(9, per_user_max=2)) == {noisy: 2, calm: 1}
    assert newest.claim(9, per_user_max=2) == []
    (first,) = newest.enqueue(urgent, 1, priority=5)
    (after,) = newest.enqueue(urgent, 1, priority=200)
    assert [job for job, _ in newest.claim(1, per_user_max=2)] == [first]
    assert [job for job, _ in newest.claim(9, per_user_max=2)] == [after]
    assert newest.status(last) == "in_progress"
    # And what was passed over is not forgotten.
    assert owners(newest, newest.claim(3, per_user_max=9)) == {noisy: 3}


def test_two_capped_claims_at_once_do_not_both_take_the_last_slot(newest: Database) -> None:
    """One that has counted what runs is held up before it looks at the queue: the other may not
    come in between.
    """
    counted = "j.lease_until > private.clock());"
    slow = Fault("slow", "pick_jobs", counted, f"{counted} perform pg_catalog.pg_sleep(0.3);")
    slow.seed(newest)
    newest.enqueue(newest.user(), 10)

    def claim(delay: float) -> int:
        with newest.connect() as connection:
            connection.execute("select pg_sleep(%s)", (delay,))
            return len(connection.execute("select id from private.claim_jobs('w', 2, 300, 2)").fetchall())

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(claim, (0, 0.15))) == 2


def test_a_capped_claim_costs_about_what_one_without_does(newest: Database) -> None:
    """90 % of 100,000 jobs one user's, who is at the cap; then nobody else's are left."""
    # An analysis of the server's own, amid the test, would keep what vacuum is to remove.
    newest.run("alter table public.jobs set (autovacuum_enabled = off)")
    noisy = newest.user()
    newest.enqueue(noisy, 90_000)
    others = [newest.user() for _ in range(100)]
    for user in others:
        newest.enqueue(user, 100)
    newest.run("vacuum analyze public.jobs")
    free = claim_buffers(newest)
    newest.claim(2)
    assert claim_buffers(newest, per_user_max=1) <= 1.3 * free + STRETCH
    newest.run("update public.jobs set status = 'completed', completed_at = private.clock(), position = null, locked_by = null,"
               " locked_at = null, lease_until = null where user_id <> %s", noisy)  # fmt: skip
    newest.run("vacuum public.jobs")
    newest.claim(1)
    assert claim_buffers(newest, per_user_max=1, found=0) <= 2 * (free + STRETCH)


def test_what_a_position_is_made_of_costs_no_calls(newest: Database) -> None:
    """A claim takes positions apart again and again: PostgreSQL puts the expressions in place of
    the functions, and their constants are worked out when the statement is planned.
    """
    asked = "private.virtual_time_of(position), private.priority_of(position)"
    plan = newest.rows(f"explain (verbose, costs off) select {asked} from public.jobs where position >= private.position_of(100, 0)")
    said = " ".join(line for (line,) in plan)
    assert "'281474976710655'::bigint" in said and f"'{100 << 48}'::bigint" in said
    assert "_of(" not in said
