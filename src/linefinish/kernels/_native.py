"""The compiled kernels: found, checked, mapped into memory, and called.

The machine code is one position-independent block that refers to nothing outside itself
(`_build.py` proves it), so loading it is one `mmap` of a file: no linker, no numba, no numpy. Where
a file may not be mapped so, it is copied (`_systems.py`). It is looked for in two places:

1. beside this file, where a wheel carries the blocks for its platform;
2. in the user's cache, where it is built once on first use (`_cache.py`).

File: a magic line; a line with the CRC of all that follows; `key value` lines; one line a kernel
module with its kernels' names, offsets and signatures and its public constants; padding to
HEADER_BYTES; then the code. The module lines spare a process the kernels' source, which is 1.6 ms
of its 20: `from linefinish.kernels import bits` gives a `KernelModule` where the machine code is at
hand.

Before a block runs for the first time on a machine, it is tried in another process
(`_selftest.py`); that it was, a mark in the user's cache folder says, which costs a stat.

Calls go through `_ctypes`, the C half of ctypes: the Python half would cost a cold process 1.2 ms
of 30 for what is not needed here. That is in this file and not in one of its own because a further
module costs 0.08 ms.
"""
from __future__ import annotations

import _ctypes
import mmap
import os
import sys
from _thread import RLock
from zlib import crc32

from linefinish.kernels._registry import CHOSEN, FORMATS, NATIVE, cache_folder, fall_back, machine, registered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linefinish.kernels._registry import Kernel

