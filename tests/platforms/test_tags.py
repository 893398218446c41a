"""The table of wheels in setup.py: each platform's targets exist, pip on that platform takes its
tag, and `make wheels` makes all of them.
"""
from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from packaging import tags

from linefinish.kernels._registry import NATIVE
from linefinish.kernels._targets import TARGETS

ROOT = Path(__file__).parents[2]


def platforms() -> dict[str, tuple[tuple[str, ...], str]]:
    """PLATFORMS of setup.py."""
    for node in ast.parse((ROOT / "setup.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PLATFORMS":
            found: dict[str, Any] = ast.literal_eval(node.value)
            return found
    raise AssertionError("setup.py has no PLATFORMS")


# What pip takes: on the oldest macOS that Pythons of 2026 run on, on a new one, and on Windows.
TAKEN = {
    "darwin-x86_64": [set(tags.mac_platforms(version, "x86_64")) for version in ((10, 13), (15, 0))],
    "darwin-arm64": [set(tags.mac_platforms(version, "arm64")) for version in ((11, 0), (26, 0))],
    "win32-AMD64": [{"win_amd64"}],
    "win32-ARM64": [{"win_arm64"}],
}


@pytest.mark.parametrize("platform", TAKEN)
def test_pip_takes_the_wheel(platform: str) -> None:
    tag = platforms()[platform][1]
    assert all(tag in taken for taken in TAKEN[platform])


def test_each_wheel_holds_its_own_code_and_no_other() -> None:
    for platform, (held, _) in platforms().items():
        assert set(held) <= set(TARGETS)
        windows = platform == "win32-AMD64"
        assert {name.startswith("windows-") for name in held} == {windows}
        assert all(("aarch64" in name) == (platform.rpartition("-")[2] in ("aarch64", "arm64", "ARM64")) for name in held)


def test_there_is_a_wheel_for_each_machine_that_maps_machine_code_and_make_makes_it() -> None:
    assert set(platforms()) == {f"{system}-{processor}" for system, processors in NATIVE.items() for processor in processors}
    made = re.search(r"^PLATFORMS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert made and made[1].split() == list(platforms())
