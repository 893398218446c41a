"""64 bytes at once: what a kernel writes when a loop over bytes does not become vector instructions by itself.

LLVM's vectoriser gives up where answers are to be packed into bits, where bytes saturate, and where it cannot prove that two buffers
are apart. With these functions a kernel says what it means, and the machine code is one or two instructions for 32 bytes (AVX2) or 16
(SSE). A value of 64 lanes lives in registers; it is never stored but by `store64`.

Below is what each function means, and what runs interpreted: a value is a tuple of 64 integers. The compiled twins are in
`_lanes_llvm.py`. All is integer arithmetic, so every CPU gives the same bits.
"""
from __future__ import annotations

from linefinish.kernels._kernel import MODE

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
        """The i64 whose bit i says whether any of bytes 8 · i to 8 · i + 7 of a is at most its byte of b."""
        return sum(1 << i for i in range(8) if any(x <= y for x, y in zip(a[8 * i : 8 * i + 8], b[8 * i : 8 * i + 8], strict=True)))

    def where64(bits: int, a: Any, b: Any) -> Any:
        """Byte i of a where bit i of a u64 is set, else that of b."""
        return tuple(x if bits >> i & 1 else y for i, (x, y) in enumerate(zip(a, b, strict=True)))

    def sum64(a: Any) -> int:
        """The sum of the bytes."""
        return sum(a)

else:
    from linefinish.kernels._lanes_llvm import (
        add64, at_most64, eights_at_most64, fill64, load64, max64, mean64, min64, store64, sub64, sum64, where64,
    )  # fmt: skip
