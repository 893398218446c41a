"""Handing out tasks: over any executor, in bounded numbers, past killed workers."""
from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from linefinish.batch import workers as crew
from linefinish.batch.workers import Failed, Lost, outcomes
from linefinish.errors import LinefinishError


def square(number: int) -> int:
    if number == 13:
        raise ArithmeticError("thirteen")
    return number * number


def deadly(task: tuple[str, str]) -> str:
    """Ends its worker as the out-of-memory killer does: always for "always", the first time for
    "once".
    """
    name, marks = task
    if name == "always" or (name == "once" and not (Path(marks) / name).exists()):
        (Path(marks) / name).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return name


def slow(path: str) -> None:
    Path(path, str(os.getpid())).touch()
    time.sleep(60)


class Counting(ThreadPoolExecutor):
    """Counts how many tasks are out at once."""

    out = out_max = 0

    def submit(self, *args: Any, **more: Any) -> Future[Any]:
        self.out += 1
        self.out_max = max(self.out_max, self.out)
        return super().submit(*args, **more)


@pytest.mark.parametrize("kind", ["none", "own", "threads", "processes"])
def test_every_task_has_one_outcome(kind: str) -> None:
    executor: Executor | None = ThreadPoolExecutor(3) if kind == "threads" else ProcessPoolExecutor(2) if kind == "processes" else None
    found = dict(outcomes(square, range(40), executor=executor, jobs=2 if kind == "own" else 1))
    assert sorted(found) == list(range(40))
    bad = found.pop(13)
    assert isinstance(bad, Failed)
    assert str(bad.error) == "thirteen"
    assert found == {number: number * number for number in found}
    if executor:
        executor.shutdown()


def test_tasks_are_handed_out_in_bounded_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_WINDOW_FOREIGN", 5)
    with Counting(2) as executor:
        for _ in outcomes(square, range(50), executor=executor, jobs=1):
            executor.out -= 1
        assert executor.out_max == 5


def test_a_killed_worker_takes_down_its_own_task_only(tmp_path: Path) -> None:
    tasks = [(name, str(tmp_path)) for name in ("a", "b", "always", "c", "once", "d", "e", "f", "g")]
    found = {task[0]: outcome for task, outcome in outcomes(deadly, tasks, executor=None, jobs=2)}
    assert isinstance(found.pop("always"), Lost)
    assert found == {name: name for name in ("a", "b", "c", "once", "d", "e", "f", "g")}


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.3])
def test_a_fork_server_that_is_killed_while_a_batch_starts(tmp_path: Path, delay: float) -> None:
    """It is started anew, or one sentence says that no worker can be had."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.pbm").write_bytes(b"P1 3 3 000010000")
    code = (
        "import os, signal, sys, threading, time\nfrom multiprocessing.forkserver import _forkserver\n"
        "def kill():\n while not _forkserver._forkserver_pid: time.sleep(0.001)\n"
        f" time.sleep({delay})\n os.kill(_forkserver._forkserver_pid, signal.SIGKILL)\n"
        "if __name__ == '__main__':\n threading.Thread(target=kill, daemon=True).start()\n"
        " from linefinish.command.cli import main\n sys.exit(main(['batch', '.', '-o', 'out', '--jobs', '2', '-q']))\n"
    )
    (tmp_path / "run.py").write_text(code)
    done = subprocess.run([sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode in (0, 1), done.stderr
    # What Python's own start of a process says of a lock of a pool that is gone, and no more.
    lost = (
        r"Traceback .*\n  File .*forkserver.py.*\n(?:  .*\n)+  File .*synchronize.py.*\n.*SemLock._rebuild.*\n(?:  .*\n)*"
        r"FileNotFoundError: .*\n"
    )
    said = re.sub(lost, "", done.stderr)
    assert "Traceback" not in said, done.stderr
    assert (done.returncode == 0) == (len(list((tmp_path / "out").glob("*.svg"))) == 3)
    assert len(said.splitlines()) <= 3, done.stderr


def test_a_pool_that_never_starts_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def refuse(*_: Any, **__: Any) -> None:
        attempts.append(1)
        raise EOFError

    monkeypatch.setattr(ProcessPoolExecutor, "submit", refuse)
    with pytest.raises(LinefinishError, match="no worker process can be started"):
        list(outcomes(square, range(9), executor=None, jobs=2))
    assert len(attempts) == 3


def test_a_foreign_pool_that_breaks_is_told_for_every_task(tmp_path: Path) -> None:
    tasks = [(name, str(tmp_path)) for name in ("always", "a", "b")]
    with ProcessPoolExecutor(1) as executor:
        found = {task[0]: outcome for task, outcome in outcomes(deadly, tasks, executor=executor, jobs=1)}
    assert set(found) == {"always", "a", "b"}
    assert isinstance(found["always"], Lost)


def test_an_executor_that_has_been_shut_down(tmp_path: Path) -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    found = list(outcomes(square, [1, 2], executor=executor, jobs=1))
    assert [task for task, _ in found] == [1, 2]
    assert all(isinstance(outcome, Failed) for _, outcome in found)


def test_closing_the_iterator_ends_the_workers(tmp_path: Path) -> None:
    def quick_then_slow() -> Any:
        yield from outcomes(slow_but_one, [("", ""), ("slow", str(tmp_path)), ("slow", str(tmp_path))], executor=None, jobs=2)

    results = quick_then_slow()
    next(results)
    while not list(tmp_path.iterdir()):
        time.sleep(0.01)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    results.close()
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def slow_but_one(task: tuple[str, str]) -> None:
    if task[0]:
        slow(task[1])
