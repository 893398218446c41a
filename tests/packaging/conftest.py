"""The wheels of both distributions, built as pip builds them, once for all test processes."""
from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ("src/linefinish", "scripts", "pyproject.toml", "setup.py", "setup.cfg", "MANIFEST.in", "README.md", "LICENSE")
PRODUCT = ("src", "supabase", "distributions")


def run(*command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LINEFINISH_", "PYTHONPATH"))}
    return subprocess.run(command, cwd=cwd, env={**environment, **variables}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def library_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of linefinish. It is built with the compiler that is already here."""
    return _built(tmp_path_factory, "linefinish", LIBRARY, ".")


@pytest.fixture(scope="session")
def product_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of myjoe."""
    return _built(tmp_path_factory, "myjoe", PRODUCT, "distributions/myjoe")


def _built(tmp_path_factory: pytest.TempPathFactory, name: str, wanted: Sequence[str], folder: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    # Side by side, the test processes share one: the kernels take minutes of CPU to build.
    out = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"{name}-wheel"
    out.mkdir(exist_ok=True)
    with (out / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not list(out.glob("*.whl")):
            build_wheel(tmp_path_factory.mktemp("source"), wanted, folder, out)
    (path,) = out.glob("*.whl")
    return path


def build_wheel(source: Path, wanted: Sequence[str], folder: str, out: Path, **variables: str) -> None:
    """From the files under version control alone, and of these from the wanted ones alone."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", *wanted, cwd=ROOT)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(out), str(source / folder)]
    built = run(*command, cwd=source, **variables)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
