"""The comparison under faults: ours passes, and the judge sees what is lost and what is done
twice.
"""
from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import bench_faults, queue_peers
from benchmarks.bench_faults import Contender, Stage
from benchmarks.fault_contenders import effect
from myjoe.database.server import Server


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Server, Path, str]]:
    ours = bench_faults.contenders()["My Joe"]
    assert isinstance(ours, Contender)
    with bench_faults.serving() as (server, folder):
        yield server, folder, bench_faults.installed(server, folder, ours)


@pytest.fixture
def stage(place: tuple[Server, Path, str], request: pytest.FixtureRequest) -> Iterator[Stage]:
    server, folder, template = place
    ours = bench_faults.contenders()["My Joe"]
    assert isinstance(ours, Contender)
    with bench_faults.staged(server, folder, ours, f"test_{time.monotonic_ns()}", template) as one:
        yield one


def test_ours_loses_nothing_and_does_nothing_twice_when_a_worker_is_killed(stage: Stage) -> None:
    said = bench_faults.killed(stage)
    assert said.startswith(f"{bench_faults.JOBS} of {bench_faults.JOBS} done, 0 twice"), said
    assert len(stage.seen("began")) > bench_faults.JOBS, "the worker had nothing in hand"


def test_ours_refuses_what_a_frozen_worker_hands_in_late(stage: Stage) -> None:
    assert bench_faults.frozen(stage).startswith("late completion refused"), stage.log.read_text()


def test_ours_settles_a_payload_that_cannot_be_decoded_beside_good_ones(stage: Stage) -> None:
    assert bench_faults.undecodable(stage).startswith("10 of 10 done, it is settled")


def test_ours_goes_on_though_nobody_reads_its_log(stage: Stage) -> None:
    assert bench_faults.unread(stage).startswith("10 of 10 done")


def test_the_judge_sees_what_was_lost_what_was_done_twice_and_what_stays_open(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTS_EFFECTS", str(stage.effects))
    for number in (0, 1, 1):
        effect("began", number)
        effect("ended", number)
    assert bench_faults.told(stage, range(3), time.monotonic()).startswith("2 of 3 done, **1 lost**, 1 twice")
    monkeypatch.setattr(bench_faults, "PATIENCE_SECONDS", 0.0)
    stage.contender = dataclasses.replace(stage.contender, open_jobs="select 2")
    assert "**2 open for ever**" in bench_faults.told(stage, range(2), time.monotonic())


def test_a_peer_that_cannot_be_had_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(queue_peers, "FOLDER", tmp_path)
    monkeypatch.setitem(queue_peers.PEERS, "oban", ((sys.version_info[0] + 1, 0), ()))
    assert queue_peers.python_of("oban") == f"it needs Python {sys.version_info[0] + 1}.0, which this machine has not"
    assert "could not be installed" in str(queue_peers.python_of("procrastinate"))
