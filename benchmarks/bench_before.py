"""Is it as fast as before? This checkout beside an older commit of its own, in one run and by
turns: jobs claimed and done, jobs picked up, and files verified.

    BEFORE=<commit> python -m benchmarks before

By default the last commit before attackers' and operators' cases were answered: before the first
migration of 20261130. The older one has a database of its own migrations, on the same server.
"""
from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

import linefinish
from benchmarks import before_child, datasets
from benchmarks.bench_queue import running_server
from benchmarks.measuring import Table, ms
from benchmarks.settings import Settings
from myjoe.database.server import SUPERUSER

ROOT = Path(__file__).parents[1]
BEFORE = "8940964"
# Every figure may be so much higher than before.
RATIO_MAX = 1.1
FORMATS = ("svg", "pdf", "eps", "dxf", "png", "tif", "pbm")
MIGRATE = "import sys; from myjoe.database.migrating import migrate; migrate(sys.argv[1], seed=True)"
QUESTIONS = {
    "queue": "a job of 50 users claimed and done, 4 at a time, 2 of a user",
    "pickup": "a job added, picked up by an idle worker, and done",
    "verify": f"{before_child.FILES:,} files verified",
}


def checked_out(commit: str, folder: Path) -> Path:
    """The commit's files, in a folder."""
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)
    return folder


def asked(checkout: Path, command: list[str]) -> str:
    """What a process says that imports from this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    return subprocess.run([sys.executable, *command], env=environment, cwd=checkout, check=True, stdout=subprocess.PIPE, text=True).stdout


def write_files(settings: Settings, folder: Path) -> None:
    """Files of every format that we write, for `verify`."""
    for name, svg in list(settings.drawings().items())[:4]:
        page = linefinish.finish(datasets.page(svg, datasets.SIZES_PX["small"], "clean"))
        for suffix in FORMATS:
            page.write(folder / f"{name}.{suffix}")


def run(settings: Settings) -> Iterator[Table]:
    """The one table of this question."""
    commit = os.environ.get("BEFORE", BEFORE)
    with tempfile.TemporaryDirectory(prefix="mjb") as files, tempfile.TemporaryDirectory() as older, running_server(fsync="off") as server:
        write_files(settings, Path(files))
        checkouts = {"before": checked_out(commit, Path(older)), "now": ROOT}
        taken: dict[tuple[str, str], list[dict[str, float]]] = {}
        child = str(ROOT / "benchmarks" / "before_child.py")
        for round_ in range(-1, settings.rounds):  # one that is not counted
            for name, checkout in list(checkouts.items())[:: 1 if round_ % 2 else -1]:
                for question in QUESTIONS:
                    where = files
                    if question != "verify":  # a database of its own each time: what is done stays in its tables
                        database = f"{question}_{name}_{round_ + 1}"
                        with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
                            connection.execute(f"create database {database}")
                        where = server.url(database, SUPERUSER)
                        asked(checkout, ["-c", MIGRATE, where])
                        before_child.add_users(where, before_child.USERS)
                    said = json.loads(asked(checkout, [child, question, where]))
                    if round_ >= 0:
                        taken.setdefault((question, name), []).append(said)
        yield table(commit, taken, settings.rounds)


def table(commit: str, taken: dict[tuple[str, str], list[dict[str, float]]], rounds: int) -> Table:
    """Medians of each, the ratio of the medians, and that of the minima."""
    made = Table(
        f"As fast as at {commit}: CPU of worker and server, {rounds} rounds by turns",
        ["what", "before, ms", "now, ms", "ratio", "ratio of minima", "questions, before → now"],
    )
    for question, words in QUESTIONS.items():
        then, now = ([said["cpu_ms"] for said in taken[question, name]] for name in ("before", "now"))
        questions = [statistics.median(said.get("asked", 0.0) for said in taken[question, name]) for name in ("before", "now")]
        made.add(
            words, ms(statistics.median(then) / 1000), ms(statistics.median(now) / 1000),
            f"{statistics.median(now) / statistics.median(then):.2f}×", f"{min(now) / min(then):.2f}×",
            " → ".join(f"{one:.1f}" for one in questions) if question != "verify" else "–",
        )
    made.notes.append("The server waits for no disk, which others share.")
    made.notes.append(f"At most {RATIO_MAX}× of the medians is what we hold ourselves to.")
    return made
