"""What a worker logs is declared when the package is loaded, beside what every process logs."""
from __future__ import annotations

import subprocess
import sys

from myjoe_worker.events import OWN

ASK = "import {}; from myjoe.telemetry import EVENTS; print(*sorted(EVENTS))"


def declared_by(module: str) -> set[str]:
    """The events that a fresh process knows which has loaded the module."""
    done = subprocess.run([sys.executable, "-c", ASK.format(module)], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_process_that_is_no_worker_knows_no_worker_s_events() -> None:
    every, worker = declared_by("myjoe.telemetry"), declared_by("myjoe_worker.job")
    assert {"database.lost", "cost.booked", "log"} <= every < worker
    assert {name.partition(".")[0] for name in worker - every} == {
        "worker", "loop", "queue", "listen", "lease", "trouble", "pause", "job", "page", "draft", "export", "user", "image",
        "guard", "operation", "health",
    }  # fmt: skip


def test_every_end_of_a_job_has_its_event() -> None:
    ends = {"completed", "retried", "snoozed", "failed", "cancelled", "released", "lost"}
    assert {f"job.{end}" for end in ends} <= set(OWN)
    assert all("seconds" in OWN[f"job.{end}"].fields for end in ends)
