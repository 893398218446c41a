"""`StepMeter`: what a call says of itself is booked to whoever pays."""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from myjoe import telemetry
from myjoe.costs.booking import Costs
from myjoe.costs.meter import StepMeter, user_meter
from myjoe.errors import OperatorError
from tests.database.support import Database
from tests.support.costs import RASTER, booked, with_costs


@pytest.fixture
def events() -> Iterator[list[dict[str, Any]]]:
    """The costs that are logged."""
    heard: list[dict[str, Any]] = []
    forget = telemetry.subscribe(lambda event, fields: heard.append(dict(fields)) if event == "cost.booked" else None)
    yield heard
    forget()


async def job_meter(costs: Costs, database: Database, **more: Any) -> StepMeter:
    """A meter whose payer is a job."""
    [job] = database.enqueue(database.user(credits_half=20))
    await costs.route("raster", "raster")
    return StepMeter(costs, RASTER, {"job_id": str(job)}, f"{job}:raster:1", **more)


def test_an_estimate_is_set_right_by_the_measurement(newest: Database) -> None:
    async def act(costs: Costs) -> list[int]:
        meter = await job_meter(costs, newest)
        seen = [meter.booked_micro_usd]
        await meter.opened("p1", {"image": 2})
        seen.append(meter.booked_micro_usd)
        await meter.closed("p1", {"image": 1})
        return [*seen, meter.booked_micro_usd]

    assert with_costs(newest, act) == [0, 6000, 3000]
    assert booked(newest) == [("estimated", "p1", 6000), ("correction", "p1", -3000)]


@pytest.mark.parametrize(
    ("units", "micro_usd", "cost"),
    [({"image": 2}, None, 6000), (None, 123, 123), (None, 0, 0), (None, None, 0), ({}, None, 0)],
)
def test_a_provider_may_name_units_or_the_price_itself(
    newest: Database, units: dict[str, float] | None, micro_usd: int | None, cost: int
) -> None:
    async def act(costs: Costs) -> int:
        meter = await job_meter(costs, newest)
        await meter.closed("p1", units, micro_usd=micro_usd)
        return meter.booked_micro_usd

    assert with_costs(newest, act) == cost
    assert booked(newest) == [("measured", "p1", cost)]


def test_a_call_that_nobody_can_tell_of_is_an_estimate_once_an_attempt(newest: Database) -> None:
    async def act(costs: Costs) -> None:
        meter = await job_meter(costs, newest)
        await meter.unknown({"image": 1})
        await meter.unknown({"image": 1})
        assert meter.booked_micro_usd == 3000

    with_costs(newest, act)
    [(kind, request_id, cost)] = booked(newest)
    assert (kind, cost) == ("estimated", 3000) and request_id.startswith("unknown:") and request_id.endswith(":raster:1")


INTENDED = "select key, step, provider, model, cost_micro_usd from private.intended_calls"


@pytest.mark.parametrize("end", ["closed", "opened", "unknown", "withdrawn"])
def test_a_call_is_noted_before_it_is_made_and_the_note_goes_with_whatever_becomes_of_it(newest: Database, end: str) -> None:
    async def act(costs: Costs) -> None:
        meter = await job_meter(costs, newest)
        await meter.intended({"image": 2})
        [(key, *noted)] = newest.rows(INTENDED)
        assert key.startswith("unknown:") and key.endswith(":raster:1")
        assert noted == ["raster", "replicate", "flux-schnell", 6000]
        if end == "withdrawn":
            await meter.withdrawn()
            await meter.withdrawn()
        else:
            await (meter.unknown({"image": 2}) if end == "unknown" else getattr(meter, end)("p1", {"image": 2}))

    with_costs(newest, act)
    assert newest.rows(INTENDED) == []
    kinds = {"closed": "measured", "opened": "estimated", "unknown": "estimated"}
    assert [(kind, cost) for kind, _, cost in booked(newest)] == ([] if end == "withdrawn" else [(kinds[end], 6000)])


