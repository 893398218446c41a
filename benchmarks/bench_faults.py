"""What becomes of jobs when something breaks: our queue beside procrastinate, pgqueuer, oban-py and
horsies, on one server.

Two real workers of each queue work under a supervisor that starts a dead one again, as a platform
does. What a job did is in a log outside the database, written by the job; whether it is settled is
read from the queue's own tables.
"""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import queue_peers
from benchmarks.fault_contenders import ATTEMPTS_MAX, CONCURRENCY, SILENCE_SECONDS
from benchmarks.measuring import Table
from benchmarks.settings import Settings
from myjoe.database.server import SUPERUSER, Server, embedded_binaries

ROOT = Path(__file__).parents[1]
# Jobs of a fault, and how long each takes, in seconds: two workers are busy for three seconds.
JOBS = 50
JOB_SECONDS = 0.4
# The fault comes when so many have ended, and a worker has so many in hand.
ENDED_BEFORE = 8
IN_HAND_MIN = 2
WORKERS = 2
# How long a fault is looked at, in seconds; who has not ended its jobs then is said to do so never.
# Ours tries a job for the third time a minute after the second, others after seconds.
PATIENCE_SECONDS = 120.0
# A job may be tried three times. Who has begun it so often has no bound.
RUNS_MAX = 8
# How long the server is away, in seconds, longer than the silence after which workers count as
# dead; and how long the platform takes to start a worker again.
DOWN_SECONDS = 3.0
RESTART_SECONDS = 0.5
# How long the second run of a frozen worker's job takes, in seconds: less than the silence, so that
# nobody takes the job for a third time.
AGAIN_SECONDS = 1.5
# How long its first run takes. It is frozen between two transactions: amid one, its locks may keep
# others from taking over, which would be chance.
FREEZING_SECONDS = 2.0
IN_TRANSACTION = """select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and backend_type = 'client backend'"""
# How long a queue may take over a payload that it cannot decode, in seconds: three tries of the
# others are over in nine.
UNDECODABLE_SECONDS = 30.0
# Digits of a number that JSON and PostgreSQL take, and Python's own decoder does not (4300).
DIGITS = 5000


@dataclass(frozen=True)
class Contender:
    """What a table has to know of a queue.

    open_jobs   counts jobs that are not settled
    spoil       gives the job that is added last a payload with `digits`
    """

    name: str
    command: Sequence[str]
    open_jobs: str
    spoil: str


def contenders() -> dict[str, Contender | str]:
    """All, by name; in place of one that is not here, why."""
    digits = f"repeat('9', {DIGITS})"
    script = str(ROOT / "benchmarks" / "fault_contenders.py")
    ours = Contender(
        "My Joe", [sys.executable, "-m", "benchmarks.fault_ours"],
        "select count(*) from public.jobs where status in ('pending', 'in_progress')",
        f"update public.jobs set payload = jsonb_build_object('number', {digits}::numeric) where payload ->> 'number' = '-1'",
    )  # fmt: skip
    tables = {
        "procrastinate": (
            "select count(*) from procrastinate_jobs where task_name = 'act' and status in ('todo', 'doing')",
            f"update procrastinate_jobs set args = jsonb_build_object('payload', {digits}::numeric)"
            " where args -> 'payload' ->> 'number' = '-1'",
        ),
        "pgqueuer": (
            "select count(*) from pgqueuer where entrypoint = 'act'",
            f"""update pgqueuer set payload = convert_to('{{"number": ' || {digits} || '}}', 'UTF8')
                where convert_from(payload, 'UTF8')::jsonb ->> 'number' = '-1'""",
        ),
        "oban": (
            "select count(*) from oban_jobs where state in ('available', 'scheduled', 'executing', 'retryable')",
            f"update oban_jobs set args = jsonb_build_object('number', {digits}::numeric) where args ->> 'number' = '-1'",
        ),
        "horsies": (
            "select count(*) from horsies_tasks where status in ('PENDING', 'CLAIMED', 'RUNNING')",
            f"""update horsies_tasks set kwargs = replace(kwargs, '-1', {digits}), args = replace(args, '-1', {digits})
                where coalesce(args, '') || coalesce(kwargs, '') like '%%"number": -1%%'
                   or coalesce(args, '') || coalesce(kwargs, '') like '%%"number":-1%%'""",
        ),
    }  # fmt: skip
    found: dict[str, Contender | str] = {"My Joe": ours}
    for name, (open_jobs, spoil) in tables.items():
        python = queue_peers.python_of(name)
        found[name] = Contender(name, [str(python), script, name], open_jobs, spoil) if isinstance(python, Path) else python
    return found


