"""A small package with the real kernel border, so that building its kernels takes a second or two
and not a minute.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from linefinish.kernels import _native

KERNELS = Path(_native.__file__).parent
SMALL = '''
"""A kernel and a helper in another file: enough to see what is built and when."""
from linefinish.kernels._modes import kernel
from linefinish.kernels.helped import doubled


@kernel("i64(const u8*, i64)")
def total(values, count):
    """Twice the sum."""
    result = 0
    for i in range(count):
        result += doubled(values[i])
    return result
'''
HELPED = '''
from linefinish.kernels._modes import helper


@helper
def doubled(value):
    return 2 * value
'''
USE = "from linefinish.kernels import small; print(small.total(bytes([1, 2, 3]), 3))"


class SmallPackage:
    """`linefinish` reduced to its kernel border and `kernels/small.py`, with a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.kernels = folder / "source" / "linefinish" / "kernels"
        self.kernels.mkdir(parents=True)
        (self.kernels.parent / "__init__.py").touch()
        for path in KERNELS.glob("_*.py"):
            shutil.copy(path, self.kernels)
        (self.kernels / "small.py").write_text(SMALL)
        (self.kernels / "helped.py").write_text(HELPED)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """A Python process that sees this package and none of our settings."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith(("LINEFINISH_", "PYTHON", "NUMBA_"))}
        environment = {**plain, "PYTHONPATH": str(self.folder / "source"), "LINEFINISH_CACHE": str(self.cache), **variables}
        return subprocess.Popen(
            [sys.executable, *arguments], env=environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, code: str = USE, **variables: str) -> subprocess.CompletedProcess[str]:
        """The outcome of a few lines of Python, by default of one kernel call."""
        process = self.start("-c", code, **variables)
        out, err = process.communicate()
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def build(self, source: str, target: str = "x86-64-v2") -> subprocess.CompletedProcess[str]:
        """What compiling another `small.py` says."""
        (self.kernels / "small.py").write_text(source)
        process = self.start("-m", "linefinish.kernels._build", "--target", target, "-o", str(self.folder / "made.bin"))
        out, err = process.communicate()
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def built(self) -> list[Path]:
        """The files of compiled kernels in its cache."""
        return sorted(self.cache.glob("kernels-*.bin"))

    def packaged_path(self) -> Path:
        """Where a wheel would carry what the cache holds now."""
        (path,) = self.built()
        level = "x86-64-v3" if "v3" in path.name else "x86-64-v2"
        return self.kernels / f"kernels-{level}.bin"


@pytest.fixture
def package(tmp_path: Path) -> SmallPackage:
    return SmallPackage(tmp_path)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of a small package that has run. It tells nothing of where the package lies, so it
    is every other's as well.
    """
    package = SmallPackage(tmp_path_factory.mktemp("small"))
    done = package.run()
    assert done.stdout == "12\n", done.stderr
    return package.cache


@pytest.fixture
def built(package: SmallPackage, built_once: Path) -> SmallPackage:
    """A package that has run before."""
    shutil.copytree(built_once, package.cache)
    return package
