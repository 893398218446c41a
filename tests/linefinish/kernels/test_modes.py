"""Native, JIT with bounds checks, and interpreted: every kernel gives the same bits in all three.

The cases are the kernels' own (see mode_digests.py). A kernel without a case fails the test, so that none is forgotten.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODES = ("native", "jit", "python")


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Any]:
    """What each mode printed; the three run one after another, as each may take a core for a minute."""
    script = Path(__file__).with_name("mode_digests.py")
    found = {}
    for mode in MODES:
        environment = {**os.environ, "LINEFINISH_KERNELS": mode, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{mode}: {done.stderr[-3000:]}"
        found[mode] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_every_kernel_has_a_case(outcomes: dict[str, Any]) -> None:
    native = outcomes["native"]
    missing = sorted(set(native["registry"]) - set(native["digests"]))
    assert missing == [], f"cases() in tests/linefinish/kernels/test_<module>.py calls none of: {', '.join(missing)}"


@pytest.mark.parametrize("mode", ["jit", "python"])
def test_modes_agree(outcomes: dict[str, Any], mode: str) -> None:
    native, other = outcomes["native"]["digests"], outcomes[mode]["digests"]
    differing = {
        symbol: [i for i, (a, b) in enumerate(zip(native[symbol], other.get(symbol, []), strict=False)) if a != b]
        for symbol in native
        if native[symbol] != other.get(symbol)
    }
    assert differing == {}, f"cases (by number) in which {mode} and native part ways"
