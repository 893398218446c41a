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

# In what follows "jit" stands for two things. With MYJOE_TESTS_ALL Numba compiles as for users:
# by its whole pipeline, and with LLVM's optimiser. Without, it takes the steps of a build in place
# of its own (mode_digests.py), and LLVM does not optimise: well below half of the time. Each index
# is checked in both, and each kernel compiled with arrays for its buffers. What the quick one does
# not show is whether Numba's own pipeline gives the same bits as the steps of a build: what holds
# those to what a kernel says is the interpreter, which no compiler has a part in. Small kernels go
# through Numba's own below, and where the machine code fails (test_selftest.py).
JIT = {"what": "digests"} if os.environ.get("MYJOE_TESTS_ALL") else {"what": "quick", "NUMBA_OPT": "0"}
# Numba makes many a message that nobody sees, and colours take part of its time.
PLAIN = {"NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING": "1"}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each mode printed, side by side. Calls are recorded natively first, so that all three
    make the same ones.
    """
    recorded = tmp_path_factory.mktemp("modes") / "calls.pickle"
    told(in_mode("native", recorded, what="record"))
    running = {
        "native": in_mode("native", recorded), "jit": in_mode("jit", recorded, **JIT), "python": in_mode("python", recorded),
        "guarded": in_mode("native", recorded, what="guarded"),
    }  # fmt: skip
    return {mode: json.loads(told(process).strip().splitlines()[-1]) for mode, process in running.items()}


def in_mode(mode: str, recorded: Path, what: str = "digests", **variables: str) -> subprocess.Popen[str]:
    script = Path(__file__).with_name("mode_digests.py")
    environment = {**os.environ, **PLAIN, "LINEFINISH_KERNELS": mode, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **variables}
    return subprocess.Popen(
        [sys.executable, str(script), what, str(recorded)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate()
    assert process.returncode == 0, f"{process.args}: {err[-3000:]}"
    return out


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
