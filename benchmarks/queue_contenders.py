"""The queues that are compared, each with the calls its own documentation shows. Run as a process:
`<contender> <database> <mode> <count>`.

`install` makes the tables, `fill` adds jobs that do nothing, `drain` works until none is left,
`serve` works until so many were done and prints how long each took from the call that added it to
its handler, and `feed` adds them, a pause before each.
"""
from __future__ import annotations

import asyncio
import json
import queue
import random
import sys
import threading
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import psycopg

from myjoe.database.connection import RetryingConnection
from myjoe_worker.job import Job
from myjoe_worker.leases.clock import SystemClock
from myjoe_worker.leases.lease import Lease
from myjoe_worker.leases.renewing import LeaseRenewer
from myjoe_worker.queues.listening import Listener
from myjoe_worker.queues.postgres import PostgresQueue
from myjoe_worker.settings import WorkerSettings
from myjoe_worker.worker import Worker

USER = uuid.UUID("00000000-0000-4000-8000-000000000001")  # the seed's
# After a wake-up, look once more after so long, as the worker does.
LOOK_AGAIN_SECONDS = 0.005
POLL_SECONDS = 30.0
# Connections over which jobs are added, so that each is added at its time: at 3 ms a job and 50 ms
# a commit on a busy disk, 17 are busy.
FEEDERS = 25
WARM_UPS = 3  # jobs of each of them that are not counted: from the third on, all is planned
WARM_UP = -1  # in place of the time at which a job was to be added


def now_ns() -> int:
    """The machine's clock, the same in all processes."""
    return time.monotonic_ns()


async def on_time(pauses: list[float], adders: list[Callable[[int], Awaitable[Any]]]) -> None:
    """Add a job after each pause, at its time, whether or not those before it are in: who waits for
    its own commits slows down just when it is to press. `adders` take the time at which a job was
    to be added; each adds one at a time.

    Before, each connection adds a few jobs that are not counted. A server's process plans each
    statement when it first sees it, which takes 10 to 40 ms, and connections that add jobs are
    pooled and live for hours: in 300 jobs over 25 new ones, that was all that a p99 showed.
    """
    for _ in range(WARM_UPS):
        await asyncio.gather(*(adder(WARM_UP) for adder in adders))
    await asyncio.sleep(1)
    free: asyncio.Queue[Callable[[int], Awaitable[Any]]] = asyncio.Queue()
    for adder in adders:
        free.put_nowait(adder)

    async def add() -> None:
        at = now_ns()  # from here on it waits: for a connection, if need be
        adder = await free.get()
        await adder(at)
        free.put_nowait(adder)

    due, adding = now_ns(), []
    for pause in pauses:
        due += int(pause * 1e9)
        await asyncio.sleep(max(due - now_ns(), 0) / 1e9)
        adding.append(asyncio.create_task(add()))
    await asyncio.gather(*adding)
    await asyncio.sleep(0.5)  # or the end of 25 connections and this process would be the last job's load


def waited(at: int) -> list[float]:
    """How long a job waited that was to be added at this time, ms; nothing of a warm-up."""
    return [] if at == WARM_UP else [(now_ns() - at) / 1e6]


async def connect_asyncpg(url: str) -> Any:
    """A connection of asyncpg's, which reads no `host=` in a URL's query."""
    import asyncpg

    host = psycopg.conninfo.conninfo_to_dict(url)
    return await asyncpg.connect(user=host["user"], database=host["dbname"], host=host["host"])


