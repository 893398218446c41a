"""The other queues in the comparison under faults, each as its own documentation starts it. Run by
the queue's own Python: `fault_contenders.py <contender> <mode> <jobs>`.

This file imports nothing of ours: a queue may need another Python than we do. `install` makes the
tables, `add` adds jobs, and `work` works until it is killed. FAULTS_URL is the database,
FAULTS_EFFECTS the log of what jobs did, FAULTS_WORKER the worker's name.
"""
from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

# Jobs at a time in a worker.
CONCURRENCY = 4
# The same for all: how often a job may be tried, and after how many seconds of silence a worker is
# dead. Two are the least that all bear: horsies takes no heartbeat below one second.
ATTEMPTS_MAX = 3
SILENCE_SECONDS = 2.0

Payload = Mapping[str, Any]


def effect(what: str, number: int) -> int:
    """Write down what a job did, in one write; how many of its runs had begun before."""
    path = Path(os.environ["FAULTS_EFFECTS"])
    before = sum(json.loads(line)[:2] == ["began", number] for line in path.read_text().splitlines())
    with path.open("ab", buffering=0) as log:
        log.write(f"{json.dumps([what, number, os.getpid(), os.getpgid(0), time.monotonic()])}\n".encode())
    return before


def begin(payload: Payload) -> float:
    """The first half of a job; how many seconds the rest takes."""
    again = effect("began", payload["number"])
    if payload.get("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    if payload.get("hostile"):
        raise RuntimeError("a provider said \0 and \ud83d")
    return float(payload["again_seconds" if again else "seconds"])


async def act(payload: Payload) -> None:
    """One job: it begins, waits as for a provider, and ends."""
    await asyncio.sleep(begin(payload))
    effect("ended", payload["number"])


def act_blocking(payload: Payload) -> None:
    """The same for who runs jobs in processes of their own."""
    time.sleep(begin(payload))
    effect("ended", payload["number"])


class Procrastinate:
    """With the periodic task that its documentation has everybody write, each second."""

    def __init__(self, url: str) -> None:
        import procrastinate

        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

        @self.app.task(name="act", retry=ATTEMPTS_MAX)
        async def perform(payload: dict[str, Any]) -> None:
            await act(payload)

        @self.app.periodic(cron="* * * * * *")
        @self.app.task(name="rescue", queueing_lock="rescue", pass_context=True)
        async def rescue(context: Any, timestamp: int) -> None:
            for job in await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE_SECONDS):
                await self.app.job_manager.retry_job(job)

        self.perform = perform

    async def install(self) -> None:
        async with self.app.open_async():
            await self.app.schema_manager.apply_schema_async()

    async def add(self, payloads: Sequence[Payload]) -> None:
        async with self.app.open_async():
            await self.perform.batch_defer_async(*[{"payload": payload} for payload in payloads])

    async def work(self) -> None:
        async with self.app.open_async():
            await self.app.run_worker_async(
                concurrency=CONCURRENCY, update_heartbeat_interval=SILENCE_SECONDS / 4, stalled_worker_timeout=SILENCE_SECONDS,
                fetch_job_polling_interval=1.0,
            )  # fmt: skip


class PgQueuer:
    """With asyncpg, and its executor that retries in the database."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def connected(self) -> tuple[Any, Any]:
        import asyncpg
        import psycopg
        from pgqueuer import PgQueuer as Library
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        host = psycopg.conninfo.conninfo_to_dict(self.url)
        driver = AsyncpgDriver(await asyncpg.connect(user=host["user"], database=host["dbname"], host=host["host"]))
        return Library(driver), Queries(driver)

    async def install(self) -> None:
        await (await self.connected())[1].install()

    async def add(self, payloads: Sequence[Payload]) -> None:
        _, queries = await self.connected()
        await queries.enqueue(["act"] * len(payloads), [json.dumps(payload).encode() for payload in payloads], [0] * len(payloads))

    async def work(self) -> None:
        from pgqueuer.executors import DatabaseRetryEntrypointExecutor

        library, _ = await self.connected()

        @library.entrypoint("act", executor_factory=lambda given: DatabaseRetryEntrypointExecutor(given, max_attempts=ATTEMPTS_MAX))
        async def perform(job: Any) -> None:
            await act(json.loads(job.payload))

        await library.run(
            dequeue_timeout=timedelta(seconds=1), heartbeat_timeout=timedelta(seconds=SILENCE_SECONDS), batch_size=CONCURRENCY // 2,
            max_concurrent_tasks=CONCURRENCY,
        )  # fmt: skip


class Oban:
    """Embedded. Its worker that starts again has its name again, or nobody would lead for half a
    minute and more.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def worker(self) -> Any:
        from oban import worker

        @worker(queue="act", max_attempts=ATTEMPTS_MAX)
        class Act:
            async def process(self, job: Any) -> None:
                await act(job.args)

        return Act

    async def install(self) -> None:
        from oban import Oban as Library
        from oban.schema import install

        pool = await Library.create_pool(self.url)
        await install(pool)
        await pool.close()

    async def add(self, payloads: Sequence[Payload]) -> None:
        from oban import Oban as Library

        pool, worker = await Library.create_pool(self.url), self.worker()
        await Library(pool=pool).enqueue_many([worker.new(dict(payload)) for payload in payloads])
        await pool.close()

    async def work(self) -> None:
        from oban import Oban as Library

        self.worker()
        pool = await Library.create_pool(self.url)
        async with Library(
            pool=pool, queues={"act": CONCURRENCY}, node=os.environ["FAULTS_WORKER"],
            lifeline={"interval": SILENCE_SECONDS / 4, "rescue_after": SILENCE_SECONDS},
            refresher={"interval": SILENCE_SECONDS / 4, "max_age": SILENCE_SECONDS},
        ):  # fmt: skip
            await asyncio.Event().wait()