@pytest.mark.parametrize("end", ["fail", "release", "reclaim", "die", "complete"])
def test_a_call_whose_asker_is_gone_is_counted_once_as_paid(newest: Database, end: str) -> None:
    user = newest.user(credits_half=20)
    [job, other] = newest.enqueue(user, 2)
    [held] = newest.claim()

    async def ask(costs: Costs, job: uuid.UUID) -> StepMeter:
        await costs.route("raster", "raster")
        meter = StepMeter(costs, RASTER, {"job_id": str(job)}, f"{job}:raster:1")
        await meter.intended({"image": 1})
        return meter

    with_costs(newest, lambda costs: ask(costs, held[0]))
    assert booked(newest) == []
    if end == "reclaim":
        newest.advance(301)
        assert newest.one("select private.reclaim_jobs()") == 1
    elif end == "complete":
        newest.complete(held)  # with a booking that came to nothing: the next note tells
        with_costs(newest, lambda costs: ask(costs, other if held[0] == job else job))
    elif end == "release":
        newest.release(held)
    else:
        newest.fail(held, for_good=end == "die")
    key = f"unknown:{held[0]}:raster:1"
    assert booked(newest) == [("estimated", key, 3000)]

    async def late(costs: Costs) -> None:
        # It was not gone, and has its answer after all.
        meter = await ask(costs, held[0])
        await meter.closed("p1", {"image": 1})

    with_costs(newest, late)
    assert booked(newest) == [("estimated", key, 3000), ("measured", "p1", 3000), ("correction", key, -3000)] or booked(newest) == [
        ("estimated", key, 3000), ("correction", key, -3000), ("measured", "p1", 3000)]
    newest.check_books()


def test_a_user_s_own_call_is_not_noted(newest: Database) -> None:
    async def act(costs: Costs) -> None:
        await costs.route("raster", "raster")
        meter = user_meter(costs, RASTER, newest.user(), "k")
        await meter.intended({"image": 1})
        await meter.withdrawn()

    with_costs(newest, act)
    assert newest.rows(INTENDED) == [] and booked(newest) == []


def test_a_call_that_is_stopped_before_it_said_anything_is_booked_as_its_estimate(newest: Database) -> None:
    async def act(costs: Costs) -> None:
        meter = await job_meter(costs, newest)
        call = asyncio.create_task(meter.watch(asyncio.sleep(60)))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await costs.flush()

    with_costs(newest, act)
    [(kind, request_id, cost)] = booked(newest)
    assert (kind, cost) == ("estimated", 3000) and request_id.startswith("unknown:")


def test_one_that_is_stopped_after_it_said_what_it_costs_is_not_booked_again(newest: Database) -> None:
    async def act(costs: Costs) -> None:
        meter = await job_meter(costs, newest)

        async def calling() -> None:
            await meter.opened("p1", {"image": 1})
            await asyncio.sleep(60)

        call = asyncio.create_task(meter.watch(calling()))
        while not booked(newest):
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    with_costs(newest, act)
    assert booked(newest) == [("estimated", "p1", 3000)]


def test_what_the_call_gives_or_raises_is_the_watchers(newest: Database) -> None:
    async def gives() -> str:
        return "a picture"

    async def raises() -> str:
        raise OperatorError("no key")

    async def act(costs: Costs) -> None:
        meter = await job_meter(costs, newest, resumable="p0")
        assert meter.resumable == "p0"
        assert await meter.watch(gives()) == "a picture"
        with pytest.raises(OperatorError, match="no key"):
            await meter.watch(raises())

    with_costs(newest, act)
    assert booked(newest) == []


def test_what_has_no_price_is_not_booked_but_told(newest: Database) -> None:
    async def act(costs: Costs) -> None:
        meter = await job_meter(costs, newest)
        with pytest.raises(OperatorError, match="no price for replicate flux-schnell by second"):
            await meter.opened("p1", {"second": 1})
        assert meter.booked_micro_usd == 0

    with_costs(newest, act)
    assert booked(newest) == []


def test_what_belongs_to_no_job_is_booked_to_its_user(newest: Database, events: list[dict[str, Any]]) -> None:
    user = newest.user()

    async def act(costs: Costs) -> None:
        route = await costs.route("brain", "brain")
        assert route is not None
        await user_meter(costs, route, user, "plan:1").closed("r1", {"input_token": 100, "output_token": 100})

    with_costs(newest, act)
    assert newest.rows("select job_id, user_id, operation, cost_micro_usd from public.cost_events") == [(None, user, "brain", 60)]
    assert [(one["request_id"], one["kind"], one["micro_usd"], one["operation"]) for one in events] == [("r1", "measured", 60, "brain")]


def test_a_payer_who_does_not_exist_is_an_error_and_no_silence(newest: Database) -> None:
    async def act(costs: Costs) -> None:
        route = await costs.route("brain", "brain")
        assert route is not None
        await user_meter(costs, route, uuid.uuid4(), "plan:1").closed("r1", {"input_token": 100})

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        with_costs(newest, act)
    assert booked(newest) == []