class WorkerProcess:
    """A worker and all that it starts, in a process group of its own."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.number = stage, number
        self.died_at: float | None = None
        self.restarts = -1
        self.start()

    def start(self) -> None:
        self.restarts += 1
        self.died_at = None
        self.process = self.stage.run("work", "-", f"worker-{self.number}", unread=self.stage.unread)

    def tend(self) -> None:
        """Start it again if it died some time ago."""
        if self.process.poll() is None:
            return
        now = time.monotonic()
        self.died_at = self.died_at or now
        if now - self.died_at >= RESTART_SECONDS:
            self.signal(signal.SIGKILL)  # what it has left behind
            self.start()

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def end(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait()


class Stage:
    """One queue's database, its workers, and what its jobs did."""

    def __init__(self, contender: Contender, server: Server, database: str, folder: Path) -> None:
        self.contender, self.server, self.database = contender, server, database
        self.url = server.url(database, SUPERUSER)
        self.effects = folder / f"{database}.effects"
        self.effects.touch()
        self.log = folder / f"{database}.log"
        self.workers: list[WorkerProcess] = []
        # The end to write of a pipe that is full, where nobody reads what workers say.
        self.unread: int | None = None

    # ── processes ─────────────────────────────────────────────────────────────────────────────────
    def run(self, mode: str, argument: str, worker: str = "", unread: int | None = None) -> subprocess.Popen[bytes]:
        given = {"FAULTS_URL": self.url, "FAULTS_EFFECTS": str(self.effects), "FAULTS_WORKER": worker}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*self.contender.command, mode, argument], cwd=ROOT, env={**os.environ, **given}, stdin=subprocess.DEVNULL,
                stdout=log if unread is None else unread, stderr=log if unread is None else unread, start_new_session=True,
            )  # fmt: skip

    def call(self, mode: str, argument: str = "-") -> bool:
        """Whether the queue did it."""
        return self.run(mode, argument).wait() == 0

    def add(self, *payloads: Mapping[str, Any]) -> bool:
        filled = [{"seconds": JOB_SECONDS, "again_seconds": JOB_SECONDS, **payload} for payload in payloads]
        return self.call("add", json.dumps(filled))

    def added(self, *payloads: Mapping[str, Any]) -> None:
        if not self.add(*payloads):
            raise RuntimeError(f"{self.contender.name} takes no jobs: {self.log.read_text()[-2000:]}")

    def start(self, count: int = WORKERS) -> None:
        self.workers += [WorkerProcess(self, len(self.workers)) for _ in range(count)]

    @property
    def restarts(self) -> int:
        return sum(worker.restarts for worker in self.workers)

    def end(self) -> None:
        for worker in self.workers:
            worker.end()

    # ── what is known ─────────────────────────────────────────────────────────────────────────────
    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def open_jobs(self) -> int | None:
        """How many jobs the queue has not settled; None while the server is away."""
        try:
            [(count,)] = self.ask(self.contender.open_jobs)
        except psycopg.OperationalError:
            return None
        return int(count)

    def seen(self, what: str, number: int | None = None) -> list[tuple[int, int, int, float]]:
        """The job's number, the process, its group, and when, of each effect of this kind."""
        lines = [json.loads(line) for line in self.effects.read_text().splitlines()]
        return [(job, pid, group, at) for kind, job, pid, group, at in lines if kind == what and number in (None, job)]

    def in_hand(self) -> tuple[int, int]:
        """The worker's group that has most jobs in hand, and how many they are."""
        hands = Counter(row[2] for row in self.seen("began"))
        hands.subtract(row[2] for row in self.seen("ended"))
        return hands.most_common(1)[0]

    def until(self, is_so: Callable[[], Any], seconds: float | None = None, tending: bool = True) -> bool:
        """Wait for it, for PATIENCE_SECONDS by default, and start again who died; whether it
        came.
        """
        deadline = time.monotonic() + (PATIENCE_SECONDS if seconds is None else seconds)
        while not is_so():
            if time.monotonic() > deadline:
                return False
            if tending:
                for worker in self.workers:
                    worker.tend()
            time.sleep(0.02)
        return True


