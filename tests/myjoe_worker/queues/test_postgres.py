"""The lease table's own part: how a claim is named, what rows become, and what is not asked at all.
What every queue has to do is in test_conformance.py.
"""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from myjoe.database.connection import RetryingConnection
from myjoe_worker.job import Job, Result
from myjoe_worker.queues.postgres import PostgresQueue
from tests.database.support import Database


class Counting(RetryingConnection):
    """Counts what it is asked."""

    asked = 0

    async def rows(self, *args: Any, **more: Any) -> list[tuple[Any, ...]]:
        self.asked += 1
        return await super().rows(*args, **more)


def with_queue(database: Database, scene: Callable[[PostgresQueue, Counting], Awaitable[Any]], worker: str = "w1") -> Any:
    async def run() -> Any:
        async with Counting(database.server.url(database.name)) as connection:
            return await scene(PostgresQueue(connection, worker, 300.0), connection)

    return asyncio.run(run())


def test_a_claim_carries_the_worker_and_a_name_of_its_own(newest: Database) -> None:
    newest.enqueue(newest.user(), 2)

    async def scene(queue: PostgresQueue, _: Counting) -> None:
        assert len(await queue.claim(1)) == len(await queue.claim(1)) == 1

    with_queue(newest, scene, "a worker")
    names = [name for (name,) in newest.rows("select locked_by from public.jobs")]
    assert len(set(names)) == 2 and all(name.startswith("a worker#") for name in names)
    assert newest.rows("select distinct lease_until - private.clock() = interval '300 s' from public.jobs") == [(True,)]


def test_a_row_becomes_a_job_with_every_field(newest: Database) -> None:
    user = newest.user(credits_half=20)
    newest.submit(user, operations=("raster", "fix_upscale"))

    async def scene(queue: PostgresQueue, _: Counting) -> Job:
        [job] = await queue.claim(5)
        return job

    job = with_queue(newest, scene)
    row = newest.rows("select id, lease_token, type, payload, user_id, run_id, attempts, max_attempts, cogs_max_micro_usd from public.jobs")
    assert [(job.id, job.lease_token, job.type, job.payload, job.user_id, job.run_id, job.attempts, job.max_attempts,
             job.cogs_max_micro_usd)] == row  # fmt: skip
    assert set(job.operations) == {"raster", "fix_upscale"} and job.payload["page"] == 1


def test_all_ends_are_said_by_the_lease_and_answered(newest: Database) -> None:
    newest.enqueue(newest.user(), 5)

    async def scene(queue: PostgresQueue, _: Counting) -> list[Any]:
        one, two, three, four, five = await queue.claim(5)
        answers: list[Any] = [
            await queue.complete(one, Result("p", "m", 8, 8, 300, 1, {"png": "a.png"})), await queue.complete(two, None),
            await queue.fail(three, "it broke", "provider"), await queue.fail(four, "no page", "payload", for_good=True),
            await queue.snooze(five, 30.0, "busy", "busy"),
        ]  # fmt: skip
        return [*answers, await queue.complete(five, None), await queue.fail(five, "late", "x"), await queue.snooze(five, 1.0, "late", "x")]

    assert with_queue(newest, scene) == [True, True, "retried", "failed", "snoozed", False, "lost", "lost"]
    assert newest.rows("select files from public.generations") == [({"png": "a.png"},)]


def test_to_hand_back_nothing_asks_nothing(newest: Database) -> None:
    newest.enqueue(newest.user(), 2)

    async def scene(queue: PostgresQueue, connection: Counting) -> None:
        await queue.release([])
        assert connection.asked == 0
        jobs = await queue.claim(2)
        await queue.release(jobs)
        assert connection.asked == 2, "both in one"
        assert {job.id for job in await queue.claim(2)} == {job.id for job in jobs}

    with_queue(newest, scene)


@pytest.mark.parametrize(("put_off", "seconds"), [(None, None), (30.0, 30.0)])
def test_the_next_due_is_when_the_next_may_be_tried(newest: Database, put_off: float | None, seconds: float | None) -> None:
    if put_off is not None:
        newest.enqueue(newest.user(), 1)

    async def scene(queue: PostgresQueue, _: Counting) -> float | None:
        for job in await queue.claim(1):
            await queue.snooze(job, put_off or 0.0, "busy", "busy")
        return await queue.next_due()

    assert with_queue(newest, scene) == seconds
