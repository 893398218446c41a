"""What a build of kernels takes of Numba: a variable's one type. That the IR comes out right is
for the digests of all kernels (test_modes.py), and the build's refusals are in test_build.py.
"""
from __future__ import annotations

import pytest
from numba import types

from linefinish.kernels._numba import _holds


@pytest.mark.parametrize("given", [types.boolean, types.uint8, types.int32, types.uint32, types.int64])
def test_an_i64_holds_what_is_narrower(given: types.Type) -> None:
    assert _holds(types.int64, given)


@pytest.mark.parametrize(
    ("kept", "given"),
    [
        (types.int64, types.uint64), (types.uint64, types.int64), (types.uint64, types.uint8), (types.int32, types.int64),
        (types.int64, types.float64), (types.float64, types.int64), (types.float64, types.float32), (types.boolean, types.int64),
    ],
)  # fmt: skip
def test_a_variable_of_two_types_is_none(kept: types.Type, given: types.Type) -> None:
    assert not _holds(kept, given)
