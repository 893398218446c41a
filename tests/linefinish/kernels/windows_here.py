"""Run machine code for Windows on Linux: `windows_here.py digests FILE` is `mode_digests.py` with
the block for Windows, which is beside the package that PYTHONPATH names.

LLVM makes a function of this system's convention that calls one of Windows'. So the code itself
runs, on this processor and at full speed; Windows, and what loads the code there, do not
(`tests/platforms/test_windows.py` has both).
"""
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from linefinish.kernels import _native, _selftest, _targets
from tests.linefinish.kernels import mode_digests

_TYPES = {"u8": "i8", "u16": "i16", "u32": "i32", "u64": "i64", "i32": "i32", "i64": "i64", "f32": "float", "f64": "double"}
_plain = _native.function_at
_engines: list[Any] = []


def bridged(address: int, made: Any) -> Any:
    """The kernel at an address, by Windows' convention."""
    returns, _, words = made.signature_text.partition("(")
    kinds = ["ptr" if word[-1] == "*" else _TYPES[word] for word in words[:-1].split(", ")]
    named = ", ".join(f"{kind} %a{index}" for index, kind in enumerate(kinds))
    machine = llvm.Target.from_default_triple().create_target_machine()
    module = llvm.parse_assembly(f"""
        target triple = "{machine.triple}"
        define {_TYPES[returns]} @bridge({named}) {{
          %code = inttoptr i64 {address} to ptr
          %result = call win64cc {_TYPES[returns]} %code({named})
          ret {_TYPES[returns]} %result
        }}""")
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    _engines.append(engine)  # its memory is the function's
    return _plain(engine.get_function_address("bridge"), made)


if __name__ == "__main__":
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    folder = Path(_native.__file__).parent
    _native.targets = lambda: [name for name in _targets.TARGETS if (folder / f"kernels-{name}.bin").exists()]
    _selftest.problem_of = lambda *_: ""  # it would be asked by this system's convention
    _native.function_at = bridged
    mode_digests.print_digests(Path(sys.argv[2]))