def told(stage: Stage, numbers: range, since: float, after: str = "") -> str:
    """What became of these jobs, in words: how many are done, how many ended twice, how long it
    took `after` what was at `since`, and how many workers died of it.
    """
    settled = stage.until(lambda: stage.open_jobs() == 0)
    ended_at = time.monotonic()
    ended = Counter(job for job, *_ in stage.seen("ended") if job in numbers)
    missing, twice = len(numbers) - len(ended), sum(count > 1 for count in ended.values())
    words = [f"{len(ended)} of {len(numbers)} done"]
    if not settled:
        words.append(f"**{stage.open_jobs()} open for ever** (after {PATIENCE_SECONDS:.0f} s)")
    elif missing:
        words.append(f"**{missing} lost**")
    words.append(f"{twice} twice")
    if settled:
        words.append(f"{ended_at - since:.1f} s{after}")
    if stage.restarts:
        words.append(f"{stage.restarts} restart{'s' * (stage.restarts > 1)}")
    return ", ".join(words)


def at_work(stage: Stage) -> float:
    """Two workers amid many jobs; when that was so."""
    stage.added(*({"number": number} for number in range(JOBS)))
    stage.start()
    if not stage.until(lambda: len(stage.seen("ended")) >= ENDED_BEFORE and stage.in_hand()[1] >= IN_HAND_MIN, 30.0):
        raise RuntimeError(f"{stage.contender.name} does not work: {stage.log.read_text()[-2000:]}")
    return time.monotonic()


# ── faults ────────────────────────────────────────────────────────────────────────────────────────


def killed(stage: Stage) -> str:
    since = at_work(stage)
    busy, _ = stage.in_hand()
    os.killpg(busy, signal.SIGKILL)
    return told(stage, range(JOBS), since)


def restarted(stage: Stage) -> str:
    since = at_work(stage)
    stage.server.stop("immediate")
    stage.until(lambda: time.monotonic() > since + DOWN_SECONDS)
    stage.server.start()
    # How long the server itself takes to recover is not the queue's.
    return told(stage, range(JOBS), time.monotonic(), " after it was back")