class Horsies:
    """Its command, which works with processes. A task whose process died is tried again only where
    its policy names the fault.
    """

    def __init__(self, url: str) -> None:
        from horsies import AppConfig, PostgresConfig, RetryPolicy, TaskError, TaskResult
        from horsies import Horsies as Library
        from horsies.core.codec import JsonValue
        from horsies.core.models.recovery import RecoveryConfig
        from horsies.core.models.resilience import WorkerResilienceConfig

        beat_ms, silence_ms = 1000, int(SILENCE_SECONDS * 1000)
        self.app = Library(AppConfig(
            broker=PostgresConfig(database_url=url.replace("postgresql://", "postgresql+psycopg://", 1)),
            recovery=RecoveryConfig(
                runner_heartbeat_interval_ms=beat_ms, claimer_heartbeat_interval_ms=beat_ms, running_stale_threshold_ms=silence_ms,
                claimed_stale_threshold_ms=silence_ms, finalizing_stale_threshold_ms=silence_ms, check_interval_ms=1000,
            ),
            resilience=WorkerResilienceConfig(notify_poll_interval_ms=1000, db_retry_max_ms=1000),
            claim_lease_ms=silence_ms,
        ))  # fmt: skip

        def perform(*, payload: Any) -> TaskResult[None, TaskError]:
            act_blocking(payload)
            return TaskResult(ok=None)

        # It reads the annotations, which are text here.
        perform.__annotations__ = {"payload": JsonValue, "return": TaskResult[None, TaskError]}
        policy = RetryPolicy.fixed([1] * (ATTEMPTS_MAX - 1), auto_retry_for=["WORKER_CRASHED", "UNHANDLED_EXCEPTION"])
        self.perform = self.app.task("act", retry_policy=policy)(perform)

    async def install(self) -> None:
        result = await self.app.get_broker().ensure_schema_initialized()
        if result is not None and result.is_err():
            raise RuntimeError(result)

    async def add(self, payloads: Sequence[Payload]) -> None:
        for payload in payloads:
            result = await self.perform.send_async(payload=dict(payload))
            if result.is_err():
                raise RuntimeError(result)

    async def work(self) -> None:
        program = str(Path(sys.executable).with_name("horsies"))
        os.environ["PYTHONPATH"] = str(Path(__file__).parent)
        os.execv(program, [program, "worker", "fault_contenders:app", "--processes", str(CONCURRENCY), "--loglevel", "INFO"])


CONTENDERS = {"procrastinate": Procrastinate, "pgqueuer": PgQueuer, "oban": Oban, "horsies": Horsies}


def __getattr__(name: str) -> Any:
    """`app`, which horsies' command and its processes look for."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = Horsies(os.environ["FAULTS_URL"]).app
    return globals()["app"]


def main(contender: Any, mode: str, jobs: str) -> None:
    """Do what the mode says; a worker says what it does on standard error, as services do."""
    if mode == "work":
        logging.basicConfig(level=logging.INFO)
    asyncio.run(contender.add(json.loads(jobs)) if mode == "add" else getattr(contender, mode)())


if __name__ == "__main__":
    main(CONTENDERS[sys.argv[1]](os.environ["FAULTS_URL"]), sys.argv[2], sys.argv[3])