class Ours:
    """Claims and completions by SQL function, `batch` at a time; psycopg. Served, one connection
    listens and claims, as pgqueuer's does: it is awake when it has heard, which spares the wakening
    of another (0.1 to 0.2 ms); completions have one of their own.
    """

    def __init__(self, url: str, batch: int) -> None:
        self.url, self.batch = url, batch

    def install(self) -> None:
        pass  # the database is ours already

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True)

    def fill(self, count: int) -> None:
        with self.connect() as connection:
            connection.execute(
                "select private.enqueue_jobs(%s, null, 'page', (select jsonb_agg('{}'::jsonb) from generate_series(1, %s)))", (USER, count)
            )

    def claim(self, connection: psycopg.Connection[Any]) -> list[Any]:
        return connection.execute("select id, lease_token, payload from private.claim_jobs('w', %s)", (self.batch,)).fetchall()

    def complete(self, connection: psycopg.Connection[Any], rows: list[Any]) -> None:
        connection.execute("select private.complete_jobs(%s, %s)", ([row[0] for row in rows], [row[1] for row in rows]))

    def work(self, connection: psycopg.Connection[Any], handle: Any = None) -> int:
        if rows := self.claim(connection):
            for _, _, payload in rows:
                if handle is not None:
                    handle(payload)
            self.complete(connection, rows)
        return len(rows)

    def drain(self) -> int:
        done = 0
        with self.connect() as connection:
            while count := self.work(connection):
                done += count
        return done

    def serve(self, count: int) -> list[float]:
        """As the worker does it: what ends is handed in while the next is claimed."""
        latencies: list[float] = []
        ended: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()

        def hand_in() -> None:
            with self.connect() as connection:
                while batches := [ended.get()]:
                    while not ended.empty():
                        batches.append(ended.get())
                    if rows := [row for batch in batches if batch for row in batch]:
                        self.complete(connection, rows)
                    if None in batches:
                        return

        settling = threading.Thread(target=hand_in)
        settling.start()
        with self.connect() as connection:
            connection.execute("listen myjoe_jobs")
            print("ready", flush=True)
            timeout = POLL_SECONDS
            while len(latencies) < count:
                heard = list(connection.notifies(timeout=timeout, stop_after=1))
                while rows := self.claim(connection):
                    for _, _, payload in rows:
                        latencies += waited(payload["at"])
                    ended.put(rows)
                timeout = LOOK_AGAIN_SECONDS if heard else POLL_SECONDS
        ended.put(None)
        settling.join()
        return latencies

    def feed(self, pauses: list[float]) -> None:
        """As pgqueuer's jobs are added, with asyncpg and uvloop: who adds a job calls a function,
        with what client they like.
        """
        import uvloop

        # Each connection stands for a user: two runs of one user are made one after the other,
        # which is a promise of the queue's order. A job is added when it is on the disk, which the
        # second statement waits for; its pickup does not.
        def adder(add: Any, confirm: Any, user: uuid.UUID) -> Callable[[int], Awaitable[Any]]:
            async def added(at: int) -> None:
                ids = await add.fetchval(user, json.dumps([{"payload": {"at": at}}]))
                if await confirm.fetch(ids) == []:
                    raise RuntimeError("a job that was added is not there")

            return added

        async def feed() -> None:
            adders = []
            for number in range(FEEDERS):
                connection, user = await connect_asyncpg(self.url), uuid.UUID(int=number + 1)
                await connection.execute("insert into auth.users (id) values ($1) on conflict do nothing", user)
                adders.append(adder(
                    await connection.prepare(
                        "select private.enqueue_jobs($1, null, 'page', $2), set_config('synchronous_commit', 'off', true)"
                    ),
                    await connection.prepare("select * from private.confirm_jobs($1)"),
                    user,
                ))  # fmt: skip
            await on_time(pauses, adders)

        uvloop.run(feed())


class OursPolling(Ours):
    """The same without LISTEN: it looks every second."""

    def serve(self, count: int) -> list[float]:
        latencies: list[float] = []
        with self.connect() as connection:
            print("ready", flush=True)
            while len(latencies) < count:
                if not self.work(connection, lambda payload: latencies.extend(waited(payload["at"]))):
                    time.sleep(1)
        return latencies


class OursWorker(Ours):
    """The worker itself, as `myjoe worker` runs it: its loop, lease renewer and listener; `batch`
    jobs at a time, each handed in by itself.
    """

    def serve(self, count: int) -> list[float]:
        latencies: list[float] = []

        async def handler(job: Job, lease: Lease) -> None:
            latencies.extend(waited(job.payload["at"]))
            if len(latencies) == count:
                worker.leave()

        settings = replace(WorkerSettings(), concurrency=self.batch, concurrency_per_user=self.batch)
        connection, listener = RetryingConnection(self.url), Listener(self.url)
        clock = SystemClock()
        renewer = LeaseRenewer(
            lambda: RetryingConnection(self.url), lease_seconds=settings.lease_seconds, heartbeat_seconds=settings.heartbeat_seconds,
            clock=clock,
        )  # fmt: skip
        worker = Worker(settings, PostgresQueue(connection, "w", settings.lease_seconds), handler, renewer, listener, clock)

        async def serve() -> None:
            renewer.start()
            await listener.start()
            print("ready", flush=True)
            await worker.run()
            await listener.stop()
            renewer.close()
            await connection.close()

        asyncio.run(serve())
        return latencies