def cut(stage: Stage) -> str:
    since = at_work(stage)
    stage.ask("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
    return told(stage, range(JOBS), since)


def deadly(stage: Stage) -> str:
    since = time.monotonic()
    stage.added({"number": -1, "deadly": True}, *({"number": number} for number in range(10)))
    stage.start(1)

    def runs() -> int:
        return len(stage.seen("began", -1))

    stage.until(lambda: runs() >= RUNS_MAX or stage.open_jobs() == 0)
    bound = f"{runs()} runs" if stage.open_jobs() == 0 else (
        f"**{runs()} runs and no end**" if runs() >= RUNS_MAX else f"{runs()} runs, open after {PATIENCE_SECONDS:.0f} s"
    )
    done = len({job for job, *_ in stage.seen("ended") if job >= 0})
    return f"{bound}, {time.monotonic() - since:.0f} s; {done} of 10 others done by then"


def undecodable(stage: Stage) -> str:
    stage.added(*({"number": number} for number in range(10)))
    stage.added({"number": -1})
    stage.ask(stage.contender.spoil)
    since = time.monotonic()
    stage.start(1)
    settled = stage.until(lambda: stage.open_jobs() == 0, UNDECODABLE_SECONDS)
    done = len({job for job, *_ in stage.seen("ended") if job >= 0})
    outcome = "it is settled" if settled else f"**{stage.open_jobs()} open after {UNDECODABLE_SECONDS:.0f} s**"
    restarts = f", {stage.restarts} restart{'s' * (stage.restarts > 1)}" * bool(stage.restarts)
    return f"{done} of 10 done, {outcome}, {time.monotonic() - since:.1f} s{restarts}"


def with_nul(stage: Stage) -> str:
    since = time.monotonic()
    taken = stage.add({"number": -1, "text": "a\0b"})
    stage.added(*({"number": number} for number in range(10)))
    stage.start(1)
    stage.until(lambda: stage.open_jobs() == 0, UNDECODABLE_SECONDS)
    done = len({job for job, *_ in stage.seen("ended") if job >= 0})
    ran = "runs" if stage.seen("ended", -1) else "does not run"
    return f"{'taken, ' + ran if taken else 'refused when added'}; {done} of 10 done, {time.monotonic() - since:.1f} s"


def frozen(stage: Stage) -> str:
    stage.start(1)
    stage.added({"number": 0, "seconds": FREEZING_SECONDS, "again_seconds": AGAIN_SECONDS})
    if not stage.until(lambda: stage.seen("began"), 30.0):
        raise RuntimeError(f"{stage.contender.name} does not work: {stage.log.read_text()[-2000:]}")
    first = stage.workers[0]

    def still() -> bool:
        first.signal(signal.SIGSTOP)
        [(transactions,)] = stage.ask(IN_TRANSACTION)
        if transactions:
            first.signal(signal.SIGCONT)
        return not transactions

    if not stage.until(still, FREEZING_SECONDS / 2, tending=False):
        raise RuntimeError(f"{stage.contender.name} is always in a transaction")
    since = time.monotonic()
    stage.start(1)
    if not stage.until(lambda: len(stage.seen("began")) > 1):
        first.signal(signal.SIGCONT)
        return f"**nobody takes it over** (in {PATIENCE_SECONDS:.0f} s)"
    taken_over = time.monotonic() - since
    group = stage.workers[1].process.pid
    first.signal(signal.SIGCONT)

    def second_ended() -> bool:
        return any(row[2] == group for row in stage.seen("ended"))

    # Settled while the second works: nobody but the first can have done it.
    counted = False

    def over() -> bool:
        nonlocal counted
        if stage.open_jobs() == 0 and not second_ended():
            counted = True
        return counted or second_ended()

    stage.until(over, 30.0, tending=False)
    stage.until(second_ended, AGAIN_SECONDS + SILENCE_SECONDS, tending=False)
    stage.until(lambda: stage.open_jobs() == 0, 30.0)
    outcome = "**late completion counts**" if counted else "late completion refused"
    return f"{outcome}; taken over after {taken_over:.1f} s, its work ended {len(stage.seen('ended'))}×"


def hostile(stage: Stage) -> str:
    since = time.monotonic()
    stage.added({"number": -1, "hostile": True}, *({"number": number} for number in range(10)))
    stage.start(1)
    settled = stage.until(lambda: stage.open_jobs() == 0 or len(stage.seen("began", -1)) >= RUNS_MAX)
    runs, done = len(stage.seen("began", -1)), len({job for job, *_ in stage.seen("ended") if job >= 0})
    bound = f"{runs} runs" if stage.open_jobs() == 0 else f"**{runs} runs and no end**" if settled else f"**{runs} runs, open**"
    return f"{bound}, {time.monotonic() - since:.0f} s; {done} of 10 others done"


def unread(stage: Stage) -> str:
    reading, stage.unread = os.pipe()
    os.set_blocking(stage.unread, False)
    with suppress(BlockingIOError):
        while True:
            os.write(stage.unread, bytes(4096))
    os.set_blocking(stage.unread, True)
    since = time.monotonic()
    stage.added(*({"number": number} for number in range(10)))
    stage.start(1)
    settled = stage.until(lambda: stage.open_jobs() == 0, UNDECODABLE_SECONDS)
    done, outcome = len({job for job, *_ in stage.seen("ended")}), f"{time.monotonic() - since:.1f} s"
    stage.end()
    os.close(reading)
    os.close(stage.unread)
    return f"{done} of 10 done, {outcome}" if settled else f"**{done} of 10 done** after {UNDECODABLE_SECONDS:.0f} s"


FAULTS: dict[str, Callable[[Stage], str]] = {
    "worker killed with -9": killed,
    f"server stopped at once, away for {DOWN_SECONDS:g} s": restarted,
    "all connections cut": cut,
    "a job that kills its worker": deadly,
    "a payload that cannot be decoded": undecodable,
    "a payload with NUL": with_nul,
    "an error with NUL and half a surrogate": hostile,
    "a log that nobody reads": unread,
    "worker frozen past its lease": frozen,
}


@contextmanager
def staged(server: Server, folder: Path, contender: Contender, database: str, template: str) -> Iterator[Stage]:
    """A stage on a copy of the queue's empty database."""
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"create database {database} template {template}")
    stage = Stage(contender, server, database, folder)
    try:
        yield stage
    finally:
        stage.end()
        with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute(f"drop database {database} with (force)")


