"""Make the machine code of all kernels: ``python -m linefinish.kernels._build --target x86-64-v3
-o FILE``.

Numba compiles each kernel to LLVM IR, with raw pointers for buffers (`_ir.py`). LLVM optimises it
for the target (`_targets.py`), with a plain C entry around it. The kernels of a file are linked
into one module, of which LLVM emits an ELF object. The objects are then placed (`_placing.py`):
their code and constants are laid side by side and their relative references filled in, which makes
a block that runs at any address. This needs neither a linker nor a compiler on the machine, so
`pip install` alone is enough, from source too. Anything that the block cannot hold is an error
here, at build time: a kernel that calls into a library or raises does not get through.

The modules of kernels go through it side by side, in as many processes as there are cores. Several
targets are made in one go: ``--target x86-64-v2 -o FILE --target aarch64 -o FILE``.
"""
from __future__ import annotations

import argparse
import contextlib
import importlib
import multiprocessing
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from linefinish.kernels import _cache, _ir, _native, _registry
from linefinish.kernels._placing import PlacementError, place
from linefinish.kernels._targets import TARGETS

# LLVM turns loops that fill or copy into calls of memset and memcpy. The block brings its own, as
# small loops of words that LLVM is told to leave alone ("no-builtins").
_MEMORY_IR = """
define internal void @fill(ptr %to, i64 %word, i64 %count) "no-builtins" noinline {
entry:
  br label %check
check:
  %i = phi i64 [0, %entry], [%next, %body]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %body, label %done
body:
  %at = getelementptr i64, ptr %to, i64 %i
  store i64 %word, ptr %at, align 1
  %next = add i64 %i, 1
  br label %check
done:
  ret void
}
define ptr @memset(ptr %to, i32 %value, i64 %size) "no-builtins" {
entry:
  %byte = trunc i32 %value to i8
  %wide = zext i8 %byte to i64
  %word = mul i64 %wide, 72340172838076673
  %words = lshr i64 %size, 3
  call void @fill(ptr %to, i64 %word, i64 %words)
  %start = shl i64 %words, 3
  br label %check
check:
  %i = phi i64 [%start, %entry], [%next, %body]
  %more = icmp ult i64 %i, %size
  br i1 %more, label %body, label %done
body:
  %at = getelementptr i8, ptr %to, i64 %i
  store volatile i8 %byte, ptr %at
  %next = add i64 %i, 1
  br label %check
done:
  ret ptr %to
}
define ptr @memcpy(ptr %to, ptr %from, i64 %size) "no-builtins" {
entry:
  %words = lshr i64 %size, 3
  %start = shl i64 %words, 3
  br label %check
check:
  %i = phi i64 [0, %entry], [%next, %body]
  %more = icmp ult i64 %i, %words
  br i1 %more, label %body, label %tail
body:
  %a = getelementptr i64, ptr %from, i64 %i
  %b = getelementptr i64, ptr %to, i64 %i
  %v = load i64, ptr %a, align 1
  store i64 %v, ptr %b, align 1
  %next = add i64 %i, 1
  br label %check
tail:
  %j = phi i64 [%start, %check], [%after, %rest]
  %left = icmp ult i64 %j, %size
  br i1 %left, label %rest, label %done
rest:
  %c = getelementptr i8, ptr %from, i64 %j
  %d = getelementptr i8, ptr %to, i64 %j
  %w = load i8, ptr %c
  store volatile i8 %w, ptr %d
  %after = add i64 %j, 1
  br label %tail
done:
  ret ptr %to
}
define ptr @memmove(ptr %to, ptr %from, i64 %size) "no-builtins" {
entry:
  %forward = icmp ule ptr %to, %from
  br i1 %forward, label %copy, label %back
copy:
  %r = call ptr @memcpy(ptr %to, ptr %from, i64 %size)
  ret ptr %to
back:
  %i = phi i64 [%size, %entry], [%next, %body]
  %more = icmp ugt i64 %i, 0
  br i1 %more, label %body, label %done
body:
  %next = sub i64 %i, 1
  %a = getelementptr i8, ptr %from, i64 %next
  %b = getelementptr i8, ptr %to, i64 %next
  %v = load i8, ptr %a
  store volatile i8 %v, ptr %b
  br label %back
done:
  ret ptr %to
}
"""

# What a kernel's entry calls after an exception; a kernel that can get there is refused.
_RAISED = "an_exception_was_raised"

_LLVM_TYPES = {"u8": "i8", "u16": "i16", "u32": "i32", "u64": "i64", "i32": "i32", "i64": "i64", "f32": "float", "f64": "double"}

