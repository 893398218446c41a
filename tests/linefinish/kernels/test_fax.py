"""Fax codes: libtiff's are read to the last row, in all modes of the kernels alike."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from linefinish.kernels import first_gray
from linefinish.verifiers import fax


def packed(flags: np.ndarray, compression: str) -> bytes:
    """The one strip of codes that libtiff makes; True is white."""
    out = io.BytesIO()
    Image.fromarray(flags).save(out, "TIFF", compression=compression, strip_size=1 << 24)
    data = out.getvalue()
    image = Image.open(io.BytesIO(data))
    (at,), (size,) = image.tag_v2[273], image.tag_v2[279]
    return data[at : at + size]


def drawn(width: int, height: int, kind: int, seed: int) -> np.ndarray:
    """Noise, long runs, mostly paper, or lines that drift (all of the vertical modes)."""
    rng = np.random.default_rng(seed)
    if kind == 0:
        return rng.random((height, width)) > rng.random()
    if kind == 1:
        return np.repeat(rng.random((height, width // 90 + 1)) > 0.5, 90, axis=1)[:, :width]
    if kind == 2:
        return rng.random((height, width)) > 0.01
    steps = rng.integers(-4, 5, (height, 1)).cumsum(axis=0)
    return ((np.arange(width)[None] + steps) % 37) > rng.integers(1, 30)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 3000), st.integers(2, 12), st.integers(0, 3), st.integers(0, 999), st.sampled_from([("group4", 4), ("group3", 3)]))
def test_every_row_is_read(width: int, height: int, kind: int, seed: int, how: tuple[str, int]) -> None:
    codes = packed(drawn(width, height, kind, seed), how[0])
    assert fax.row_count(memoryview(codes), width, height, how[1], 0, 1) == height
    assert fax.row_count(memoryview(codes), width, height + 1, how[1], 0, 1) == height  # and not one more
    cuts = [fax.row_count(memoryview(codes)[:size], width, height, how[1], 0, 1) for size in range(len(codes))]
    assert cuts[0] == 0 and cuts == sorted(cuts)
    if kind == 0 and width > 400:
        assert cuts[len(codes) // 2] < height


@pytest.mark.parametrize("compression", [2, 3, 4])
def test_noise_is_no_fax(compression: int) -> None:
    rng = np.random.default_rng(7)
    for width in (1, 7, 64, 999):
        for options in (0, 1):
            noise = memoryview(rng.integers(0, 256, 4000, dtype=np.uint8).tobytes())
            assert 0 <= fax.row_count(noise, width, 100_000, compression, options, 1) < 100_000


def digest() -> str:
    """Of what the kernels answer on the same small inputs."""
    rng = np.random.default_rng(3)
    answers = []
    for case in range(12):
        flags = drawn(130, 9, case % 4, case)
        for name, number in (("group4", 4), ("group3", 3)):
            codes = bytearray(packed(flags, name))
            answers.append(fax.row_count(memoryview(codes), 130, 9, number, 0, 1))
            codes[int(rng.integers(len(codes)))] ^= 0x24
            answers.append(fax.row_count(memoryview(codes), 130, 9, number, case & 1, 1))
        row = rng.choice(np.array([0, 255, 255, 7], np.uint8), 60).tobytes()
        answers.append(first_gray.first_gray_sample(row, 4, 15, 15, 8, bytes([1]) + bytes(254) + b"\1"))
        answers.append(first_gray.first_gray_sample(row, 4, 15, 30, 4, bytes([1]) + bytes(14) + b"\1" + bytes(240)))
        answers.append(first_gray.first_gray_pixel(row, 4, 15, 5, 3, 0))
        answers.append(first_gray.first_gray_pixel(row, 5, 12, 3, 3, 1))
    return hashlib.sha256(struct.pack(f"{len(answers)}q", *answers)).hexdigest()


def test_all_modes_agree() -> None:
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_fax; print(test_fax.digest())"
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "LINEFINISH_KERNELS": mode}, capture_output=True, text=True, check=True
        ).stdout
        for mode in ("native", "jit", "python")
    }
    assert len(digests) == 1
