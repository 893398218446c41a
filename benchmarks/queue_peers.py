"""The queues that ours is compared with under faults, each in a virtual environment of its own, as
they need different Pythons. `python -m benchmarks.queue_peers` makes what is missing.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "build" / "peers" / "queues"
# The oldest Python that each works with, and what is installed: where a driver is to be chosen, the
# one of its documentation.
PEERS: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "procrastinate": ((3, 11), ("procrastinate>=3.10", "psycopg[binary]")),
    "pgqueuer": ((3, 11), ("pgqueuer>=1.6", "asyncpg>=0.30", "psycopg[binary]")),
    "oban": ((3, 12), ("oban>=0.7", "psycopg[binary]")),
    "horsies": ((3, 13), ("horsies>=0.5.4", "psycopg[binary]")),
}
# Looked for on the path, the newest first.
MINORS = (14, 13, 12, 11)


def interpreter(oldest: tuple[int, int]) -> str | None:
    """A Python that is new enough: this one, or else one that is on the path or that pyenv has."""
    if sys.version_info[:2] >= oldest:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    for minor in MINORS:
        name = f"python3.{minor}"
        for found in (shutil.which(name), *sorted(pyenv.glob(f"3.{minor}.*/bin/{name}"), reverse=True)):
            # pyenv puts names on the path for Pythons that are not chosen, which do not run.
            if (3, minor) >= oldest and found and _runs(found, "import venv"):
                return str(found)
    return None


def _runs(python: str | Path, program: str) -> bool:
    return subprocess.run([python, "-c", program], capture_output=True, check=False).returncode == 0


def python_of(name: str) -> Path | str:
    """The Python that has this peer, or why there is none."""
    python = FOLDER / name / "bin" / "python"
    if python.exists() and _runs(python, f"import {name}"):
        return python
    oldest = PEERS[name][0]
    if interpreter(oldest) is None:
        return f"it needs Python {oldest[0]}.{oldest[1]}, which this machine has not"
    return "it could not be installed (`python -m benchmarks.queue_peers` says why)"


def versions(names: Sequence[str]) -> str:
    """Name and version of those that are here."""
    found = []
    for name in names:
        python = FOLDER / name / "bin" / "python"
        if python.exists():
            program = f"import importlib.metadata, platform; print(importlib.metadata.version({name!r}), platform.python_version())"
            version, of_python = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.split()
            found.append(f"{name} {version} on Python {of_python}")
    return ", ".join(found)


def install() -> None:
    """Make an environment for each peer that is not there, and say what cannot be had."""
    for name, (oldest, packages) in PEERS.items():
        if isinstance(python_of(name), Path):
            continue
        python = interpreter(oldest)
        if python is not None:
            subprocess.run([python, "-m", "venv", "--clear", FOLDER / name], check=True)
            pip = [str(FOLDER / name / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            subprocess.run([*pip, *packages], check=False)
        why = python_of(name)
        if isinstance(why, str):
            print(f"{name}: {why}", file=sys.stderr)


if __name__ == "__main__":
    install()
