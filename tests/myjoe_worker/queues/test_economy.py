"""What a worker asks of the database: three round trips a job, beside heartbeats, and four
questions a minute where there is no job.
"""
from __future__ import annotations

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from myjoe.costs.booking import Costs
from myjoe.database.connection import RetryingConnection
from myjoe_worker.job import Job, Result
from myjoe_worker.leases.clock import SystemClock
from myjoe_worker.leases.lease import Lease
from myjoe_worker.leases.renewing import LeaseRenewer
from myjoe_worker.queues.listening import Listener
from myjoe_worker.settings import WorkerSettings
from myjoe_worker.worker import Worker
from tests.myjoe_worker.queues.conftest import KINDS, Stage

JOBS = 60
RESULT = Result("p", "m", 8, 8, 300, 1, {})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each function was called, over all connections of this process: each call is a
    round trip.
    """
    counts: Counter[str] = Counter()
    execute = psycopg.AsyncConnection.execute

    async def counted(self: psycopg.AsyncConnection[Any], query: str, *args: Any, **more: Any) -> Any:
        called = re.search(r"private\.(\w+)", query)
        counts[called.group(1) if called else query] += 1
        return await execute(self, query, *args, **more)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", counted)
    yield counts


@asynccontextmanager
async def working(stage: Stage, settings: WorkerSettings) -> Any:
    """The real loop, renewer and listener, and a handler that books what its page has cost, in one
    call, and hands it in.
    """
    connection, clock = RetryingConnection(stage.url), SystemClock()
    renewer = LeaseRenewer(
        lambda: RetryingConnection(stage.url), lease_seconds=settings.lease_seconds, heartbeat_seconds=settings.heartbeat_seconds,
        clock=clock,
    )  # fmt: skip
    costs, listener = Costs(connection), Listener(stage.url)

    async def handler(job: Job, lease: Lease) -> Result:
        await costs.book({"job_id": str(job.id), "operation": "raster", "step": "raster", "provider": "p", "model": "m",
                          "request_id": str(uuid.uuid4()), "cost_micro_usd": 1})  # fmt: skip
        return RESULT

    renewer.start()
    await listener.start()
    try:
        yield Worker(settings, KINDS[stage.kind](connection, "w1", settings.lease_seconds), handler, renewer, listener, clock)
    finally:
        await listener.stop()
        renewer.close()
        await connection.close()


def test_a_job_takes_three_round_trips(stage: Stage, asked: Counter[str]) -> None:
    """Under load. At the end, where there is nothing left, each job that ends looks once more, and
    asks when something is due.
    """
    stage.database.enqueue(stage.database.user(), JOBS)
    settings = replace(WorkerSettings(), concurrency=4, concurrency_per_user=4)

    async def run() -> None:
        async with working(stage, settings) as worker:
            asked.clear()
            await worker.run(once=True)

    asyncio.run(run())
    assert stage.database.rows("select status, count(*)::int from public.jobs group by 1") == [("completed", JOBS)]
    asked.pop("heartbeat_jobs", 0)
    asked.pop("confirm_claims")  # the renewer's, once a claim
    asked.pop("open_messages", 0)
    assert asked["record_costs"] == asked["complete_jobs"] == JOBS
    assert asked.total() <= 3 * JOBS + 2 * (settings.concurrency + 1)


def test_an_idle_worker_asks_four_times_a_minute(newest_stage: Stage, asked: Counter[str]) -> None:
    """Twice with each look, and it looks every half minute; here 75 times as often. Its renewer and
    its listener ask nothing.
    """
    settings = replace(WorkerSettings(), poll_seconds=0.4)

    async def looks(count: int) -> None:
        asked.clear()
        while asked["next_due"] < count:
            await asyncio.sleep(0.01)

    async def run() -> int:
        async with working(newest_stage, settings) as worker:
            running = asyncio.create_task(worker.run())
            await looks(3)  # what it does when it starts
            await looks(10)
            total = asked.total()
            worker.leave()
            await running
            return total

    assert asyncio.run(asyncio.wait_for(run(), 60)) <= 2 * 10
    assert 2 * 60 / WorkerSettings().poll_seconds <= 4
