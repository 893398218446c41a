"""Costs: routed and priced by the database, booked as they happen."""
from __future__ import annotations

import asyncio

import pytest

from myjoe.costs.booking import PRICES_SECONDS, Costs, Settled
from myjoe.errors import OperatorError
from tests.database.support import Database
from tests.support.costs import booked, with_costs


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


def cost(job: object, request_id: str, micro_usd: int, kind: str = "measured") -> dict[str, object]:
    return {"job_id": str(job), "operation": "raster", "step": "raster", "provider": "replicate", "model": "flux-schnell",
            "request_id": request_id, "kind": kind, "cost_micro_usd": micro_usd}  # fmt: skip


def test_routes_and_prices_are_asked_for_once_and_again_when_they_are_old(newest: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1000.0]

    async def act(costs: Costs) -> list[str]:
        async def provider() -> str:
            route = await costs.route("raster", "raster")
            return route.provider if route else ""

        seen = [await provider()]
        newest.run("update public.operations set uses_fallback = true where code = 'raster'")
        for seconds in (PRICES_SECONDS - 1, 1.1):
            moment[0] += seconds
            seen.append(await provider())
        return seen

    # The connection has a clock of its own.
    monkeypatch.setattr("myjoe.costs.booking.time", type("Clock", (), {"monotonic": staticmethod(lambda: moment[0])}))
    assert with_costs(newest, act) == ["replicate", "replicate", "recraft"]


def test_what_a_job_has_cost_is_the_sum_of_all_attempts_and_of_no_other_job(newest: Database) -> None:
    job, other = newest.enqueue(newest.user(), 2)

    async def act(costs: Costs) -> tuple[int, int]:
        assert await costs.spent(job) == 0
        for one in (cost(job, "p1", 3000), cost(job, "p2", 4000, "estimated"), cost(other, "p3", 500)):
            await costs.book(one)
        return await costs.spent(job), await costs.spent(other)

    assert with_costs(newest, act) == (7000, 500)


def test_the_same_request_is_booked_once(newest: Database) -> None:
    [job] = newest.enqueue(newest.user())

    async def act(costs: Costs) -> None:
        await asyncio.gather(*(costs.book(cost(job, "p1", 3000)) for _ in range(5)))

    with_costs(newest, act)
    assert booked(newest) == [("measured", "p1", 3000)]


def test_open_and_settled_requests_are_told_apart(newest: Database) -> None:
    [job] = newest.enqueue(newest.user())

    async def act(costs: Costs) -> None:
        await costs.book(cost(job, "p1", 3000, "estimated"))
        assert await costs.open_requests(job) == {("raster", "replicate", "flux-schnell"): "p1"}
        assert await costs.settled(job) == {}
        await costs.book(cost(job, "p1", 2000))
        assert await costs.open_requests(job) == {}
        assert await costs.settled(job) == {"raster": Settled("replicate", "flux-schnell", "p1")}

    with_costs(newest, act)


def test_a_booking_outlives_whoever_waited_for_it_and_flush_waits(newest: Database) -> None:
    [job] = newest.enqueue(newest.user())

    async def act(costs: Costs) -> None:
        booking = asyncio.create_task(costs.book(cost(job, "p1", 3000)))
        await asyncio.sleep(0)
        booking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await booking
        await costs.flush()

    with_costs(newest, act)
    assert booked(newest) == [("measured", "p1", 3000)]
