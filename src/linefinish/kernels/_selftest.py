"""The self-test of machine code at its first use on a machine: a few calls whose results are known
(`_known.py`), in a process of its own, so that an instruction that this processor lacks, or a
system that ends whoever runs code of its own, ends that process and not the caller's.

What came of it is kept in the user's cache folder, a file a machine and block: `tested-…` where all
was well, `failed-…` with the reason. Where nothing can be kept, nothing is tested, as each process
would pay for it; `linefinish --version --verbose` tests in any case.
"""
from __future__ import annotations

import os
import sys
import time

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from linefinish.kernels import _known; _known.main(sys.argv[2])"
# Seconds after which the test counts as failed. It takes 30 ms; fewer, and a machine that stands
# still for a while is taken for one whose code never ends.
_SECONDS_MAX = 60
# Days after which a mark may go: the next process tests again. More keep the marks of containers
# that are long gone.
_DAYS_KEPT = 30
# Signals that somebody sends, a user or a system that runs out of memory: they tell nothing of the
# code. A Mac ends with SIGKILL what it does not let run.
_SENT = (1, 2, 3, 15) if sys.platform == "darwin" else (1, 2, 3, 9, 15)


def problem_of(path: str, mark: str) -> str:
    """What is wrong with the machine code in a file, "" if nothing is known to be. `mark` is the
    file that says so to the next process.
    """
    try:
        with open(_failed(mark), encoding="utf-8") as file:
            return file.read()
    except OSError:
        pass
    temporary = f"{mark}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(mark), exist_ok=True)
        with open(temporary, "x", encoding="utf-8") as file:
            problem = verdict(path)
            file.write(problem or "")
        if problem is None:
            os.unlink(temporary)
        else:
            os.replace(temporary, _failed(mark) if problem else mark)
            _sweep(os.path.dirname(mark))
    except OSError:  # nothing can be kept
        return ""
    return problem or ""


def verdict(path: str) -> str | None:
    """Test now: what is wrong, "" if all is well, None if it cannot be told."""
    import subprocess

    # An application that has Python inside would start itself once more.
    if not sys.executable or getattr(sys, "frozen", False) or not os.path.basename(sys.executable).lower().startswith(("python", "pypy")):
        return None
    command = [sys.executable, "-I", "-S", "-B", "-c", _CODE, _ROOT, path]
    no_window = 0x08000000 if sys.platform == "win32" else 0  # CREATE_NO_WINDOW
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS_MAX, check=False, creationflags=no_window
        )
    except subprocess.TimeoutExpired:
        return "it does not end"
    except OSError:  # no process can be had
        return None
    told = done.stdout.decode("ascii", "replace").split("\n")
    if told[0].strip() != "ready":  # it did not come as far as the machine code
        return None
    last = told[-2].strip() if len(told) > 2 else ""
    if last == "passed":
        return ""
    code = done.returncode
    if -code in _SENT:
        return None
    return last or (f"signal {-code}" if code < 0 else f"exit code {code:#x}")


def told(path: str, mark: str) -> str:
    """For a person: what is known of the file's machine code on this machine, tested now if it was
    not before.
    """
    try:
        day = time.strftime("%Y-%m-%d", time.gmtime(os.stat(mark).st_mtime))
        return f"passed on {day} (UTC)"
    except OSError:
        pass
    problem = verdict(path)
    if problem is None:
        return "not run, as no process of Python's can be started"
    return f"{problem or 'passed'}; not kept, as {os.path.dirname(mark)} cannot be written to"


def _failed(mark: str) -> str:
    folder, name = os.path.split(mark)
    return os.path.join(folder, "failed-" + name.removeprefix("tested-"))


def _sweep(folder: str) -> None:
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name.startswith(("tested-", "failed-")) and os.stat(path).st_mtime < time.time() - _DAYS_KEPT * 86400:
            os.unlink(path)
