"""The compiled twins of `_lanes.py`: types held in vector registers, and each function as LLVM IR
on them.
"""
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic as _intrinsic
from numba.extending import models, register_model

from linefinish.kernels._modes import helper
from linefinish.kernels._registry import BUILDING

intrinsic: Any = _intrinsic  # numba's own types know nothing of what calls it
_BYTE, _WORD, _INDEX = ir.IntType(8), ir.IntType(64), ir.IntType(32)
_VECTOR = ir.VectorType(_BYTE, 64)


class _Lanes(types.Type):
    """Values of one LLVM vector type."""

    def __init__(self, name: str, vector: Any) -> None:
        super().__init__(name=name)
        self.vector = vector


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    """Held as one LLVM vector, which code generation splits into as many registers as it takes."""

    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, numba_type.vector)


_lanes = _Lanes("bytes64", _VECTOR)


def _place(context: Any, builder: Any, vector: Any, buffer_type: Any, buffer: Any, at: Any) -> Any:
    """The address of item `at` of a buffer as a pointer to a vector; buffers are raw pointers in
    built kernels and arrays in the JIT's.
    """
    if not isinstance(buffer_type, types.CPointer):
        buffer = context.make_array(buffer_type)(context, builder, buffer).data
    return builder.bitcast(builder.gep(buffer, [at]), vector.as_pointer())


@intrinsic
def _load(_context: Any, buffer: Any, at: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, _VECTOR, signature.args[0], *args), align=1)

    return _lanes(buffer, types.int64), emit


@intrinsic
def _store(_context: Any, buffer: Any, at: Any, a: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, _VECTOR, signature.args[0], *args[:2]), align=1)
        return _WORD(0)

    return types.int64(buffer, types.int64, _lanes), emit


if BUILDING:
    load64, store64 = _load, _store
else:

    @helper
    def _checked(buffer: Any, at: Any, last: Any) -> Any:
        """The first place, after the first and the last item were asked for: JIT code checks such
        bounds.
        """
        _first, _last = buffer[at], buffer[last]
        return at

    @helper
    def load64(buffer: Any, at: Any) -> Any:
        return _load(buffer, _checked(buffer, at, at + 63))

    @helper
    def store64(buffer: Any, at: Any, a: Any) -> Any:
        return _store(buffer, _checked(buffer, at, at + 63), a)


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


@intrinsic
def _across(_context: Any, buffer: Any, at: Any, step: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        eight = ir.VectorType(_BYTE, 8)
        parts = []
        for row in range(8):
            at = builder.add(args[1], builder.mul(args[2], _WORD(row)))
            parts.append(builder.load(_place(context, builder, eight, signature.args[0], args[0], at), align=1))
        while len(parts) > 1:
            whole = ir.VectorType(_INDEX, 2 * parts[0].type.count)
            order = ir.Constant(whole, list(range(whole.count)))
            parts = [builder.shuffle_vector(a, b, order) for a, b in zip(parts[::2], parts[1::2], strict=True)]
        turned = [8 * (i & 7) + (i >> 3) for i in range(64)]
        return builder.shuffle_vector(parts[0], parts[0], ir.Constant(ir.VectorType(_INDEX, 64), turned))

    return _lanes(buffer, types.int64, types.int64), emit


if BUILDING:
    across64 = _across
else:

    @helper
    def across64(buffer: Any, at: Any, step: Any) -> Any:
        return _across(buffer, _checked(buffer, at, at + 7 * step + 7), step)


xor64 = _of_two(lambda builder, a, b: builder.xor(a, b))


@intrinsic
def bit64(_context: Any, a: Any, bit: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        one = builder.shl(_BYTE(1), builder.trunc(args[1], _BYTE))
        lane = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), one, _INDEX(0))
        mask = builder.shuffle_vector(lane, lane, ir.Constant(ir.VectorType(_INDEX, 64), [0] * 64))
        return builder.bitcast(builder.icmp_unsigned("!=", builder.and_(args[0], mask), ir.Constant(_VECTOR, [0] * 64)), _WORD)

    return types.uint64(_lanes, types.int64), emit


# --- eight i32 or f32
# ------------------------------------------------------------

