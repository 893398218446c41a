"""Runs targets, each in children of its own: who crashes, hangs or raises what is not ours leaves
the file behind that did it.
"""
from __future__ import annotations

import os
import random
import signal
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from tests.fuzzing.judging import in_a_child, peak_kb_of
from tests.fuzzing.targets import Target

# Seconds of CPU that a file may take, and of the clock, which other work on the machine takes too.
SECONDS_MAX, CLOCK_SECONDS_MAX = 5, 120
# kB that a file may take which its header alone refuses.
PEAK_KB_MAX = 100_000
# Files a child: more of them hide behind memory that earlier ones took, fewer cost forks.
_FILES_PER_CHILD = 2000


def run(target: Target, seconds: float, seed: int, folder: Path, files_max: int | None = None) -> Counter[str]:
    """Damage and judge files of a target for so long. Returns how many ended how: what is wrong is
    in it as "CRASH", "HANG", "FOREIGN" or "MEMORY", with the file in the folder.
    """
    seeds = target.seeds()
    end = time.monotonic() + seconds
    tally: Counter[str] = Counter()
    for batch in range(10**9):
        left = end - time.monotonic()
        if left <= 0 or files_max is not None and sum(tally.values()) >= files_max:
            return tally
        count = _FILES_PER_CHILD if files_max is None else files_max
        present = folder / f"{target.name.replace(' ', '-')}-{seed}-{batch}.file"
        told = in_a_child(lambda: _child(target, seeds, f"{target.name} {seed} {batch}", left, count, present))  # noqa: B023
        words = told.split("\n")
        for word in words[0].split():
            name, _, number = word.partition("=")
            if number.isdigit():
                tally[name] += int(number)
        if told.startswith("died of "):
            ended = int(told.rpartition(" ")[2])
            tally["HANG" if ended in (signal.SIGPROF, signal.SIGALRM) else "CRASH"] += 1
        if not any(name.isupper() for name in tally) and present.exists():
            present.unlink()
    raise AssertionError("unreachable")


def _child(target: Target, seeds: list[bytes], name: str, seconds: float, count: int, present: Path) -> str:
    """Judge files until one is wrong; the tally in a line, and what was raised."""
    rng = random.Random(name)
    end = time.monotonic() + seconds
    tally: Counter[str] = Counter()
    problem = ""
    handle = os.open(present, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff's remarks
    for data in seeds:  # what the first file imports is no cost of it
        target.judge(data, random.Random(1))
    for _ in range(count):
        if time.monotonic() > end:
            break
        data = target.damage(rng.choice(seeds), rng)
        os.ftruncate(handle, 0)
        os.pwrite(handle, data, 0)
        became: list[str] = []

        def judge(data: bytes = data, became: list[str] = became) -> Any:
            became.append(target.judge(data, rng))

        signal.setitimer(signal.ITIMER_PROF, SECONDS_MAX)
        signal.setitimer(signal.ITIMER_REAL, CLOCK_SECONDS_MAX)
        try:
            peak_kb = peak_kb_of(judge)
        except Exception:  # foreign ones are what is looked for
            tally["FOREIGN"] += 1
            problem = traceback.format_exc()
            break
        if became[0] == "header" and peak_kb > PEAK_KB_MAX:
            tally["MEMORY"] += 1
            problem = f"{peak_kb:,} kB"
            break
        tally[became[0]] += 1
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    if problem:
        present.with_suffix(".txt").write_text(problem)
    return " ".join(f"{word}={number}" for word, number in tally.items()) + "\n"
