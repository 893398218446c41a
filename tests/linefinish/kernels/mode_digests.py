"""Run every kernel on its small cases in the mode that LINEFINISH_KERNELS names, and print one digest a call.

A kernel module's cases come from `cases()` in its own test file (`test_<module>.py`): it yields `(kernel, arguments)`, the same
ones each time. Whatever the kernel writes or returns goes into the digest.
"""
from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import math
import os
import struct
import sys
from pathlib import Path
from typing import Any

import linefinish.kernels
from linefinish.kernels import _kernel

HERE = Path(__file__).parent


def kernel_modules() -> list[str]:
    """Names of all kernel modules, imported, so that the registry is full."""
    names = sorted(path.stem for path in Path(linefinish.kernels.__file__ or "").parent.glob("[!_]*.py"))
    for name in names:
        importlib.import_module(f"linefinish.kernels.{name}")
    return names


def cases_of(module: str) -> Any:
    """What `test_<module>.py` yields, or nothing where there is no such file or function."""
    path = HERE / f"test_{module}.py"
    if not path.exists():
        return
    spec = importlib.util.spec_from_file_location(f"cases_of_{module}", path)
    assert spec is not None and spec.loader is not None
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    yield from getattr(tests, "cases", tuple)()


def digest_of(result: Any, arguments: tuple[Any, ...], signature: Any) -> str:
    """The returned number to its last bit, and every buffer that the kernel may write to."""
    digest = hashlib.blake2b(digest_size=8)
    if signature.returns == "f64":
        digest.update(b"nan" if math.isnan(result) else struct.pack("<d", result))
    else:
        digest.update(struct.pack("<q", result))
    for (_, buffer, const), argument in zip(signature.args, arguments, strict=True):
        if buffer and not const:
            digest.update(memoryview(argument).cast("B") if memoryview(argument).nbytes else b"")
    return digest.hexdigest()


def main() -> None:
    sys.path.insert(0, str(HERE.parents[2]))  # for tests.oracles
    digests: dict[str, list[str]] = {}
    for module in kernel_modules():
        for kernel, arguments in cases_of(module):
            passed = tuple(arguments)
            digests.setdefault(kernel.symbol, []).append(digest_of(kernel(*passed), passed, kernel.signature))
    print(json.dumps({"mode": os.environ["LINEFINISH_KERNELS"], "registry": sorted(_kernel.REGISTRY), "digests": digests}))


if __name__ == "__main__":
    main()
