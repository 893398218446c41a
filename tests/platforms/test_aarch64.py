"""The wheel for Linux on AArch64, made on this machine: a Python for AArch64 finishes drawings with
it, with the same bytes as the wheel for x86-64.
"""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.platforms.wheels import DRAWINGS, finished, told, unpacked
from tests.support import arm64


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel is unpacked."""
    name, site = unpacked(tmp_path_factory.mktemp("aarch64"), "linux-aarch64")
    assert name.endswith("-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl")
    assert [path.name for path in site.rglob("*.bin")] == ["kernels-aarch64.bin"]
    return site


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel of the other processor is."""
    return unpacked(tmp_path_factory.mktemp("x86_64"), "linux-x86_64")[1]


@pytest.mark.parametrize("drawing", DRAWINGS, ids=[f"{path.parent.name}/{path.stem}" for path in DRAWINGS])
def test_files_are_the_same_to_the_byte(site: Path, here: Path, drawing: Path, tmp_path: Path) -> None:
    there = finished(arm64.python(), site, drawing, tmp_path / "there")
    assert there == finished([sys.executable], here, drawing, tmp_path / "here")


def test_it_says_what_it_runs_on(site: Path) -> None:
    assert "native, aarch64" in told(arm64.python(), site, "-m", "linefinish", "--version", "--verbose")
