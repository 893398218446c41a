"""What every queue promises, told through the seam alone: the lease table and pgmq, on PostgreSQL
15, 16 and 18.
"""
from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from typing import Any

import psycopg
import pytest

from myjoe.database.connection import RetryingConnection
from myjoe_worker.job import Job, Result
from myjoe_worker.queues.queue import Queue
from tests.myjoe_worker.queues.conftest import KINDS, LEASE_SECONDS, Stage

RESULT = Result("p", "m", 8, 8, 300, 1, {"png": "a.png"})
# A user who comes next waits behind so many jobs of another at most: the table takes turns, and
# pgmq has told a few ahead.
BEHIND_MAX = {"table": 1, "pgmq": 13}


async def drain(queue: Queue, jobs_max: int = 4) -> list[Job]:
    """Claim and complete until there is nothing."""
    done: list[Job] = []
    while claimed := await queue.claim(jobs_max):
        for job in claimed:
            assert await queue.complete(job, None)
        done += claimed
    return done


def test_a_job_comes_whole_and_its_result_is_kept(stage: Stage) -> None:
    user = stage.database.user(credits_half=4)
    stage.database.submit(user, pages=2, operations=("raster",))

    async def scene(queue: Queue) -> None:
        first, second = await queue.claim(5)
        assert {job.payload["page"] for job in (first, second)} == {1, 2}
        assert (first.user_id, first.type, first.operations, first.lease_token, first.attempts) == (user, "page", ("raster",), 1, 1)
        assert first.run_id is not None and first.max_attempts == 3 and first.cogs_max_micro_usd == 44992
        assert await queue.complete(first, RESULT)
        assert await queue.complete(first, RESULT), "asked again, the same answer"
        assert await queue.fail(first, "late", "provider") == "lost"
        assert await queue.claim(5) == []
        assert await queue.complete(second, RESULT)

    stage.play(scene)
    assert stage.database.rows("select files from public.generations") == [({"png": "a.png"},)] * 2
    assert stage.database.balance(user) == 0
    stage.database.check_books()


class ForgetfulConnection(RetryingConnection):
    """Loses its first answer after the server has committed."""

    lost = False

    async def _try(self, *args: Any) -> Any:
        answer = await super()._try(*args)
        if not self.lost and any(len(row) > 1 for row in answer.rows):
            self.lost = True
            await self._drop()
            raise psycopg.OperationalError("the connection broke")
        return answer


def test_a_claim_whose_answer_was_lost_is_answered_again_and_the_next_one_is_another(stage: Stage) -> None:
    jobs = stage.database.enqueue(stage.database.user(), 5)

    async def scene() -> None:
        connection = ForgetfulConnection(stage.url)
        queue = KINDS[stage.kind](connection, "w", LEASE_SECONDS)
        first = await queue.claim(2)
        assert connection.lost
        second = await queue.claim(2)
        assert {job.id for job in (*first, *second)} == {*jobs[:4]}
        assert {(job.lease_token, job.attempts) for job in (*first, *second)} == {(1, 1)}
        await connection.close()

    asyncio.run(scene())
    assert stage.database.one("select count(*) from public.job_events where event = 'claimed'") == 4


def test_urgent_jobs_come_first_and_each_users_own_in_their_order(stage: Stage) -> None:
    user = stage.database.user()
    later = stage.database.enqueue(user, 30)
    urgent = stage.database.enqueue(user, 3, priority=10)

    async def scene(queue: Queue) -> list[uuid.UUID]:
        return [job.id for job in await drain(queue, 1)]

    assert stage.play(scene) == [*urgent, *later]


def test_users_take_turns(stage: Stage) -> None:
    noisy, calm = stage.database.user(), stage.database.user()
    stage.database.enqueue(noisy, 200)

    async def scene(queue: Queue) -> list[uuid.UUID]:
        for _ in range(5):
            [job] = await queue.claim(1)
            assert await queue.complete(job, None)
        stage.database.enqueue(calm, 20)
        return [job.user_id for job in await drain(queue, 1)]

    served = stage.play(scene)
    first = served.index(calm)
    assert first <= BEHIND_MAX[stage.kind]
    # From then on in turn: among any forty that follow, twenty of each.
    assert Counter(served[first : first + 39])[calm] == 20