class Procrastinate:
    """As its documentation starts a worker, with ten jobs at a time."""

    def __init__(self, url: str) -> None:
        import procrastinate

        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=FEEDERS, max_size=FEEDERS))
        self.latencies: list[float] = []
        self.count = 0
        self.worker: asyncio.Task[Any] | None = None

        @self.app.task(name="nothing")
        async def nothing(at: int) -> None:
            self.latencies += waited(at)
            if len(self.latencies) == self.count and self.worker is not None:
                self.worker.cancel()

        self.nothing = nothing

    def install(self) -> None:
        async def install() -> None:
            async with self.app.open_async():
                await self.app.schema_manager.apply_schema_async()

        asyncio.run(install())

    def fill(self, count: int) -> None:
        async def fill() -> None:
            async with self.app.open_async():
                await self.nothing.batch_defer_async(*[{"at": 0} for _ in range(count)])

        asyncio.run(fill())

    def drain(self) -> int:
        async def drain() -> None:
            async with self.app.open_async():
                await self.app.run_worker_async(wait=False, concurrency=10, install_signal_handlers=False)

        asyncio.run(drain())
        return len(self.latencies)

    def serve(self, count: int) -> list[float]:
        self.count = count

        async def serve() -> None:
            async with self.app.open_async():
                self.worker = asyncio.create_task(self.app.run_worker_async(concurrency=10, install_signal_handlers=False))
                await asyncio.sleep(1)
                print("ready", flush=True)
                await asyncio.wait([self.worker])

        asyncio.run(serve())
        return self.latencies

    def feed(self, pauses: list[float]) -> None:
        async def feed() -> None:
            async with self.app.open_async():  # its pool of connections
                await on_time(pauses, [lambda at: self.nothing.defer_async(at=at)] * FEEDERS)

        asyncio.run(feed())


class PgQueuer:
    """At its best: asyncpg and uvloop."""

    def __init__(self, url: str, batch: int) -> None:
        self.url, self.batch = url, batch
        self.latencies: list[float] = []

    async def connect(self) -> tuple[Any, Any]:
        from pgqueuer import PgQueuer as Library
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        driver = AsyncpgDriver(await connect_asyncpg(self.url))
        return Library(driver), Queries(driver)

    def run(self, call: Any) -> None:
        import uvloop

        uvloop.run(call)

    def install(self) -> None:
        async def install() -> None:
            await (await self.connect())[1].install()

        self.run(install())

    def fill(self, count: int) -> None:
        async def fill() -> None:
            _, queries = await self.connect()
            await queries.enqueue(["nothing"] * count, [b"0"] * count, [0] * count)

        self.run(fill())

    async def process(self, mode: str, count: int = 0) -> None:
        from pgqueuer.types import QueueExecutionMode

        library, _ = await self.connect()
        done = asyncio.Event()

        @library.entrypoint("nothing")
        async def nothing(job: Any) -> None:
            self.latencies += waited(int(job.payload))
            if len(self.latencies) == count:
                done.set()

        worker = asyncio.create_task(library.run(batch_size=self.batch, mode=QueueExecutionMode[mode]))
        if mode == "drain":
            await worker
        else:
            await asyncio.sleep(1)
            print("ready", flush=True)
            await done.wait()
            worker.cancel()
            await asyncio.wait([worker])

    def drain(self) -> int:
        self.run(self.process("drain"))
        return len(self.latencies)

    def serve(self, count: int) -> list[float]:
        self.run(self.process("continuous", count))
        return self.latencies

    def feed(self, pauses: list[float]) -> None:
        def adder(queries: Any) -> Callable[[int], Awaitable[Any]]:
            return lambda at: queries.enqueue("nothing", str(at).encode())

        async def feed() -> None:
            await on_time(pauses, [adder((await self.connect())[1]) for _ in range(FEEDERS)])

        self.run(feed())


CONTENDERS: dict[str, Any] = {
    "My Joe, 1": lambda url: Ours(url, 1),
    "My Joe, 10": lambda url: Ours(url, 10),
    "My Joe, 100": lambda url: Ours(url, 100),
    "My Joe, worker": lambda url: OursWorker(url, 10),
    "My Joe, polling": lambda url: OursPolling(url, 10),
    "procrastinate": Procrastinate,
    "pgqueuer, 10": lambda url: PgQueuer(url, 10),
    "pgqueuer, 100": lambda url: PgQueuer(url, 100),
}


def main(name: str, url: str, mode: str, argument: str) -> None:
    contender = CONTENDERS[name](url)
    if mode == "drain":
        start = time.perf_counter()
        done = contender.drain()
        print(json.dumps([done, time.perf_counter() - start]))
    elif mode == "serve":
        print(json.dumps(contender.serve(int(argument))))
    elif mode == "feed":
        shortest, longest, count = map(float, argument.split(","))
        draw = random.Random(1)
        contender.feed([draw.uniform(shortest, longest) for _ in range(int(count))])
    elif mode == "fill":
        contender.fill(int(argument))
    else:
        contender.install()


if __name__ == "__main__":
    main(*sys.argv[1:])
