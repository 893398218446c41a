"""Run kernels on small cases in the mode that LINEFINISH_KERNELS names, and print one digest a
call.

    mode_digests.py record FILE          natively: keep the calls that `cases()` of the kernels' own
                                         test files makes, and the first few that each kernel gets
                                         while whole drawings run through the steps
    mode_digests.py record FILE NAME …   only the calls of `cases()`, and of these modules
    mode_digests.py digests FILE         in any mode, on any machine: make those calls
    mode_digests.py quick FILE           in the mode `jit`: likewise, compiled as a build does it
    mode_digests.py guarded FILE         natively: make them twice, with a page that must not be
                                         touched behind each buffer, and before each

`cases()` in `test_<module>.py` yields `(kernel, arguments)`, the same ones each time. Whatever a
kernel writes or returns goes into the digest of its call. What makes digests needs the library and
nothing else, so that a machine without numpy can.
"""
from __future__ import annotations

import gc
import hashlib
import importlib
import importlib.util
import io
import json
import math
import pickle
import random
import struct
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import linefinish.kernels
from linefinish.kernels import _registry

HERE = Path(__file__).parent
# Calls kept of each kernel, and the bytes that one may take: the interpreter runs them all again,
# at 1/500 of the speed.
CALLS_MAX, CALL_BYTES_MAX = 6, 1 << 18


def import_kernels() -> list[str]:
    """Names of all kernel modules, imported, so that the registry is full."""
    names = sorted(path.stem for path in Path(linefinish.kernels.__file__ or "").parent.glob("[!_]*.py"))
    for name in names:
        importlib.import_module(f"linefinish.kernels.{name}")
    return names


# --- recording
# ------------------------------------------------------------

def copied(arguments: tuple[Any, ...], bytes_max: float = math.inf) -> list[Any] | None:
    """The arguments with each buffer as its bytes; one that is passed twice is marked as the same.
    None if they are larger than `bytes_max`.
    """
    seen: dict[int, int] = {}
    kept: list[Any] = []
    size = 0
    for index, argument in enumerate(arguments):
        if isinstance(argument, (int, float)) or not hasattr(argument, "__len__"):  # numpy has numbers of its own
            kept.append(argument if isinstance(argument, (int, float)) else argument.item())
            continue
        view = memoryview(argument)
        size += view.nbytes
        if size > bytes_max:
            return None
        address = id(argument)
        kept.append(("same", seen[address]) if address in seen else ("buffer", bytes(view.cast("B")) if view.nbytes else b""))
        seen.setdefault(address, index)
    return kept


def record(path: Path, *modules: str) -> None:
    """Keep the calls of the kernels' own cases; without modules by name, those of drawings too."""
    found: dict[str, list[list[Any]]] = {} if modules else calls_of_drawings()
    for module in modules or import_kernels():
        for kernel, arguments in cases_of(module):
            kept = copied(arguments)
            assert kept is not None
            found.setdefault(kernel.symbol, []).append(kept)
    path.write_bytes(pickle.dumps(found))


def cases_of(module: str) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """What `test_<module>.py` yields, or nothing where there is no such file or function."""
    path = HERE / f"test_{module}.py"
    if not path.exists():
        return
    spec = importlib.util.spec_from_file_location(f"cases_of_{module}", path)
    assert spec is not None and spec.loader is not None
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    for kernel, arguments in getattr(tests, "cases", tuple)():
        yield kernel, tuple(arguments)


def calls_of_drawings() -> dict[str, list[list[Any]]]:
    """Watch every kernel call while drawings go through the steps, and keep the first few of each
    kernel.
    """
    import_kernels()  # all are made before their class is another for a while
    calls: dict[str, list[list[Any]]] = {}
    call: Any = _registry.Kernel.__dict__["__call__"]  # a slot, which holds what is called

    def watched(kernel: Any, *arguments: Any) -> Any:
        kept = calls.setdefault(kernel.symbol, [])
        if len(kept) < CALLS_MAX:
            now = copied(arguments, CALL_BYTES_MAX)
            if now is not None and now not in kept:
                kept.append(now)
        return call.__get__(kernel)(*arguments)

    _registry.Kernel.__call__ = watched  # type: ignore[method-assign]
    try:
        for _ in drawings_through_the_steps():
            pass
    finally:
        _registry.Kernel.__call__ = call  # type: ignore[method-assign]
    return calls


