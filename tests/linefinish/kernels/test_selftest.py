"""The self-test at first use: run once a machine and block, in a process that may die, and what
does not pass is not used.
"""
from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from linefinish.kernels import _native, _selftest

# A process of the small package in which the block fails its test.
FAILING = """
from linefinish.kernels import _selftest
import subprocess
calls = []
def run(command, **rest):
    calls.append(command)
    return subprocess.CompletedProcess(command, {code}, b{out!r}, b"")
subprocess.run, real = run, subprocess.run
{numba}
from linefinish.kernels import small
print(small.total(bytes([1, 2, 3]), 3), len(calls))
from linefinish.kernels import _registry
print(_registry.MODE, _registry.why)
"""
WITHOUT_NUMBA = "import sys; sys.modules['numba'] = None"


def failing(package: Any, out: str, code: int = 0, numba: str = WITHOUT_NUMBA, **variables: str) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = package.run(FAILING.format(out=out, code=code, numba=numba), **variables)
    return done


@pytest.fixture
def wheel(built: Any) -> Any:
    """The small package with its kernels beside it, which no machine has tried yet."""
    (path,) = built.built()
    path.rename(built.packaged_path())
    for mark in built.cache.glob("*"):
        mark.unlink()
    return built


def marks(package: Any) -> list[str]:
    return sorted(path.name.rpartition("-")[0].rpartition("-")[0] for path in package.cache.glob("*ed-*"))


def test_it_runs_once_on_a_machine(wheel: Any) -> None:
    code = (
        "import subprocess, sys\nreal, calls = subprocess.run, []\n"
        "subprocess.run = lambda *a, **k: calls.append(a) or real(*a, **k)\n"
        "from linefinish.kernels import small\nprint(small.total(bytes([1, 2, 3]), 3), len(calls))"
    )
    assert [wheel.run(code).stdout for _ in range(3)] == ["12 1\n", "12 0\n", "12 0\n"]
    assert marks(wheel) == ["tested"]


def test_after_it_a_process_loads_nothing_more_than_before(wheel: Any) -> None:
    code = (
        "import sys\nfrom linefinish.kernels import small\nsmall.total(b'', 0)\n"
        "print([name for name in ('subprocess', 'linefinish.kernels._selftest', 'linefinish.kernels._systems') if name in sys.modules])"
    )
    assert wheel.run(code).stdout != "[]\n"
    assert wheel.run(code).stdout == "[]\n"


@pytest.mark.parametrize(
    ("out", "code", "reason"),
    [
        ("ready\nsmall.total gives another result than it should\n", 0, "small.total gives another result than it should"),
        ("ready\n", -4, "signal 4"),
        ("ready\n", 0xC000001D, "exit code 0xc000001d"),
    ],
    ids=["a wrong result", "an instruction that is not there", "the same on Windows"],
)
def test_what_fails_is_not_used_and_one_sentence_says_so(wheel: Any, out: str, code: int, reason: str) -> None:
    done = failing(wheel, out, code)
    assert done.stdout.startswith("12 "), done.stderr
    why = f"fails its self-test on this machine ({reason})"
    assert done.stdout.splitlines()[1].startswith("python the machine code for x86-64-v") and done.stdout.splitlines()[1].endswith(why)
    assert done.stderr.count("\n") == 1, done.stderr
    sentence = done.stderr.strip()
    assert sentence.startswith("linefinish: the machine code for x86-64-v")
    assert sentence.endswith(
        f"{why}; the kernels run as plain Python, some hundred times slower (pip install 'linefinish[build]' brings a compiler)"
    )


@pytest.mark.parametrize("signal", [2, 15])
def test_a_test_that_somebody_ended_tells_nothing(wheel: Any, signal: int) -> None:
    done = failing(wheel, "ready\n", -signal)
    assert (done.stdout.splitlines()[1].split()[0], done.stderr) == ("native", "")
    assert marks(wheel) == []


def test_a_failure_is_kept_and_the_next_process_does_not_try_again(wheel: Any) -> None:
    failing(wheel, "ready\n", -11)
    assert marks(wheel) == ["failed"]
    again = failing(wheel, "never asked", 0)
    assert again.stdout.splitlines()[0] == "12 0"
    assert "(signal 11)" in again.stderr


def test_where_there_is_numba_it_compiles(wheel: Any) -> None:
    done = failing(wheel, "ready\n", -4, numba="")
    assert done.stdout.splitlines()[0].startswith("12 ")
    assert done.stdout.splitlines()[1].startswith("jit the machine code")
    assert done.stderr.endswith("Numba compiles each kernel at its first call, which takes up to a minute in all\n")


