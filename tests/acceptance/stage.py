"""A stage for the acceptance tests: a real server, real worker processes, and a log of effects that
lies outside the database.

Jobs are scripts (scripted.py): each says what its handler does, step by step. What a handler does
to the world it writes into the log of effects, as a provider or a storage would remember it,
whatever the database thinks.
"""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from myjoe.database.migrating import migrate
from myjoe.database.server import SUPERUSER, Server
from myjoe_worker.leases.clock import SystemClock
from tests.database import support

ROOT = Path(__file__).parents[2]
# The time by the clock of the workers.
now = SystemClock().now
# Short, so that a fault is over soon; long enough for a beat to come through on a busy machine of
# two cores. Seconds.
LEASE_SECONDS = 2.0
HEARTBEAT_SECONDS = 0.3
# An idle worker looks so often; what is due it finds sooner.
POLL_SECONDS = 5.0
# How long anything may take that happens at all: two orders of magnitude beyond what it takes, as
# a machine may have thirty others to serve.
PATIENCE_SECONDS = 300.0
# The promise: a job is taken over within its lease and this, in seconds ...
RECOVERY_SECONDS = 0.5
# ... and ten times as much on a machine that is busy with something else.
BUSY_FACTOR = 10

# The database's time runs at the usual pace, but days apart from everybody else's, and from after
# the first prices. Retries come at once.
CLOCK = """
create or replace function private.clock() returns timestamptz language sql stable set search_path = '' as
$$ select now() + (timestamptz '{start}' - timestamptz '{now}') $$;
create or replace function private.backoff(attempt integer) returns interval language sql volatile set search_path = '' as
$$ select interval '0.1 s' * attempt $$;
-- What a handler of these tests does stands in the order.
alter function private.order_fields() rename to order_fields_of_the_product;
create function private.order_fields() returns table (field text, kind text, length_max integer)
language sql immutable set search_path = '' as
$$ select * from private.order_fields_of_the_product() union all values ('script', 'array', 100000) $$;
"""


def make_template(server: Server) -> str:
    """A migrated database whose clock runs."""
    name = "template_acceptance"
    support.make_database(server, name)
    url = server.url(name, SUPERUSER)
    migrate(url)
    with support.psycopg.connect(url, autocommit=True) as connection:
        [(moment,)] = connection.execute("select now()::text").fetchall()
        connection.execute("set role postgres")
        connection.execute(CLOCK.format(start=support.START, now=moment))
    return name


