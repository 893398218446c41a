"""How fast is the queue, beside procrastinate and pgqueuer, on one server and in one run?

Every contender drains the same number of jobs that do nothing, in a process of its own, in turn
with the others. CPU time is that of the worker and of the server together, taken from the system's
books: on a shared machine it is what can be compared.
"""
from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.measuring import Table, times
from benchmarks.queue_contenders import USER, Ours
from benchmarks.settings import Settings
from myjoe.database.migrating import migrate
from myjoe.database.server import SUPERUSER, Server, embedded_binaries

# Jobs to drain, so that each takes about a second: a Python process takes a third of one to start,
# which is not counted.
JOBS = {"My Joe, 1": 1000, "My Joe, 10": 4000, "My Joe, 100": 10000, "procrastinate": 300, "pgqueuer, 10": 2000, "pgqueuer, 100": 5000}
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


class Bench:
    """A server with one database for each library, and its process's books."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.urls: dict[str, str] = {}
        for library in ("My Joe", "procrastinate", "pgqueuer"):
            name = library.lower().replace(" ", "")
            with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
                connection.execute(f"create database {name}")
            self.urls[library] = server.url(name, SUPERUSER)
        migrate(self.urls["My Joe"], seed=True)
        for name in ("procrastinate", "pgqueuer, 10"):
            self.run(name, "install", "-")

    def start(self, name: str, mode: str, argument: str) -> subprocess.Popen[str]:
        url = self.urls[name.partition(",")[0]]
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.queue_contenders", name, url, mode, argument], stdout=subprocess.PIPE, text=True
        )

    def run(self, name: str, mode: str, argument: str) -> str:
        process = self.start(name, mode, argument)
        said, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{name} could not {mode}")
        return said

    def synchronous(self, commit: bool) -> None:
        with psycopg.connect(self.server.url("postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute(f"alter system set synchronous_commit = {'on' if commit else 'off'}")
            connection.execute("select pg_reload_conf()")

    def server_cpu(self) -> float:
        """Seconds of the server's processes, of those that have ended as well."""
        first = int((self.server.data / "postmaster.pid").read_text().split()[0])
        total = 0
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(folder.name) == first:
                total += sum(map(int, fields[11:15]))
            elif int(fields[1]) == first:
                total += sum(map(int, fields[11:13]))
        return total * TICK_SECONDS


@contextmanager
def running_server(**settings: str) -> Iterator[Server]:
    """A server that lives as long as the block."""
    folder = Path(tempfile.mkdtemp(prefix="mjb"))
    folder.chmod(0o755)
    server = Server(folder, embedded_binaries(), {"shared_buffers": "256MB", "max_wal_size": "2GB", **settings})
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(folder)


@contextmanager
def bench(**settings: str) -> Iterator[Bench]:
    with running_server(**settings) as server:
        yield Bench(server)


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(settings: Settings) -> Iterator[Table]:
    """All tables of this question."""
    with bench() as one:
        # Latency first: what the drains leave behind is vacuumed for minutes, and each millisecond
        # of that is somebody's.
        for commit in (True, False):
            yield latency(one, commit)
        for commit in (True, False):
            yield throughput(one, settings.rounds, commit)
        yield growth(one)


def throughput(one: Bench, rounds: int, commit: bool) -> Table:
    one.synchronous(commit)
    starting: dict[str, float] = {}
    rates: dict[str, list[float]] = {name: [] for name in JOBS}
    cpu: dict[str, list[float]] = {name: [] for name in JOBS}
    for name in JOBS:  # what a process costs that finds nothing to do
        before = children_cpu()
        one.run(name, "drain", "-")
        starting[name] = children_cpu() - before
    for _ in range(rounds):
        for name, count in JOBS.items():
            one.run(name, "fill", str(count))
            before = children_cpu() + one.server_cpu()
            done, seconds = json.loads(one.run(name, "drain", "-"))
            if done != count:
                raise RuntimeError(f"{name} did {done} of {count} jobs")
            cpu[name].append((children_cpu() + one.server_cpu() - before - starting[name]) / count)
            rates[name].append(done / seconds)
    table = Table(f"Queue: no-op jobs, {'durable' if commit else 'synchronous_commit off'}",
                  ["contender, jobs a claim", "jobs/s", "CPU µs a job", "rate over procrastinate", "CPU: procrastinate's over it",
                   "rate over pgqueuer, 100", "CPU: pgqueuer's, 100, over it"])  # fmt: skip
    rate = {name: statistics.median(values) for name, values in rates.items()}
    spent = {name: statistics.median(values) for name, values in cpu.items()}
    for name in JOBS:
        table.add(name, f"{rate[name]:.0f}", f"{spent[name] * 1e6:.0f}", times(rate[name] / rate["procrastinate"]),
                  times(spent["procrastinate"] / spent[name]), times(rate[name] / rate["pgqueuer, 100"]),
                  times(spent["pgqueuer, 100"] / spent[name]))  # fmt: skip
    table.notes.append("CPU: of worker and server together, without the start of the worker's process.")
    return table


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


