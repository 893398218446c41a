"""What an operator sees at night, with real workers, a real server and providers on real sockets: a
key that is refused, and a worker that is dead.
"""
from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.stage import Stage, WorkerProcess, eventually
from tests.support.peers import OpenAIPeer, RecraftPeer, ReplicatePeer
from tests.support.peers.server import Peer, refuse

# Longer than the worker's heartbeats, so that the dead one's leases stand while a test looks.
LONG_LEASE = {"MYJOE_LEASE_SECONDS": "60", "MYJOE_HEARTBEAT_SECONDS": "5", "MYJOE_POLL_SECONDS": "1"}


def events(worker: WorkerProcess, *names: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] in names]


def command(stage: Stage, *words: str) -> subprocess.CompletedProcess[str]:
    """The very command that an operator types."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MYJOE_")}
    environment = {**clean, "DATABASE_URL": stage.database.server.url(stage.database.name), "MYJOE_HOME": str(stage.folder / "home")}
    return subprocess.run([sys.executable, "-m", "myjoe_cli", *words], env=environment, capture_output=True, text=True, check=False)


class Watched:
    """A worker process whose health can be asked for."""

    def __init__(self, stage: Stage, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = stage.product(MYJOE_HEALTH_ADDRESS=f":{self.port}", MYJOE_LOG="json", **environment)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return str(answer.read().decode())

    def health(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self.get("/health")))
        except urllib.error.HTTPError as error:
            return dict(json.loads(error.read()))

    def metrics(self) -> dict[tuple[str, ...], float]:
        return {(sample.name, *sample.labels.values()): sample.value
                for family in text_string_to_metric_families(self.get("/metrics")) for sample in family.samples}  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "kind", "reason"),
    [(401, "account", "replicate: does not accept the key (status 401)"), (402, "account", "replicate: the account is empty")],
)
def test_a_provider_s_refusal_is_told_loudly_and_so_is_its_end(stage: Stage, refused: int, kind: str, reason: str) -> None:
    with OpenAIPeer() as openai, ReplicatePeer() as replicate, RecraftPeer() as recraft:
        peers: dict[str, Peer] = {"openai": openai, "replicate": replicate, "recraft": recraft}
        replicate.script("create", *[refuse(refused)] * 3)
        worker = Watched(
            stage, MYJOE_PROVIDERS="real", OPENAI_API_KEY=OpenAIPeer.key, OPENAI_BASE_URL=peers["openai"].url,
            REPLICATE_API_TOKEN=ReplicatePeer.key, REPLICATE_BASE_URL=peers["replicate"].url, RECRAFT_API_KEY=RecraftPeer.key,
            RECRAFT_BASE_URL=peers["recraft"].url, **LONG_LEASE,
        )  # fmt: skip
        pages = stage.submit_pages({}, {}, {})
        eventually(lambda: len(events(worker.process, "job.snoozed")) == 3)
        health = worker.health()
        assert health["ready"] and health["degraded"][0] == f"{reason}; 3 pages wait for it", health
        assert re.search(r"needs you.*replicate: .*; 3 pages wait for it", worker.get("/"), re.DOTALL)
        told = worker.metrics()
        assert told["myjoe_worker_operator_needed", "replicate", kind] == 1
        assert told["myjoe_pages_waiting_for_operator", "replicate", kind] == 3
        [began] = events(worker.process, "trouble.began", "trouble.ended")
        assert (began["level"], began["provider"], began["kind"], began["error"]) == ("error", "replicate", kind, reason)
        # It is mended, and the pages' time comes.
        replicate.faults["create"].clear()
        stage.database.run("update private.pauses set until = private.clock()")
        stage.database.run("update public.jobs set scheduled_at = private.clock() where status = 'pending'")
        stage.wait_for("completed", *pages)
        ended = eventually(lambda: events(worker.process, "trouble.ended"))
        assert [(one["level"], one["provider"], one["kind"]) for one in ended] == [("info", "replicate", kind)]
        assert len(events(worker.process, "trouble.began")) == 1 and worker.health()["needs_operator"] == []
    stage.check()


def test_a_dead_worker_s_pages_are_told_of_and_given_back_by_hand(stage: Stage) -> None:
    dead = stage.product(MYJOE_WORKER_NAME="dead", **LONG_LEASE)
    pages = stage.submit_pages(*[{}] * 4)
    eventually(lambda: stage.database.one("select count(*) from public.jobs where status = 'in_progress'") == 2)
    dead.send(19)  # SIGSTOP: it does nothing more, and cannot hand back
    dead.kill()
    held = stage.database.one("select count(*) from public.jobs where status = 'in_progress'")
    assert held
    shown = command(stage, "jobs", "--state", "waiting")
    assert re.search(r"its user's limit: 2 of 2 run", shown.stdout) or held < 2, shown.stdout
    assert re.search(r"dead holds it, silent for \d+ s, free in \d+ s", command(stage, "jobs").stdout)
    refused = command(stage, "release", "nobody", "--reason", "it is dead")
    assert (refused.returncode, refused.stderr) == (1, "myjoe: no worker 'nobody' holds a job; those who do: dead\n")
    healthy = Watched(stage, MYJOE_WORKER_NAME="healthy", **LONG_LEASE)
    done = command(stage, "release", "dead", "--reason", "the machine is gone")
    assert done.returncode == 0 and re.match(rf"{held} jobs? of dead waits? again; nothing was heard of it for \d+ s\.\n", done.stdout)
    stage.wait_for("completed", *pages)
    assert not events(healthy.process, "queue.reclaimed"), "nothing had run out"
    stage.check()


def test_leases_that_ran_out_are_a_warning_of_whoever_takes_them_back(stage: Stage) -> None:
    short = {"MYJOE_LEASE_SECONDS": "2", "MYJOE_HEARTBEAT_SECONDS": "0.3", "MYJOE_POLL_SECONDS": "1"}
    dead = stage.product(MYJOE_WORKER_NAME="dead", **short)
    pages = stage.submit_pages(*[{}] * 2)
    eventually(lambda: stage.database.one("select count(*) from public.jobs where status = 'in_progress'") == 2)
    dead.kill()
    held = stage.database.one("select count(*) from public.jobs where status = 'in_progress'")
    healthy = Watched(stage, MYJOE_WORKER_NAME="healthy", **short)
    stage.wait_for("completed", *pages)
    if held:
        reclaimed = eventually(lambda: events(healthy.process, "queue.reclaimed"))
        assert sum(one["jobs"] for one in reclaimed) == held
        assert {(one["level"], one["worker"]) for one in reclaimed} == {("warning", "dead")} and reclaimed[0]["silent_seconds"] >= 1.5
        assert healthy.metrics()["myjoe_worker_troubles_total", "queue.reclaimed"] == len(reclaimed)
    stage.check()


def test_one_provider_s_key_alone_starts_and_what_it_cannot_do_is_switched_off(stage: Stage) -> None:
    with RecraftPeer() as recraft:
        alone = {"MYJOE_PROVIDERS": "real", "RECRAFT_API_KEY": RecraftPeer.key, "RECRAFT_BASE_URL": recraft.url}
        one = stage.product(**alone, **LONG_LEASE)
        eventually(lambda: len(events(one, "operation.switched")) == 3)
        assert {(event["level"], event["operation"], event["action"]) for event in events(one, "operation.switched")} == {
            ("error", name, "off") for name in ("fix_upscale", "raster", "vector")
        }  # fmt: skip
        assert "no worker has a key for openai, replicate" in command(stage, "switch").stdout
        words = ("order", "a cat", "--pages", "1", "--user", str(stage.user), "--project", str(stage.database.project(stage.user)))
        before, refused = stage.database.balance(stage.user), command(stage, *words)
        assert refused.returncode == 1 and "Refused (switched_off)" in refused.stdout
        assert stage.database.balance(stage.user) == before
        # The sketcher stands in for everybody, and all is on again.
        other = stage.product(**LONG_LEASE)
        eventually(lambda: len(events(other, "operation.switched")) == 3)
        assert stage.database.rows("select code from public.operations where switched_off") == []
