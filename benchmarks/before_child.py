"""One round of a version, asked by `bench_before`: a process that imports the checkout that is in
PYTHONPATH, and knows nothing of any other. `queue <database>`, `pickup <database>` or `verify
<folder>`; what it prints is JSON.

CPU is that of this process and of the server's processes that serve it.
"""
from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
USERS, JOBS_EACH, CLAIMED = 50, 20, 4
# Jobs that are added one after another, and how many first ones are not counted.
PICKUPS, WARM_UPS = 150, 20
FILES = 1000
ADD = "select private.enqueue_jobs(%s, null, 'page', (select jsonb_agg('{}'::jsonb) from generate_series(1, %s)))"


def server_cpu(connection: Any) -> float:
    """CPU seconds of the server's processes for this database, by the system's books."""
    pids = connection.execute("select pid from pg_stat_activity where datname = current_database()").fetchall()
    total = 0
    for (pid,) in pids:
        total += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
    return total * TICK_SECONDS


def transactions(connection: Any) -> int:
    """Statements that the server has been asked here so far: each is a transaction."""
    connection.execute("select pg_stat_force_next_flush()")
    told = connection.execute("select pg_stat_get_db_xact_commit(oid) from pg_database where datname = current_database()")
    count: int = told.fetchone()[0]
    return count


def queue(url: str) -> dict[str, float]:
    """Claim and complete the jobs of many users, a few at a time, as workers do."""
    import psycopg

    from myjoe.database.connection import RetryingConnection
    from myjoe_worker.queues.postgres import PostgresQueue

    with psycopg.connect(url, autocommit=True) as admin:
        users = admin.execute("select id from public.profiles order by id limit %s", (USERS,)).fetchall()
        for (user,) in users:
            admin.execute(ADD, (user, JOBS_EACH))
        admin.execute("vacuum analyze public.jobs")

        async def drain() -> tuple[int, float, int]:
            done = asked = 0
            async with RetryingConnection(url) as connection:
                lease = PostgresQueue(connection, f"w{os.getpid()}", 300.0)
                await lease.next_due()  # connected
                before, began = server_cpu(admin), time.process_time()
                while jobs := await lease.claim(CLAIMED, per_user_max=2):
                    asked += 1 + len(jobs)
                    for job in jobs:
                        await lease.complete(job, None)
                    done += len(jobs)
                spent = time.process_time() - began + server_cpu(admin) - before
            return done, spent, asked

        done, spent, asked = asyncio.run(drain())
    if done != len(users) * JOBS_EACH:
        raise SystemExit(f"{done} jobs were done")
    return {"cpu_ms": 1000 * spent / done, "asked": asked / done}


def pickup(url: str) -> dict[str, float]:
    """Jobs that are added one at a time to an idle worker: the whole way to their end."""
    import psycopg

    from myjoe.database.connection import RetryingConnection
    from myjoe.settings.variables import Secret
    from myjoe_worker.leases.clock import SystemClock
    from myjoe_worker.leases.renewing import LeaseRenewer
    from myjoe_worker.queues.listening import Listener
    from myjoe_worker.queues.postgres import PostgresQueue
    from myjoe_worker.settings import WorkerSettings
    from myjoe_worker.worker import Worker

    settings = replace(WorkerSettings(), worker_name=f"w{os.getpid()}", database_url=Secret(url), concurrency=4, concurrency_per_user=4)
    clock = SystemClock()

    async def serve() -> dict[str, float]:
        begun: asyncio.Queue[None] = asyncio.Queue()

        async def handler(job: Any, lease: Any) -> None:
            begun.put_nowait(None)

        connection, listener = RetryingConnection(url), Listener(url)
        renewer = LeaseRenewer(lambda: RetryingConnection(url), lease_seconds=300.0, heartbeat_seconds=100.0, clock=clock)
        renewer.start()
        await listener.start()
        worker = Worker(settings, PostgresQueue(connection, settings.worker_name, 300.0), handler, renewer, listener, clock)
        working = asyncio.create_task(worker.run())
        with psycopg.connect(url, autocommit=True) as admin:
            user = admin.execute("select id from public.profiles order by id limit 1").fetchone()[0]
            for number in range(WARM_UPS + PICKUPS):
                if number == WARM_UPS:
                    asked, before, cpu = transactions(admin), server_cpu(admin), time.process_time()
                await asyncio.to_thread(admin.execute, "select private.enqueue_jobs(%s, null, 'page', '[{}]')", (user,))
                await begun.get()
                await asyncio.sleep(0.02)  # it is confirmed and completed, and looks once more
            spent = time.process_time() - cpu + server_cpu(admin) - before
            asked = transactions(admin) - asked
        worker.leave()
        await working
        await listener.stop()
        renewer.close()
        await connection.close()
        return {"cpu_ms": 1000 * spent / PICKUPS, "asked": asked / PICKUPS}

    return asyncio.run(serve())


def verify(folder: str) -> dict[str, float]:
    """So many files, each read from the disk."""
    import linefinish

    paths = sorted(Path(folder).iterdir())
    for path in paths:
        if not linefinish.verify(path).is_one_bit:
            raise SystemExit(f"{path} is not 1-bit")
    began = time.process_time()
    for number in range(FILES):
        linefinish.verify(paths[number % len(paths)])
    return {"cpu_ms": 1000 * (time.process_time() - began)}


MODES: dict[str, Callable[[str], dict[str, float]]] = {"queue": queue, "pickup": pickup, "verify": verify}


def add_users(url: str, count: int) -> None:
    """Users with nothing but a profile."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(count):
            user = uuid.uuid4()
            connection.execute("insert into auth.users (id, email) values (%s, %s)", (user, f"{user}@example.com"))


if __name__ == "__main__":
    print(json.dumps(MODES[sys.argv[1]](sys.argv[2])))
