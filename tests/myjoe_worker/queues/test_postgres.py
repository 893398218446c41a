"""The lease table's own part: how a claim is named, what rows become, and what is not asked at all.
What every queue has to do is in test_conformance.py.
"""
from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from myjoe.database.connection import RetryingConnection
from myjoe.errors import DatabaseUnreachableError
from myjoe_worker.job import Job, Pause, Result
from myjoe_worker.queues import postgres
from myjoe_worker.queues.postgres import REASON_CHARS_MAX, PostgresQueue
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


UNREADABLE = [
    f'{{"seed": {"1" * 5000}}}', "[" * 1200 + "]" * 1200, f'{{"a": {"[" * 3000 + "]" * 3000}}}', '"a text"', "7", "null", "1e131000", "[]",
]  # fmt: skip


def test_a_payload_that_cannot_be_read_costs_its_own_job(newest: Database) -> None:
    good, bad = newest.user(), newest.user()
    newest.enqueue(good, 2)
    for payload in UNREADABLE:
        jobs = "jsonb_build_array(jsonb_build_object('payload', %s::jsonb))"
        newest.one(f"select private.enqueue_jobs(%s, null, 'page', {jobs})::text", bad, payload)

    async def scene(queue: PostgresQueue, _: Counting) -> list[Job]:
        return list(await queue.claim(50))

    jobs = with_queue(newest, scene)
    faults = [job.fault for job in jobs if job.user_id == bad]
    assert [job.fault for job in jobs if job.user_id == good] == [None, None] and len(faults) == len(UNREADABLE)
    assert all(fault and ("cannot be read" in fault or "no JSON object" in fault) for fault in faults)
    assert all(job.payload == {} for job in jobs if job.fault)


def test_what_a_newer_schema_tells_of_a_pause_is_passed_over(newest: Database) -> None:
    told = {"it": {"seconds": 3, "kind": "odd", "reason": "later", "since": "noon"}, "them": {"until": "noon"}, "version": 2}
    answer = f"select '{json.dumps(told)}'::jsonb"
    newest.run(f"create or replace function private.paused() returns jsonb language sql stable set search_path = '' as $$ {answer} $$")
    newest.enqueue(newest.user(), 1)

    async def scene(queue: PostgresQueue, _: Counting) -> Job:
        [job] = await queue.claim(1)
        return job

    assert with_queue(newest, scene).paused == {"it": Pause(3, "odd", "later")}


def test_a_claim_whose_answer_cannot_be_read_is_handed_back_at_once(newest: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    newest.enqueue(newest.user(), 2)

    def broken(*row: Any) -> Job:
        raise ZeroDivisionError

    async def scene(queue: PostgresQueue, _: Counting) -> list[Job]:
        with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
            patch.setattr(postgres, "_job", broken)
            await queue.claim(2)
        assert newest.rows("select status, attempts from public.jobs") == [("pending", 0)] * 2
        return list(await queue.claim(2))

    assert [job.attempts for job in with_queue(newest, scene)] == [1, 1]


def test_a_claim_that_was_never_answered_is_handed_back_by_the_next(newest: Database) -> None:
    newest.enqueue(newest.user(), 2)

    async def scene(queue: PostgresQueue, connection: Counting) -> list[Job]:
        rows = connection.rows

        async def lost(*args: Any, **more: Any) -> Any:
            await rows(*args, **more)
            raise DatabaseUnreachableError

        connection.rows = lost  # type: ignore[method-assign]
        with pytest.raises(DatabaseUnreachableError):
            await queue.claim(2)
        connection.rows = rows  # type: ignore[method-assign]
        assert newest.rows("select status from public.jobs") == [("in_progress",)] * 2
        return list(await queue.claim(2))

    assert [job.attempts for job in with_queue(newest, scene)] == [1, 1]


def test_reasons_of_any_length_and_of_any_characters_are_kept(newest: Database) -> None:
    newest.enqueue(newest.user(), 2)

    async def scene(queue: PostgresQueue, _: Counting) -> list[str]:
        one, two = await queue.claim(2)
        said = "no\x00\ud800" + "x" * 1_000_000
        return [await queue.fail(one, said, "provider", for_good=True), await queue.snooze(two, 1.0, said, "busy")]

    assert with_queue(newest, scene) == ["failed", "snoozed"]
    kept = [error for (error,) in newest.rows("select last_error from public.jobs")]
    assert [(error[:5], len(error)) for error in kept] == [("no\ufffd\ufffdx", REASON_CHARS_MAX)] * 2


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
