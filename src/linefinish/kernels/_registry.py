"""The one border between Python and the kernels: `@kernel`, `@helper`, the scalar casts, and the
three ways to run.

A kernel is a plain function over flat buffers and scalars that allocates nothing and raises
nothing. The decorator takes its C-like signature and decides by the environment variable
``LINEFINISH_KERNELS`` how it runs:

``native``  (default) machine code made ahead of time by Numba, called through ctypes. Neither numba
nor numpy is
            imported; ctypes drops the GIL, so plain threads run kernels in parallel.
``jit``     ``numba.njit`` with bounds checks on every index: the development mode.
``python``  the function as written, over views that refuse an index below 0 or past the end and
values that do not
            fit their type: the mode in which coverage is counted and a debugger stops.

All three give the same bits (tests hold them to it): float64 arithmetic in a fixed order, no fused
multiply-add, no fast math, and of the functions of `math` only those that are exact (`sqrt`,
`floor`, `ceil`, `fabs`).

Signatures: ``"i64(const u8*, i64, f64*)"``. Types u8 u16 u32 u64 i32 i64 f32 f64; ``*`` is a
buffer, ``const`` says that the kernel only reads it. Buffers are anything with Python's buffer
protocol: bytes, bytearray, memoryview, mmap, ndarray.
"""
from __future__ import annotations

import _ctypes  # the C half of ctypes: the Python half would cost a cold process 1.2 ms of 30 for what is not needed here
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MODES = ("native", "jit", "python")
MODE = os.environ.get("LINEFINISH_KERNELS", "native")
BUILDING = MODE == "build"  # set by _build.py alone: kernels are recorded, not run
if MODE not in MODES and not BUILDING:
    raise ImportError(f"LINEFINISH_KERNELS is {MODE!r}; it may be one of {', '.join(MODES)}")

# Numba release that makes the machine code. It stands here so that the hash over the kernel sources
# covers it.
NUMBA_VERSION = "0.68"

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

    `function` is the kernel as it is written. A native process knows a kernel from the header of
    the machine code (`_native.py`) and reads the source only when somebody asks for the function.
    """

    def __init__(self, module: str, name: str, signature: str, function: Callable[..., Any] | None = None) -> None:
        self.module = module
        self.__name__ = name
        self._signature = signature
        self._function = function
        self._call: Callable[..., Any] | None = None

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
        return Signature(self._signature)

    @property
    def symbol(self) -> str:
        """The name of the machine code: ``<module>_<function>``."""
        return f"{self.module}_{self.__name__}"

    def __call__(self, *args: Any) -> Any:
        if self._call is None:
            self._call = _BINDERS[MODE](self)
        return self._call(*args)


def registered(module: str, name: str, signature: str, function: Callable[..., Any] | None = None) -> Kernel:
    """The one kernel of this name, made if need be."""
    made = REGISTRY.get(f"{module}_{name}")
    if made is None:
        made = REGISTRY[f"{module}_{name}"] = Kernel(module, name, signature, function)
    elif function is not None:
        made._function = function
    return made


def kernel(signature: str) -> Callable[[Callable[..., Any]], Kernel]:
    """Make a function a kernel that Python may call. See the module's docstring for the signature's
    form.
    """

    def wrap(function: Callable[..., Any]) -> Kernel:
        return registered(function.__module__.rpartition(".")[2], function.__name__, signature, function)

    return wrap


def _njit(**more: Any) -> Callable[..., Any]:
    """All compile flags, for both compiled modes.

    error_model="numpy": no hidden branch that raises at each division. No fastmath: it reorders
    sums, and the output would differ between machines. boundscheck only where somebody is there to
    read the error.
    """
    import numba

    return numba.njit(error_model="numpy", nogil=True, boundscheck=not BUILDING, **more)


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function that kernels call. It takes scalars and buffers, and its types follow from
    the call.
    """
    if MODE == "native":
        return function  # never called: its code is inside the compiled kernels
    if MODE == "python":
        return function
    return _njit()(function)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """A helper that LLVM would call because it is long, and has to inline: where it hands so many
    values on that they go through memory.
    """
    if MODE in ("native", "python"):
        return function
    return _njit(forceinline=True)(function)


# --- the scalar casts
# ------------------------------------------------------------
# Mixing signed and unsigned words is where compiled and interpreted code would part ways (Numba
# turns int64 with uint64 into float64). Hence the rule: words are u64 on both sides of every
# operator, and every result that can leave 64 bits (shift left, add, subtract, multiply, not) is
# written u64(…).

if MODE in ("native", "python"):

    def u64(value: int) -> int:
        """The value modulo 2**64."""
        return int(value) & 0xFFFF_FFFF_FFFF_FFFF

    def i64(value: int) -> int:
        """The value as a signed 64-bit integer, two's complement; a float is cut towards zero."""
        value = int(value) & 0xFFFF_FFFF_FFFF_FFFF
        return value - 0x1_0000_0000_0000_0000 if value >> 63 else value

    def f64(value: float) -> float:
        """The value as a float."""
        return float(value)

    def popcount(word: int) -> int:
        """How many bits of a u64 are set."""
        return int(word).bit_count()

    def trailing_zeros(word: int) -> int:
        """Zero bits below the lowest set bit of a u64; 64 for the word 0."""
        return (word & -word).bit_length() - 1 if word else 64

    def leading_zeros(word: int) -> int:
        """Zero bits above the highest set bit of a u64; 64 for the word 0."""
        return 64 - int(word).bit_length()

    def bit_reverse(word: int) -> int:
        """The u64 with its bits in the opposite order."""
        return int(f"{word:064b}"[::-1], 2)

    def byte_swap(word: int) -> int:
        """The u64 with its bytes in the opposite order."""
        return int.from_bytes(int(word).to_bytes(8, "little"), "big")

