"""The cost guard: what it sees, when it acts, and what the dashboard reads."""
from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.support import Database

# The most a raster may cost, by the seeds; yellow from 80 % of it, red from 90 %.
MOST = 44992


def spend(database: Database, cost: int, jobs: int = 5, operation: str = "raster") -> list[uuid.UUID]:
    """So many jobs that cost so much each, in two bookings."""
    ids = database.enqueue(database.user(), jobs)
    for job in ids:
        for part, share in (("a", cost // 2), ("b", cost - cost // 2)):
            assert database.book(job, share, f"{job}{part}", operation=operation) == 1
    return ids


def level(database: Database, operation: str = "raster") -> tuple[Any, ...]:
    ((one),) = database.rows("select level, jobs, mean_micro_usd from private.cogs_drift where operation = %s", operation)
    return one


def guard(database: Database) -> dict[str, tuple[str, str | None]]:
    return {operation: (seen, action) for operation, seen, action in database.rows("select * from private.guard_costs()")}


@pytest.mark.parametrize(
    ("cost", "expected"), [(0, "green"), (MOST * 8 // 10, "green"), (MOST * 8 // 10 + 1, "yellow"), (MOST * 9 // 10, "yellow"),
                           (MOST * 9 // 10 + 1, "red"), (10 * MOST, "red")]
)  # fmt: skip
def test_levels(newest: Database, cost: int, expected: str) -> None:
    spend(newest, cost)
    assert level(newest) == (expected, 5, cost)


def test_few_jobs_say_nothing(newest: Database) -> None:
    spend(newest, 10 * MOST, jobs=4)
    assert level(newest)[0] == "unknown"
    assert guard(newest)["raster"] == ("unknown", None)


def test_costs_older_than_six_hours_do_not_count(newest: Database) -> None:
    spend(newest, 10 * MOST)
    newest.advance(6 * 3600 - 1)
    assert level(newest)[0] == "red"
    newest.advance(1)
    assert level(newest) == ("unknown", 0, 0)


def test_red_takes_the_fallback_and_red_again_switches_off(database: Database) -> None:
    user = database.user(credits_half=10)
    spend(database, MOST)
    assert guard(database)["raster"] == ("red", "fallback")
    assert guard(database)["raster"] == ("unknown", None), "what the provider we left has cost says nothing about the one we took"
    assert database.submit(user)["accepted"]
    database.advance(60)
    spend(database, MOST)
    assert guard(database)["raster"] == ("red", "off")
    assert database.submit(user)["code"] == "switched_off"
    assert guard(database)["raster"] == ("unknown", None)
    assert "5 jobs cost 44992 micro-USD each" in database.one("select switch_reason from public.operations where code = 'raster'")


def test_red_without_a_fallback_switches_off_that_operation_alone(newest: Database) -> None:
    spend(newest, 10 * MOST, operation="vector")
    assert guard(newest) == {
        "brain": ("unknown", None), "fix_upscale": ("unknown", None), "raster": ("unknown", None), "vector": ("red", "off"),
    }  # fmt: skip
    assert newest.rows("select code from public.operations where switched_off") == [("vector",)]


def test_yellow_changes_nothing(newest: Database) -> None:
    spend(newest, MOST * 85 // 100)
    assert guard(newest)["raster"] == ("yellow", None)
    assert newest.rows("select code from public.operations where switched_off or uses_fallback") == []


def test_a_cost_is_booked_once_and_by_a_zombie_too(database: Database) -> None:
    (job,) = database.enqueue(database.user())
    (held,) = database.claim()
    assert database.fail(held, for_good=True) == "failed"
    assert database.book(job, 150) == 1
    assert database.book(job, 150) == 0
    assert database.book(job, -50, kind="correction") == 1
    assert database.book(job, 150, provider="openai") == 1, "another provider may use the same number"
    assert database.rows("select sum(cost_micro_usd)::int, min(kind) filter (where cost_micro_usd > 0) from public.cost_events") == [
        (250, "measured")
    ]
    with pytest.raises(psycopg.errors.CheckViolation):
        database.book(job, -50, "req_2")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="there is no job"):
        database.book(uuid.uuid4(), 1, "req_3")


def test_the_queues_depth_and_age(database: Database) -> None:
    user = database.user()
    database.enqueue(user, 4)
    database.advance(60)
    (running,), (late,) = database.claim(), database.claim()
    database.fail(late, retry_after_seconds=600)
    (dead,) = database.claim()
    database.fail(dead, for_good=True)
    database.advance(30)
    depth = {state: (jobs, oldest.total_seconds()) for state, jobs, oldest in database.rows("select * from private.queue_depth")}
    assert depth == {"waiting": (1, 90), "in_progress": (1, 30), "failed": (1, 30), "postponed": (1, -570)}
    assert running[1] == 1
    assert database.rows("select kind, jobs, dead from private.failures") == [("provider", 2, 1)]
