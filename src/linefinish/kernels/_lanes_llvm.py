"""The compiled twins of `_lanes.py`: a type of 64 bytes in vector registers, and each function as LLVM IR on it."""
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core.datamodel import models, register_default
from numba.extending import intrinsic

from linefinish.kernels._kernel import BUILDING, helper

_BYTE, _WORD, _INDEX = ir.IntType(8), ir.IntType(64), ir.IntType(32)
_VECTOR = ir.VectorType(_BYTE, 64)


class _Lanes(types.Type):
    """64 bytes."""

    def __init__(self) -> None:
        super().__init__(name="lanes64")


@register_default(_Lanes)
class _LanesModel(models.PrimitiveModel):
    """Held as one LLVM vector, which code generation splits into as many registers as it takes."""

    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, _VECTOR)


_lanes = _Lanes()


def _place(context: Any, builder: Any, buffer_type: Any, buffer: Any, at: Any) -> Any:
    """The address of byte `at` of a buffer, as a pointer to 64 bytes; buffers are raw pointers in built kernels and arrays in the JIT's."""
    if not isinstance(buffer_type, types.CPointer):
        buffer = context.make_array(buffer_type)(context, builder, buffer).data
    return builder.bitcast(builder.gep(buffer, [at]), _VECTOR.as_pointer())


@intrinsic
def _load(_context: Any, buffer: Any, at: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, signature.args[0], *args), align=1)

    return _lanes(buffer, types.int64), emit


@intrinsic
def _store(_context: Any, buffer: Any, at: Any, a: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, signature.args[0], *args[:2]), align=1)
        return _WORD(0)

    return types.int64(buffer, types.int64, _lanes), emit


if BUILDING:
    load64, store64 = _load, _store
else:
    # The first and the last byte are asked for one by one, for the sake of the bounds check.

    @helper
    def load64(buffer: Any, at: Any) -> Any:
        return _load(buffer, at if buffer[at] <= buffer[at + 63] else at)

    @helper
    def store64(buffer: Any, at: Any, a: Any) -> Any:
        return _store(buffer, at if buffer[at] <= buffer[at + 63] else at, a)


@intrinsic
def fill64(_context: Any, value: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        lane = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), builder.trunc(args[0], _BYTE), _INDEX(0))
        return builder.shuffle_vector(lane, lane, ir.Constant(ir.VectorType(_INDEX, 64), [0] * 64))

    return _lanes(types.int64), emit


def _of_two(emit: Any, result: Any = _lanes) -> Any:
    """A function of two values of 64 lanes."""

    @intrinsic
    def operation(_context: Any, a: Any, b: Any) -> Any:
        return result(_lanes, _lanes), lambda _ctx, builder, _sig, args: emit(builder, *args)

    return operation


def _llvm(name: str) -> Any:
    """A function of two values that LLVM has by name."""

    def emit(builder: Any, a: Any, b: Any) -> Any:
        function = builder.module.declare_intrinsic(f"llvm.{name}.v64i8", fnty=ir.FunctionType(_VECTOR, [_VECTOR, _VECTOR]))
        return builder.call(function, [a, b])

    return _of_two(emit)


min64, max64, add64, sub64 = _llvm("umin"), _llvm("umax"), _llvm("uadd.sat"), _llvm("usub.sat")


def _mean(builder: Any, a: Any, b: Any) -> Any:
    halves = builder.lshr(builder.xor(a, b), ir.Constant(_VECTOR, [1] * 64))
    return builder.add(builder.and_(a, b), halves)


def _at_most(builder: Any, a: Any, b: Any) -> Any:
    return builder.bitcast(builder.icmp_unsigned("<=", a, b), _WORD)


def _eights_at_most(builder: Any, a: Any, b: Any) -> Any:
    eights = ir.VectorType(_WORD, 8)
    wide = builder.bitcast(builder.sext(builder.icmp_unsigned("<=", a, b), _VECTOR), eights)
    any_ = builder.icmp_unsigned("!=", wide, ir.Constant(eights, [0] * 8))
    return builder.zext(builder.bitcast(any_, _BYTE), _WORD)


mean64, at_most64, eights_at_most64 = _of_two(_mean), _of_two(_at_most, types.uint64), _of_two(_eights_at_most, types.int64)


@intrinsic
def sum64(_context: Any, a: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        wide = builder.zext(args[0], ir.VectorType(_INDEX, 64))  # becomes psadbw
        add = builder.module.declare_intrinsic("llvm.vector.reduce.add.v64i32", fnty=ir.FunctionType(_INDEX, [wide.type]))
        return builder.zext(builder.call(add, [wide]), _WORD)

    return types.int64(_lanes), emit




@intrinsic
def where64(_context: Any, bits: Any, a: Any, b: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.select(builder.bitcast(args[0], ir.VectorType(ir.IntType(1), 64)), args[1], args[2])

    return _lanes(types.uint64, _lanes, _lanes), emit