# What is offered: pauses between two jobs from and to, in seconds, and how many jobs; and the jobs
# a second that come of it.
IDLE = "0.03,0.06,150"
LOADS = {200: "0.0025,0.0075,600", 333: "0.001,0.005,900", 500: "0.001,0.003,1200", 667: "0.0005,0.0025,1500"}
LATENCY_ROUNDS = 3


def latency(one: Bench, commit: bool) -> Table:
    """Pickup, warm: from the call that adds a job to its handler. In turn, and all rounds of a
    contender taken together.
    """
    one.synchronous(commit)
    contenders = ("My Joe, 10", "My Joe, worker", "procrastinate", "pgqueuer, 10")
    seen: dict[tuple[str, str], list[float]] = {}
    for _ in range(LATENCY_ROUNDS):
        for name in contenders:
            for offered in (IDLE, *LOADS.values()):
                seen.setdefault((name, offered), []).extend(picked_up(one, name, offered))
    table = Table(f"Queue: from the call that adds a job to its handler, ms, {'durable' if commit else 'synchronous_commit off'}",
                  ["contender", "idle p50", "p99", *(title for jobs in LOADS for title in (f"{jobs} jobs/s p50", "p99"))])  # fmt: skip
    for name in contenders:
        table.add(name, *(f"{percentile(seen[name, offered], share):.1f}" for offered in (IDLE, *LOADS.values()) for share in (0.5, 0.99)))
    waited = picked_up(one, "My Joe, polling", "0.1,0.9,20")
    table.add("My Joe, polling each second", *(f"{percentile(waited, share):.0f}" for share in (0.5, 0.99)), *["–"] * 2 * len(LOADS))
    table.notes.append("Idle: a job every 30 to 60 ms. Each is added at its time whether or not those before it are in, over 25"
                       " connections that have added some before. My Joe's are added in two statements, of which the second waits for the"
                       " disk. Worker: `myjoe worker`'s whole loop, with a handler that does nothing.")  # fmt: skip
    return table


def picked_up(one: Bench, name: str, offered: str) -> list[float]:
    """How long each job waited, ms."""
    server = one.start(name, "serve", offered.rpartition(",")[2])
    assert server.stdout is not None
    while server.stdout.readline().strip() != "ready":
        pass
    one.run(name, "feed", offered)
    waited: list[float] = json.loads(server.communicate()[0])
    return waited


def growth(one: Bench) -> Table:
    """CPU of the server for one job (a claim and a completion, one by one), in states that slow
    other queues down.
    """
    one.synchronous(False)
    ours = Ours(one.urls["My Joe"], 1)
    table = Table("Queue: a claim and a completion of one job, by what else is there",
                  ["what is there", "server CPU µs a job", "over the first"])  # fmt: skip
    with ours.connect() as connection:

        def served(count: int = 3000) -> float:
            before = one.server_cpu()
            for _ in range(count):
                ours.work(connection)
            return (one.server_cpu() - before) / count * 1e6

        def cost() -> float:
            ours.fill(3000)
            return served()

        def finished(count: int) -> None:
            # Without triggers: a million rows would each be looked for in the tables that refer to
            # jobs, and be broadcast.
            connection.execute("set session_replication_role = replica")
            connection.execute("delete from public.jobs where status <> 'in_progress'")
            connection.execute(
                "insert into public.jobs (user_id, type, status, completed_at, lease_token) select %s, 'page', 'completed', now(), 1"
                " from generate_series(1, %s)", (USER, count),
            )  # fmt: skip
            connection.execute("set session_replication_role = origin")
            connection.execute("vacuum analyze public.jobs")

        finished(1000)
        cost()
        finished(1000)
        first = statistics.median(cost() for _ in range(3))
        table.add("1,000 finished", f"{first:.0f}", times(1))

        def row(name: str, value: float, of: float = first) -> None:
            table.add(name, f"{value:.0f}", times(value / of))

        finished(1_000_000)
        row("1,000,000 finished", statistics.median(cost() for _ in range(3)))
        finished(1000)
        connection.execute(
            "insert into public.jobs (user_id, type, priority, scheduled_at) select %s, 'page', 1, now() + interval '1 hour'"
            " from generate_series(1, 100000)", (USER,),
        )  # fmt: skip
        row("100,000 postponed", statistics.median(cost() for _ in range(3)))
        finished(1000)
        with ours.connect() as old:
            old.execute("begin isolation level repeatable read")
            old.execute("select count(*) from public.jobs")
            values: list[Any] = [cost() for _ in range(6)]
        for number in (0, 5):
            row(f"old snapshot, jobs {3 * number},000 to {3 * number + 3},000", values[number], values[0])
        finished(1000)
        ours.fill(100_000)
        alone = statistics.median(served(1000) for _ in range(3))
        row("100,000 waiting, all one user's: first come, first served", alone)
        for number in range(1000):
            user = uuid.UUID(int=number + 1000)
            connection.execute("insert into auth.users (id) values (%s)", (user,))
            connection.execute("select private.enqueue_jobs(%s, null, 'page', '[{},{},{},{},{},{},{},{},{},{}]')", (user,))
        row("110,000 waiting, of a thousand and one users in turn", statistics.median(served(1000) for _ in range(3)), alone)
    return table

