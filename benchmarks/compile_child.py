"""One round of `bench_compile`: a process that compiles some modules of kernels, by Numba's own
front end (`numba`) or by ours (`linefinish`): `python -m benchmarks.compile_child numba bits,fax`.

It prints JSON: CPU seconds from Python's bytecode to LLVM's IR, from there to objects, and how many
kernels there were. What is imported is not counted.
"""
from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any


def as_numba_is(**more: Any) -> Any:
    """`njit` with the flags on which a kernel's bits depend, and nothing left out."""
    import numba

    return numba.njit(error_model="numpy", nogil=True, boundscheck=False, **more)


def main() -> None:
    way, modules = sys.argv[1], sys.argv[2].split(",")
    from linefinish.kernels import _build, _ir, _modes

    if way == "linefinish":
        _ir.import_kernels()
    else:
        _modes.compiled = as_numba_is
        for name in _ir.module_names():
            importlib.import_module(f"linefinish.kernels.{name}")
    _ir._compiled("bits")  # Numba loads much of itself when it first compiles something
    start = time.process_time()
    kernels = [kernel for name in modules for kernel in _ir._compiled(name)]
    lowered = time.process_time()
    for kernel in kernels:
        _build.emit_object([_build.optimised(kernel, "x86-64-v3")], "x86-64-v3")
    print(json.dumps({"ir": lowered - start, "code": time.process_time() - lowered, "kernels": len(kernels)}))


if __name__ == "__main__":
    main()
