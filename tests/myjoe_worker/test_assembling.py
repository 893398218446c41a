"""The whole worker as a process: it starts, tells how it is, makes a page, and leaves when it is
asked to.
"""
from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from linefinish import verify
from myjoe.database.connection import RetryingConnection
from myjoe_worker.assembling import make_queue
from myjoe_worker.queues.pgmq import PgmqQueue
from myjoe_worker.queues.postgres import PostgresQueue
from myjoe_worker.settings import WorkerSettings
from tests.database.support import Database

# How long a process may take to start or to do what is waited for, in seconds: the machine may be
# busy, and kernels may be compiled first.
PATIENCE_SECONDS = 600.0


def environment(database: Database, folder: Path, **more: str) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("MYJOE_", "DATABASE_", "LISTEN_", "SENTRY_"))}
    return {**given, "DATABASE_URL": database.server.url(database.name), "MYJOE_HOME": str(folder), "MYJOE_LOG": "json",
            "MYJOE_POLL_SECONDS": "0.5", **more}  # fmt: skip


class Running:
    """A worker, and what it says."""

    def __init__(self, process: subprocess.Popen[str], port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log

    def get(self, path: str) -> tuple[int, str]:
        """Status and content; 0 while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait(self, what: Callable[[], Any]) -> Any:
        """Until it is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (seen := what()):
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.05)
        return seen

    def events(self) -> list[dict[str, Any]]:
        # Beside events there may be a line of linefinish's, which compiles its kernels in a fresh
        # checkout.
        return [json.loads(line) for line in self.log.read_text().splitlines() if not line.startswith("linefinish: compiling")]


@contextmanager
def worker(database: Database, folder: Path, **more: str) -> Iterator[Running]:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    log = folder / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "myjoe_cli", "worker", "run"], stderr=stream, text=True,
            env=environment(database, folder, MYJOE_HEALTH_ADDRESS=f":{port}", **more),
        )  # fmt: skip
        try:
            yield Running(process, port, log)
        finally:
            process.kill()
            process.wait()


def test_a_page_is_made_and_everything_is_told_about_it(newest: Database, tmp_path: Path) -> None:
    user = newest.user(credits_half=20)
    with worker(newest, tmp_path) as running:
        running.wait(lambda: running.get("/health")[0] == 200)
        good = {"operations": ["raster"], "prompt": "a cat in the garden", "title": "my daughter Ida's cat"}
        run = newest.submit_manifest(user, "k", {"pages": [good, {"operations": ["raster"]}]})["run_id"]
        running.wait(lambda: newest.one("select count(*) from public.jobs where completed_at is not null") == 2)

        health = json.loads(running.get("/health")[1])
        assert (health["live"], health["ready"], health["listen"], health["running"], health["degraded"]) == (True, True, "works", 0, [])
        assert running.get("/health/live") == (200, "live\n")
        values = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(running.get("/metrics")[1])
            for sample in family.samples
        }
        assert values["myjoe_worker_jobs_total", "completed"] == 1 and values["myjoe_worker_jobs_total", "failed"] == 1
        assert values["myjoe_queue_jobs", "completed"] == 1 and values["myjoe_worker_listening",] == 1
        status, page = running.get("/")
        assert status == 200 and "1 in the last hour" in page and "payload" in page

        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE_SECONDS) == 0
    rows = newest.rows("select j.status, j.error_kind, g.files from public.jobs j left join public.generations g on g.job_id = j.id "
                       "where j.run_id = %s order by j.status", uuid.UUID(run))  # fmt: skip
    [(done, _, files), (dead, kind, _)] = rows
    assert (done, dead, kind) == ("completed", "failed", "payload")
    for key in (files["png"], files["svg"], files["pdf"]):
        assert verify(tmp_path / "pages" / key).is_one_bit
    newest.check_books()
    # Each event is in the table of events (strict in development), the job's own carry its id, and
    # none tells what was drawn.
    events = running.events()
    assert [event["event"] for event in events][-2:] == ["worker.stopping", "worker.stopped"]
    assert all(event["job"] for event in events if event["event"].startswith(("job.", "page.", "cost.")))
    assert "Ida" not in running.log.read_text() and "cat in the garden" not in running.log.read_text()


def test_a_database_that_is_not_there_yet_is_waited_for(newest: Database, tmp_path: Path) -> None:
    with worker(newest, tmp_path, DATABASE_URL="postgresql://127.0.0.1:1/x") as running:
        running.wait(lambda: any(event["event"] == "database.lost" for event in running.events()))
        assert running.get("/health/live") == (200, "live\n")
        status, text = running.get("/health")
        assert (status, json.loads(text)["troubles"]) == (503, ["the database has not answered yet"])
        assert running.get("/")[0] == 200
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE_SECONDS) == 0


def test_health_asks_the_database_nothing(newest: Database, tmp_path: Path) -> None:
    with worker(newest, tmp_path, MYJOE_POLL_SECONDS="600") as running:
        running.wait(lambda: running.get("/health")[0] == 200)
        # What the server has been asked on this database, by its own count of transactions.
        seen = "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"
        newest.run("select pg_stat_force_next_flush()")
        before = newest.one(seen)
        for _ in range(50):
            assert running.get("/health")[0] == 200 and running.get("/health/live")[0] == 200
        newest.run("select pg_stat_force_next_flush()")
        # Of a hundred requests; our own are two or three, and the server tidies up now and then.
        assert newest.one(seen) - before < 50


def test_an_address_that_is_taken_ends_it_before_a_job_is_claimed(newest: Database, tmp_path: Path) -> None:
    user = newest.user(credits_half=20)
    newest.submit(user)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        done = subprocess.run(
            [sys.executable, "-m", "myjoe_cli", "worker", "once"], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
            env=environment(newest, tmp_path, MYJOE_HEALTH_ADDRESS=f":{door.getsockname()[1]}"),
        )  # fmt: skip
    assert done.returncode == 1 and "which is taken by another process" in done.stderr
    assert newest.one("select status from public.jobs") == "pending"


@pytest.mark.parametrize("marked", ["production", "staging"])
def test_a_database_of_others_is_refused_before_a_job_is_claimed(newest: Database, tmp_path: Path, marked: str) -> None:
    newest.one("select private.mark_environment(%s)", marked)
    user = newest.user(credits_half=20)
    newest.submit(user)
    done = subprocess.run(
        [sys.executable, "-m", "myjoe_cli", "worker", "once"], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        env=environment(newest, tmp_path),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, f"myjoe: MYJOE_ENV is development, but the database is marked as {marked}\n")
    assert newest.one("select status from public.jobs") == "pending"


@pytest.mark.parametrize(("kind", "expected"), [("table", PostgresQueue), ("pgmq", PgmqQueue)])
def test_the_kind_of_queue_is_one_setting(kind: str, expected: type[PostgresQueue]) -> None:
    assert type(make_queue(replace(WorkerSettings(), queue=kind), RetryingConnection("postgresql://nowhere/x"))) is expected
