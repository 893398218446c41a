"""One wheel serves every Python: each that is promised finishes drawings with it to the same bytes,
and runs every kernel to the same bits.
"""
from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.platforms.wheels import DIGESTS, DRAWINGS, finished, told, unpacked

MINORS = (11, 12, 13)


def python(minor: int) -> str:
    """The command of a Python 3, on the path or among pyenv's."""
    kept = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3"))
    found = str(kept[-1]) if kept else shutil.which(f"python3.{minor}")
    assert found, f"Python 3.{minor} is not here"
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel is unpacked."""
    return unpacked(tmp_path_factory.mktemp("x86_64"), "linux-x86_64")[1]


@pytest.mark.parametrize("minor", MINORS)
def test_every_kernel_gives_the_same_bits(site: Path, calls: Path, minor: int) -> None:
    ours, theirs = (json.loads(told([who], site, DIGESTS, "digests", str(calls))) for who in (sys.executable, python(minor)))
    assert ours == theirs


@pytest.mark.parametrize("minor", MINORS)
@pytest.mark.parametrize("drawing", DRAWINGS[::4], ids=[f"{path.parent.name}/{path.stem}" for path in DRAWINGS[::4]])
def test_files_are_the_same_to_the_byte(site: Path, drawing: Path, minor: int, tmp_path: Path) -> None:
    theirs = finished([python(minor)], site, drawing, tmp_path / "theirs")
    assert theirs == finished([sys.executable], site, drawing, tmp_path / "ours")
