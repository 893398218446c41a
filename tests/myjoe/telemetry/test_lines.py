"""The log's queue: in order, bounded, and nobody waits for a reader that does not read."""
from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from myjoe.telemetry import lines
from myjoe.telemetry.lines import LineQueue, MemoryStream, handler

# As long as a pipe's buffer, and more than it.
PIPE_BYTES = 65536


@contextmanager
def queue() -> Iterator[tuple[LineQueue, int, list[int]]]:
    """A queue into a pipe, the end to read, and what was said to be dropped."""
    dropped: list[int] = []
    reading, writing = os.pipe()
    one = LineQueue(writing, dropped.append)
    os.close(writing)
    try:
        yield one, reading, dropped
    finally:
        os.close(reading)
        one.close()


def log(one: logging.Handler, text: str) -> None:
    one.handle(logging.LogRecord("x", logging.INFO, "", 1, text, None, None))


def until(text: bytes, reading: int) -> bytes:
    read = b""
    while text not in read:
        read += os.read(reading, PIPE_BYTES)
    return read


def test_lines_come_in_order_and_whole() -> None:
    with queue() as (one, reading, dropped):
        for number in range(1000):
            log(one, f"line {number} \ud800")
        one.flush()
        read = until(b"line 999 \\ud800\n", reading).decode().splitlines()
    assert read == [f"line {number} \\ud800" for number in range(1000)] and dropped == []


def test_who_logs_does_not_wait_and_what_does_not_fit_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINES_MAX", 50)
    with queue() as (one, reading, dropped):
        for number in range(500):
            log(one, f"{number:04} {'x' * 4000}")
        assert dropped == [], "nobody can be told yet"
        first = until(b"0049 ", reading)
        while not dropped:
            first += os.read(reading, PIPE_BYTES)
        log(one, "the last")
        read = first + until(b"the last\n", reading)
    numbers = [int(line[:4]) for line in read.decode().splitlines()[:-1]]
    assert numbers == sorted(numbers) and sum(dropped) == 500 - len(numbers) and len(numbers) < 100


def test_the_queue_is_bounded_in_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BYTES_MAX", 200_000)
    with queue() as (one, _, dropped):
        for _ in range(1000):
            log(one, "x" * 50_000)
        assert one._bytes <= 200_000 and one._dropped + sum(dropped) > 900


def test_the_end_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FLUSH_SECONDS", 0.05)
    with queue() as (one, _, _):
        for _ in range(100):
            log(one, "x" * 4000)
        one.flush()
        assert one._lines


def test_a_stream_that_is_gone_is_no_error() -> None:
    with queue() as (one, reading, _):
        spare = os.dup(reading)
        os.dup2(os.open(os.devnull, os.O_RDONLY), reading)
        os.close(spare)
        for number in range(10):
            log(one, str(number))
        one.flush()
        assert not one._lines


def test_a_stream_in_memory_needs_no_queue_and_none_takes_nothing() -> None:
    assert type(handler(io.StringIO(), print)) is MemoryStream
    assert type(handler(None, print)) is logging.NullHandler


def test_a_stream_in_memory_that_was_closed_is_told_nothing_and_nobody_hears_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    one = handler(stream, print)
    log(one, "before")
    assert stream.getvalue() == "before\n"
    stream.close()
    log(one, "after")
    one.close()
    assert capsys.readouterr().err == "", "no --- Logging error ---"


# A worker's life in small: it logs more than anybody reads, and ends all the same.
PROGRAM = """
import sys
from dataclasses import replace
from myjoe import telemetry
from myjoe_worker.settings import WorkerSettings
telemetry.start(replace(WorkerSettings(), log="json"))
for number in range(20000):
    telemetry.emit("loop.failed", error=f"{number} " + "x" * 400)
print("done", flush=True)
sys.stdin.readline()
telemetry.emit("worker.stopped")
"""


def test_a_process_whose_log_is_not_read_works_on_and_says_later_how_much_is_missing() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin and process.stdout and process.stderr
    assert process.stdout.readline() == "done\n"
    time.sleep(0.1)
    process.stdin.write("\n")
    process.stdin.flush()
    said = [json.loads(line) for line in process.stderr.read().splitlines()]
    assert process.wait() == 0
    missing = sum(line["lines"] for line in said if line["event"] == "log.dropped")
    assert missing > 0 and sum(line["event"] == "loop.failed" for line in said) + missing >= 20000


def test_a_process_whose_log_is_never_read_ends() -> None:
    reading, writing = os.pipe()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=writing, text=True)
    os.close(writing)
    process.communicate("\n", timeout=120)
    assert process.returncode == 0
    os.close(reading)
