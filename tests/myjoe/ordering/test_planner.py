"""From a description to a run: who is asked first, what a key stands for, and what is never paid
for.
"""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from myjoe.costs.booking import Costs
from myjoe.database.connection import RetryingConnection
from myjoe.errors import OperatorError, PromptRefusedError
from myjoe.ordering.page_order import PageOrder
from myjoe.ordering.planner import BookOrder, Planner
from myjoe.providers.protocol import BookPlan, Meter, PlannedPage
from tests.database import support
from tests.database.support import Database

FOXES = BookOrder("foxes in autumn", 3, operations=("raster", "fix_upscale"), paper="a4")


class CountingBrain:
    """Plans another book every time, as real ones do, and says what it cost."""

    def __init__(self) -> None:
        self.plans = 0

    async def plan(self, description: str, audience: str, pages: int, model: str, meter: Meter) -> BookPlan:
        if "mouse of a well-known company" in description:
            raise PromptRefusedError("that is a trademark")
        self.plans += 1
        await meter.closed(f"r{self.plans}", {"input_token": 1000, "output_token": 1000})
        return BookPlan(description, "bold", [PlannedPage(f"page {n}", f"{description}, plan {self.plans}, {n}") for n in range(pages)])


def order(
    database: Database, user: UUID, key: str, book: BookOrder, brain: CountingBrain | None,
    kind: type[RetryingConnection] = RetryingConnection,
) -> Mapping[str, Any]:
    async def run() -> Mapping[str, Any]:
        connection = kind(database.server.url(database.name))
        try:
            planner = Planner(connection, {"openai": brain} if brain else {}, Costs(connection))
            return await planner.order_book(user, database.project(user), key, book)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_a_described_book_becomes_jobs_that_the_worker_understands(newest: Database) -> None:
    user, brain = newest.user(credits_half=100), CountingBrain()
    answer = order(newest, user, "k", FOXES, brain)
    assert answer["accepted"] and answer["page_count"] == 3 and answer["credits_half"] == 9
    payloads = newest.rows("select payload from public.jobs order by (payload ->> 'page')::int")
    pages = [PageOrder.model_validate(payload) for (payload,) in payloads]
    assert [page.page for page in pages] == [1, 2, 3]
    assert {(page.paper, page.style, page.operations) for page in pages} == {("a4", "bold", ("raster", "fix_upscale"))}
    assert len({page.prompt for page in pages}) == 3
    assert newest.one("select sum(cost_micro_usd) from public.cost_events where user_id = %s and job_id is null", user) == 600


def test_the_same_key_gives_the_first_answer_and_plans_nothing_anew(newest: Database) -> None:
    user, brain = newest.user(credits_half=100), CountingBrain()
    first = order(newest, user, "k", FOXES, brain)
    assert order(newest, user, "k", FOXES, brain) == first
    assert brain.plans == 1
    assert newest.one("select count(*) from public.runs") == 1


def test_a_run_that_a_crash_wipes_out_before_it_is_on_the_disk_is_submitted_again() -> None:
    """The governor's answer does not wait for the disk, the planner's does. Nobody writes the log
    here unless a commit waits for it.
    """
    with support.running_server(18, wal_writer_delay="10s", bgwriter_lru_maxpages="0") as server:
        support.make_template(server, name="work")
        before = Database(server, "work")
        user = before.user(credits_half=100)
        seen: list[int] = []

        class Crashing(RetryingConnection):
            async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[tuple[Any, ...]]:
                if "confirm_run" in sql:
                    seen.append(Database(server, "work").one("select count(*) from public.runs"))
                    if len(seen) == 1:
                        server.stop("immediate")
                        server.start()
                        seen.append(Database(server, "work").one("select count(*) from public.runs"))
                return await super().rows(sql, params, patience_seconds=patience_seconds)

        brain = CountingBrain()
        answer = order(before, user, "k", FOXES, brain, Crashing)
        assert seen == [1, 0, 1], "there, wiped out, and there again"
        after = Database(server, "work")
        assert [(UUID(answer["run_id"]), 91)] == after.rows("select r.id, a.balance_half from public.runs r, public.credit_accounts a")
        server.stop("immediate")
        server.start()
        after = Database(server, "work")
        assert order(after, user, "k", FOXES, brain) == answer, "what was answered outlives the next crash"
        assert brain.plans == 1
        after.check_books()


def test_the_same_key_for_another_book_is_refused(newest: Database) -> None:
    user, brain = newest.user(credits_half=100), CountingBrain()
    order(newest, user, "k", FOXES, brain)
    other = order(newest, user, "k", BookOrder("owls", 3), brain)
    assert (other["accepted"], other["code"], brain.plans) == (False, "idempotency_conflict", 1)


def test_who_cannot_pay_is_told_before_the_brain_costs_anything(newest: Database) -> None:
    user, brain = newest.user(credits_half=8), CountingBrain()
    answer = order(newest, user, "k", FOXES, brain)
    assert (answer["accepted"], answer["code"], brain.plans) == (False, "insufficient_credits", 0)
    assert newest.balance(user) == 8


def test_a_description_that_is_refused_leaves_nothing_behind(newest: Database) -> None:
    user = newest.user(credits_half=100)
    with pytest.raises(PromptRefusedError, match="trademark"):
        order(newest, user, "k", BookOrder("the mouse of a well-known company", 2), CountingBrain())
    assert newest.one("select count(*) from public.cost_events") == newest.one("select count(*) from public.runs") == 0


def test_without_a_brain_the_operator_is_told(newest: Database) -> None:
    with pytest.raises(OperatorError, match="no brain"):
        order(newest, newest.user(credits_half=100), "k", FOXES, None)


def test_a_book_is_planned_without_being_ordered(newest: Database) -> None:
    user, brain = newest.user(plan=None), CountingBrain()

    async def run() -> BookPlan:
        async with RetryingConnection(newest.server.url(newest.name)) as connection:
            return await Planner(connection, {"openai": brain}, Costs(connection)).plan_book(user, "draft:1", FOXES)

    plan = asyncio.run(run())
    assert (plan.style, len(plan.pages), brain.plans) == ("bold", 3, 1)
    assert newest.one("select count(*) from public.runs") == 0
    assert newest.one("select count(*) from public.cost_events where user_id = %s", user) == 1