def test_what_carries_an_old_token_touches_nothing(stage: Stage) -> None:
    stage.database.enqueue(stage.database.user())

    async def scene(queue: Queue) -> None:
        [old] = await queue.claim(1)
        stage.database.advance(301)
        stage.look_everywhere()
        await queue.claim(1)  # takes back what ran out
        stage.database.advance(2000)
        stage.look_everywhere()
        async with stage.workers() as (other,):
            claimed = await other.claim(1)
            if not claimed:  # the lease that ran out was taken up at once, by the claim above
                stage.database.advance(2000)
                stage.look_everywhere()
                claimed = await other.claim(1)
            [new] = claimed
            assert (new.id, new.lease_token > old.lease_token) == (old.id, True)
            assert not await queue.complete(old, RESULT)
            assert await queue.fail(old, "late", "provider") == "lost"
            assert await queue.snooze(old, 1, "late", "busy") == "lost"
            await queue.release([old])
            assert await other.complete(new, RESULT)

    stage.play(scene)


def test_a_failed_attempt_is_tried_again_in_time_until_it_is_dead(stage: Stage) -> None:
    user = stage.database.user(credits_half=2)
    stage.database.submit(user)

    async def scene(queue: Queue) -> None:
        for attempt in (1, 2):
            [job] = await queue.claim(1)
            assert job.attempts == attempt
            assert await queue.fail(job, "it broke", "provider", retry_after_seconds=10) == "retried"
            assert await queue.claim(1) == []
            stage.database.advance(10)
        [job] = await queue.claim(1)
        assert await queue.fail(job, "it broke", "provider") == "failed"
        assert await queue.claim(1) == []

    stage.play(scene)
    assert stage.database.balance(user) == 2
    assert stage.database.rows("select attempts, error_kind from public.dead_jobs") == [(3, "provider")]
    stage.database.check_books()


def test_a_worker_may_say_that_it_is_for_good(stage: Stage) -> None:
    stage.database.enqueue(stage.database.user())

    async def scene(queue: Queue) -> None:
        [job] = await queue.claim(1)
        assert await queue.fail(job, "never", "payload", for_good=True) == "failed"

    stage.play(scene)


def test_snoozed_and_released_jobs_have_not_been_tried(stage: Stage) -> None:
    stage.database.enqueue(stage.database.user())

    async def scene(queue: Queue) -> None:
        [job] = await queue.claim(1)
        assert await queue.snooze(job, 30, "busy", "busy") == "snoozed"
        assert await queue.claim(1) == []
        stage.database.advance(30)
        [job] = await queue.claim(1)
        await queue.release([job])
        stage.look_everywhere()
        [job] = await queue.claim(1)
        assert (job.attempts, job.lease_token) == (1, 3)
        stage.database.advance(12 * 3600)
        assert await queue.snooze(job, 3600, "busy", "busy") == "failed"

    stage.play(scene)


def test_cancelled_jobs_end_and_are_refunded(stage: Stage) -> None:
    user = stage.database.user(credits_half=6)
    run = stage.database.submit(user, pages=3)["run_id"]

    async def scene(queue: Queue) -> None:
        [job] = await queue.claim(1)
        stage.database.rows("select * from private.cancel_jobs(%s, %s)", user, run)
        assert await queue.claim(5) == [], "what waited is gone, though a message may have told of it"
        await queue.release([job])
        await queue.release([])
        assert await queue.claim(5) == []

    stage.play(scene)
    assert stage.database.balance(user) == 6
    assert stage.database.rows("select distinct status from public.jobs") == [("cancelled",)]
    stage.database.check_books()


def test_a_job_that_kills_its_workers_is_dead_in_the_end(stage: Stage) -> None:
    user = stage.database.user(credits_half=2)
    stage.database.submit(user)

    async def scene(queue: Queue) -> int:
        claims = 0
        for _ in range(20):
            stage.look_everywhere()
            claims += len(await queue.claim(1))
            stage.database.advance(3000)
        return claims

    assert stage.play(scene) == 3
    assert stage.database.rows("select error_kind from public.dead_jobs") == [("lease",)]
    assert stage.database.balance(user) == 2
    stage.database.check_books()


def test_a_cap_holds_over_all_workers_and_nobody_waits_for_who_is_at_it(stage: Stage) -> None:
    noisy, calm = stage.database.user(), stage.database.user()
    stage.database.enqueue(noisy, 100)
    stage.database.enqueue(calm, 2)

    async def scene(queue: Queue) -> None:
        async with stage.workers(2) as (one, two):
            held = [*await one.claim(4, per_user_max=2), *await two.claim(4, per_user_max=2)]
            assert Counter(job.user_id for job in held) == {noisy: 2, calm: 2}
            assert await one.claim(4, per_user_max=2) == []
            mine = next(job for job in held if job.user_id == noisy)
            await queue.complete(mine, None)
            stage.database.enqueue(calm, 3)
            assert Counter(job.user_id for job in await two.claim(4, per_user_max=2)) == {noisy: 1}
            assert Counter(job.user_id for job in await two.claim(9, per_user_max=4)) == {noisy: 2, calm: 2}

    stage.play(scene)


