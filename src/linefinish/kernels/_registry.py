"""The table of all kernels: what a kernel is, its signature, and how this process runs kernels.

Nothing here knows how machine code is found or made; whoever registers a kernel brings the function
that binds it. `_modes.py` does so for a kernel's source, `_native.py` for the header of the machine
code.

Signatures: ``"i64(const u8*, i64, f64*)"``. Types u8 u16 u32 u64 i32 i64 f32 f64; ``*`` is a
buffer, ``const`` says that the kernel only reads it. Buffers are anything with Python's buffer
protocol: bytes, bytearray, memoryview, mmap, ndarray.
"""
from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# The ways to run, which `_modes.py` explains, and the one of this process.
MODES = ("native", "jit", "python")
CHOSEN = os.environ.get("LINEFINISH_KERNELS")
MODE = CHOSEN or "native"
BUILDING = MODE == "build"  # set by _build.py alone: kernels are recorded, not run
if MODE not in MODES and not BUILDING:
    raise ImportError(f"LINEFINISH_KERNELS is {MODE!r}; it may be one of {', '.join(MODES)}")

# System → its processors, as it names them, for which there is machine code that it can map.
NATIVE = {"linux": ("x86_64", "aarch64"), "darwin": ("x86_64", "arm64"), "win32": ("AMD64", "ARM64")}


def machine() -> str:
    """The processor of this process, as its system names it. Windows on ARM emulates x86-64, and
    its variables may tell the machine's own processor: what tells the process's is the interpreter.
    """
    name = os.uname().machine if hasattr(os, "uname") else sys.version.rpartition("(")[2].rstrip(")]")
    return name if sys.maxsize > 1 << 32 else f"{name} with 32 bits"


def cache_folder() -> str:
    """Where kernels that were built on first use, and the marks of self-tests, are kept:
    $LINEFINISH_CACHE, or the user's cache folder. Here, as a module of its own costs 0.08 ms.
    """
    chosen = os.environ.get("LINEFINISH_CACHE")
    if chosen:
        return chosen
    user = os.environ.get("XDG_CACHE_HOME")
    if not user and sys.platform == "win32":
        user = os.environ.get("LOCALAPPDATA")
    if not user:
        user = os.path.join(os.path.expanduser("~"), *(("Library", "Caches") if sys.platform == "darwin" else (".cache",)))
    return os.path.join(user, "linefinish")


def _without_numba() -> str:
    """Why there is no Numba; "" where there is."""
    try:
        __import__("numba")
    except (ImportError, OSError) as error:  # OSError: its compiler's library does not load
        return str(error)
    return ""


if MODE == "jit" and (problem := _without_numba()):
    raise ImportError(f"LINEFINISH_KERNELS=jit needs Numba: {problem}; pip install numba, or leave the variable out")

_SLOWER = {
    "jit": "Numba compiles each kernel at its first call, which takes up to a minute in all",
    "python": "the kernels run as plain Python, some hundred times slower",
}
# Why the kernels run otherwise than they would by themselves; "" where they do not.
why = ""


def fall_back(reason: str, modes: tuple[str, ...] = ("jit", "python")) -> None:
    """Do without machine code from here on: kernels whose source is read hereafter run in the first
    of the modes that can be had. One sentence says so.
    """
    global MODE, why
    MODE = next(mode for mode in modes if mode == "python" or not _without_numba())
    why = reason
    remedy = " (pip install 'linefinish[build]' brings a compiler)" if MODE == "python" and "jit" in modes else ""
    print(f"linefinish: {reason}; {_SLOWER[MODE]}{remedy}", file=sys.stderr)


if CHOSEN is None and machine() not in NATIVE.get(sys.platform, ()):
    fall_back(f"there is no machine code for {sys.platform} on {machine()}")

# Struct codes of the types that a signature may hold.
FORMATS = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i32": "i", "i64": "q", "f32": "f", "f64": "d"}

REGISTRY: dict[str, Kernel] = {}


# Every word that a signature may hold → (type name, is buffer, is const).
_WORDS = {
    **{name: (name, False, False) for name in FORMATS},
    **{f"{name}*": (name, True, False) for name in FORMATS},
    **{f"const {name}*": (name, True, True) for name in FORMATS},
}


class Signature:
    """Parsed ``"ret(args)"``: `args` holds (type name, is buffer, is const)."""

    __slots__ = ("args", "returns", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.returns, _, rest = text.partition("(")
        try:
            self.args = [_WORDS[word] for word in rest.removesuffix(")").split(", ")]
        except KeyError as error:
            raise TypeError(f"bad kernel signature {text!r}: {error}") from None
        if self.returns not in ("i64", "f64"):
            raise TypeError(f"bad kernel signature {text!r}: kernels return i64 or f64")


class Kernel:
    """A kernel as Python code calls it; the way it runs is bound at the first call.

    `bind` gives the function to call. `function` is the kernel as it is written: a native process
    knows a kernel from the header of the machine code and reads the source only when somebody asks
    for the function.
    """

    # To call a kernel is to call what this holds, with no Python between: 0.5 µs, a hundred times a
    # page.
    __slots__ = ("__call__", "__dict__")
    __call__: Callable[..., Any]

    def __init__(
        self, module: str, name: str, signature: str, bind: Callable[[Kernel], Callable[..., Any]], function: Callable[..., Any] | None
    ) -> None:
        self.module = module
        self.__name__ = name
        self.signature_text = signature
        self._bind = bind
        self._function = function
        self.__call__ = self._bound

    @property
    def function(self) -> Callable[..., Any]:
        """The kernel as written."""
        if self._function is None:
            __import__(f"linefinish.kernels.{self.module}")  # where `kernel` finds this object and completes it
        assert self._function is not None
        return self._function

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self.function.__doc__

    @property
    def signature(self) -> Signature:
        """Its parsed signature; a cold process asks for those of the kernels that it calls, half of
        all.
        """
        return Signature(self.signature_text)

    @property
    def symbol(self) -> str:
        """The name of the machine code: ``<module>_<function>``."""
        return f"{self.module}_{self.__name__}"

    def _bound(self, *args: Any) -> Any:
        """The first call."""
        self.__call__ = self._bind(self)
        return self.__call__(*args)


def registered(
    module: str, name: str, signature: str, bind: Callable[[Kernel], Callable[..., Any]], function: Callable[..., Any] | None = None
) -> Kernel:
    """The one kernel of this name, made if need be; a native process that reads its source
    completes it.
    """
    made = REGISTRY.get(f"{module}_{name}")
    if made is None:
        made = REGISTRY[f"{module}_{name}"] = Kernel(module, name, signature, bind, function)
    elif function is not None:
        made._function = function
    return made
