"""The border between Python and the kernels: what may cross it, in each of the three modes."""
from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import pytest

from linefinish.kernels import _registry, bits

CHECKED = '''
from linefinish.kernels._modes import kernel

@kernel("i64(u8*, i64)")
def poke(values, at):
    """Write one byte."""
    values[at] = 1
    return 0

@kernel("i64(const u8*, i64)")
def total(values, count):
    """Sum."""
    result = 0
    for i in range(count):
        result += values[i]
    return result

@kernel("f64(f64, f64)")
def quotient(a, b):
    """Divide as IEEE 754 says."""
    return a / b if b != 0 else 0.0
'''


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


def test_a_kernel_keeps_its_name_and_its_words() -> None:
    assert bits.count.symbol == "bits_count"
    assert _registry.REGISTRY["bits_count"] is bits.count
    assert bits.count.__doc__ and "bits" in bits.count.__doc__


@pytest.mark.parametrize("mode", ["jit", "python"])
@pytest.mark.parametrize("index", [-1, 4], ids=["below", "past the end"])
def test_a_bad_index_is_seen_in_the_development_modes(package: Any, mode: str, index: int) -> None:
    (package.kernels / "small.py").write_text(CHECKED)
    # The JIT lets a negative index count from the end, as Python does; the interpreted mode refuses
    # it.
    code = f"from linefinish.kernels import small\nsmall.poke(bytearray(4), {index if mode == 'python' or index > 0 else -5})"
    done = package.run(code, LINEFINISH_KERNELS=mode)
    assert done.stderr.strip().splitlines()[-1].startswith("IndexError")


@pytest.mark.parametrize("mode", ["native", "jit", "python"])
def test_plain_calls_agree(package: Any, mode: str) -> None:
    (package.kernels / "small.py").write_text(CHECKED)
    code = "from linefinish.kernels import small\nprint(small.total(bytes([1, 2, 250]), 3), small.total(b'', 0), small.quotient(1, 8))"
    assert package.run(code, LINEFINISH_KERNELS=mode).stdout == "253 0 0.125\n"
