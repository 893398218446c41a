"""Make the machine code of all kernels: ``python -m linefinish.kernels._build --cpu x86-64-v3 -o
FILE``.

Numba compiles each kernel to LLVM IR, with raw pointers for buffers. The IR is linked into one
module, each kernel gets a plain C entry, and LLVM emits one ELF object for the CPU level. The
object is then *placed*: its code and constants are laid side by side and its PC-relative references
filled in, which makes a block that runs at any address. This needs neither a linker nor a compiler
on the machine, so `pip install` alone is enough, from source too. Anything that the block cannot
hold (an undefined symbol, an absolute address, a writable section) is an error here, at build time:
a kernel that calls into a library or raises does not get through.
"""
from __future__ import annotations

import argparse
import importlib
import os
import re
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

TRIPLE = "x86_64-unknown-linux-gnu"
# Numba release that makes the machine code. It stands in this folder so that the hash over the
# kernel sources covers it.
NUMBA_VERSION = "0.68"

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

_LLVM_TYPES = {"u8": "i8", "u16": "i16", "u32": "i32", "u64": "i64", "i32": "i32", "i64": "i64", "f32": "float", "f64": "double"}

# ELF constants (System V ABI, x86-64 supplement).
_SHF_WRITE, _SHF_ALLOC = 1, 2
_SHT_PROGBITS, _SHT_RELA, _SHT_NOBITS, _SHT_SYMTAB = 1, 4, 8, 2
_R_PC32, _R_PLT32, _R_PC64 = 2, 4, 24


class PlacementError(Exception):
    """The object refers to something outside itself, so it cannot be a free-standing block."""


def compile_ir() -> dict[str, tuple[str, str, Any]]:
    """Every kernel as LLVM IR: symbol → (IR text, mangled name, signature)."""
    import numba
    from numba import types

    from linefinish.kernels import _modes, _registry

    scalars: dict[str, Any] = {
        "u8": types.uint8, "u16": types.uint16, "u32": types.uint32, "u64": types.uint64,
        "i32": types.int32, "i64": types.int64, "f32": types.float32, "f64": types.float64,
    }  # fmt: skip
    if not numba.__version__.startswith(NUMBA_VERSION + "."):
        raise PlacementError(f"numba {NUMBA_VERSION} makes the kernels, {numba.__version__} is installed")
    folder = Path(__file__).parent
    for path in sorted(folder.glob("[!_]*.py")):
        importlib.import_module(f"linefinish.kernels.{path.stem}")
    compiled = {}
    for symbol, made in sorted(_registry.REGISTRY.items()):
        arguments = tuple(types.CPointer(scalars[n]) if buffer else scalars[n] for n, buffer, _ in made.signature.args)
        signature = scalars[made.signature.returns](*arguments)
        dispatcher = _modes.compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)(made.function)
        try:
            dispatcher.compile(signature)
        except Exception as error:
            raise PlacementError(f"{error}\nkernel {symbol} does not compile (numba's reasons stand above)") from error
        overload = dispatcher.overloads[signature.args]
        ir = overload.library.get_llvm_str()
        if "picklebuf" in ir:
            # Numba keeps an exception to raise as a pickled static; `place` would refuse it without
            # knowing whose it is.
            raise PlacementError(f"kernel {symbol} can raise an exception (a range() with a variable step can)")
        compiled[symbol] = (ir, overload.fndesc.mangled_name, made.signature)
    return compiled


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

    The status can only say that something was raised, and a kernel that can raise leaves an
    undefined symbol or a writable section behind, which `place` refuses; so the status is not
    looked at.
    """
    kinds = ["ptr" if buffer else _LLVM_TYPES[name] for name, buffer, _ in signature.args]
    result = _LLVM_TYPES[signature.returns]
    named = ", ".join(f"{kind} %a{i}" for i, kind in enumerate(kinds))
    inner = ", ".join(["ptr", "ptr", *kinds])
    return f"""
declare i32 @{mangled}({inner})
define {result} @{symbol}({named}) {{
  %result = alloca {result}
  %raised = alloca ptr
  %status = call i32 @{mangled}(ptr %result, ptr %raised{"".join(f", {kind} %a{i}" for i, kind in enumerate(kinds))})
  %value = load {result}, ptr %result
  ret {result} %value
}}
"""


def emit_object(compiled: dict[str, tuple[str, str, Any]], cpu: str) -> bytes:
    """One ELF object with all kernels for a CPU level."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    whole = llvm.parse_assembly(f'target triple = "{TRIPLE}"\n' + _MEMORY_IR)
    for symbol, (ir, mangled, signature) in compiled.items():
        ir = re.sub(r"^target triple = .*$", f'target triple = "{TRIPLE}"', ir, flags=re.MULTILINE)
        # A loop's speed depends on where it lies in a line of the cache, by up to a quarter. So
        # that it does not change with the kernels before it, each function begins a line.
        ir = re.sub(r"^(define .*[^ ]) *\{$", r"\1 align 64 {", ir, flags=re.MULTILINE)
        whole.link_in(llvm.parse_assembly(ir))
        whole.link_in(llvm.parse_assembly(f'target triple = "{TRIPLE}"\n' + _entry_ir(symbol, mangled, signature)))
    whole.verify()
    machine = llvm.Target.from_triple(TRIPLE).create_target_machine(
        cpu=cpu, opt=3, reloc="pic", codemodel="small"
    )
    return machine.emit_object(whole)