def _public_constants() -> dict[str, dict[str, float]]:
    """The numbers that a kernel module tells those who call its kernels, by module."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        names = vars(importlib.import_module(f"linefinish.kernels.{path.stem}"))
        found[path.stem] = {
            name: value for name, value in names.items() if name.isupper() and name[0] != "_" and type(value) in (int, float)
        }
    return found


def _module_lines(constants: dict[str, dict[str, float]], kernels: dict[Any, int]) -> str:
    """What `_native.Library.told` reads. `constants` by module, `kernels` with their
    offsets in the code.
    """
    lines = []
    for module, values in sorted(constants.items()):
        words = [f"{made.__name__} {offset} {made.signature_text}" for made, offset in kernels.items() if made.module == module]
        words += [f"{name} {value}" for name, value in values.items()]
        lines.append(f"@{module} {'; '.join(words)}")
    return "\n".join(lines)


def _entry_ir(symbol: str, mangled: str, signature: Any) -> str:
    """A C function around Numba's calling convention (result through a pointer, status returned).

    Where the status is not 0, something was raised, and the entry calls what does not exist. Of a
    kernel that cannot raise, LLVM proves that and drops the call.
    """
    kinds = ["ptr" if buffer else _LLVM_TYPES[name] for name, buffer, _ in signature.args]
    result = _LLVM_TYPES[signature.returns]
    named = ", ".join(f"{kind} %a{i}" for i, kind in enumerate(kinds))
    inner = ", ".join(["ptr", "ptr", *kinds])
    return f"""
