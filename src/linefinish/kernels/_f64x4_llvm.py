"""The compiled twins of `_f64x4.py`: a type held in vector registers, and each function as LLVM IR
on it.
"""
from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic as _intrinsic
from numba.extending import lower_builtin, models, register_model

intrinsic: Any = _intrinsic  # numba's own types know nothing of what calls it


class _Lanes(types.Type):
    """Four float64 in one LLVM vector."""

    def __init__(self) -> None:
        super().__init__(name="F64x4")


F64X4: Any = _Lanes()
_VECTOR = ir.VectorType(ir.DoubleType(), 4)


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    """Held as one LLVM vector: one register of v3, two of v2."""

    def __init__(self, manager: Any, frontend: Any) -> None:
        super().__init__(manager, frontend, _VECTOR)


def _packed(builder: Any, lanes: Any) -> Any:
    vector = ir.Constant(_VECTOR, ir.Undefined)
    for k, value in enumerate(lanes):
        vector = builder.insert_element(vector, value, ir.Constant(ir.IntType(32), k))
    return vector


def _operation(symbol: Any, emit: str) -> None:
    """`symbol` between two of them, or one and a float, as one instruction."""
    pairs = [(F64X4, F64X4), (F64X4, types.float64), (types.float64, F64X4)]

    @infer_global(symbol)
    class _Typing(ConcreteTemplate):
        cases = [signature(F64X4, *pair) for pair in pairs]  # noqa: RUF012  # numba reads it off the class

    def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        wide = [arg if arg.type == _VECTOR else _packed(builder, [arg] * 4) for arg in args]
        return getattr(builder, emit)(*wide)

    for pair in pairs:
        lower_builtin(symbol, *pair)(lower)


for _symbol, _emit in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv")):
    _operation(_symbol, _emit)


@intrinsic
def pack(_context: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    return F64X4(*[types.float64] * 4), lambda _ctx, builder, _sig, args: _packed(builder, args)


@intrinsic
def splat(_context: Any, a: Any) -> Any:
    return F64X4(types.float64), lambda _ctx, builder, _sig, args: _packed(builder, [args[0]] * 4)


def _chosen(comparison: str) -> Any:
    """A function that takes each lane from the first argument where the comparison holds, else from
    the second.
    """

    @intrinsic
    def choose(_context: Any, v: Any, w: Any) -> Any:
        def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
            return builder.select(builder.fcmp_ordered(comparison, *args), *args)

        return F64X4(F64X4, F64X4), emit

    return choose


lesser, greater = _chosen("<"), _chosen(">")


@intrinsic(prefer_literal=True)
def lane(_context: Any, v: Any, k: Any) -> Any:
    number = k.literal_value

    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.extract_element(args[0], ir.Constant(ir.IntType(32), number))

    return types.float64(F64X4, k), emit
