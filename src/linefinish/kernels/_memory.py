"""What crosses into machine code: buffers become addresses, and an address becomes a function.

Made of `_ctypes`, the C half of ctypes: the Python half would cost a cold process 1.2 ms of 30 for
what is not needed here.
"""
from __future__ import annotations

import _ctypes

from linefinish.kernels._registry import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linefinish.kernels._registry import Kernel


class _CTypes(dict):
    """The C type of a struct code, as ctypes names them; made when asked for, as each
    takes 10 µs.
    """

    def __missing__(self, code: str) -> Any:
        made = self[code] = type(f"C_{code}", (_ctypes._SimpleCData,), {"_type_": code})
        return made


_C_TYPES = _CTypes()
_CHAR, _POINTER = _C_TYPES["c"], _C_TYPES["P"]


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

    __slots__ = ("_as_parameter_", "_view", "address")

    def __init__(self, obj: Any) -> None:
        self._view = bytearray(_PY_BUFFER_BYTES)
        _python("PyObject_GetBuffer")(_C_TYPES["O"](obj), _ctypes.byref(_CHAR.from_buffer(self._view)), _C_TYPES["i"](0))
        self.address = int.from_bytes(self._view[:8], "little")
        self._as_parameter_ = _POINTER(self.address)

    def __del__(self) -> None:
        _python("PyBuffer_Release")(_ctypes.byref(_CHAR.from_buffer(self._view)))


def _python(name: str) -> Any:
    return _CallPython(_ctypes.dlsym(_ctypes.dlopen(None, 0), name))  # type: ignore[arg-type]  # None: this process


def _pointer(obj: Any, const: bool) -> Any:
    if isinstance(obj, bytes) and const:
        return obj
    view = memoryview(obj)
    if not view.c_contiguous:
        raise TypeError("a kernel takes contiguous buffers")
    if view.nbytes == 0:
        return None
    if not view.readonly:
        return _ctypes.byref(_CHAR.from_buffer(obj))
    if not const:
        raise TypeError("a kernel writes to this buffer, and it is read-only")
    return HeldBuffer(obj)


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

    def run(*args: Any) -> Any:
        if len(args) != arity:
            raise TypeError(f"{made.__name__} takes {arity} arguments, got {len(args)}")
        passed = list(args)
        for index, const in pointers:
            passed[index] = _pointer(args[index], const)
        return call(*passed)

    return run