# mmap wants a file offset that is a multiple of the page; 64 KiB holds for every page size in use
# (4, 16 and 64 KiB).
HEADER_BYTES = 65536
MAGIC = b"linefinish-kernels 2\n"
# What makes up x86-64-v3 beyond v2, as /proc/cpuinfo spells it (x86-64 psABI, section 3.1.1).
_V3_FLAGS = {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"}


class NativeKernelsError(ImportError):
    """The compiled kernels cannot be had: no numba to make them, or a CPU or system that they do
    not know.
    """


class UnfitError(NativeKernelsError):
    """The machine code is there and whole, and does not run as it should on this machine."""


class DamagedFileError(NativeKernelsError):
    """The file of compiled kernels is not as it was written."""


# Whether a file may be mapped as code. Windows and macOS want that signed.
_FILES_RUN = sys.platform not in ("win32", "darwin")


class Library:
    """A mapped block of machine code. `facts` has what its header says: source_hash, target,
    numba. `crc` is its checksum.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.facts: dict[str, str] = {}
        self.modules: dict[str, str] = {}
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size <= HEADER_BYTES:
                raise self._damaged()
            whole: Any = None
            if _FILES_RUN:
                try:  # noqa: SIM105 (contextlib stays off the fast path)
                    whole = mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ | mmap.PROT_EXEC)
                except PermissionError:  # the file system is mounted "noexec"
                    pass
            copied = whole is None
            if copied:
                whole = file.read()
        # Jumping into half a file would end the process without a word, so it is looked through
        # first: 0.04 ms.
        head = MAGIC + b"crc32 %08x\n"
        self.crc = crc32(memoryview(whole)[len(head % 0) :])
        if whole[: len(head % 0)] != head % self.crc:
            raise self._damaged()
        for line in whole[len(MAGIC) : whole.find(b"\n\n")].decode("ascii").split("\n"):
            key, _, value = line.partition(" ")
            if key[0] == "@":
                self.modules[key[1:]] = f"; {value};"
            else:
                self.facts[key] = value
        if copied:
            from linefinish.kernels import _systems

            try:
                self._code = _systems.executable(whole[HEADER_BYTES:])
            except OSError as error:
                raise UnfitError(f"this system does not let machine code be loaded ({error.strerror or error})") from error
        else:
            self._held = HeldBuffer(whole)
            self._code = self._held.address + HEADER_BYTES

    @property
    def mark(self) -> str:
        """The file that says that this block was tried on this machine."""
        node = os.uname().nodename.replace("/", "_") if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
        return os.path.join(cache_folder(), f"tested-{self.crc:08x}-{node}")

    def _damaged(self) -> DamagedFileError:
        return DamagedFileError(f"{self.path} is damaged: it is not what was written")

    def told(self, module: str, name: str) -> str:
        """What the header tells of a name in a kernel module: offset and signature of a kernel, or
        the value of a constant; "" if it tells nothing.
        """
        line = self.modules[module]
        word = f"; {name} "
        at = line.find(word)
        return line[at + len(word) : line.index(";", at + 1)] if at >= 0 else ""

    def address(self, kernel: Kernel) -> int:
        """Where the kernel's code begins."""
        offset = self.told(kernel.module, kernel.__name__).partition(" ")[0]
        return self._code + int(offset)


def bind(made: Kernel) -> Callable[..., Any]:
    """The kernel's machine code as a function, built first if need be."""
    return function_at(library().address(made), made)


class KernelModule:
    """A module's kernels and public constants, each made when it is asked for. Whatever else it is
    asked for (its helpers) comes from the source, which is then read.
    """

    def __init__(self, library: Library, name: str) -> None:
        self.__name__ = f"linefinish.kernels.{name}"
        self._library = library
        self._module = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        told = self._library.told(self._module, name)
        made: Any
        if not told:
            __import__(self.__name__)
            return getattr(sys.modules[self.__name__], name)
        if name.isupper():
            made = float(told) if "." in told else int(told)
        else:
            made = registered(self._module, name, told.partition(" ")[2], bind)
        setattr(self, name, made)
        return made


def targets() -> list[str]:
    """The targets (`_targets.py`) that this machine runs, the best first; a system that cannot map
    their code is refused.
    """
    found = machine()
    if found not in NATIVE.get(sys.platform, ()):
        raise NativeKernelsError(f"there is no machine code for {sys.platform} on {found}; leave LINEFINISH_KERNELS out to do without")
    if found in ("aarch64", "arm64", "ARM64"):
        return ["aarch64"]
    if sys.platform == "linux":
        with open("/proc/cpuinfo", "rb") as info:  # as text, and so through a decoder that nothing else loads, it costs 0.3 ms more
            flags = next((line for line in info if line.startswith(b"flags")), b"").decode("ascii", "replace").split()
        v3 = set(flags) >= _V3_FLAGS
    else:
        from linefinish.kernels import _systems

        v3 = _systems.has_x86_64_v3()
    convention = "windows-" if sys.platform == "win32" else ""
    return [f"{convention}x86-64-v3", f"{convention}x86-64-v2"] if v3 else [f"{convention}x86-64-v2"]


_library: Library | None = None
# Two threads whose first kernels are called at once would each map the file; one library would be
# let go, and its addresses lead nowhere.
_loading = RLock()


def library() -> Library:
    """The compiled kernels of this process; built first if need be."""
    global _library
    if _library is None:
        with _loading:
            if _library is None:
                _library = _loaded(making=True)
    return _library


def _loaded(*, making: bool) -> Library:
    """The best machine code that runs here as it should. That for the best target is built first if
    that is wanted; the others are taken as they are, or not.
    """
    unfit = None
    for wanted in targets():
        try:
            library = _mapped(wanted, making and not unfit)
        except OSError:
            if not unfit:
                raise
            continue
        if os.path.exists(library.mark):
            return library
        from linefinish.kernels import _selftest

        problem = _selftest.problem_of(library.path, library.mark)
        if not problem:
            return library
        unfit = unfit or UnfitError(f"the machine code for {wanted} fails its self-test on this machine ({problem})")
    raise unfit or AssertionError("there is a target for each machine")


def _mapped(wanted: str, making: bool) -> Library:
    path, ours = _place(wanted)
    try:
        return Library(path)
    except (FileNotFoundError, NotADirectoryError, DamagedFileError) as error:
        if not (ours and making):
            raise
        from linefinish.kernels import _cache

        problem = _cache.build(path, wanted, replace=isinstance(error, DamagedFileError))
        if problem:
            raise NativeKernelsError(problem) from None
        return Library(path)


def library_at_hand() -> Library | None:
    """The compiled kernels, if they are there: whoever asks before a kernel is called must not have
    to wait until they are built.
    """
    global _library
    with _loading:
        if _library is None:
            try:
                _library = _loaded(making=False)
            except UnfitError as error:
                if not CHOSEN:
                    fall_back(str(error))
                return None
            except (OSError, NativeKernelsError):  # told when a kernel is called
                return None
    return _library


def _place(wanted: str) -> tuple[str, bool]:
    """The file of a target's kernels, and whether it is the user's own copy, which may be made."""
    here = os.path.dirname(os.path.abspath(__file__))  # os.path and not pathlib, which costs a cold process 11 ms
    packaged = os.path.join(here, f"kernels-{wanted}.bin")
    if os.path.exists(packaged):
        return packaged, False
    from linefinish.kernels import _cache

    return _cache.path_for(wanted), True


# --- buffers become addresses, and an address a function
# ------------------------------------------------------------

class _CTypes(dict):
    """The C type of a struct code, as ctypes names them; made when asked for, as each
    takes 10 µs.
    """

    def __missing__(self, code: str) -> Any:
        made = self[code] = type(f"C_{code}", (_ctypes._SimpleCData,), {"_type_": code})
        return made


_C_TYPES = _CTypes()
_CHAR, _POINTER = _C_TYPES["c"], _C_TYPES["P"]
_byref = _ctypes.byref


class _CallI64(_ctypes.CFuncPtr):
    """A C function that returns an i64. The GIL is let go while it runs."""

    _flags_ = _ctypes.FUNCFLAG_CDECL
    _restype_ = _C_TYPES["q"]


class _CallF64(_ctypes.CFuncPtr):
    """A C function that returns an f64."""

    _flags_ = _ctypes.FUNCFLAG_CDECL
    _restype_ = _C_TYPES["d"]


class _CallPython(_ctypes.CFuncPtr):
    """A function of CPython's own: it needs the GIL and may raise."""

    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_PYTHONAPI
    _restype_ = _C_TYPES["i"]


# Size of CPython's Py_buffer (stable since 3.0), whose first field is the address. It is handled as
# bytes, as a ctypes Structure takes 50 µs to define.
_PY_BUFFER_BYTES = 80


class HeldBuffer:
    """The address of a read-only buffer that is not bytes; it stays put while this object lives."""

    __slots__ = ("_as_parameter_", "_release", "_view", "address")

    def __init__(self, obj: Any) -> None:
        held = bytearray(_PY_BUFFER_BYTES)
        self._view = _ctypes.byref(_CHAR.from_buffer(held))
        _python("PyObject_GetBuffer")(_C_TYPES["O"](obj), self._view, _C_TYPES["i"](0))
        self._release = _python("PyBuffer_Release")  # kept, as a process that ends clears this module first
        self.address = int.from_bytes(held[:8], "little")
        self._as_parameter_ = _POINTER(self.address)

    def __del__(self) -> None:
        self._release(self._view)


class _ThisProcess:
    """Where the interpreter's own functions are: on Windows in a library of it."""

    _handle = getattr(sys, "dllhandle", 0) or _ctypes.dlopen(None, 0)  # type: ignore[arg-type]


def _python(name: str) -> Any:
    return _CallPython((name, _ThisProcess))  # type: ignore[arg-type]  # of a library it needs the handle alone


def _pointer(obj: Any, const: bool) -> Any:
    """What `function_at` passes for a buffer that is none of the usual ones."""
    view = memoryview(obj)
    if not view.c_contiguous:
        raise TypeError("a kernel takes contiguous buffers")
    if view.nbytes == 0:
        return None
    if not view.readonly:
        return _byref(_CHAR.from_buffer(obj))
    if not const:
        raise TypeError("a kernel writes to this buffer, and it is read-only")
    whole = view.obj
    return whole if type(whole) is bytes and len(whole) == view.nbytes else HeldBuffer(obj)


class _ArgumentTypes(dict):
    """The C type of each word that a signature may hold: "i64", "u8*", "const u8*"."""

    def __missing__(self, word: str) -> Any:
        made = self[word] = _POINTER if word[-1] == "*" else _C_TYPES[FORMATS[word]]
        return made


_ARGUMENT_TYPES = _ArgumentTypes()


def function_at(address: int, made: Kernel) -> Callable[..., Any]:
    """The machine code of a kernel as a function of buffers and numbers."""
    returns, _, arguments = made.signature_text.partition("(")  # as the build has checked it
    words = arguments[:-1].split(", ")
    call: Any = (_CallF64 if returns == "f64" else _CallI64)(address)
    call.argtypes = [_ARGUMENT_TYPES[word] for word in words]
    pointers = [(index, word[0] == "c") for index, word in enumerate(words) if word[-1] == "*"]
    arity = len(words)
    view_of, byref = _CHAR.from_buffer, _byref

    def run(*args: Any) -> Any:
        if len(args) != arity:
            raise TypeError(f"{made.__name__} takes {arity} arguments, got {len(args)}")
        passed = list(args)
        for index, const in pointers:
            buffer = args[index]
            if const and type(buffer) is bytes:
                continue
            # Nearly all are contiguous and writable, and have something in them: that is asked by
            # the conversion itself, in a third of the time (0.9 → 0.3 µs, 200 times a page).
            try:
                passed[index] = byref(view_of(buffer))
            except (TypeError, ValueError):
                passed[index] = _pointer(buffer, const)
        return call(*passed)

    return run
