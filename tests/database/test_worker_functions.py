"""What a worker asks besides the queue: costs, requests that are still open, routes and prices,
which environment this is.
"""
from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.database.support import Database


def costs(database: Database, job: uuid.UUID) -> list[tuple[Any, ...]]:
    return database.rows("select kind, cost_micro_usd, provider_request_id from public.cost_events where job_id = %s order by id", job)


def open_requests(database: Database, job: uuid.UUID) -> list[tuple[Any, ...]]:
    return database.rows("select * from private.open_requests(%s)", job)


def test_what_is_measured_after_an_estimate_is_booked_as_the_difference(database: Database) -> None:
    (job,) = database.enqueue(database.user())
    assert database.book(job, 3000, "r1", kind="estimated") == 1
    assert database.book(job, 3000, "r1", kind="estimated") == 0
    assert open_requests(database, job) == [("raster", "replicate", "m", "r1")]
    assert database.book(job, 2500, "r1") == 1
    assert database.book(job, 2500, "r1") == 0
    assert database.book(job, 3000, "r1", kind="estimated") == 0
    assert costs(database, job) == [("estimated", 3000, "r1"), ("correction", -500, "r1")]
    assert open_requests(database, job) == []


def test_a_measurement_that_agrees_with_its_estimate_settles_it(newest: Database) -> None:
    (job,) = newest.enqueue(newest.user())
    newest.book(job, 3000, "r1", kind="estimated")
    assert newest.book(job, 3000, "r1") == 1
    assert costs(newest, job) == [("estimated", 3000, "r1"), ("correction", 0, "r1")]
    assert open_requests(newest, job) == []


def test_an_estimate_that_comes_after_its_measurement_changes_nothing(newest: Database) -> None:
    (job,) = newest.enqueue(newest.user())
    newest.book(job, 2500, "r1")
    assert newest.book(job, 3000, "r1", kind="estimated") == 0
    assert costs(newest, job) == [("measured", 2500, "r1")]


def test_both_in_one_call(newest: Database) -> None:
    (job,) = newest.enqueue(newest.user())
    cost = {"job_id": str(job), "operation": "raster", "step": "raster", "provider": "p", "model": "m", "request_id": "r1"}
    rows = [{**cost, "kind": "estimated", "cost_micro_usd": 5}, {**cost, "cost_micro_usd": 7}]
    assert newest.one("select private.record_costs(%s)", json.dumps(rows)) == 2
    assert costs(newest, job) == [("estimated", 5, "r1"), ("correction", 2, "r1")]


def test_requests_that_no_provider_knows_are_not_open(newest: Database) -> None:
    (job,) = newest.enqueue(newest.user())
    newest.book(job, 3000, f"unknown:{job}:raster:1", kind="estimated")
    newest.book(job, 3000, "r2", kind="estimated")
    assert open_requests(newest, job) == [("raster", "replicate", "m", "r2")]


def test_a_correction_by_hand_is_kept_once(newest: Database) -> None:
    (job,) = newest.enqueue(newest.user())
    newest.book(job, 2500, "r1")
    assert newest.book(job, -100, "r1", kind="correction") == 1
    assert newest.book(job, -100, "r1", kind="correction") == 0
    assert costs(newest, job) == [("measured", 2500, "r1"), ("correction", -100, "r1")]


def test_an_estimate_and_its_measurement_that_come_at_once_are_counted_once(database: Database) -> None:
    (job,) = database.enqueue(database.user())

    def book(kind: str, cost: int, request: str) -> None:
        row = {"job_id": str(job), "operation": "raster", "step": "raster", "provider": "p", "model": "m", "request_id": request,
               "cost_micro_usd": cost, "kind": kind}  # fmt: skip
        with database.connect() as connection:
            connection.execute("select private.record_costs(%s)", (json.dumps([row]),))

    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            calls = [("estimated", 3000), ("measured", 2500)] * 3
            list(pool.map(lambda call, number=number: book(*call, f"r{number}"), calls))
    assert database.rows(
        "select sum(cost_micro_usd)::int from public.cost_events where job_id = %s group by provider_request_id", job
    ) == [(2500,)] * 20


def test_what_is_no_jobs_is_the_users(database: Database) -> None:
    user = database.user()
    cost = {"user_id": str(user), "operation": "brain", "step": "brain", "provider": "openai", "model": "m", "request_id": "b1",
            "cost_micro_usd": 2400}  # fmt: skip
    assert database.one("select private.record_costs(%s)", json.dumps([cost])) == 1
    assert database.rows("select job_id, user_id, operation, cost_micro_usd from public.cost_events") == [(None, user, "brain", 2400)]
    # The guard looks at it by request.
    for number in range(4):
        database.one("select private.record_costs(%s)", json.dumps([{**cost, "request_id": f"b{number + 2}"}]))
    assert database.rows("select jobs, mean_micro_usd, level from private.cogs_drift where operation = 'brain'") == [(5, 2400, "green")]


@pytest.mark.parametrize("whose", [{}, {"job_id": str(uuid.uuid4())}])
def test_costs_of_nobody_are_refused_with_all_that_came_along(newest: Database, whose: dict[str, str]) -> None:
    (job,) = newest.enqueue(newest.user())
    cost = {"operation": "raster", "step": "raster", "provider": "p", "model": "m", "cost_micro_usd": 1}
    rows = [{**cost, "job_id": str(job), "request_id": "r1"}, {**cost, **whose, "request_id": "r2"}]
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        newest.one("select private.record_costs(%s)", json.dumps(rows))
    assert costs(newest, job) == []


def test_routes_follow_the_switch(database: Database) -> None:
    def raster() -> list[tuple[Any, ...]]:
        return database.rows(
            "select step, provider, model, units from private.routes() where operation = 'raster' order by step"
        )

    judge = ("judge", "openai", "gpt-6-luna")
    units = {"input_token": 1000, "output_token": 100}
    assert raster() == [(*judge, units), ("raster", "replicate", "flux-schnell", {"image": 1})]
    database.one("select private.admin_switch('raster', false, true, 'a test')")
    assert raster() == [(*judge, units), ("raster", "recraft", "recraftv4_1_flash", {"image": 1})]


def test_prices_are_those_in_force(database: Database) -> None:
    def price() -> Decimal:
        found: Decimal = database.one(
            "select unit_micro_usd from private.unit_prices() where (provider, model, unit) = ('replicate', 'flux-schnell', 'image')"
        )
        return found

    assert price() == 3000
    database.run(
        "insert into public.provider_prices select provider, model, unit, private.clock() + interval '1 day', 600, 'a test'"
        " from public.provider_prices where model = 'flux-schnell'"
    )
    assert price() == 3000
    database.advance(86_400)
    assert price() == 600
    assert len(database.rows("select from private.unit_prices()")) == len(
        database.rows("select distinct provider, model, unit from public.provider_prices")
    )


def test_an_environment_is_marked_once(database: Database) -> None:
    assert database.one("select private.environment()") is None
    for _ in range(2):
        database.rows("select private.mark_environment('staging')")
    assert database.one("select private.environment()") == "staging"
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="this database is marked as staging"):
        database.rows("select private.mark_environment('production')")
    assert database.one("select private.environment()") == "staging"
    for nonsense in ("somewhere", None):
        with pytest.raises(psycopg.IntegrityError):
            database.rows("select private.mark_environment(%s)", nonsense)
