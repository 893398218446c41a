"""What only pgmq can get wrong: messages that are lost, doubled, stale or strange. The job's row
has the last word.
"""
from __future__ import annotations

import asyncio
import json
import re

import psycopg
import pytest

from myjoe.database.migrating import migrations
from myjoe.database.statements import statements
from myjoe_worker.queues.queue import Queue
from tests.database.support import Database
from tests.myjoe_worker.queues.conftest import Stage
from tests.myjoe_worker.queues.test_conformance import drain

# What Supabase's pgmq 1.5.1 has, of which we may use anything.
THERE_IN_1_5_1 = {
    "create", "create_unlogged", "drop_queue", "send", "send_batch", "read", "read_with_poll", "set_vt", "archive", "delete", "pop",
    "purge_queue", "metrics", "metrics_all", "list_queues",
}  # fmt: skip


def open_queue(stage: Stage) -> None:
    stage.database.rows("select private.open_messages()")


def test_lost_messages_are_sent_again(pgmq_stage: Stage) -> None:
    pgmq_stage.database.enqueue(pgmq_stage.database.user(), 10)

    async def scene(queue: Queue) -> None:
        [job] = await queue.claim(1)
        assert pgmq_stage.messages() == 9
        pgmq_stage.database.rows("select pgmq.purge_queue('myjoe_jobs')")
        assert len(await drain(queue, 1)) == 9
        assert await queue.complete(job, None)

    pgmq_stage.play(scene)


def test_doubled_stale_and_foreign_messages_harm_nothing(pgmq_stage: Stage) -> None:
    user = pgmq_stage.database.user(credits_half=4)
    run = pgmq_stage.database.submit(user, pages=2)["run_id"]
    jobs = pgmq_stage.database.enqueue(user, 3)
    open_queue(pgmq_stage)
    for job in [*jobs, *jobs]:
        pgmq_stage.database.rows("select pgmq.send('myjoe_jobs', %s::jsonb)", json.dumps({"job_id": str(job)}))

    async def scene(queue: Queue) -> None:
        held = await queue.claim(3)
        assert sorted(job.id for job in held) == sorted(jobs), "somebody else may send, too"
        pgmq_stage.database.rows("select * from private.cancel_jobs(%s, %s)", user, run)
        assert await queue.claim(3) == []
        for job in held:
            assert await queue.complete(job, None)

    pgmq_stage.play(scene)
    assert pgmq_stage.messages() == 0


@pytest.mark.parametrize("strange", ["{}", "[]", '"job_id"', "null", '{"job_id": 7}', '{"job_id": "x"}', '{"job_id": null}'])
def test_strange_messages_are_put_aside(pgmq_stage: Stage, strange: str) -> None:
    open_queue(pgmq_stage)
    for _ in range(3):
        pgmq_stage.database.rows("select pgmq.send('myjoe_jobs', %s::jsonb)", strange)
    pgmq_stage.database.enqueue(pgmq_stage.database.user(), 2)

    async def scene(queue: Queue) -> int:
        return len(await drain(queue, 1))

    assert pgmq_stage.play(scene) == 2
    assert pgmq_stage.messages() == 0
    assert pgmq_stage.database.rows("select message from pgmq.a_myjoe_jobs") == [(json.loads(strange),)] * 3


def test_a_message_whose_job_somebody_holds_comes_again(pgmq_stage: Stage) -> None:
    (job,) = pgmq_stage.database.enqueue(pgmq_stage.database.user())
    open_queue(pgmq_stage)
    pgmq_stage.database.rows("select pgmq.send('myjoe_jobs', %s::jsonb)", json.dumps({"job_id": str(job)}))

    async def scene(queue: Queue) -> None:
        with pgmq_stage.database.connect(autocommit=False) as other:
            other.execute("select from public.jobs where id = %s for update", (job,))
            assert await queue.claim(1) == []
            other.rollback()
        [claimed] = await queue.claim(1)
        assert claimed.id == job

    pgmq_stage.play(scene)


def test_a_claim_that_dies_in_the_middle_leaves_message_and_job(pgmq_stage: Stage) -> None:
    jobs = pgmq_stage.database.enqueue(pgmq_stage.database.user(), 5)
    open_queue(pgmq_stage)
    with pgmq_stage.database.connect(autocommit=False) as dying:
        assert len(dying.execute("select * from private.claim_messages('w', 3)").fetchall()) == 3
        dying.rollback()

    async def scene(queue: Queue) -> list[object]:
        return [job.id for job in await drain(queue, 2)]

    assert sorted(pgmq_stage.play(scene)) == sorted(jobs)


def test_many_who_come_first_make_one_queue(pgmq_stage: Stage) -> None:
    async def run() -> None:
        async with pgmq_stage.workers(20) as queues:
            assert await asyncio.gather(*[queue.claim(1) for queue in queues]) == [[]] * 20

    asyncio.run(run())
    assert pgmq_stage.database.one("select count(*) from pgmq.list_queues()") == 1
    assert pgmq_stage.database.rows(
        "select relname from pg_class where relname in ('q_myjoe_jobs', 'a_myjoe_jobs') and not relrowsecurity"
    ) == []


def test_an_empty_claim_waits_for_no_disk(pgmq_stage: Stage) -> None:
    """It takes no transaction number, so its commit writes nothing."""
    open_queue(pgmq_stage)
    pgmq_stage.database.rows("select * from private.claim_messages('w', 1)")
    with pgmq_stage.database.connect(autocommit=False) as connection:
        assert connection.execute("select * from private.claim_messages('w', 1)").fetchall() == []
        assert connection.execute("select pg_current_xact_id_if_assigned()").fetchone() == (None,)


def test_without_pgmq_it_says_so(newest: Database) -> None:
    stage = Stage(newest, "pgmq")

    async def scene(queue: Queue) -> None:
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="pgmq is not installed"):
            await queue.claim(1)

    stage.play(scene)


def test_only_what_supabases_version_has_is_called() -> None:
    texts = [*(migration.sql for migration in migrations()), *statements("myjoe_worker.queues").values()]
    called = {name for text in texts for name in re.findall(r"pgmq\.(\w+)\s*\(", text)}
    assert {"read", "delete", "send_batch"} <= called <= THERE_IN_1_5_1
    # By column name: what a message has more of differs between versions.
    assert [text for text in texts if re.search(r"select\s+\*\s+from\s+pgmq\.", text, re.IGNORECASE)] == []