declare i32 @{mangled}({inner})
declare void @{_RAISED}() noreturn
define {result} @{symbol}({named}) {{
entry:
  %result = alloca {result}
  %raised = alloca ptr
  %status = call i32 @{mangled}(ptr %result, ptr %raised{"".join(f", {kind} %a{i}" for i, kind in enumerate(kinds))})
  %failed = icmp ne i32 %status, 0
  br i1 %failed, label %raise, label %done
raise:
  call void @{_RAISED}()
  unreachable
done:
  %value = load {result}, ptr %result
  ret {result} %value
}}
"""


def optimised(kernel: _ir.KernelIR, target: str) -> str:
    """The kernel with its C entry as LLVM IR, optimised for a target."""
    import llvmlite.binding as llvm

    machine = _target_machine(target)
    module = llvm.parse_bitcode(kernel.bitcode)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    signature = _registry.REGISTRY[kernel.symbol].signature
    module.link_in(_parsed(_entry_ir(kernel.symbol, kernel.mangled, signature), machine))
    for function in module.functions:
        if not function.is_declaration and function.name != kernel.symbol:
            function.linkage = "internal"
    # Twice: what the first round has inlined and simplified is what the second makes vectors of.
    # After a single one `background.close_cells` takes twice as long (measured).
    for _ in range(2):
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = True
        options.slp_vectorization = False
        builder = llvm.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
    ir = str(module)
    if f"@{_RAISED}(" in ir:
        raise PlacementError(f"kernel {kernel.symbol} can raise an exception (a range() with a variable step can)")
    # A loop's speed depends on where it lies in a line of the cache, by up to a quarter. So that it
    # does not change with the kernels before it, each function begins a line.
    # Windows has only the next page of a stack ready, so what takes more than one must touch each.
    # For x86-64 LLVM calls the system's own function for that, and the kernel is refused.
    probed = ' "probe-stack"="inline-asm"' if target == "aarch64" else ""
    return re.sub(r"^(define .*[^ ]) *\{$", rf"\1{probed} align 64 {{", ir, flags=re.MULTILINE)


def emit_object(parts: list[str], target: str) -> bytes:
    """One ELF object for a target, of parts in LLVM IR."""
    import llvmlite.binding as llvm

    machine = _target_machine(target)
    whole = _parsed("", machine)
    for ir in parts:
        whole.link_in(llvm.parse_assembly(ir))
    whole.verify()
    emitted: bytes = machine.emit_object(whole)
    return emitted


def _memory_ir(target: str) -> str:
    return str(_parsed(_MEMORY_IR, _target_machine(target)))


def _parsed(ir: str, machine: Any) -> Any:
    import llvmlite.binding as llvm

    return llvm.parse_assembly(f'target datalayout = "{machine.target_data}"\ntarget triple = "{machine.triple}"\n{ir}')


def _target_machine(target: str) -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    triple, cpu, features = TARGETS[target]
    return llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, features=features, opt=3, reloc="pic", codemodel="small")


class _Code(NamedTuple):
    """A module of kernels as machine code: the symbols of its kernels, and for each target an ELF
    object.
    """

    module: str
    symbols: list[str]
    objects: dict[str, bytes]


def _module_code(job: tuple[str, list[str]]) -> _Code:
    name, targets = job
    kernels = _ir.module_ir(name)
    objects = {target: emit_object([optimised(kernel, target) for kernel in kernels], target) for target in targets if kernels}
    return _Code(name, [kernel.symbol for kernel in kernels], objects)


def _side_by_side(jobs: list[tuple[str, list[str]]]) -> Iterator[_Code]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    processes = min(cores, len(jobs))
    if processes == 1:
        yield from map(_module_code, jobs)
        return
    # A forked process has what this one has imported. Elsewhere that is not to be had, or unsafe.
    way, prepare = ("fork", None) if sys.platform == "linux" else ("spawn", _ir.import_kernels)
    # An executor, and not a Pool: to leave one that is amid its work may wait for ever.
    with ProcessPoolExecutor(processes, multiprocessing.get_context(way), prepare) as pool:
        making = [pool.submit(_module_code, job) for job in jobs]
        try:
            for made in as_completed(making):
                yield made.result()
        finally:
            for made in making:
                made.cancel()


def build(wanted: dict[str, Path]) -> None:
    """Compile, place, and write a file a target, each whole or not at all. How far it is, is
    printed a line a module: "3 of 47". What the user's cache has of these sources is copied, and
    what it has not is kept there: the wheels of several platforms share their blocks.
    """
    paths = {target: path for target, path in wanted.items() if not _copied(Path(_cache.path_for(target)), path)}
    if not paths:
        return
    numba_version = _ir.import_kernels()
    names = _ir.module_names()
    made = []
    for code in _side_by_side([(name, list(paths)) for name in names]):
        made.append(code)
        print(f"{len(made)} of {len(names)}", flush=True)
    made.sort()  # the block does not depend on which was ready first
    for target, path in paths.items():
        objects = [emit_object([_memory_ir(target)], target), *[code.objects[target] for code in made if code.symbols]]
        block, symbols = place(objects, [symbol for code in made for symbol in code.symbols])
        _write(path, block, symbols, {"source_hash": _cache.source_hash(), "target": target, "numba": numba_version})
        with contextlib.suppress(OSError):  # a cache that cannot be written to
            kept = Path(_cache.path_for(target))
            kept.parent.mkdir(parents=True, exist_ok=True)
            _copied(path, kept)


def _copied(source: Path, path: Path) -> bool:
    """Copy a whole block to another place; False if there is none, or if it is the same place."""
    try:
        data = source.read_bytes()
    except OSError:
        return False
    size = len(_head(b""))
    if source.absolute() == path.absolute() or data[:size] != _head(data[size:]):
        return False
    _replace(path, data)
    return True


def _head(body: bytes) -> bytes:
    return _native.MAGIC + b"crc32 %08x\n" % zlib.crc32(body)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)


def _write(path: Path, block: bytes, symbols: dict[str, int], facts: dict[str, str]) -> None:
    lines = [f"{key} {value}" for key, value in facts.items()]
    lines.append(_module_lines(_public_constants(), {_registry.REGISTRY[symbol]: symbols[symbol] for symbol in sorted(symbols)}))
    text = "\n".join(lines).encode("ascii") + b"\n\n"
    room = _native.HEADER_BYTES - len(_head(b""))
    if len(text) > room:
        raise PlacementError("the header has outgrown its page")
    body = text.ljust(room) + block
    _replace(path, _head(body) + body)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile linefinish's kernels to machine code.")
    parser.add_argument(
        "--target", action="append", required=True, choices=list(TARGETS), help="the kind of machine; may be repeated, each with its -o"
    )
    parser.add_argument("-o", "--output", action="append", required=True, type=Path, help="the file to write")
    args = parser.parse_args()
    if len(args.target) != len(args.output):
        parser.error("each --target takes an -o")
    if not _registry.BUILDING:
        # How kernels run is settled when they are imported, and numba reads its settings then. The
        # IR is for no CPU in particular.
        settings = {
            "LINEFINISH_KERNELS": "build",
            "NUMBA_CPU_NAME": "generic",
            "NUMBA_CPU_FEATURES": "",
            "NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING": "1",  # numba makes many a message that nobody sees, and colours take most of that
        }
        again, environment = [sys.executable, "-m", "linefinish.kernels._build", *sys.argv[1:]], {**os.environ, **settings}
        if sys.platform == "win32":  # where exec does not keep the process, and whoever started it would wait no longer
            sys.exit(subprocess.run(again, env=environment, check=False).returncode)
        os.execve(sys.executable, again, environment)
    try:
        build(dict(zip(args.target, args.output, strict=True)))
    except BrokenExecutor:
        sys.exit("a process that compiles was ended, as the system does when memory runs out")
    except (PlacementError, _ir.CompileError, OSError) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