else:
    import numba
    from numba import types as _types
    from numba.extending import intrinsic as _intrinsic

    u64, i64, f64 = numba.uint64, numba.int64, numba.float64  # type: ignore[assignment]  # their compiled twins

    def _word_operation(result: Any, emit: Callable[..., Any]) -> Any:
        """A function of one u64 that is one machine instruction, which Numba has no public name
        for.
        """

        @_intrinsic
        def operation(_context: Any, word: Any) -> Any:
            if word != _types.uint64:
                return None
            return result(_types.uint64), lambda _ctx, builder, _sig, args: emit(builder, args[0])

        return operation

    def _flag(builder: Any) -> Any:
        from llvmlite import ir

        return ir.Constant(ir.IntType(1), 0)

    popcount = _word_operation(_types.int64, lambda b, w: b.ctpop(w))
    trailing_zeros = _word_operation(_types.int64, lambda b, w: b.cttz(w, _flag(b)))
    leading_zeros = _word_operation(_types.int64, lambda b, w: b.ctlz(w, _flag(b)))
    bit_reverse = _word_operation(_types.uint64, lambda b, w: b.bitreverse(w))
    byte_swap = _word_operation(_types.uint64, lambda b, w: b.bswap(w))


# --- native
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


class _PyBuffer(_ctypes.Structure):
    """CPython's Py_buffer (stable since 3.0): only for the address of a read-only buffer that is
    not bytes.
    """

    _fields_ = (
        ("buf", _POINTER), ("obj", _C_TYPES["O"]), ("len", _C_TYPES["q"]), ("itemsize", _C_TYPES["q"]), ("readonly", _C_TYPES["i"]),
        ("ndim", _C_TYPES["i"]), ("format", _POINTER), ("shape", _POINTER), ("strides", _POINTER), ("suboffsets", _POINTER),
        ("internal", _POINTER),
    )  # fmt: skip


class HeldBuffer:
    """The address of a buffer, which stays put while this object lives."""

    __slots__ = ("_as_parameter_", "_view")

    def __init__(self, obj: Any) -> None:
        self._view = _PyBuffer()
        _python("PyObject_GetBuffer")(_C_TYPES["O"](obj), _ctypes.byref(self._view), _C_TYPES["i"](0))
        self._as_parameter_ = _POINTER(self._view.buf)

    @property
    def address(self) -> int:
        return self._view.buf or 0

    def __del__(self) -> None:
        _python("PyBuffer_Release")(_ctypes.byref(self._view))


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


def _bind_native(made: Kernel) -> Callable[..., Any]:
    from linefinish.kernels import _native

    signature = made.signature
    address = _native.library().address(made)
    call: Any = (_CallF64 if signature.returns == "f64" else _CallI64)(address)
    call.argtypes = [_POINTER if buffer else _C_TYPES[FORMATS[name]] for name, buffer, _ in signature.args]
    pointers = [(index, const) for index, (_, buffer, const) in enumerate(signature.args) if buffer]
    arity = len(signature.args)

    def run(*args: Any) -> Any:
        if len(args) != arity:
            raise TypeError(f"{made.__name__} takes {arity} arguments, got {len(args)}")
        passed = list(args)
        for index, const in pointers:
            passed[index] = _pointer(args[index], const)
        return call(*passed)

    return run


# --- jit
# ------------------------------------------------------------

def _bind_jit(made: Kernel) -> Callable[..., Any]:
    import numba
    import numpy as np

    types: list[Any] = []
    declared = made.signature.args
    for name, buffer, const in declared:
        scalar = numba.from_dtype(np.dtype(FORMATS[name]))
        types.append(numba.types.Array(scalar, 1, "C", readonly=const) if buffer else scalar)
    compiled = _njit()(made.function)
    compiled.compile(tuple(types))
    compiled.disable_compile()

    def run(*args: Any) -> Any:
        passed: list[Any] = []
        for (name, buffer, const), arg in zip(declared, args, strict=True):
            if not buffer:
                passed.append(float(arg) if name.startswith("f") else int(arg))
                continue
            array = np.frombuffer(arg, FORMATS[name]) if memoryview(arg).nbytes else np.zeros(0, FORMATS[name])
            if const:
                array = array.view()
                array.flags.writeable = False
            passed.append(array)
        return compiled(*passed)

    return run


# --- python
# ------------------------------------------------------------

class _StrictView:
    """A typed view that takes only indexes from 0 to its end, as machine code means them."""

    __slots__ = ("_view",)

    def __init__(self, obj: Any, name: str, const: bool) -> None:
        view: Any = memoryview(obj).cast("B") if memoryview(obj).nbytes else memoryview(b"" if const else bytearray())
        self._view = (view.toreadonly() if const else view).cast(FORMATS[name])

    def __getitem__(self, index: int) -> Any:
        if index < 0:
            raise IndexError(f"a kernel reads index {index}")
        return self._view[index]

    def __setitem__(self, index: int, value: Any) -> None:
        if index < 0:
            raise IndexError(f"a kernel writes index {index}")
        self._view[index] = value


def _bind_python(made: Kernel) -> Callable[..., Any]:
    declared = made.signature.args

    def run(*args: Any) -> Any:
        pairs = zip(declared, args, strict=True)
        return made.function(*[_StrictView(arg, name, const) if buffer else arg for (name, buffer, const), arg in pairs])

    return run


_BINDERS: dict[str, Callable[[Kernel], Callable[..., Any]]] = {
    "native": _bind_native,
    "jit": _bind_jit,
    "python": _bind_python,
}
