"""The queues that are compared, each with the calls its own documentation shows. Run as a process: `<contender> <database> <mode> <count>`.

`install` makes the tables, `fill` adds jobs that do nothing, `drain` works until none is left, `serve` works until so many were done and
prints how long each took from the call that added it to its handler, and `feed` adds them, a pause before each.
"""
from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import uuid
from typing import Any

import psycopg

USER = uuid.UUID("00000000-0000-4000-8000-000000000001")  # the seed's
# After a wake-up, look again once the pause between two notifications is over: one that was swallowed has come by then.
NOTIFY_PAUSE_SECONDS = 0.005
POLL_SECONDS = 30.0


def now_ns() -> int:
    """The machine's clock, the same in all processes."""
    return time.monotonic_ns()


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

    def work(self, connection: psycopg.Connection[Any], handle: Any = None) -> int:
        rows = connection.execute("select id, lease_token, payload from private.claim_jobs('w', %s)", (self.batch,)).fetchall()
        if rows:
            for _, _, payload in rows:
                if handle is not None:
                    handle(payload)
            connection.execute("select private.complete_jobs(%s, %s)", ([row[0] for row in rows], [row[1] for row in rows]))
        return len(rows)

    def drain(self) -> int:
        done = 0
        with self.connect() as connection:
            while count := self.work(connection):
                done += count
        return done

    def serve(self, count: int) -> list[float]:
        latencies: list[float] = []
        with self.connect() as connection, self.connect() as listener:
            listener.execute("listen myjoe_jobs")
            print("ready", flush=True)
            timeout = POLL_SECONDS
            while len(latencies) < count:
                heard = list(listener.notifies(timeout=timeout, stop_after=1))
                while self.work(connection, lambda payload: latencies.append((now_ns() - payload["at"]) / 1e6)):
                    pass
                timeout = NOTIFY_PAUSE_SECONDS if heard else POLL_SECONDS
        return latencies

    def feed(self, pauses: list[float]) -> None:
        with self.connect() as connection:
            for pause in pauses:
                time.sleep(pause)
                job = json.dumps([{"payload": {"at": now_ns()}}])
                connection.execute("select private.enqueue_jobs(%s, null, 'page', %s)", (USER, job))


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

        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
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
            async with self.app.open_async():
                for pause in pauses:
                    await asyncio.sleep(pause)
                    await self.nothing.defer_async(at=now_ns())

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
        async def feed() -> None:
            _, queries = await self.connect()
            for pause in pauses:
                await asyncio.sleep(pause)
                await queries.enqueue("nothing", str(now_ns()).encode())

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
