"""How compiled kernels are found, refused, and called: which buffers cross into machine code, and
how long they stay where they are.
"""
from __future__ import annotations

import gc
import mmap
import time
from array import array
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from linefinish.kernels import _native, bits, quantise, roughness
from linefinish.kernels._native import HeldBuffer

USE = "from linefinish.kernels import small; print(small.total(bytes([1, 2, 3]), 3))"


# --- the file; each case is a fresh process over a small package of its own
# ------------------------------------------------------------


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_a_damaged_packaged_file_is_named(package: Any) -> None:
    package.run()
    (path,) = package.built()
    packaged = package.packaged_path()
    packaged.write_bytes(path.read_bytes()[:-1])
    failed = package.run()
    assert failed.returncode != 0
    assert str(packaged) in last_line(failed.stderr)
    assert "damaged" in last_line(failed.stderr)


def test_packaged_kernels_need_no_compiler_and_no_cache(package: Any) -> None:
    package.run()
    (path,) = package.built()
    path.rename(package.packaged_path())
    without = package.run("import sys; sys.modules['numba'] = None\n" + USE, LINEFINISH_CACHE="/dev/null/folder")
    assert (without.stdout, without.stderr) == ("12\n", "")


def test_an_unknown_mode_is_refused_by_name(package: Any) -> None:
    failed = package.run(LINEFINISH_KERNELS="fast")
    assert last_line(failed.stderr) == "ImportError: LINEFINISH_KERNELS is 'fast'; it may be one of native, jit, python"


def test_native_kernels_load_neither_numba_nor_numpy(package: Any) -> None:
    package.run()
    seen = package.run(USE + "\nimport sys; print(sorted({'numba', 'numpy', 'hashlib', 'dataclasses', 're'} & set(sys.modules)))")
    assert seen.stdout == "12\n[]\n"


@pytest.mark.parametrize("mode", ["jit", "python"])
def test_the_other_modes_run_without_any_build(package: Any, mode: str) -> None:
    done = package.run(LINEFINISH_KERNELS=mode)
    assert (done.stdout, done.stderr) == ("12\n", "")
    assert package.built() == []


def test_threads_that_call_their_first_kernels_at_once_share_one_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each used to map its own; the one that was let go took its machine code along, and whoever
    had an address in it crashed.
    """
    made = []

    class Slow:
        def __init__(self, path: str) -> None:
            made.append(path)
            self.path = self.mark = path  # which is there, so nothing is tested
            time.sleep(0.05)

    monkeypatch.setattr(_native, "_library", None)
    monkeypatch.setattr(_native, "Library", Slow)
    with ThreadPoolExecutor(4) as threads:
        libraries = set(threads.map(lambda _: _native.library(), range(4)))
    assert len(libraries) == len(made) == 1


# --- what crosses into machine code
# ------------------------------------------------------------


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
