"""Crash reports, against an HTTP server that takes what Sentry would."""
from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli
import pytest

PROGRAM = """
import os, sys
from myjoe.telemetry import reporting
from myjoe import telemetry
from myjoe_worker.settings import read_settings

def make_page(prompt):
    raise ValueError(f"refused: {prompt} by postgresql://joe:hunter2@db/x with {os.environ['RECRAFT_API_KEY']}")

settings = read_settings(os.environ)
telemetry.start(settings)
with reporting.reporting(settings, "1.2.3", "w1"), telemetry.context(job="j1", hide=["my daughter Ida"]):
    try:
        make_page("my daughter Ida")
    except ValueError as error:
        telemetry.emit("job.crashed", error=error)
    telemetry.emit("job.failed", kind="timeout", error="no answer")
    telemetry.emit("job.retried", kind="timeout", error="no answer")
"""


@pytest.fixture
def sink() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A DSN, and the events that arrived under it."""
    arrived: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            # The SDK takes brotli where it is installed, as it is with the Studio.
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers.get("Content-Encoding", ""), bytes)
            body = unpack(body)
            items = [json.loads(line) for line in body.splitlines() if line]
            arrived.extend(item for item in items if "event_id" in item and "platform" in item)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://public@127.0.0.1:{server.server_port}/1", arrived
    server.shutdown()
    server.server_close()


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("MYJOE_", "SENTRY_"))}
    return subprocess.run([sys.executable, "-c", PROGRAM], env={**given, "RECRAFT_API_KEY": "plain-key", **environment},
                          capture_output=True, text=True, check=False, timeout=60)  # fmt: skip


def test_errors_arrive_scrubbed_and_others_do_not(sink: tuple[str, list[dict[str, Any]]]) -> None:
    dsn, arrived = sink
    done = run(SENTRY_DSN=dsn, MYJOE_WORKER_NAME="w1")
    assert done.returncode == 0, done.stderr
    assert [event["tags"]["event"] for event in arrived] == ["job.crashed", "job.failed"]
    crashed, failed = arrived
    assert crashed["release"] == "myjoe@1.2.3" and crashed["environment"] == "development" and crashed["tags"]["job"] == "j1"
    assert crashed["exception"]["values"][0]["type"] == "ValueError"
    assert failed["fingerprint"] == ["job.failed", "timeout"]
    for secret in ("Ida", "hunter2", "plain-key"):
        assert secret not in json.dumps(arrived)
    # The source lines around a frame are sent, its variables are not.
    assert not [frame for frame in crashed["exception"]["values"][0]["stacktrace"]["frames"] if "vars" in frame]


@pytest.mark.parametrize("dsn", ["nonsense", "https://sentry.example.com"])
def test_a_dsn_that_is_none_is_a_mistake_in_the_settings(dsn: str) -> None:
    done = run(SENTRY_DSN=dsn)
    assert done.returncode == 1 and "SettingsError: SENTRY_DSN is not one that Sentry has given" in done.stderr
