"""The same bits on other machines: kernels compiled for them on this one. Those for AArch64 are run
under an emulator by a Python for it, those for Windows on this processor through a bridge. A few
modules always, which hold every form of reference that the machine code has; all of them, and the
calls of whole drawings, with MYJOE_TESTS_ALL=1 (`make test-arm`, `make test-windows`).
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

ROOT = Path(__file__).parents[3]
KERNELS = Path(_native.__file__).parent
DIGESTS = str(Path(__file__).with_name("mode_digests.py"))
MODULES = _ir.module_names() if os.environ.get("MYJOE_TESTS_ALL") else ["cubic", "distance", "euler", "luma", "quantise"]
# Target → the command that runs what `mode_digests.py` does on it.
WINDOWS = f"windows-{_native.targets()[0]}"
RUNS = {
    "aarch64": lambda: [*arm64.python(), DIGESTS],
    WINDOWS: lambda: [sys.executable, str(Path(__file__).with_name("windows_here.py"))],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a target with the border, the modules and what they import, compiled for it."""
    wanted = set(KERNELS.glob("_*.py"))
    for name in MODULES:
        wanted |= _ir._imported(KERNELS / f"{name}.py", set())
    base = tmp_path_factory.mktemp("targets")
    command = [sys.executable, "-m", "linefinish.kernels._build"]
    for target in RUNS:
        folder = base / target / "linefinish" / "kernels"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").touch()
        for path in wanted:
            shutil.copy(path, folder)
        command += ["--target", target, "-o", str(folder / f"kernels-{target}.bin")]
    told = run(*command, path=base / "aarch64").splitlines()
    # Where an earlier run of these tests left them in the cache, nothing is compiled.
    assert told == [] or told[-1] == f"{len(MODULES)} of {len(MODULES)}"
    return base


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The calls of `mode_digests.py`."""
    path = str(tmp_path_factory.mktemp("calls") / "calls.pickle")
    run(sys.executable, DIGESTS, "record", path, *([] if len(MODULES) == len(_ir.module_names()) else MODULES), path=KERNELS.parents[1])
    return path


@pytest.fixture(scope="module")
def native(calls: str) -> dict[str, Any]:
    """What this machine's own code makes of the calls."""
    found: dict[str, Any] = json.loads(run(sys.executable, DIGESTS, "digests", calls, path=KERNELS.parents[1]))
    assert len(found["digests"]) >= len(MODULES)
    return found


def run(*command: str, path: Path) -> str:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("LINEFINISH_K", "PYTHONPATH"))}
    environment = {**plain, "PYTHONPATH": os.pathsep.join([str(path), str(ROOT)])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("target", RUNS)
def test_every_call_gives_the_same_bits(built: Path, calls: str, native: dict[str, Any], target: str) -> None:
    other: dict[str, Any] = json.loads(run(*RUNS[target](), "digests", calls, path=built / target))
    assert {symbol for symbol, found in native["digests"].items() if found != other["digests"].get(symbol)} == set()
    assert set(other["registry"]) <= set(native["registry"])


def test_each_target_is_one_that_llvm_has() -> None:
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    for target in _targets.TARGETS.values():
        machine = llvm.Target.from_triple(target.triple).create_target_machine(cpu=target.cpu, features=target.features)
        assert machine.triple == target.triple


@pytest.mark.parametrize(
    ("system", "processor", "v3", "wanted"),
    [
        ("darwin", "x86_64", True, ["x86-64-v3", "x86-64-v2"]),
        ("darwin", "x86_64", False, ["x86-64-v2"]),
        ("darwin", "arm64", True, ["aarch64"]),
        ("win32", "AMD64", True, ["windows-x86-64-v3", "windows-x86-64-v2"]),
        ("win32", "AMD64", False, ["windows-x86-64-v2"]),
        ("win32", "ARM64", False, ["aarch64"]),
        ("linux", "aarch64", False, ["aarch64"]),
    ],
)
def test_a_machine_takes_the_best_target_first(
    monkeypatch: pytest.MonkeyPatch, system: str, processor: str, v3: bool, wanted: list[str]
) -> None:
    from linefinish.kernels import _systems

    monkeypatch.setattr(_native, "machine", lambda: processor)
    monkeypatch.setattr(_systems, "has_x86_64_v3", lambda: v3)
    monkeypatch.setattr(_native.sys, "platform", system)
    assert _native.targets() == wanted
    assert set(wanted) <= set(_targets.TARGETS)


@pytest.mark.parametrize(("system", "processor"), [("win32", "Intel with 32 bits"), ("freebsd14", "amd64"), ("linux", "riscv64")])
def test_other_machines_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, system: str, processor: str) -> None:
    monkeypatch.setattr(_native, "machine", lambda: processor)
    monkeypatch.setattr(_native.sys, "platform", system)
    with pytest.raises(_native.NativeKernelsError, match=f"no machine code for {system} on {processor}"):
        _native.targets()
