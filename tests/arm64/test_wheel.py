"""The wheel for Linux on AArch64, made on this machine: a Python for AArch64 unpacks it and
finishes drawings, with the same bytes as here.
"""
from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.golden.harness import GOLDEN
from tests.packaging.conftest import LIBRARY, build_wheel
from tests.support import arm64

DRAWINGS = sorted(path for path in GOLDEN.glob("*/*/*.png") if not path.stem.endswith(".expected"))
FORMATS = ("svg", "png", "tiff", "pbm", "pdf", "eps", "dxf")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel is unpacked."""
    source, out, site = (tmp_path_factory.mktemp(name) for name in ("source", "wheel", "site"))
    build_wheel(source, LIBRARY, ".", out, LINEFINISH_PLATFORM="linux-aarch64")
    (path,) = out.glob("*.whl")
    assert path.name.endswith("-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl")
    archive = zipfile.ZipFile(path)
    assert [name for name in archive.namelist() if name.endswith(".bin")] == ["linefinish/kernels/kernels-aarch64.bin"]
    archive.extractall(site)
    return site


def finished(python: list[str], path: Path, drawing: Path, out: Path) -> dict[str, bytes]:
    """What the command makes of a drawing, by format."""
    out.mkdir()
    for name in FORMATS:
        done = subprocess.run(
            [*python, "-S", "-m", "linefinish", "-q", str(drawing), "-o", str(out / f"page.{name}")],
            env={**os.environ, "PYTHONPATH": str(path), "SOURCE_DATE_EPOCH": "0"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return {name: (out / f"page.{name}").read_bytes() for name in FORMATS}


@pytest.mark.parametrize("drawing", DRAWINGS, ids=[path.stem for path in DRAWINGS])
def test_files_are_the_same_to_the_byte(site: Path, drawing: Path, tmp_path: Path) -> None:
    here = Path(__file__).parents[2] / "src"
    there = finished(arm64.python(), site, drawing, tmp_path / "there")
    assert there == finished([sys.executable], here, drawing, tmp_path / "here")


def test_it_says_what_it_runs_on(site: Path) -> None:
    done = subprocess.run(
        [*arm64.python(), "-S", "-m", "linefinish", "--version", "--verbose"],
        env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "native, aarch64" in done.stdout
