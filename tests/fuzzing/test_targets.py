"""A short share of what `make fuzz` does: some hundred files of each target, the same on every
run.
"""
from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.fuzzing.running import run
from tests.fuzzing.targets import Target, read, targets

FILES = 20_000 if os.environ.get("MYJOE_TESTS_ALL") else 120


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_damaged_files_end_in_a_result_or_in_one_of_our_errors(target: Target, tmp_path: Path) -> None:
    tally = run(target, 300, 1, tmp_path, FILES)
    assert not [word for word in tally if word.isupper()], (tally, [path.read_text() for path in tmp_path.glob("*.txt")])
    assert sum(tally.values()) >= FILES
    assert tally["read"] + tally["header"] + tally["refused"] == sum(tally.values())


def _dies(data: bytes, rng: random.Random) -> str:
    os.abort()


def _raises(data: bytes, rng: random.Random) -> str:
    raise KeyError(len(data))


def _takes(data: bytes, rng: random.Random) -> str:
    return "header" if len(b"\1" * 200_000_000) else ""


def _turns(data: bytes, rng: random.Random) -> str:
    while len(data) > 3:
        pass
    return "read"


@pytest.mark.parametrize(("judge", "word"), [(_dies, "CRASH"), (_raises, "FOREIGN"), (_takes, "MEMORY"), (_turns, "HANG")])
def test_what_is_wrong_is_found_and_its_file_kept(judge: object, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzzing.running.SECONDS_MAX", 0.2 if judge is _turns else 60.0)

    def only_damaged(data: bytes, rng: random.Random) -> str:
        return read(data, rng) if data == b"P4 1 1\n\0" else judge(data, rng)  # type: ignore[no-any-return, operator]

    target = Target("broken", lambda: [b"P4 1 1\n\0"], lambda data, rng: data + b"more", only_damaged)
    tally = run(target, 100, 1, tmp_path, 1)
    assert tally == {word: 1}
    assert [path.read_bytes() for path in tmp_path.glob("*.file")] == [b"P4 1 1\n\0more"]
