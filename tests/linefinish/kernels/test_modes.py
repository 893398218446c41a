"""Native, JIT with bounds checks, and interpreted: every kernel gives the same bits in all three.

The cases are calls recorded while small drawings go through all steps, and the kernels' own (see
mode_digests.py). A kernel without a case fails the test, so that none is forgotten.
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
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each mode printed. Calls are recorded natively first, so that all three make the same
    ones.
    """
    recorded = tmp_path_factory.mktemp("modes") / "calls.pickle"
    in_mode("native", "record", recorded)
    return {mode: json.loads(in_mode(mode, "digests", recorded).strip().splitlines()[-1]) for mode in MODES}


def in_mode(mode: str, what: str, recorded: Path) -> str:
    script = Path(__file__).with_name("mode_digests.py")
    environment = {**os.environ, "LINEFINISH_KERNELS": mode, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, str(script), what, str(recorded)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{mode}, {what}: {done.stderr[-3000:]}"
    return done.stdout


def test_every_kernel_has_a_case(outcomes: dict[str, Any]) -> None:
    native = outcomes["native"]
    missing = sorted(set(native["registry"]) - set(native["digests"]))
    assert missing == [], f"neither a drawing's way nor cases() in test_<module>.py calls: {', '.join(missing)}"


@pytest.mark.parametrize("mode", ["jit", "python"])
def test_modes_agree(outcomes: dict[str, Any], mode: str) -> None:
    native, other = outcomes["native"]["digests"], outcomes[mode]["digests"]
    differing = {
        symbol: [i for i, (a, b) in enumerate(zip(native[symbol], other.get(symbol, []), strict=False)) if a != b]
        for symbol in native
        if native[symbol] != other.get(symbol)
    }
    assert differing == {}, f"cases (by number) in which {mode} and native part ways"