def test_twenty_workers_at_once_do_each_job_once(stage: Stage) -> None:
    for _ in range(4):
        stage.database.enqueue(stage.database.user(), 50)

    async def run() -> list[Job]:
        async with stage.workers(20) as queues:
            return [job for done in await asyncio.gather(*[drain(queue, 3) for queue in queues]) for job in done]

    done = asyncio.run(run())
    assert len({job.id for job in done}) == len(done) == 200
    assert {job.lease_token for job in done} == {1}
    assert stage.database.rows("select distinct status from public.jobs") == [("completed",)]


def test_capped_workers_at_once_never_run_more_of_a_user(stage: Stage) -> None:
    for _ in range(3):
        stage.database.enqueue(stage.database.user(), 20)
    running: Counter[uuid.UUID] = Counter()

    async def work(queue: Queue) -> int:
        done = idle = 0
        while idle < 3:
            claimed = await queue.claim(2, per_user_max=2)
            idle = 0 if claimed else idle + 1
            running.update(job.user_id for job in claimed)
            assert all(count <= 2 for count in running.values())
            await asyncio.sleep(0.002)
            for job in claimed:
                # Counted off before it is: somebody may take the slot as soon as it is free.
                running[job.user_id] -= 1
                assert await queue.complete(job, None)
                done += 1
        return done

    async def run() -> int:
        async with stage.workers(8) as queues:
            done = sum(await asyncio.gather(*[work(queue) for queue in queues]))
            while claimed := await queues[0].claim(9):
                done += sum([await queues[0].complete(job, None) for job in claimed])
            return done

    assert asyncio.run(run()) == 60


@pytest.mark.parametrize("first", ["table", "pgmq"])
def test_changing_over_loses_no_job(stage: Stage, first: str) -> None:
    """Half is done by one kind, with some in every state; the rest by the other, and then the other
    way round.
    """
    second = "pgmq" if first == "table" else "table"
    users = [stage.database.user() for _ in range(3)]
    for user in users:
        stage.database.enqueue(user, 20)

    async def run() -> list[uuid.UUID]:
        done: list[uuid.UUID] = []
        async with stage.workers(1, first) as (old,), stage.workers(1, second) as (new,):
            for one in (old, new):
                claimed = list(await one.claim(10))
                for job in claimed[:4]:
                    assert await one.complete(job, None)
                    done.append(job.id)
                assert await one.fail(claimed[4], "it broke", "provider", retry_after_seconds=5) == "retried"
                assert await one.snooze(claimed[5], 5, "busy", "busy") == "snoozed"
                await one.release([claimed[6]])
            stage.database.advance(10)
            stage.look_everywhere()
            for queue in (new, old, new):
                done += [job.id for job in await drain(queue)]
                stage.database.advance(3000)
                stage.look_everywhere()
        return done

    done = asyncio.run(run())
    assert len(set(done)) == len(done) == 60
    assert stage.database.rows("select distinct status from public.jobs") == [("completed",)]


def test_both_kinds_at_once_do_each_job_once(stage: Stage) -> None:
    for _ in range(3):
        stage.database.enqueue(stage.database.user(), 40)

    async def run() -> list[Job]:
        async with stage.workers(4, "table") as tables, stage.workers(4, "pgmq") as pgmqs:
            done = [job for jobs in await asyncio.gather(*[drain(queue) for queue in (*tables, *pgmqs)]) for job in jobs]
            return done + await drain(tables[0])

    done = asyncio.run(run())
    assert len({job.id for job in done}) == len(done) == 120


def test_a_connection_that_breaks_between_claim_and_completion_costs_nothing(stage: Stage) -> None:
    stage.database.enqueue(stage.database.user(), 3)

    async def scene(queue: Queue) -> None:
        held = await queue.claim(3)
        for job in held:
            stage.database.rows("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                                " and datname = current_database()")  # fmt: skip
            assert await queue.complete(job, RESULT)

    stage.play(scene)
    assert stage.database.rows("select distinct status, attempts from public.jobs") == [("completed", 1)]
