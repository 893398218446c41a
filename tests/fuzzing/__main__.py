"""`python -m tests.fuzzing [SECONDS] [SEED] [TARGET…]`: all targets in turn, for so many seconds in
sum, in two processes; exit code 1 if anything was found. What was found lies in build/fuzz.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.fuzzing.running import run
from tests.fuzzing.targets import targets

FOLDER = Path(__file__).parents[2] / "build" / "fuzz"
# Share of the time that records made by hand get, and how many of them a second are made.
_RECORDS_SHARE, _RECORDS_PER_SECOND = 0.1, 20


def work(name: str, seconds: float, seed: int) -> Counter[str]:
    """Run one target in a process of its own: a child of a process with threads may wait for a
    lock for ever.
    """
    command = [sys.executable, "-m", "tests.fuzzing", "--one", name, str(seconds), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return Counter({"BROKEN": 1})
    return Counter(json.loads(done.stdout))


def one(name: str, seconds: str, seed: str) -> int:
    """What `work` starts."""
    target = next(target for target in targets() if target.name == name)
    print(json.dumps(run(target, float(seconds), int(seed), FOLDER)))
    return 0


def main(words: list[str]) -> int:
    """Run them, and say what became of how many files."""
    seconds = float(words[0]) if words else 60.0
    seed = int(words[1]) if len(words) > 1 else int(time.time())
    chosen = [target for target in targets() if not words[2:] or target.name in words[2:]]
    FOLDER.mkdir(parents=True, exist_ok=True)
    processes = len(os.sched_getaffinity(0))
    share = (1 - _RECORDS_SHARE) * seconds * processes / len(chosen)
    print(f"{len(chosen)} targets, {share:.0f} s each, seed {seed}", flush=True)
    total: Counter[str] = Counter()
    with ThreadPoolExecutor(processes) as pool:
        for target, tally in zip(chosen, pool.map(partial(work, seconds=share, seed=seed), [target.name for target in chosen])):
            print(f"{target.name:28}", ", ".join(f"{number:,} {word}" for word, number in sorted(tally.items())), flush=True)
            total += tally
    examples = max(50, int(_RECORDS_SHARE * seconds * _RECORDS_PER_SECOND))
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.fuzzing.records", str(examples), str(seed)]
    found = {word: number for word, number in total.items() if word.isupper()}
    if subprocess.run(command, check=False).returncode:  # a process of its own: what is wrong there is a crash
        found["RECORDS"] = 1
    print(f"{sum(total.values()):,} files; found: {found or 'nothing'}" + (f"; the files are in {FOLDER}" if found else ""))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(one(*sys.argv[2:]) if sys.argv[1:2] == ["--one"] else main(sys.argv[1:]))
