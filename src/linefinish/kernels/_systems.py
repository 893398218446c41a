"""Memory that runs, and what the processor can, on systems that tell it otherwise than Linux does.

Windows and macOS map a file as code only where it is signed. So the block is copied into memory of
its own, which is then made executable and never written to again: what CPython's own JIT does, on
macOS too. A process whose signature forbids that (a hardened runtime) may have another way,
Apple's MAP_JIT; where it has neither, the kernels run without machine code.
"""
from __future__ import annotations

import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Windows SDK, memoryapi.h and winnt.h.
_MEM_COMMIT_RESERVE, _PAGE_READWRITE, _PAGE_EXECUTE_READ = 0x3000, 0x04, 0x20
_PF_AVX2_INSTRUCTIONS_AVAILABLE = 40
# sys/mman.h; the last is macOS's. MAP_ANON and MAP_PRIVATE come from Python, as they differ.
_PROT_READ, _PROT_WRITE, _PROT_EXEC, _MAP_JIT = 1, 2, 4, 0x800
_MAP_FAILED = ctypes.c_void_p(-1).value
# What makes up x86-64-v3 beyond v2, so far as macOS tells it: no Mac has these and lacks the others
# (LZCNT and MOVBE came with them).
_V3_SYSCTLS = ("avx2_0", "bmi1", "bmi2", "f16c", "fma")


def executable(code: bytes) -> int:
    """The address of a copy of the code that may be run, for as long as the process lives. Raises
    OSError where the system forbids it.
    """
    if sys.platform == "win32":
        return windows_copy(code, ctypes.WinDLL("kernel32", use_last_error=True))
    return unix_copy(code, ctypes.CDLL(None, use_errno=True))


def has_x86_64_v3() -> bool:
    """Whether the processor has level 3 of x86-64. What Windows tells is AVX2 alone; where a
    processor has that and lacks another part, the self-test finds it, and level 2 is taken.
    """
    if sys.platform == "win32":
        return bool(ctypes.WinDLL("kernel32").IsProcessorFeaturePresent(_PF_AVX2_INSTRUCTIONS_AVAILABLE))
    return macos_has_v3(ctypes.CDLL(None))


def windows_copy(code: bytes, kernel32: Any) -> int:
    """`executable` by the functions of kernel32."""
    kernel32.VirtualAlloc.restype = kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    size = ctypes.c_size_t(len(code))
    address = kernel32.VirtualAlloc(None, size, _MEM_COMMIT_RESERVE, _PAGE_READWRITE)
    if not address:
        raise _windows_error()
    ctypes.memmove(address, code, len(code))
    before = ctypes.c_ulong()
    if not kernel32.VirtualProtect(ctypes.c_void_p(address), size, _PAGE_EXECUTE_READ, ctypes.byref(before)):
        raise _windows_error()
    # Processors other than x86 have a cache for instructions that knows nothing of what is written.
    kernel32.FlushInstructionCache(ctypes.c_void_p(kernel32.GetCurrentProcess()), ctypes.c_void_p(address), size)
    return int(address)


def _windows_error() -> OSError:
    number = getattr(ctypes, "get_last_error", int)()  # there on Windows alone
    return OSError(number, f"Windows error {number}")


def unix_copy(code: bytes, libc: Any) -> int:
    """`executable` by the functions of the C library. On macOS, whose runtime may be hardened, by
    MAP_JIT if all else is refused.
    """
    import mmap

    libc.mmap.restype = ctypes.c_void_p
    size = ctypes.c_size_t(len(code))
    plain = mmap.MAP_PRIVATE | mmap.MAP_ANON
    written = _PROT_READ | _PROT_WRITE

    address = libc.mmap(None, size, written, plain, -1, ctypes.c_int64(0))
    if address == _MAP_FAILED:
        raise _unix_error()
    ctypes.memmove(address, code, len(code))
    _flush(libc, address, size)
    if libc.mprotect(ctypes.c_void_p(address), size, _PROT_READ | _PROT_EXEC) == 0:
        return int(address)
    refused = _unix_error()
    libc.munmap(ctypes.c_void_p(address), size)
    if not hasattr(libc, "pthread_jit_write_protect_np"):
        raise refused

    address = libc.mmap(None, size, written | _PROT_EXEC, plain | _MAP_JIT, -1, ctypes.c_int64(0))
    if address == _MAP_FAILED:
        raise refused
    libc.pthread_jit_write_protect_np(0)  # for this thread: what it may write it may not run, and the reverse
    try:
        ctypes.memmove(address, code, len(code))
    finally:
        libc.pthread_jit_write_protect_np(1)
    _flush(libc, address, size)
    return int(address)


def _flush(libc: Any, address: int, size: Any) -> None:
    """Tell the processor's cache for instructions. macOS has a function for it; elsewhere memory
    that becomes executable is fresh to it.
    """
    if hasattr(libc, "sys_icache_invalidate"):
        libc.sys_icache_invalidate(ctypes.c_void_p(address), size)


def _unix_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


def macos_has_v3(libc: Any) -> bool:
    """Whether all of `_V3_SYSCTLS` are 1; a name that the system does not know is 0."""
    for name in _V3_SYSCTLS:
        value, size = ctypes.c_int(0), ctypes.c_size_t(4)
        full = f"hw.optional.{name}".encode()
        if libc.sysctlbyname(full, ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0)) or not value.value:
            return False
    return True
