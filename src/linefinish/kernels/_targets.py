"""The kinds of machine that kernels are compiled for. Any of them is made on any machine.

A kernel refers to nothing outside the block, so what tells targets apart is the processor and how a
C function gets its arguments, and not the system.
"""
from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """A triple, CPU and features as LLVM names them. The objects are ELF on all of them, as they
    are only an intermediate form; the system in a triple stands for its calling convention.
    """

    triple: str
    cpu: str
    features: str = ""


TARGETS = {
    # System V ABI, x86-64 supplement: Linux, with glibc and musl, and macOS. The levels are those
    # of its section 3.1.1.
    "x86-64-v2": Target("x86_64-unknown-linux-gnu", "x86-64-v2"),
    "x86-64-v3": Target("x86_64-unknown-linux-gnu", "x86-64-v3"),
    # The x64 convention of Windows: other registers for arguments, more that a function must leave
    # as they were, and room on the stack that its caller gives it.
    "windows-x86-64-v2": Target("x86_64-pc-windows-elf", "x86-64-v2"),
    "windows-x86-64-v3": Target("x86_64-pc-windows-elf", "x86-64-v3"),
    # AAPCS64: Linux, macOS and Windows. The platforms' own conventions differ from it in varargs,
    # in arguments on the stack that are narrower than 8 bytes (kernels have none), and in the
    # register x18, which is the system's on Windows and macOS.
    "aarch64": Target("aarch64-unknown-linux-gnu", "generic", "+reserve-x18"),
}
