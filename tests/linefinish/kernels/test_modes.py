"""Native, JIT with bounds checks, and interpreted: every kernel gives the same bits in all three.

The cases are the kernels' own, and calls recorded while small drawings go through all steps (see
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
# The JIT compiles all kernels as they are read, without LLVM's optimiser: that is 82 s of CPU in
# place of 115 (measured). With MYJOE_TESTS_ALL it compiles them as for users.
COMPILED: dict[str, str] = {} if os.environ.get("MYJOE_TESTS_ALL") else {"NUMBA_OPT": "0"}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each mode printed. Calls are recorded natively first, so that all three make the same
    ones.
    """
    recorded = tmp_path_factory.mktemp("modes") / "calls.pickle"
    in_mode("native", "record", recorded)
    made = {mode: json.loads(in_mode(mode, "digests", recorded).strip().splitlines()[-1]) for mode in MODES}
    return made | {"guarded": json.loads(in_mode("native", "guarded", recorded))}


def in_mode(mode: str, what: str, recorded: Path) -> str:
    script = Path(__file__).with_name("mode_digests.py")
    environment = {**os.environ, "LINEFINISH_KERNELS": mode, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **COMPILED}
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


@pytest.mark.parametrize("side", ["behind", "before"])
def test_every_kernel_stays_between_guard_pages(outcomes: dict[str, Any], side: str) -> None:
    """Machine code checks no index: it ran each kernel's calls with a page that must not be touched
    at one end of every buffer, and gave the same. One that has no call is named here, one that
    leaves a buffer in the error of `outcomes`.
    """
    guarded = outcomes["guarded"]
    assert sorted(set(guarded["registry"]) - set(guarded[side])) == []
    assert guarded[side] == outcomes["native"]["digests"]


# --- what each mode sees
# ------------------------------------------------------------

CHECKED = '''
from linefinish.kernels._modes import kernel

@kernel("i64(u8*, i64)")
def poke(values, at):
    """Write one byte."""
    values[at] = 1
    return 0

@kernel("i64(const u8*, i64)")
def total(values, count):
    """Sum."""
    result = 0
    for i in range(count):
        result += values[i]
    return result

@kernel("f64(f64, f64)")
def quotient(a, b):
    """Divide as IEEE 754 says."""
    return a / b if b != 0 else 0.0
'''


@pytest.mark.parametrize("mode", ["jit", "python"])
@pytest.mark.parametrize("index", [-1, 4], ids=["below", "past the end"])
def test_a_bad_index_is_seen_in_the_development_modes(package: Any, mode: str, index: int) -> None:
    (package.kernels / "small.py").write_text(CHECKED)
    # The JIT lets a negative index count from the end, as Python does; the interpreted mode refuses
    # it.
    code = f"from linefinish.kernels import small\nsmall.poke(bytearray(4), {index if mode == 'python' or index > 0 else -5})"
    done = package.run(code, LINEFINISH_KERNELS=mode)
    assert done.stderr.strip().splitlines()[-1].startswith("IndexError")


@pytest.mark.parametrize("mode", ["native", "jit", "python"])
def test_plain_calls_agree(package: Any, mode: str) -> None:
    (package.kernels / "small.py").write_text(CHECKED)
    code = "from linefinish.kernels import small\nprint(small.total(bytes([1, 2, 250]), 3), small.total(b'', 0), small.quotient(1, 8))"
    assert package.run(code, LINEFINISH_KERNELS=mode).stdout == "253 0 0.125\n"