def eventually(true: Callable[[], object], why: str | Callable[[], str] = "it never came true") -> Any:
    """Wait until it is true; what was true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (value := true()):
        assert time.monotonic() < deadline, why() if callable(why) else why
        time.sleep(0.01)
    return value


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class WorkerProcess:
    """A real worker, in a process of its own: a module of Python with arguments. Its log lines are
    in `log`.
    """

    def __init__(
        self, folder: Path, name: str, command: list[str], environment: dict[str, str], log_handle: int | None = None
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        # Nothing of ours that is meant for another worker.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MYJOE_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env={**inherited, **environment}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log if log_handle is None else log_handle,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9, and its body taken away."""
        self.process.kill()
        self.process.wait()

    def leave(self) -> int:
        """SIGTERM; its exit code."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def said(self, event: str | None = None) -> list[dict[str, Any]]:
        """Its log lines, or those of one event."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if event in (None, line["event"])]

    def children(self) -> set[int]:
        """The processes that it has started and that still run."""
        found = set()
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            found |= {int(pid) for pid in (task / "children").read_text().split()}
        return {pid for pid in found if is_running(pid)}

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Stage:
    """One database, the workers on it, and what they did."""

    def __init__(self, database: support.Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.log = folder / "effects"
        self.log.touch()
        self.workers: list[WorkerProcess] = []
        self.user = database.user(credits_half=400)

    # ── workers ───────────────────────────────────────────────────────────────────────────────────
    def worker(
        self, name: str | None = None, *, ready: bool = True, environment: dict[str, str] | None = None, log_handle: int | None = None,
        **how: Any,
    ) -> WorkerProcess:  # fmt: skip
        """Start one whose jobs are scripts; `how` are settings, and `url` and `listen_url`, by
        default the database's.
        """
        url = self.database.server.url(self.database.name)
        how = {
            "url": url, "listen_url": how.get("url", url), "effects": str(self.log), "lease_seconds": LEASE_SECONDS,
            "heartbeat_seconds": HEARTBEAT_SECONDS, "poll_seconds": POLL_SECONDS, **how,
        }  # fmt: skip
        how["name"] = name or f"w{len(self.workers) + 1}"
        return self._started(how["name"], ["tests.acceptance.scripted", json.dumps(how)], environment or {}, ready, log_handle)

    def product(self, **environment: str) -> WorkerProcess:
        """Start the very command that people start, with this environment."""
        url = self.database.server.url(self.database.name)
        environment = {
            "DATABASE_URL": url, "MYJOE_LOG": "json", "MYJOE_LEASE_SECONDS": str(LEASE_SECONDS), "MYJOE_POLL_SECONDS": str(POLL_SECONDS),
            "MYJOE_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS), "MYJOE_HOME": str(self.folder / "home"), **environment,
        }  # fmt: skip
        return self._started(f"w{len(self.workers) + 1}", ["myjoe_cli", "worker", "run"], environment, True)

    def _started(
        self, name: str, command: list[str], environment: dict[str, str], ready: bool, log_handle: int | None = None
    ) -> WorkerProcess:
        worker = WorkerProcess(self.folder, name, command, environment, log_handle)
        self.workers.append(worker)
        if ready:
            eventually(lambda: worker.said("worker.started"), lambda: f"{worker.name} did not start: {worker.log.read_text()[-2000:]}")
        return worker

    def restart_server(self, *, down_seconds: float = 0.0) -> None:
        """As if its plug had been pulled."""
        self.database.close()
        self.database.server.stop("immediate")
        time.sleep(down_seconds)
        self.database.server.start()
        self.database.root = self.database.connect(SUPERUSER)

    def stop(self) -> None:
        for worker in self.workers:
            if worker.is_alive():
                worker.kill()

    # ── jobs ──────────────────────────────────────────────────────────────────────────────────────
    def submit(self, *scripts: list[Any], user: uuid.UUID | None = None) -> list[uuid.UUID]:
        """A run of one page a script; the jobs in the order of the scripts."""
        return self.submit_pages(*({"script": script} for script in scripts), user=user)

    def submit_pages(self, *pages: dict[str, Any], user: uuid.UUID | None = None) -> list[uuid.UUID]:
        """A run of these pages; the jobs in their order."""
        content = {"pages": [{"operations": ["raster"], "prompt": "a cat", **page} for page in pages]}
        answer = self.database.submit_manifest(user or self.user, str(uuid.uuid4()), content)
        assert answer["accepted"], answer
        return [job for (job,) in self.database.rows(
            "select id from public.jobs where run_id = %s order by (payload ->> 'page')::integer", answer["run_id"]
        )]  # fmt: skip

    def backoff(self, seconds: float) -> None:
        """How long a job waits after each failed attempt, here."""
        self.database.run(
            "create or replace function private.backoff(attempt integer) returns interval language sql volatile set search_path = ''"
            f" as $$ select interval '{seconds} s' $$"
        )

    def make_due(self) -> None:
        """What was put off may be tried now, and who was paused be asked."""
        self.database.run("update private.pauses set until = private.clock()")
        self.database.run("update public.jobs set scheduled_at = private.clock() where status = 'pending' and position is null")
        self.database.rows("select private.wake_workers()::text")

    def cancel(self, job: uuid.UUID) -> None:
        self.database.rows("select private.cancel_jobs(user_id, run_id, id) from public.jobs where id = %s", job)

    def status(self, job: uuid.UUID) -> str:
        return self.database.status(job)

    def wait_for(self, status: str, *jobs: uuid.UUID) -> None:
        eventually(
            lambda: all(self.status(job) == status for job in jobs),
            lambda: f"not {status}: {self.database.rows('select id, status, attempts, last_error from public.jobs')}",
        )

    def events(self, job: uuid.UUID) -> list[str]:
        """The job's life, without the renewals."""
        return [event for (event,) in self.database.rows(
            "select event from public.job_events where job_id = %s and event <> 'renewed' order by id", job
        )]  # fmt: skip

    def outcome(self, job: uuid.UUID) -> tuple[str, int, int]:
        """Its status, attempts and token."""
        [row] = self.database.rows("select status, attempts, lease_token from public.jobs where id = %s", job)
        return tuple(row)  # type: ignore[return-value]

    # ── effects ───────────────────────────────────────────────────────────────────────────────────
    def effects(self, job: uuid.UUID | None = None, what: str | None = None) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if job in (None, uuid.UUID(line["job"])) and what in (None, line["what"])]

    def wait_for_effect(self, job: uuid.UUID, what: str, token: int = 1) -> dict[str, Any]:
        """The first of this kind under this token."""
        found: list[dict[str, Any]] = eventually(
            lambda: [effect for effect in self.effects(job, what) if effect["token"] == token], f"no {what} under token {token}"
        )
        return found[0]

    # ── what must always be true ──────────────────────────────────────────────────────────────────
    def check(self) -> None:
        """The books are exact, every job's row is what its events tell, and nothing was accepted of
        a worker that was not its owner.
        """
        self.database.check_books()
        for job, status, attempts, token in self.database.rows("select id, status, attempts, lease_token from public.jobs"):
            assert replayed(self.database, job) == (status, attempts, token)
        # A script's result says under which lease it was made, a page by where its files lie.
        for token, of_job, of_result in self.database.rows("""
            select e.lease_token, j.lease_token, coalesce(g.qc ->> 'token', split_part(g.files ->> 'png', '/', 3))
            from public.job_events e join public.jobs j on j.id = e.job_id left join public.generations g using (job_id)
            where e.event = 'completed'"""):
            assert token == of_job == int(of_result)


