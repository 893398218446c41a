"""One attempt's money: what was spent before, what may be spent still, and what is open."""
from __future__ import annotations

from dataclasses import replace

import pytest

from myjoe.costs.booking import Costs
from myjoe.errors import CostCeilingError
from myjoe_worker.account import JobAccount
from myjoe_worker.job import Job
from tests.database.support import Database
from tests.support.costs import RASTER, booked, with_costs


def a_job(database: Database, token: int = 1, ceiling: int | None = 44_992) -> Job:
    user = database.user(credits_half=20)
    [job_id] = database.enqueue(user)
    return Job(job_id, token, "page", {}, ("raster",), user, None, token, 3, ceiling)


def test_a_second_attempt_is_told_of_the_request_that_nobody_heard_the_end_of(newest: Database) -> None:
    job = a_job(newest)

    async def first(costs: Costs) -> None:
        await costs.route("raster", "raster")
        account = await JobAccount.of(costs, job)
        await account.meter(RASTER).opened("p1", {"image": 1})

    async def second(costs: Costs) -> tuple[str | None, int]:
        await costs.route("raster", "raster")
        again = replace(job, lease_token=2, attempts=2)
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


def test_what_this_attempt_and_those_before_have_cost_is_one_sum(newest: Database) -> None:
    job = a_job(newest, token=2)
    newest.book(job.id, 1000, "p0")

    async def act(costs: Costs) -> list[int]:
        await costs.route("raster", "raster")
        account = await JobAccount.of(costs, job)
        seen = [account.spent]
        await account.meter(RASTER).opened("p1", {"image": 1})
        seen.append(account.spent)
        await account.meter(RASTER).closed("p2", {"image": 1})
        assert await costs.spent(job.id) == account.spent
        return [*seen, account.spent]

    assert with_costs(newest, act) == [1000, 4000, 7000]


def test_the_ceiling_may_be_reached_and_not_passed(newest: Database) -> None:
    async def act(costs: Costs) -> None:
        await costs.route("raster", "raster")
        (await JobAccount.of(costs, a_job(newest, ceiling=3000))).meter(RASTER)
        with pytest.raises(CostCeilingError):
            (await JobAccount.of(costs, a_job(newest, ceiling=2999))).meter(RASTER)
        (await JobAccount.of(costs, a_job(newest, ceiling=None))).meter(RASTER)

    with_costs(newest, act)


def test_a_first_attempt_asks_the_database_nothing(newest: Database) -> None:
    job = a_job(newest)

    async def act(costs: Costs) -> JobAccount:
        return await JobAccount.of(costs, job)

    account = with_costs(newest, act)
    assert (account.spent, account.settled) == (0, {})
    newest.book(job.id, 1000, "p0")  # which no first attempt can have caused
    assert with_costs(newest, act).spent == 0


def test_the_next_attempt_is_told_what_was_paid_for(newest: Database) -> None:
    job = a_job(newest)

    async def first(costs: Costs) -> None:
        await costs.route("raster", "raster")
        await (await JobAccount.of(costs, job)).meter(RASTER).closed("p1", {"image": 1})

    async def second(costs: Costs) -> JobAccount:
        await costs.route("raster", "raster")
        return await JobAccount.of(costs, replace(job, lease_token=2, attempts=2))

    with_costs(newest, first)
    account = with_costs(newest, second)
    assert account.settled["raster"].request_id == "p1" and account.spent == 3000
    assert account.meter(RASTER).resumable is None, "what was answered is not asked after"


def test_what_nobody_can_tell_of_is_booked_once_for_each_attempt(newest: Database) -> None:
    job = a_job(newest)

    async def act(costs: Costs) -> None:
        await costs.route("raster", "raster")
        for token in (1, 1, 2):
            account = await JobAccount.of(costs, replace(job, lease_token=token))
            await account.meter(RASTER).unknown({"image": 1})

    with_costs(newest, act)
    assert booked(newest) == [("estimated", f"unknown:{job.id}:raster:{token}", 3000) for token in (1, 2)]
