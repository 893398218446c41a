"""The scalar casts, and the operations on words that are one machine instruction each.

Mixing signed and unsigned words is where compiled and interpreted code would part ways (Numba turns
int64 with uint64 into float64). Hence the rule: words are u64 on both sides of every operator, and
every result that can leave 64 bits (shift left, add, subtract, multiply, not) is written u64(…).
"""
from __future__ import annotations

from linefinish.kernels._registry import MODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

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
