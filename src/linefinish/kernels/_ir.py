"""Each kernel as LLVM IR, as Numba's front end gives it: typed and lowered, not yet optimised.

That is most of a build's work, and the same for every target. So it is done once per source:
what a module of kernels came to is kept in the user's cache, under a hash over the module and all
that it imports, and the next build, of whatever target, finds it there. `_numba.py` keeps Numba
from what is of no use to it.
"""
from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import json
import os
import sys
import time
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from linefinish.kernels import _cache

# Numba release that makes the machine code. It stands in this folder so that the hash over the
# kernel sources covers it.
NUMBA_VERSION = "0.68"
# What no build has asked for in so many days is removed from the cache. Fewer would compile again
# what somebody comes back to; a checkout that is worked on leaves some 100 kB a day.
_DAYS_KEPT = 30
# New objects after which Python looks for garbage, 700 by its own choice. Numba makes millions that
# live to the end: fewer cost a twelfth of a build's time, more cost memory.
_NEW_OBJECTS = 20_000
_MAGIC = b"linefinish-ir 1\n"
_FOLDER = Path(__file__).parent
# Of the border, what finds and loads machine code has no part in what a kernel is compiled to.
_WITHOUT_PART = {"_native.py", "_cache.py", "_selftest.py", "_systems.py"}


class CompileError(Exception):
    """A kernel is not what can be compiled, or there is no compiler for it."""


class KernelIR(NamedTuple):
    """`bitcode` is a module of LLVM: the kernel as the function `mangled`, and all its helpers."""

    symbol: str
    mangled: str
    bitcode: bytes


def module_names() -> list[str]:
    """The modules that hold kernels; the longest first, as they take longest."""
    return [path.stem for path in sorted(_FOLDER.glob("[!_]*.py"), key=lambda path: (-path.stat().st_size, path.stem))]


def import_kernels() -> str:
    """Have all kernels in the registry; returns Numba's version. A process that builds calls it
    once, before it divides.
    """
    try:
        numba = importlib.import_module("numba")
    except ImportError as error:
        raise CompileError(str(error)) from None
    if not numba.__version__.startswith(NUMBA_VERSION + "."):
        raise CompileError(f"numba {NUMBA_VERSION} makes the kernels, {numba.__version__} is installed")
    gc.set_threshold(_NEW_OBJECTS)
    from linefinish.kernels import _numba

    _numba.prepare()
    for name in module_names():
        importlib.import_module(f"linefinish.kernels.{name}")
    version: str = numba.__version__
    return version


def module_ir(name: str) -> list[KernelIR]:
    """The IR of a module's kernels, in the order of their symbols."""
    path = Path(_cache.cache_folder()) / f"ir-{name}-{_source_hash(name)}.bin"
    found = _kept(path)
    if found is None:
        found = _compiled(name)
        _keep(path, found)
    return found


def _compiled(name: str) -> list[KernelIR]:
    from numba import types

    from linefinish.kernels import _modes, _registry

    scalars: dict[str, Any] = {
        "u8": types.uint8, "u16": types.uint16, "u32": types.uint32, "u64": types.uint64,
        "i32": types.int32, "i64": types.int64, "f32": types.float32, "f64": types.float64,
    }  # fmt: skip
    compiled = []
    for symbol, made in sorted(_registry.REGISTRY.items()):
        if made.module != name:
            continue
        arguments = tuple(types.CPointer(scalars[n]) if buffer else scalars[n] for n, buffer, _ in made.signature.args)
        signature = scalars[made.signature.returns](*arguments)
        dispatcher = _modes.compiled()(made.function)
        try:
            dispatcher.compile(signature)
        except Exception as error:
            raise CompileError(f"{error}\nkernel {symbol} does not compile (numba's reasons stand above)") from error
        overload = dispatcher.overloads[signature.args]
        compiled.append(KernelIR(symbol, overload.fndesc.mangled_name, overload.library._final_module.as_bitcode()))
    return compiled


# --- kept from build to build
# ------------------------------------------------------------

def _source_hash(name: str) -> str:
    """Hash over a module, the kernel modules and the border that it imports, and the compiler's
    releases.
    """
    import hashlib

    import llvmlite
    import numba

    digest = hashlib.blake2b(digest_size=12)
    digest.update(repr((numba.__version__, llvmlite.__version__, sys.version_info[:2], sys.platform)).encode())
    for path in sorted(_imported(_FOLDER / f"{name}.py", {Path(__file__)})):
        if path.name not in _WITHOUT_PART:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _imported(path: Path, known: set[Path]) -> set[Path]:
    """The path and all files of this folder that it imports, they and theirs."""
    known.add(path)
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("linefinish.kernels"):
            inner = (node.module or "").removeprefix("linefinish.kernels").lstrip(".")
            for name in [inner] if inner else [alias.name for alias in node.names]:
                file = _FOLDER / f"{name}.py"
                if file not in known and file.exists():
                    _imported(file, known)
    return known


def _kept(path: Path) -> list[KernelIR] | None:
    """What is in the file; None if it is not there, or damaged."""
    try:
        data = path.read_bytes()
        os.utime(path)  # it was asked for today
    except OSError:
        return None
    head, body = data[: len(_MAGIC) + 4], data[len(_MAGIC) + 4 :]
    if head != _MAGIC + zlib.crc32(body).to_bytes(4, "little"):
        return None
    table, _, codes = zlib.decompress(body).partition(b"\n")
    found, at = [], 0
    for symbol, mangled, size in json.loads(table):
        found.append(KernelIR(symbol, mangled, codes[at : at + size]))
        at += size
    return found


def _keep(path: Path, found: list[KernelIR]) -> None:
    """Whole or not at all. Where nothing can be kept, the next build takes its time again; that the
    kernels themselves cannot be kept is told by who writes them.
    """
    table = json.dumps([(one.symbol, one.mangled, len(one.bitcode)) for one in found]).encode()
    body = zlib.compress(table + b"\n" + b"".join(one.bitcode for one in found))
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(_MAGIC + zlib.crc32(body).to_bytes(4, "little") + body)
        temporary.replace(path)
        for old in path.parent.glob("ir-*.bin"):
            if old.stat().st_mtime < time.time() - _DAYS_KEPT * 86400:
                old.unlink()