_INTS, _FLOATS = ir.VectorType(_INDEX, 8), ir.VectorType(ir.FloatType(), 8)
_ints, _floats = _Lanes("ints8", _INTS), _Lanes("floats8", _FLOATS)


def _items(buffer_type: Any) -> Any:
    """The type of eight items of a buffer."""
    return _floats if buffer_type.dtype == types.float32 else _ints


@intrinsic
def _load8(_context: Any, buffer: Any, at: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, _items(signature.args[0]).vector, signature.args[0], *args), align=4)

    return _items(buffer)(buffer, types.int64), emit


@intrinsic
def _store8(_context: Any, buffer: Any, at: Any, a: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, _items(signature.args[0]).vector, signature.args[0], *args[:2]), align=4)
        return _WORD(0)

    return types.int64(buffer, types.int64, _items(buffer)), emit


@intrinsic
def _signed8(_context: Any, buffer: Any, at: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.sext(builder.load(_place(context, builder, ir.VectorType(_BYTE, 8), signature.args[0], *args), align=1), _INTS)

    return _ints(buffer, types.int64), emit


@intrinsic
def _bytes8(_context: Any, buffer: Any, at: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.zext(builder.load(_place(context, builder, ir.VectorType(_BYTE, 8), signature.args[0], *args), align=1), _INTS)

    return _ints(buffer, types.int64), emit


@intrinsic
def _store_bytes8(_context: Any, buffer: Any, at: Any, a: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_INTS, [_INTS, _INTS])
        value = builder.call(builder.module.declare_intrinsic("llvm.smax.v8i32", fnty=kind), [args[2], ir.Constant(_INTS, [0] * 8)])
        value = builder.call(builder.module.declare_intrinsic("llvm.smin.v8i32", fnty=kind), [value, ir.Constant(_INTS, [255] * 8)])
        narrow = ir.VectorType(_BYTE, 8)
        builder.store(builder.trunc(value, narrow), _place(context, builder, narrow, signature.args[0], *args[:2]), align=1)
        return _WORD(0)

    return types.int64(buffer, types.int64, _ints), emit


@intrinsic
def _words8(_context: Any, buffer: Any, at: Any, places: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        # one by one: where a machine can gather, that is slow since its makers mended it
        found = ir.Constant(_INTS, ir.Undefined)
        for lane in range(8):
            place = builder.add(args[1], builder.sext(builder.extract_element(args[2], _INDEX(lane)), _WORD))
            word = builder.load(_place(context, builder, _INDEX, signature.args[0], args[0], place), align=1)
            found = builder.insert_element(found, word, _INDEX(lane))
        return found

    return _ints(buffer, types.int64, _ints), emit


@intrinsic
def byte8(_context: Any, a: Any, k: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        bits = builder.shl(builder.trunc(args[1], _INDEX), _INDEX(3))
        lane = builder.insert_element(ir.Constant(_INTS, ir.Undefined), bits, _INDEX(0))
        shifted = builder.lshr(args[0], builder.shuffle_vector(lane, lane, ir.Constant(ir.VectorType(_INDEX, 8), [0] * 8)))
        return builder.and_(shifted, ir.Constant(_INTS, [255] * 8))

    return _ints(_ints, types.int64), emit


@intrinsic
def greatest8(_context: Any, a: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        function = builder.module.declare_intrinsic("llvm.vector.reduce.smax.v8i32", fnty=ir.FunctionType(_INDEX, [_INTS]))
        return builder.sext(builder.call(function, args), _WORD)

    return types.int64(_ints), emit


@intrinsic
def steps8(_context: Any, first: Any, step: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        whole = []
        for value in args:
            lane = builder.insert_element(ir.Constant(_INTS, ir.Undefined), builder.trunc(value, _INDEX), _INDEX(0))
            whole.append(builder.shuffle_vector(lane, lane, ir.Constant(ir.VectorType(_INDEX, 8), [0] * 8)))
        return builder.add(whole[0], builder.mul(whole[1], ir.Constant(_INTS, list(range(8)))))

    return _ints(types.int64, types.int64), emit


@intrinsic
def shift8(_context: Any, a: Any, bits: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        lane = builder.insert_element(ir.Constant(_INTS, ir.Undefined), builder.trunc(args[1], _INDEX), _INDEX(0))
        return builder.ashr(args[0], builder.shuffle_vector(lane, lane, ir.Constant(ir.VectorType(_INDEX, 8), [0] * 8)))

    return _ints(_ints, types.int64), emit


if BUILDING:
    load8, store8, signed8, bytes8, store_bytes8, words8 = _load8, _store8, _signed8, _bytes8, _store_bytes8, _words8
else:

    @helper
    def words8(buffer: Any, at: Any, places: Any) -> Any:
        least, most = -greatest8(sub8(ints8(0), places)), greatest8(places)
        return _words8(buffer, _checked(buffer, at + least, at + most + 3) - least, places)

    @helper
    def bytes8(buffer: Any, at: Any) -> Any:
        return _bytes8(buffer, _checked(buffer, at, at + 7))

    @helper
    def store_bytes8(buffer: Any, at: Any, a: Any) -> Any:
        return _store_bytes8(buffer, _checked(buffer, at, at + 7), a)

    @helper
    def load8(buffer: Any, at: Any) -> Any:
        return _load8(buffer, _checked(buffer, at, at + 7))

    @helper
    def store8(buffer: Any, at: Any, a: Any) -> Any:
        return _store8(buffer, _checked(buffer, at, at + 7), a)

    @helper
    def signed8(buffer: Any, at: Any) -> Any:
        return _signed8(buffer, _checked(buffer, at, at + 7))


def _eight_times(result: Any, argument: Any, narrow: Any) -> Any:
    """A function of a number that fills eight lanes."""

    @intrinsic
    def operation(_context: Any, value: Any) -> Any:
        def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
            lane = builder.insert_element(ir.Constant(result.vector, ir.Undefined), narrow(builder, args[0]), _INDEX(0))
            return builder.shuffle_vector(lane, lane, ir.Constant(ir.VectorType(_INDEX, 8), [0] * 8))

        return result(argument), emit

    return operation


ints8 = _eight_times(_ints, types.int64, lambda builder, value: builder.trunc(value, _INDEX))
floats8 = _eight_times(_floats, types.float64, lambda builder, value: builder.fptrunc(value, ir.FloatType()))


def _of_two_alike(of_ints: Any, of_floats: Any) -> Any:
    """A function of two values of eight lanes of one kind."""

    @intrinsic
    def operation(_context: Any, a: Any, b: Any) -> Any:
        if a != b:
            return None
        return a(a, a), lambda _ctx, builder, signature, args: (of_ints if signature.args[0] is _ints else of_floats)(builder, *args)

    return operation


add8 = _of_two_alike(lambda builder, a, b: builder.add(a, b), lambda builder, a, b: builder.fadd(a, b))
sub8 = _of_two_alike(lambda builder, a, b: builder.sub(a, b), lambda builder, a, b: builder.fsub(a, b))
mul8 = _of_two_alike(lambda builder, a, b: builder.mul(a, b), lambda builder, a, b: builder.fmul(a, b))


@intrinsic
def as_floats8(_context: Any, a: Any) -> Any:
    return _floats(_ints), lambda _ctx, builder, _sig, args: builder.sitofp(args[0], _FLOATS)


def _of_each_float(named: str) -> Any:
    """A function of eight f32 that LLVM has of one."""

    @intrinsic
    def operation(_context: Any, a: Any) -> Any:
        def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
            return builder.call(builder.module.declare_intrinsic(f"llvm.{named}.v8f32", fnty=ir.FunctionType(_FLOATS, [_FLOATS])), args)

        return _floats(_floats), emit

    return operation


abs8, sqrt8 = _of_each_float("fabs"), _of_each_float("sqrt")


@intrinsic
def negative8(_context: Any, a: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        signs = builder.icmp_signed("<", builder.bitcast(args[0], _INTS), ir.Constant(_INTS, [0] * 8))
        return builder.zext(builder.bitcast(signs, _BYTE), _WORD)

    return types.int64(_floats), emit


@intrinsic
def at_most8(_context: Any, a: Any, b: Any) -> Any:
    def emit(_ctx: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.zext(builder.bitcast(builder.fcmp_ordered("<=", *args), _BYTE), _WORD)

    return types.int64(_floats, _floats), emit


# What `_lanes.py` defines for the interpreter, under the same names.
FUNCTIONS = {name: value for name, value in globals().items() if name.endswith(("8", "64")) and not name.startswith("_")}
