"""The same bits on AArch64: kernels compiled for it on this machine, and run under an emulator by a
Python for it. A few modules always, which hold every form of reference that the machine code has;
all of them, and the calls of whole drawings, with MYJOE_TESTS_ALL=1 (`make test-arm`).
"""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from linefinish.kernels import _ir, _native, _targets
from tests.support import arm64

KERNELS = Path(_native.__file__).parent
DIGESTS = str(Path(__file__).with_name("mode_digests.py"))
MODULES = _ir.module_names() if os.environ.get("MYJOE_TESTS_ALL") else ["cubic", "distance", "euler", "luma", "quantise"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the border, the modules and what they import, compiled for AArch64."""
    source = tmp_path_factory.mktemp("aarch64")
    folder = source / "linefinish" / "kernels"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    wanted = set(KERNELS.glob("_*.py"))
    for name in MODULES:
        wanted |= _ir._imported(KERNELS / f"{name}.py", set())
    for path in wanted:
        shutil.copy(path, folder)
    block = str(folder / "kernels-aarch64.bin")
    told = run(sys.executable, "-m", "linefinish.kernels._build", "--target", "aarch64", "-o", block, path=source)
    assert told.splitlines()[-1] == f"{len(MODULES)} of {len(MODULES)}"
    return source


def run(*command: str, path: Path) -> str:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("LINEFINISH_K", "PYTHONPATH"))}
    done = subprocess.run(command, env={**plain, "PYTHONPATH": str(path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_every_call_gives_the_same_bits(built: Path, tmp_path: Path) -> None:
    calls, here = str(tmp_path / "calls.pickle"), KERNELS.parents[1]
    run(sys.executable, DIGESTS, "record", calls, *([] if len(MODULES) == len(_ir.module_names()) else MODULES), path=here)
    native: dict[str, Any] = json.loads(run(sys.executable, DIGESTS, "digests", calls, path=here))
    other: dict[str, Any] = json.loads(run(*arm64.python(), DIGESTS, "digests", calls, path=built))
    assert len(native["digests"]) >= len(MODULES)
    assert {symbol for symbol, found in native["digests"].items() if found != other["digests"].get(symbol)} == set()
    assert set(other["registry"]) <= set(native["registry"])


def test_each_target_is_one_that_llvm_has() -> None:
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    for target in _targets.TARGETS.values():
        machine = llvm.Target.from_triple(target.triple).create_target_machine(cpu=target.cpu, features=target.features)
        assert machine.triple == target.triple
