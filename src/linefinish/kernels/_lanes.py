"""64 bytes, or eight i32 or f32, at once: what a kernel writes when a loop does not become vector
instructions by itself.

LLVM's vectoriser gives up where answers are to be packed into bits, where bytes saturate, and where
it cannot prove that two buffers are apart. With these functions a kernel says what it means, and
the machine code is one or two instructions for 32 bytes (AVX2) or 16 (SSE). A value of many lanes
lives in registers; it is stored by `store64` and `store8` alone.

Below is what each function means, and what runs interpreted: a value is a tuple. The compiled twins
are in `_lanes_llvm.py`. Integers are exact, and f32 is rounded after each operation, so every CPU
gives the same bits.
"""
from __future__ import annotations

from linefinish.kernels._registry import MODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if MODE in ("native", "python"):

    def load64(buffer: Any, at: int) -> Any:
        """Bytes at to at + 63 of a u8 buffer, which must have them all."""
        return tuple(buffer[at + i] for i in range(64))

    def store64(buffer: Any, at: int, a: Any) -> int:
        """Bytes at to at + 63 of a u8 buffer become those of a."""
        for i in range(64):
            buffer[at + i] = a[i]
        return 0

    def fill64(value: int) -> Any:
        """64 times the lowest byte of an i64."""
        return (value & 255,) * 64

    def min64(a: Any, b: Any) -> Any:
        """The lesser of each two bytes."""
        return tuple(map(min, a, b))

    def max64(a: Any, b: Any) -> Any:
        """The greater of each two bytes."""
        return tuple(map(max, a, b))

    def add64(a: Any, b: Any) -> Any:
        """The sum of each two bytes, at most 255."""
        return tuple(min(x + y, 255) for x, y in zip(a, b, strict=True))

    def sub64(a: Any, b: Any) -> Any:
        """The first less the second of each two bytes, at least 0."""
        return tuple(max(x - y, 0) for x, y in zip(a, b, strict=True))

    def mean64(a: Any, b: Any) -> Any:
        """The mean of each two bytes, halves down."""
        return tuple((x + y) >> 1 for x, y in zip(a, b, strict=True))

    def at_most64(a: Any, b: Any) -> int:
        """The u64 whose bit i says whether byte i of a is at most byte i of b."""
        return sum(1 << i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x <= y)

    def eights_at_most64(a: Any, b: Any) -> int:
        """The i64 whose bit i says whether any of bytes 8 · i to 8 · i + 7 of a is at most its byte
        of b.
        """
        return sum(1 << i for i in range(8) if any(x <= y for x, y in zip(a[8 * i : 8 * i + 8], b[8 * i : 8 * i + 8], strict=True)))

    def where64(bits: int, a: Any, b: Any) -> Any:
        """Byte i of a where bit i of a u64 is set, else that of b."""
        return tuple(x if bits >> i & 1 else y for i, (x, y) in enumerate(zip(a, b, strict=True)))

    def sum64(a: Any) -> int:
        """The sum of the bytes."""
        return sum(a)

    def across64(buffer: Any, at: int, step: int) -> Any:
        """Eight times eight bytes of a u8 buffer, from at, at + step, at + 2 · step … on,
        transposed: first the eight first ones.
        """
        return tuple(buffer[at + step * row + column] for column in range(8) for row in range(8))

    def xor64(a: Any, b: Any) -> Any:
        """The bits that differ in each two bytes."""
        return tuple(x ^ y for x, y in zip(a, b, strict=True))

    def bit64(a: Any, bit: int) -> int:
        """The u64 whose bit i is bit `bit` of byte i."""
        return sum((x >> bit & 1) << i for i, x in enumerate(a))

    # --- eight i32 or eight f32. f32 sums and products are rounded once, to nearest; there is no
    # fused multiply-add.

    def _ints(values: Any) -> Any:
        return tuple((int(value) + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000 for value in values)

    def _floats(values: Any) -> Any:
        import struct  # for the interpreter alone: a cold process of machine code does not load it

        return struct.unpack("8f", struct.pack("8f", *values))

    def _like(a: Any, values: Any) -> Any:
        return _floats(values) if isinstance(a[0], float) else _ints(values)

    def load8(buffer: Any, at: int) -> Any:
        """Items at to at + 7 of an i32 or f32 buffer."""
        return tuple(buffer[at + i] for i in range(8))

    def store8(buffer: Any, at: int, a: Any) -> int:
        """Items at to at + 7 of an i32 or f32 buffer become those of a."""
        for i in range(8):
            buffer[at + i] = a[i]
        return 0

    def signed8(buffer: Any, at: int) -> Any:
        """Bytes at to at + 7 of a u8 buffer as eight i32 of −128 to 127, two's complement."""
        return tuple((buffer[at + i] ^ 128) - 128 for i in range(8))

    def bytes8(buffer: Any, at: int) -> Any:
        """Bytes at to at + 7 of a u8 buffer as eight i32 of 0 to 255."""
        return tuple(buffer[at + i] for i in range(8))

    def store_bytes8(buffer: Any, at: int, a: Any) -> int:
        """Bytes at to at + 7 of a u8 buffer become eight i32; above 255 counts as 255, below 0 as
        0.
        """
        for i in range(8):
            buffer[at + i] = min(max(a[i], 0), 255)
        return 0

    def words8(buffer: Any, at: int, places: Any) -> Any:
        """Four bytes of a u8 buffer from at + each of eight i32 on, as eight i32: the first byte is
        the lowest.
        """
        return _ints(sum(buffer[at + place + k] << 8 * k for k in range(4)) for place in places)

    def byte8(a: Any, k: int) -> Any:
        """Byte k of each i32, 0 the lowest, as eight i32 of 0 to 255."""
        return tuple(x >> 8 * k & 255 for x in a)

    def greatest8(a: Any) -> int:
        """The greatest of eight i32."""
        return max(a)

    def steps8(first: int, step: int) -> Any:
        """first, first + step, first + 2 · step … as eight i32, modulo 2**32."""
        return _ints(first + k * step for k in range(8))

    def shift8(a: Any, bits: int) -> Any:
        """Eight i32 over 2^bits, rounded down."""
        return tuple(x >> bits for x in a)

    def ints8(value: int) -> Any:
        """Eight times the lowest 32 bits of an i64."""
        return _ints((value,) * 8)

    def floats8(value: float) -> Any:
        """Eight times an f64, rounded to f32."""
        return _floats((value,) * 8)

    def as_floats8(a: Any) -> Any:
        """Eight i32, each rounded to f32."""
        return _floats(map(float, a))

    def add8(a: Any, b: Any) -> Any:
        """Sums; those of i32 modulo 2**32."""
        return _like(a, [x + y for x, y in zip(a, b, strict=True)])

    def sub8(a: Any, b: Any) -> Any:
        """Differences; those of i32 modulo 2**32."""
        return _like(a, [x - y for x, y in zip(a, b, strict=True)])

    def mul8(a: Any, b: Any) -> Any:
        """Products; those of i32 modulo 2**32."""
        return _like(a, [x * y for x, y in zip(a, b, strict=True)])

    def sqrt8(a: Any) -> Any:
        """Square roots of eight f32 that are not negative, rounded to nearest."""
        import math

        return _floats(map(math.sqrt, a))

    def abs8(a: Any) -> Any:
        """Each f32 without its sign."""
        return tuple(map(abs, a))

    def negative8(a: Any) -> int:
        """The i64 whose bit i says whether f32 i has its sign set, as −0 has."""
        import struct

        return sum((byte >> 7) << i for i, byte in enumerate(struct.pack("<8f", *a)[3::4]))

    def at_most8(a: Any, b: Any) -> int:
        """The i64 whose bit i says whether f32 i of a is at most f32 i of b."""
        return sum(1 << i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x <= y)

else:
    from linefinish.kernels import _lanes_llvm

    globals().update(_lanes_llvm.FUNCTIONS)
