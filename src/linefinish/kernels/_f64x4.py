"""Four numbers side by side: `F64x4`, which kernels use where the same arithmetic runs over several
samples.

LLVM's own vectoriser leaves short loops alone and cannot add up in another order than written. Here
the lanes are in the program: `+ - * /` between two of them, or one and a number, work lane by lane,
and `total` adds the lanes in one fixed order. So each CPU level and each of the three ways to run
gives the same bits; x86-64-v3 computes four lanes at once, v2 two and two.

    pack(a, b, c, d)   splat(a)   lesser(v, w)   greater(v, w)   total(v)   largest(v)   lane(v, k)
"""
from __future__ import annotations

import operator

from linefinish.kernels._modes import helper
from linefinish.kernels._registry import MODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if MODE in ("native", "python"):

    class F64x4:
        """Four floats; see the module's docstring."""

        __slots__ = ("lanes",)

        def __init__(self, lanes: tuple[float, ...]) -> None:
            self.lanes = lanes

        def _with(self, other: Any, operation: Any) -> F64x4:
            others = other.lanes if isinstance(other, F64x4) else (float(other),) * 4
            return F64x4(tuple(map(operation, self.lanes, others)))

        def __add__(self, other: Any) -> F64x4:
            return self._with(other, operator.add)

        def __sub__(self, other: Any) -> F64x4:
            return self._with(other, operator.sub)

        def __mul__(self, other: Any) -> F64x4:
            return self._with(other, operator.mul)

        def __truediv__(self, other: Any) -> F64x4:
            return self._with(other, operator.truediv)

        def __radd__(self, other: float) -> F64x4:
            return splat(other) + self

        def __rsub__(self, other: float) -> F64x4:
            return splat(other) - self

        def __rmul__(self, other: float) -> F64x4:
            return splat(other) * self

        def __rtruediv__(self, other: float) -> F64x4:
            return splat(other) / self

    def pack(a: float, b: float, c: float, d: float) -> F64x4:
        """Four numbers as lanes 0 to 3."""
        return F64x4((float(a), float(b), float(c), float(d)))

    def splat(a: float) -> F64x4:
        """One number in all lanes."""
        return F64x4((float(a),) * 4)

    def lesser(v: F64x4, w: F64x4) -> F64x4:
        """The lesser of each lane; that of w where they are equal."""
        return v._with(w, lambda a, b: a if a < b else b)

    def greater(v: F64x4, w: F64x4) -> F64x4:
        """The greater of each lane; that of w where they are equal."""
        return v._with(w, lambda a, b: a if a > b else b)

    def lane(v: F64x4, k: int) -> float:
        """Lane k, which is written as a number."""
        return v.lanes[k]

else:
    from linefinish.kernels import _f64x4_llvm as _twins

    pack, splat, lesser, greater, lane = _twins.pack, _twins.splat, _twins.lesser, _twins.greater, _twins.lane


@helper
def total(v: Any) -> Any:
    """The sum of the lanes: 0 with 2, 1 with 3, then both."""
    return (lane(v, 0) + lane(v, 2)) + (lane(v, 1) + lane(v, 3))


@helper
def largest(v: Any) -> Any:
    """The largest lane."""
    return max(max(lane(v, 0), lane(v, 2)), max(lane(v, 1), lane(v, 3)))
