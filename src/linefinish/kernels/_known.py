"""Calls whose results are known, for the self-test: one or two of each kind of instruction that
kernels are made of (bits, bytes in vectors, f64 alone and in fours, square roots, tables).

The checksums are those of the interpreted kernels, which no compiler had a part in.
"""
from __future__ import annotations

import struct
from zlib import crc32

from linefinish.kernels import _native, _registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

# Kernel → CRC-32 of what the call returns and writes.
KNOWN = {
    "bits.count": 0xF2BDCE40,
    "bits.pack": 0x96B8B2FF,
    "unfilter.unfilter": 0x37D8B661,
    "luma.rgba8": 0xDD134AA2,
    "threshold.pack_level": 0xB2BBAF63,
    "histogram.count_levels": 0x6BD82FC8,
    "inflate.adler32": 0x0309519A,
    "roughness.roughness": 0xBE7E5C36,
    "curves.fit_paths": 0x906F5AF4,
}


def calls() -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Module, kernel, arguments."""
    noise = _noise(3000)
    yield "bits", "count", (b"\xff" * 64, 8)
    yield "bits", "pack", (bytes(byte & 1 for byte in noise[:390]), 130, 3, 3, bytearray(8 * 9))
    filtered = b"".join(bytes([row]) + noise[36 * row : 36 * row + 36] for row in range(5))
    yield "unfilter", "unfilter", (filtered, 5, 36, 3, bytearray(180), 0)
    yield "luma", "rgba8", (noise, 0, 84, 21, 2, bytearray(42), 0, 1, 21)
    yield "threshold", "pack_level", (noise, 130, 3, 127, 3, bytearray(8 * 9))
    yield "histogram", "count_levels", (noise, 3000, bytearray(4 * 1024))
    yield "inflate", "adler32", (noise, 3, 2999, 1, bytearray(4 * 32))
    # A circle by its rational form, a little rough: 90 points, without a sine.
    points = []
    for number in range(90):
        t = (number % 45 - 22) / 22.0
        side = 1.0 if number < 45 else -1.0
        radius = 14.0 + noise[number] / 1024.0
        points += [20.0 + radius * side * (1.0 - t * t) / (1.0 + t * t), 20.0 + radius * side * 2.0 * t / (1.0 + t * t)]
    ring, ends = struct.pack("<180d", *points), struct.pack("<2q", 0, 90)
    yield "roughness", "roughness", (ring, ends, 1, 1, bytearray(8 * 256))
    bounds = struct.pack("<7d", 0.2, 0.1, 0.1, 0.9, 0.0, 40.0, 24.0)
    scratch = [bytearray(8 * 600) for _ in range(4)]
    outputs = [bytearray(48 * 90), bytearray(90), bytearray(8 * 90), bytearray(16)]
    yield "curves", "fit_paths", (ring, ends, 1, bounds, *scratch, *outputs)


def _noise(count: int) -> bytes:
    """Bytes of a linear congruential generator, the same on all machines."""
    state, made = 1, bytearray(count)
    for index in range(count):
        state = (1103515245 * state + 12345) & 0x7FFFFFFF
        made[index] = state >> 16 & 0xFF
    return bytes(made)


def checksum(result: float, arguments: tuple[Any, ...]) -> int:
    """CRC-32 of a number to its last bit, and of every buffer that the kernel may have written."""
    total = crc32(struct.pack("<d" if isinstance(result, float) else "<q", result))
    for argument in arguments:
        if isinstance(argument, bytearray):
            total = crc32(argument, total)
    return total


def wrong(kernel_of: Callable[[str, str], Any]) -> list[str]:
    """The calls that give something else than what is known; a kernel that is None is left out."""
    found = []
    for module, name, arguments in calls():
        kernel = kernel_of(module, name)
        if kernel is not None and checksum(kernel(*arguments), arguments) != KNOWN[f"{module}.{name}"]:
            found.append(f"{module}.{name}")
    return found


def main(path: str) -> None:
    """The test as a process: prints "ready", and last "passed" or what is wrong."""
    print("ready", flush=True)
    try:
        library = _native.Library(path)
    except OSError as error:
        print(error.strerror or error)
        return
    except ImportError as error:
        print(error)
        return

    def kernel_of(module: str, name: str) -> Any:
        told = library.told(module, name) if module in library.modules else ""
        if not told:
            return None
        made = _registry.registered(module, name, told.partition(" ")[2], _native.bind)
        return _native.function_at(library.address(made), made)

    found = wrong(kernel_of)
    print(f"{', '.join(found)} gives another result than it should" if found else "passed")
