"""What crosses into machine code: which buffers, and how long they stay where they are."""
from __future__ import annotations

import gc
import mmap
from array import array
from typing import Any

import numpy as np
import pytest

from linefinish.kernels import bits, quantise, roughness
from linefinish.kernels._memory import HeldBuffer


@pytest.mark.parametrize(
    "buffer",
    [bytes(range(64)), bytearray(range(64)), memoryview(bytearray(range(64))), memoryview(bytes(range(64))), np.arange(64, dtype=np.uint8)],
    ids=["bytes", "bytearray", "memoryview", "read-only memoryview", "ndarray"],
)
def test_any_buffer_may_be_read(buffer: Any) -> None:
    words = bytearray(16)
    bits.pack(buffer, 64, 1, 2, words)
    assert int.from_bytes(words, "little") == (1 << 64) - 2  # only pixel 0 is 0


def test_a_mapped_file_may_be_read(tmp_path: Any) -> None:
    (tmp_path / "words").write_bytes(b"\xff" * 4096)
    with (tmp_path / "words").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        assert bits.count(mapped, 512) == 32768
        mapped.close()


def test_an_empty_buffer_is_nothing_to_walk() -> None:
    assert bits.count(b"", 0) == 0
    assert bits.count(np.zeros(0, np.uint64), 0) == 0


@pytest.mark.parametrize("buffer", [bytes(16), memoryview(bytes(16))], ids=["bytes", "read-only memoryview"])
def test_what_cannot_be_written_to_is_refused(buffer: Any) -> None:
    with pytest.raises((TypeError, BufferError)):
        bits.pack(bytes(64), 64, 1, 2, buffer)


def test_a_buffer_with_gaps_is_refused() -> None:
    with pytest.raises((TypeError, BufferError, ValueError)):
        bits.count(np.zeros((4, 4), np.uint64)[:, ::2], 8)


def test_the_number_of_arguments_is_checked() -> None:
    with pytest.raises((TypeError, ValueError)):
        bits.count(b"")


@pytest.mark.parametrize("code", "BHIQbhilqfd")
def test_a_buffer_of_any_items_is_its_bytes(code: str) -> None:
    words = array(code, [1] * (64 // array(code).itemsize))
    assert bits.count(words, 8) == sum(byte.bit_count() for byte in words.tobytes())


def test_what_is_of_another_type_is_refused() -> None:
    assert bits.count(bytearray(b"\xff" * 16), True) == 64
    with pytest.raises(Exception, match="wrong type"):
        bits.count(bytearray(16), 1.0)
    with pytest.raises(TypeError):
        bits.count(3, 1)


def test_a_kernel_may_return_a_float() -> None:
    found = roughness.roughness(b"", bytes(8), 0, 1, bytearray(8 * roughness.BINS))
    assert found == 0.0 and isinstance(found, float)
    assert isinstance(quantise.COORDINATE_UNITS_MAX, int)


def test_a_held_buffer_is_let_go_of() -> None:
    """Its owner cannot grow meanwhile, and can afterwards; a mapped file can be closed."""
    data = bytearray(b"abc")
    held = HeldBuffer(memoryview(data).toreadonly())
    assert held.address != 0
    with pytest.raises(BufferError):
        data.append(1)
    del held
    gc.collect()
    data.append(1)
    assert data == b"abc\1"


def test_the_address_is_that_of_the_bytes() -> None:
    import ctypes

    data = bytearray(b"linefinish")
    view = memoryview(data).toreadonly()[4:]
    assert ctypes.string_at(HeldBuffer(view).address, 6) == b"finish"
