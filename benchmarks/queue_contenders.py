"""The queues that are compared, each with the calls its own documentation shows. Run as a process: `<contender> <database> <mode> <count>`.

`install` makes the tables, `fill` adds jobs that do nothing, `drain` works until none is left, `serve` works until so many were done and
prints how long each took from the call that added it to its handler, and `feed` adds them, a pause before each.
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
from typing import Any

import psycopg

USER = uuid.UUID("00000000-0000-4000-8000-000000000001")  # the seed's
# After a wake-up, look again once the pause between two notifications is over: one that was swallowed has come by then.
NOTIFY_PAUSE_SECONDS = 0.005
POLL_SECONDS = 30.0
# Connections over which jobs are added, so that each is added at its time: at 3 ms a job and 50 ms a commit on a busy disk, 17 are busy.
FEEDERS = 25


def now_ns() -> int:
    """The machine's clock, the same in all processes."""
    return time.monotonic_ns()


async def on_time(pauses: list[float], adders: list[Callable[[int], Awaitable[Any]]]) -> None:
    """Add a job after each pause, at its time, whether or not those before it are in: who waits for its own commits slows down just when
    it is to press. `adders` take the time at which a job was to be added; each adds one at a time.
    """
    free: asyncio.Queue[Callable[[int], Awaitable[Any]]] = asyncio.Queue()
    for adder in adders:
        free.put_nowait(adder)

    async def add(at: int) -> None:
        adder = await free.get()
        await adder(at)
        free.put_nowait(adder)

    due, adding = now_ns(), []
    for pause in pauses:
        due += int(pause * 1e9)
        await asyncio.sleep(max(due - now_ns(), 0) / 1e9)
        adding.append(asyncio.create_task(add(due)))
    await asyncio.gather(*adding)


class Ours:
    """Claims and completions by SQL function, `batch` at a time; psycopg, one connection to work and one to listen."""

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
        with self.connect() as connection, self.connect() as listener:
            listener.execute("listen myjoe_jobs")
            print("ready", flush=True)
            timeout = POLL_SECONDS
            while len(latencies) < count:
                heard = list(listener.notifies(timeout=timeout, stop_after=1))
                while rows := self.claim(connection):
                    latencies += [(now_ns() - payload["at"]) / 1e6 for _, _, payload in rows]
                    ended.put(rows)
                timeout = NOTIFY_PAUSE_SECONDS if heard else POLL_SECONDS
        ended.put(None)
        settling.join()
        return latencies

    def feed(self, pauses: list[float]) -> None:
        # Each connection stands for a user: two runs of one user are made one after the other, which is a promise of the line.
        def adder(connection: psycopg.AsyncConnection[Any], user: uuid.UUID) -> Callable[[int], Awaitable[Any]]:
            async def add(at: int) -> None:
                job = json.dumps([{"payload": {"at": at}}])
                await connection.execute("select private.enqueue_jobs(%s, null, 'page', %s)", (user, job))

            return add

        async def feed() -> None:
            adders = []
            for number in range(FEEDERS):
                connection, user = await psycopg.AsyncConnection.connect(self.url, autocommit=True), uuid.UUID(int=number + 1)
                await connection.execute("insert into auth.users (id) values (%s) on conflict do nothing", (user,))
                adders.append(adder(connection, user))
            await on_time(pauses, adders)

        asyncio.run(feed())


class OursPolling(Ours):
    """The same without LISTEN: it looks every second."""

    def serve(self, count: int) -> list[float]:
        latencies: list[float] = []
        with self.connect() as connection:
            print("ready", flush=True)
            while len(latencies) < count:
                if not self.work(connection, lambda payload: latencies.append((now_ns() - payload["at"]) / 1e6)):
                    time.sleep(1)
        return latencies


class Procrastinate:
    """As its documentation starts a worker, with ten jobs at a time."""

    def __init__(self, url: str) -> None:
        import procrastinate

        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, max_size=FEEDERS))
        self.latencies: list[float] = []
        self.count = 0
        self.worker: asyncio.Task[Any] | None = None

        @self.app.task(name="nothing")
        async def nothing(at: int) -> None:
            self.latencies.append((now_ns() - at) / 1e6)
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
        import asyncpg
        from pgqueuer import PgQueuer as Library
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        host = psycopg.conninfo.conninfo_to_dict(self.url)
        driver = AsyncpgDriver(await asyncpg.connect(user=host["user"], database=host["dbname"], host=host["host"]))
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
            self.latencies.append((now_ns() - int(job.payload)) / 1e6)
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
