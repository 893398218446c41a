"""Taking times so that they can be compared: all contestants in turn, round after round, and the
median of each.

CPU time (user and system) and not the wall clock: another process on the machine then disturbs all
alike and little. Only ratios within one run mean anything.
"""
from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any


def interleaved(contestants: Mapping[str, Callable[[], Any]], rounds: int = 5) -> dict[str, float]:
    """CPU seconds of one call of each, the median over `rounds` rounds. A first, unmeasured round
    warms all up.
    """
    for call in contestants.values():
        call()
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, call in contestants.items():
            start = time.process_time()
            call()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


# Runs a command and prints what the kernel counted for it. It is a small process of its own because
# a child starts with its parent's peak memory in its books: under a benchmark with numpy and OpenCV
# in it every tool would seem to need 300 MB. It adopts (prctl 36, PR_SET_CHILD_SUBREAPER) and
# awaits what the command leaves behind: a batch's workers are children of a server that outlives
# it.
_LAUNCHER = """
import _ctypes, json, os, resource, sys, time
_ctypes.call_function(_ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl"), (36, 1, 0, 0, 0))
start = time.perf_counter()
child = os.posix_spawnp("sh", ["sh", "-c", sys.argv[1]], os.environ)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
wall = time.perf_counter() - start
try:
    while True:
        os.wait()
except ChildProcessError:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, status]))
"""


def process(command: str, environment: Mapping[str, str] | None = None) -> dict[str, float]:
    """CPU seconds of all processes of a shell command, its wall seconds, and the largest resident
    memory (MiB) of any of them.
    """
    # Installed packages have their bytecode cached; a setting against that would charge each start
    # with compiling its own sources.
    cached = {key: value for key, value in (environment or os.environ).items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, "-I", "-S", "-c", _LAUNCHER, command], env=cached, capture_output=True, text=True, check=True)
    cpu, wall, memory, status = json.loads(done.stdout.splitlines()[-1])
    if status != 0:
        raise RuntimeError(f"{command!r} ended with {status}: {done.stderr.strip()[-300:]}")
    return {"cpu": cpu, "wall": wall, "memory": memory}


def processes(commands: Mapping[str, str], rounds: int = 5, environment: Mapping[str, str] | None = None) -> dict[str, dict[str, float]]:
    """`process` of each command in turn; medians over the rounds, and `least`, the least CPU
    seconds of any round: what others do to the machine adds to a time and never takes from it.
    """
    for command in commands.values():
        process(command, environment)
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(process(command, environment))
    found = {}
    for name, rounds_ in taken.items():
        found[name] = {key: statistics.median(one[key] for one in rounds_) for key in ("cpu", "wall", "memory")}
        found[name]["least"] = min(one["cpu"] for one in rounds_)
    return found


def geometric_mean(values: Iterable[float]) -> float:
    """Of positive numbers; 0 for none."""
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs)) if logs else 0.0


class Table:
    """One question's answer: rows of words and figures, and the notes that are needed
    to read them.
    """

    def __init__(self, title: str, columns: list[str]) -> None:
        self.title, self.columns = title, columns
        self.rows: list[list[str]] = []
        self.notes: list[str] = []

    def add(self, *cells: object) -> None:
        """One row; figures come as text already, so that each column rounds as it should."""
        self.rows.append([str(cell) for cell in cells])

    def markdown(self) -> str:
        """As a Markdown table under its title."""
        lines = [f"**{self.title}**", "", f"| {' | '.join(self.columns)} |", f"| --- |{' ---: |' * (len(self.columns) - 1)}"]
        lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in self.rows]
        lines += ["", *(f"{note}  " for note in self.notes)] if self.notes else []
        return "\n".join(lines) + "\n"


def ms(seconds: float) -> str:
    """Milliseconds with three figures at most."""
    value = seconds * 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def times(ratio: float) -> str:
    """A ratio to the reference."""
    return f"{ratio:.0f}×" if ratio >= 20 else f"{ratio:.1f}×" if ratio >= 1.95 else f"{ratio:.2f}×"