def place(elf: bytes, wanted: list[str]) -> tuple[bytes, dict[str, int]]:
    """Lay an x86-64 ELF object out as one free-standing block: (code and constants, symbol →
    offset).
    """
    section_table = struct.unpack_from("<Q", elf, 0x28)[0]
    entry_size, section_count, _ = struct.unpack_from("<HHH", elf, 0x3A)
    fields = "<IIQQQQIIQQ"  # name, type, flags, addr, offset, size, link, info, align, entsize
    sections = [struct.unpack_from(fields, elf, section_table + i * entry_size) for i in range(section_count)]
    block = bytearray()
    placed: dict[int, int] = {}
    for index, (_, kind, flags, _, offset, size, _, _, align, _) in enumerate(sections):
        if not flags & _SHF_ALLOC or size == 0 or kind not in (_SHT_PROGBITS, _SHT_NOBITS):
            continue
        if flags & _SHF_WRITE or kind == _SHT_NOBITS:
            raise PlacementError("a kernel has writable static data")
        block += bytes(-len(block) % max(align, 64))
        placed[index] = len(block)
        block += elf[offset : offset + size]

    symbol_table = next(s for s in sections if s[1] == _SHT_SYMTAB)
    names_at = sections[symbol_table[6]][4]

    def symbol(number: int) -> tuple[str, int, int]:
        name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", elf, symbol_table[4] + 24 * number)
        start = names_at + name
        return elf[start : elf.index(b"\0", start)].decode(), section, value

    for _, kind, _, _, offset, size, _, target, _, _ in sections:
        if kind != _SHT_RELA or target not in placed:
            continue
        for at in range(offset, offset + size, 24):
            where, info, addend = struct.unpack_from("<QQq", elf, at)
            name, section, value = symbol(info >> 32)
            if section not in placed:
                raise PlacementError(f"a kernel refers to {name or 'a section'}, which is outside the kernels")
            spot = placed[target] + where
            distance = placed[section] + value + addend - spot
            relocation = info & 0xFFFFFFFF
            if relocation in (_R_PC32, _R_PLT32):
                struct.pack_into("<i", block, spot, distance)
            elif relocation == _R_PC64:
                struct.pack_into("<q", block, spot, distance)
            else:
                raise PlacementError(f"relocation {relocation} to {name or 'a section'} is not relative")

    offsets = {}
    for number in range(symbol_table[5] // 24):
        name, section, value = symbol(number)
        if section in placed and name in wanted:
            offsets[name] = placed[section] + value
    return bytes(block), offsets


def build(path: Path, cpu: str) -> None:
    """Compile, place, and write the file whole or not at all."""
    import numba

    from linefinish.kernels import _cache, _native, _registry

    compiled = compile_ir()
    block, symbols = place(emit_object(compiled, cpu), list(compiled))
    facts = {"source_hash": _cache.source_hash(), "cpu": cpu, "numba": numba.__version__}
    lines = [f"{key} {value}" for key, value in facts.items()]
    lines.append(_module_lines(_public_constants(), {_registry.REGISTRY[symbol]: offset for symbol, offset in symbols.items()}))
    text = "\n".join(lines).encode("ascii") + b"\n\n"
    room = _native.HEADER_BYTES - len(_native.MAGIC) - len(b"crc32 12345678\n")
    if len(text) > room:
        raise PlacementError("the header has outgrown its page")
    body = text.ljust(room) + block
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(_native.MAGIC + b"crc32 %08x\n" % zlib.crc32(body) + body)
    temporary.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile linefinish's kernels to machine code.")
    parser.add_argument("--cpu", required=True, choices=["x86-64-v2", "x86-64-v3"], help="the CPU level")
    parser.add_argument("-o", "--output", required=True, type=Path, help="the file to write")
    args = parser.parse_args()
    # Both must stand before numba is imported: it vectorises for the CPU that it believes to have.
    os.environ["LINEFINISH_KERNELS"] = "build"
    os.environ["NUMBA_CPU_NAME"] = args.cpu
    os.environ["NUMBA_CPU_FEATURES"] = ""
    # This file's package has been imported in another mode when run with -m; start over in a clean
    # process.
    if "linefinish.kernels._registry" in sys.modules:
        for name in [n for n in sys.modules if n.startswith("linefinish")]:
            del sys.modules[name]
    try:
        build(args.output, args.cpu)
    except (PlacementError, ImportError, OSError) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