@contextmanager
def serving() -> Iterator[tuple[Server, Path]]:
    """A server in a folder for the time of the block."""
    folder = Path(tempfile.mkdtemp(prefix="mjf"))
    folder.chmod(0o755)
    server = Server(folder / "server", embedded_binaries(), {"max_connections": "200"})
    server.start()
    try:
        yield server, folder
    finally:
        server.stop("immediate")
        shutil.rmtree(folder)


def installed(server: Server, folder: Path, contender: Contender) -> str:
    """The name of a database with the queue's tables."""
    name = "empty_" + contender.name.lower().replace(" ", "")
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    stage = Stage(contender, server, name, folder)
    if not stage.call("install"):
        raise RuntimeError(f"{contender.name} cannot be installed: {stage.log.read_text()[-2000:]}")
    return name


def run(settings: Settings) -> Iterator[Table]:
    """All tables of this question."""
    everybody = contenders()
    here = [one for one in everybody.values() if isinstance(one, Contender)]
    # Told to end, it ends what it started: workers and servers are in groups of their own.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    table = Table(f"Queue: what becomes of {JOBS} jobs, by what breaks", ["fault", *(one.name for one in here)])
    with serving() as (server, folder):
        templates = {one.name: installed(server, folder, one) for one in here}
        for title, fault in FAULTS.items():
            cells = []
            for number, one in enumerate(here):
                database = f"{fault.__name__}_{number}"
                with staged(server, folder, one, database, templates[one.name]) as stage:
                    cells.append(fault(stage))
                print(f"{title}, {one.name}: {cells[-1]}", file=sys.stderr, flush=True)
            table.add(title, *cells)
    table.notes.append(
        f"{WORKERS} workers with {CONCURRENCY} jobs at a time ({JOB_SECONDS:g} s each); a dead worker is started again after"
        f" {RESTART_SECONDS:g} s. Who is silent for {SILENCE_SECONDS:g} s counts as dead, and a job may be tried {ATTEMPTS_MAX} times."
        " Twice: the job's work ended more than once. Seconds: from the fault until all jobs are settled in the queue's books; where the"
        " server was away, from when it answers again, and what was not begun by then takes two seconds. One run each."
    )
    table.notes.append(
        "My Joe: lease 2 s, heartbeat 0.5 s; the third try comes a minute after the second. procrastinate: heartbeat 0.5 s,"
        " stalled_worker_timeout 2 s, and its documentation's periodic task for stalled jobs, each second. pgqueuer: heartbeat_timeout 2 s,"
        " DatabaseRetryEntrypointExecutor. oban: rescue_after 2 s (of work, not of silence), lifeline's interval 0.5 s, a node's name that"
        " outlives its process. horsies: heartbeat 1 s, stale after 2 s, check 1 s, retries for WORKER_CRASHED."
    )
    table.notes.append(
        f"Not to be decoded: a number of {DIGITS} digits, put into the queue's table, beside ten good jobs. A job that kills its worker"
        f" runs beside ten good ones; after {RUNS_MAX} runs nobody looks further."
    )
    table.notes.append(f"Versions: {queue_peers.versions([one.name for one in here])}.")
    table.notes += [f"{name} is not here: {why}." for name, why in everybody.items() if isinstance(why, str)]
    yield table