# Tokens count from 1; after a crash that wiped out claims they go on from the time in µs, which is
# more than this.
NEW_LIFE = 10**15


def replayed(database: support.Database, job: uuid.UUID) -> tuple[str, int, int]:
    """Status, attempts and token as the job's events tell them."""
    status, attempts, token = "", 0, 0
    for event, event_token, attempt in database.rows(
        "select event, lease_token, attempt from public.job_events where job_id = %s order by id", job
    ):
        assert status not in ("completed", "failed", "cancelled"), "nothing comes after the end"
        if event == "claimed":
            assert status == "pending"
            assert event_token == token + 1 or event_token > max(token, NEW_LIFE)
            status = "in_progress"
        elif event in ("enqueued", "retried", "reclaimed", "released", "snoozed"):
            assert status == ("" if event == "enqueued" else "in_progress")
            status = "pending"
        elif event in ("completed", "failed", "cancelled"):
            status = event
        assert event == "claimed" or event_token == token
        attempts, token = attempt, event_token
    return status, attempts, token


@contextmanager
def staged(server: Server, name: str, folder: Path) -> Iterator[Stage]:
    """A stage on a fresh database of the server; all its workers are gone at the end."""
    support.make_database(server, name, "template_acceptance")
    database = support.Database(server, name)
    # An earlier stage may have pulled the server's plug, which wiped the template's as well: tokens
    # are to count from 1 here.
    database.run("select setval('private.server_epoch', 1)")
    stage = Stage(database, folder)
    try:
        yield stage
    finally:
        stage.stop()
        database.close()
        support.drop_database(server, name)


def recovered_in_time(seconds: float, fault: str, *, lease_seconds: float = LEASE_SECONDS) -> None:
    """Measured is printed (pytest -rP shows it); asserted is ten times the promise, for machines
    that are busy.
    """
    print(f"{fault}: taken over after {seconds:.2f} s, lease {lease_seconds:g} s")
    assert seconds <= lease_seconds + BUSY_FACTOR * RECOVERY_SECONDS


__all__ = ["Stage", "WorkerProcess", "eventually", "is_running", "make_template", "now", "recovered_in_time", "replayed", "staged"]