def small_page(width: int, height: int, seed: int) -> bytes:
    """A grey page of a ring, a bar, a hairline and specks, on slightly noisy paper."""
    draw = random.Random(seed)
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            ring = abs(math.hypot(x - 0.4 * width, y - 0.5 * height) - 0.3 * height) - 1.6
            bar = max(abs(x - 0.85 * width) - 2.2, abs(y - 0.4 * height) - 0.3 * height)
            hairline = abs(0.6 * (x - y) - 3) - 0.4
            paper = 240 - 20 * x / width + draw.randint(-3, 3)
            shade = min(max(min(ring, bar, hairline), -0.5), 0.5) + 0.5
            pixels.append(int(30 + (paper - 30) * shade))
    for _ in range(6):
        pixels[draw.randrange(len(pixels))] = 40
    return bytes(pixels)


def drawings_through_the_steps() -> Iterator[Any]:
    """Small pages through every step, with the options that lead down different ways, in and out of
    every format.
    """
    import numpy as np
    from PIL import Image

    from linefinish import (
        Bitmap,
        Gray,
        close_gaps,
        compose,
        despeckle,
        finish,
        fit,
        hollow,
        measure,
        rasterize,
        read_gray,
        thicken,
        threshold,
        trace,
        verify,
        write,
    )  # fmt: skip
    from linefinish.options import THRESHOLD_METHODS, TURN_POLICIES

    sizes = ((70, 48), (64, 33), (31, 40))
    grays = [Gray(width, height, small_page(width, height, width)) for width, height in sizes]
    for gray in grays:
        image = Image.frombytes("L", (gray.width, gray.height), bytes(gray.data))
        for mode, options in (("L", {}), ("1", {}), ("P", {}), ("RGB", {}), ("RGBA", {}), ("LA", {}), ("I;16", {})):
            for format in ("PNG", "PPM") if mode in ("L", "1", "RGB") else ("PNG",):
                file = io.BytesIO()
                image.convert(mode).save(file, format, **options)
                yield read_gray(file.getvalue())
        for method in THRESHOLD_METHODS:
            for background in ("on", "off"):
                yield threshold(gray, method, background=background)
        bitmap = threshold(gray, "fixed", level=128)
        yield despeckle(bitmap), despeckle(bitmap, speckle_area_px_max=4, pinhole_area_px_max=4)
        yield close_gaps(bitmap, gap_length_px_max=6), thicken(bitmap, stroke_width_px_min=5), hollow(bitmap, hollow_area_px_min=20)
        yield measure(bitmap)
        for policy in TURN_POLICIES:
            yield fit(trace(bitmap, gray, 128, turn_policy=policy), error_px_max=0.3)
        curves = fit(trace(bitmap))
        yield rasterize(curves), rasterize(curves, width=200), rasterize(curves, width=30, fill_rule="evenodd")
        finished = finish(gray)
        yield finish(Gray(8, 8, bytes(64))), finish(Gray(8, 8, b"\xff" * 64))
        for format in ("svg", "png", "tiff", "pbm", "pdf", "eps", "dxf"):
            file = io.BytesIO()
            write(compose(finished.curves, dpi=200), file, format)
            if format != "dxf":
                yield verify(io.BytesIO(file.getvalue()))
        dense = Bitmap.from_array(np.random.default_rng(1).random((gray.height, gray.width)) < 0.5)
        yield despeckle(dense), measure(dense), trace(dense)

    lines = np.zeros((60, 70), bool)
    for row, gap in ((8, 3), (20, 6), (34, 9), (48, 12)):
        lines[row : row + 3, 5:28] = lines[row + gap // 4 : row + gap // 4 + 3, 28 + gap : 64] = True
    yield close_gaps(lines, gap_length_px_max=10)
    y, x = np.mgrid[0:130, 0:130]
    dots = (x % 4 < 2) & (y % 4 < 2)
    yield threshold(np.where(dots, 20, 250).astype(np.uint8))
    for array in (lines * np.uint8(90), np.stack([lines * np.uint8(90)] * 3, axis=-1), dots):
        for format in ("PNG", "PPM", "TIFF"):
            file = io.BytesIO()
            Image.fromarray(array).save(file, format)
            yield verify(io.BytesIO(file.getvalue()))


# --- digests
# ------------------------------------------------------------

def plain_buffer(data: bytes, const: bool) -> Any:
    """The same bytes, of its own if a kernel may write to them."""
    return data if const else bytearray(data)


def restored(symbol: str, kept: list[Any], hold: Callable[[bytes, bool], Any] = plain_buffer) -> tuple[Any, ...]:
    """Fresh arguments of a recorded call: buffers of their own, typed as the signature says."""
    made: list[Any] = []
    for argument, (name, buffer, const) in zip(kept, _registry.REGISTRY[symbol].signature.args, strict=True):
        if not buffer:
            made.append(argument)
        elif argument[0] == "same":
            made.append(made[argument[1]])
        else:
            raw = hold(argument[1], const and kept.count(("same", len(made))) == 0)
            made.append(memoryview(raw).cast(_registry.FORMATS[name]) if raw else raw)
    return tuple(made)


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


def print_digests(path: Path) -> None:
    """One JSON object: what there is, and the digests of each kernel's calls in order."""
    import_kernels()
    digests: dict[str, list[str]] = {}
    for symbol, calls in pickle.loads(path.read_bytes()).items():
        kernel = _registry.REGISTRY[symbol]
        for kept in calls:
            arguments = restored(symbol, kept)
            digests.setdefault(symbol, []).append(digest_of(kernel(*arguments), arguments, kernel.signature))
    print(json.dumps({"registry": sorted(_registry.REGISTRY), "digests": digests}))


# --- the JIT in half the time
# ------------------------------------------------------------

def compile_as_a_build_does() -> None:
    """Have the JIT compile by the few steps that a build takes (`_numba.py`) in place of Numba's
    own list, every index checked as ever; and a helper has no machine code but in the kernels that
    call it.
    """
    import numba
    from numba.core import codegen

    from linefinish.kernels import _modes, _numba

    def compiled(**more: Any) -> Any:
        return numba.njit(
            error_model="numpy", nogil=True, boundscheck=True, pipeline_class=_numba.Pipeline, _nrt=False, **more
        )

    library, made = codegen.JITCodeLibrary, codegen.JITCPUCodegen
    finalize, set_env = library._finalize_final_module, made.set_env

    def finalize_what_python_calls(self: Any) -> None:
        if any("7cpython" in function.name for function in self._final_module.functions):  # it has a wrapper
            finalize(self)
        else:
            self._finalized = True

    def set_env_where_it_is(self: Any, name: str, env: Any) -> None:
        if self._engine.is_symbol_defined(name):
            set_env(self, name, env)

    _numba.quicken()
    _modes.compiled = compiled
    library._finalize_final_module, made.set_env = finalize_what_python_calls, set_env_where_it_is


def print_digests_quickly(path: Path) -> None:
    """`print_digests`, compiled as a build does it."""
    compile_as_a_build_does()
    print_digests(path)


def print_guarded(path: Path) -> None:
    """The same between guard pages, which end the process when they are touched, as does writing to
    a buffer that is const. The last kernel's name on stderr tells by whom.
    """
    from tests.fuzzing.guards import fenced_copy

    import_kernels()
    digests: dict[str, dict[str, list[str]]] = {"behind": {}, "before": {}}
    for symbol, calls in pickle.loads(path.read_bytes()).items():
        kernel = _registry.REGISTRY[symbol]
        print(symbol, file=sys.stderr, flush=True)
        for side, made in digests.items():
            hold = partial(fenced_copy, at_end=side == "behind")
            for kept in calls:
                arguments = restored(symbol, kept, lambda data, const: hold(data, const=const))  # noqa: B023 - called at once
                made.setdefault(symbol, []).append(digest_of(kernel(*arguments), arguments, kernel.signature))
    print(json.dumps({"registry": sorted(_registry.REGISTRY), **digests}))


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[2]))  # for tests.oracles and the like
    gc.set_threshold(20_000)  # Numba makes millions of objects that live to the end
    run: Any = {"record": record, "digests": print_digests, "quick": print_digests_quickly, "guarded": print_guarded}[sys.argv[1]]
    run(Path(sys.argv[2]), *sys.argv[3:])
