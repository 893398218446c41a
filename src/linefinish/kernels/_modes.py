"""`@kernel` and `@helper`, and the three ways to run what they mark.

A kernel is a plain function over flat buffers and scalars that allocates nothing and raises
nothing. The environment variable ``LINEFINISH_KERNELS`` decides how it runs:

``native``  (default) machine code made ahead of time by Numba, called through ctypes. Neither numba
            nor numpy is imported; ctypes drops the GIL, so plain threads run kernels in parallel.
``jit``     ``numba.njit`` with bounds checks on every index: the development mode.
``python``  the function as written, over views that refuse an index below 0 or past the end and
            values that do not fit their type: the mode in which coverage is counted and a debugger
            stops.

All three give the same bits (tests hold them to it): float64 arithmetic in a fixed order, no fused
multiply-add, no fast math, and of the functions of `math` only those that are exact (`sqrt`,
`floor`, `ceil`, `fabs`).
"""
from __future__ import annotations

from linefinish.kernels import _native, _registry
from linefinish.kernels._registry import BUILDING, FORMATS, Kernel, registered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def kernel(signature: str) -> Callable[[Callable[..., Any]], Kernel]:
    """Make a function a kernel that Python may call. `_registry.py` tells the signature's form."""

    def wrap(function: Callable[..., Any]) -> Kernel:
        return registered(function.__module__.rpartition(".")[2], function.__name__, signature, _bind, function)

    return wrap


def compiled(**more: Any) -> Callable[..., Any]:
    """Numba's decorator with all compile flags, for both compiled modes.

    error_model="numpy": no hidden branch that raises at each division. No fastmath: it reorders
    sums, and the output would differ between machines. boundscheck only where somebody is there to
    read the error. A build wants no function that Python could call, and no references counted.
    """
    import numba

    if BUILDING:
        from linefinish.kernels._numba import Pipeline

        more.update(pipeline_class=Pipeline, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
    return numba.njit(error_model="numpy", nogil=True, boundscheck=not BUILDING, **more)


# What no Python calls needs no wrapper for it.
_FROM_KERNELS = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function that kernels call. It takes scalars and buffers, and its types follow from
    the call.
    """
    if _registry.MODE in ("native", "python"):
        return function  # in native mode never called: its code is inside the compiled kernels
    return compiled(**_FROM_KERNELS)(function)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """A helper that LLVM would call because it is long, and has to inline: where it hands so many
    values on that they go through memory.
    """
    if _registry.MODE in ("native", "python"):
        return function
    return compiled(forceinline=True, **_FROM_KERNELS)(function)


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
    code = compiled()(made.function)
    code.compile(tuple(types))
    code.disable_compile()

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
        return code(*passed)

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


def _bind_native(made: Kernel) -> Callable[..., Any]:
    try:
        return _native.bind(made)
    except _native.UnfitError as error:
        if _registry.CHOSEN:
            raise
        if _registry.MODE == "native":
            _registry.fall_back(str(error), ("python",))  # the source is read, and its helpers are not Numba's
        return _bind_python(made)


_BINDERS: dict[str, Callable[[Kernel], Callable[..., Any]]] = {
    "native": _bind_native,
    "jit": _bind_jit,
    "python": _bind_python,
}


def _bind(made: Kernel) -> Callable[..., Any]:
    return _BINDERS[_registry.MODE](made)
