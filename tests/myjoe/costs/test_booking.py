"""Costs: priced by the database, booked as they happen, held under a job's ceiling."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from myjoe.costs.booking import Costs
from myjoe.costs.meter import user_meter
from myjoe.costs.routes import StepRoute
from myjoe.database.connection import RetryingConnection
from myjoe.errors import CostCeilingError, OperatorError
from myjoe_worker.account import JobAccount
from myjoe_worker.job import Job
from tests.database.support import Database

RASTER = StepRoute("raster", "raster", "replicate", "flux-schnell", {"image": 1})


def with_costs(database: Database, act: Callable[[Costs], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        connection = RetryingConnection(database.server.url(database.name))
        try:
            return await act(Costs(connection))
        finally:
            await connection.close()

    return asyncio.run(run())


def a_job(database: Database, token: int = 1, ceiling: int | None = 44_992) -> Job:
    user = database.user(credits_half=20)
    [job_id] = database.enqueue(user)
    return Job(job_id, token, "page", {}, ("raster",), user, None, token, 3, ceiling)


def booked(database: Database) -> list[tuple[Any, ...]]:
    return database.rows("select kind, provider_request_id, cost_micro_usd from public.cost_events order by id")


def test_routes_follow_the_switch_to_the_fallback(newest: Database) -> None:
    async def provider(costs: Costs) -> str | None:
        route = await costs.route("raster", "raster")
        return route and route.provider

    assert with_costs(newest, provider) == "replicate"
    newest.run("update public.operations set uses_fallback = true where code = 'raster'")
    assert with_costs(newest, provider) == "recraft"


def test_there_is_no_route_for_a_step_that_an_operation_has_not(newest: Database) -> None:
    assert with_costs(newest, lambda costs: costs.route("raster", "upscale")) is None


def test_prices_are_the_databases_and_rounded_up(newest: Database) -> None:
    async def price(costs: Costs) -> int:
        await costs.route("brain", "brain")
        return costs.price("openai", "gpt-6-luna", {"input_token": 1001, "cached_input_token": 50, "output_token": 3})

    # 100.1 + 0.5 + 1.5
    assert with_costs(newest, price) == 103


def test_what_has_no_price_is_the_operators_affair(newest: Database) -> None:
    async def price(costs: Costs) -> None:
        await costs.route("brain", "brain")
        costs.price("openai", "gpt-0", {"input_token": 1})

    with pytest.raises(OperatorError, match="no price for openai gpt-0 by input_token"):
        with_costs(newest, price)


def test_an_estimate_is_set_right_by_the_measurement(newest: Database) -> None:
    job = a_job(newest)

    async def act(costs: Costs) -> int:
        await costs.route("raster", "raster")
        account = await JobAccount.of(costs, job)
        meter = account.meter(RASTER)
        await meter.opened("p1", {"image": 2})
        assert account.spent == 6000
        await meter.closed("p1", {"image": 1})
        assert await costs.spent(job.id) == account.spent
        return account.spent

    assert with_costs(newest, act) == 3000
    assert booked(newest) == [("estimated", "p1", 6000), ("correction", "p1", -3000)]


def test_a_second_attempt_is_told_of_the_request_that_nobody_heard_the_end_of(newest: Database) -> None:
    job = a_job(newest)

    async def first(costs: Costs) -> None:
        await costs.route("raster", "raster")
        account = await JobAccount.of(costs, job)
        await account.meter(RASTER).opened("p1", {"image": 1})

    async def second(costs: Costs) -> tuple[str | None, int]:
        await costs.route("raster", "raster")
        again = Job(**{**vars(job), "lease_token": 2, "attempts": 2})
        account = await JobAccount.of(costs, again)
        return account.meter(RASTER).resumable, account.spent

    with_costs(newest, first)
    assert with_costs(newest, second) == ("p1", 3000)


def test_a_step_that_could_break_the_ceiling_is_not_taken(newest: Database) -> None:
    job = a_job(newest, token=2, ceiling=5999)
    newest.book(job.id, 3000, "p1")

    async def act(costs: Costs) -> None:
        await costs.route("raster", "raster")
        (await JobAccount.of(costs, job)).meter(RASTER)

    with pytest.raises(CostCeilingError, match="has cost 3000 micro-USD; raster could cost 3000 more, and 5999 is the most"):
        with_costs(newest, act)


def test_a_request_that_was_paid_for_is_asked_after_whatever_is_left(newest: Database) -> None:
    job = a_job(newest, token=2, ceiling=3000)
    newest.book(job.id, 3000, "p1", kind="estimated", model="flux-schnell")

    async def act(costs: Costs) -> str | None:
        await costs.route("raster", "raster")
        return (await JobAccount.of(costs, job)).meter(RASTER).resumable

    assert with_costs(newest, act) == "p1"


def test_a_call_that_is_stopped_before_it_said_anything_is_booked_as_its_estimate(newest: Database) -> None:
    job = a_job(newest)

    async def act(costs: Costs) -> None:
        await costs.route("raster", "raster")
        meter = (await JobAccount.of(costs, job)).meter(RASTER)
        call = asyncio.create_task(meter.watch(asyncio.sleep(60)))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await costs.flush()

    with_costs(newest, act)
    assert booked(newest) == [("estimated", f"unknown:{job.id}:raster:1", 3000)]


def test_a_booking_outlives_whoever_waited_for_it(newest: Database) -> None:
    job = a_job(newest)

    async def act(costs: Costs) -> None:
        await costs.route("raster", "raster")
        meter = (await JobAccount.of(costs, job)).meter(RASTER)
        booking = asyncio.create_task(meter.closed("p1", {"image": 1}))
        await asyncio.sleep(0)
        booking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await booking
        await costs.flush()

    with_costs(newest, act)
    assert booked(newest) == [("measured", "p1", 3000)]


def test_what_belongs_to_no_job_is_booked_to_its_user(newest: Database) -> None:
    user = newest.user()

    async def act(costs: Costs) -> None:
        route = await costs.route("brain", "brain")
        assert route is not None
        await user_meter(costs, route, user, "plan:1").closed("r1", {"input_token": 100, "output_token": 100})

    with_costs(newest, act)
    assert newest.rows("select job_id, user_id, operation, cost_micro_usd from public.cost_events") == [(None, user, "brain", 60)]