def test_who_asks_for_machine_code_by_name_gets_the_error(wheel: Any) -> None:
    done = failing(wheel, "ready\n", -4, LINEFINISH_KERNELS="native")
    assert done.stderr.strip().splitlines()[-1].endswith("fails its self-test on this machine (signal 4)")
    assert "UnfitError" in done.stderr.strip().splitlines()[-1]


def test_kernels_that_are_built_at_their_first_call_are_tested_too(package: Any) -> None:
    """Their sources are read by then, and so they run as they are written."""
    done = failing(package, "ready\n", -4, numba="")
    assert done.stdout.splitlines()[0].startswith("12 "), done.stderr
    assert done.stdout.splitlines()[1].startswith("python the machine code for")
    assert "some hundred times slower\n" in done.stderr


def test_where_nothing_can_be_kept_nothing_is_tested(wheel: Any) -> None:
    (wheel.folder / "file").touch()
    done = failing(wheel, "ready\n", -4, LINEFINISH_CACHE=str(wheel.folder / "file" / "cache"))
    assert (done.stdout.splitlines()[0], done.stderr) == ("12 0", "")


def test_what_did_not_come_as_far_as_the_machine_code_says_nothing_of_it(wheel: Any) -> None:
    done = failing(wheel, "", 1)
    assert (done.stdout.splitlines()[0], done.stderr) == ("12 1", "")
    assert list(wheel.cache.iterdir()) == []


def test_the_second_level_is_taken_where_the_first_fails(wheel: Any) -> None:
    """A wheel has both."""
    (path,) = wheel.kernels.glob("kernels-*.bin")
    (path.parent / "kernels-x86-64-v2.bin").write_bytes(path.read_bytes())
    (path.parent / "kernels-x86-64-v3.bin").write_bytes(path.read_bytes())
    code = (
        "from linefinish.kernels import _native, _selftest\n"
        "_native.targets = lambda: ['x86-64-v3', 'x86-64-v2']\n"
        "_selftest.problem_of = lambda path, mark: 'no' if 'v3' in path else ''\n"
        "from linefinish.kernels import small\nprint(small.total(bytes([1, 2, 3]), 3), _native.library().path[-6:])"
    )
    done = wheel.run(code)
    assert (done.stdout, done.stderr) == ("12 v2.bin\n", "")


# --- the process that tests
# ------------------------------------------------------------


def test_the_real_code_passes_in_a_real_process() -> None:
    assert _selftest.verdict(_native.library().path) == ""


def test_what_is_no_python_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that has Python inside would start itself, and that itself."""
    path = _native.library().path
    monkeypatch.setattr(subprocess, "run", None)
    for executable in ("", "/opt/drawing/drawing"):
        monkeypatch.setattr(sys, "executable", executable)
        assert _selftest.verdict(path) is None
    monkeypatch.setattr(sys, "executable", "/opt/drawing/python3")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert _selftest.verdict(path) is None


def test_a_process_that_cannot_be_had_or_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    path = _native.library().path

    def run(*_: Any, **__: Any) -> Any:
        raise raised

    monkeypatch.setattr(subprocess, "run", run)
    raised: Exception = BlockingIOError(11, "no more processes")
    assert _selftest.verdict(path) is None
    raised = subprocess.TimeoutExpired("python", 60)
    assert _selftest.verdict(path) == "it does not end"


def test_old_marks_go(tmp_path: Path) -> None:
    for name, days in (("tested-1-a", 31), ("failed-1-b", 31), ("tested-1-c", 1), ("kernels-x.bin", 31)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - days * 86400,) * 2)
    _selftest._sweep(str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kernels-x.bin", "tested-1-c"]


def test_a_person_is_told_what_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "tested-1-here"
    mark.touch()
    os.utime(mark, (86400, 86400))
    assert _selftest.told("path", str(mark)) == "passed on 1970-01-02 (UTC)"
    mark.unlink()
    for verdict, words in (("", "passed"), ("signal 4", "signal 4")):
        monkeypatch.setattr(_selftest, "verdict", lambda _path, verdict=verdict: verdict)
        assert _selftest.told("path", str(mark)) == f"{words}; not kept, as {tmp_path} cannot be written to"
    monkeypatch.setattr(_selftest, "verdict", lambda _path: None)
    assert _selftest.told("path", str(mark)).startswith("not run")
