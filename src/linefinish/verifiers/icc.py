"""ICC profiles (ISO 15076-1, ICC.1:2022): whether one keeps black black and white white.

Only profiles of grey and of RGB by curves and a matrix are read. One with a table (CMYK, or A2B)
could make anything of anything.
"""
from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACES = {1: b"GRAY", 3: b"RGB "}
_CLASSES = frozenset((b"mntr", b"scnr", b"prtr", b"spac"))  # of devices and spaces, not links between profiles
_TAGS_MAX = 200
# The white of the profile connection space (D50); the sum of a display's three colours comes within
# a thousandth of it; at a hundredth viewers show #FEFFFF.
_D50 = (0.9642, 1.0, 0.8249)
_WHITE_TOLERANCE = 0.003
# How far a display's colours may leave 0 to 1: wide ones do a little, and viewers cut what does.
_COLUMN_MARGIN = 0.1
# How far the ends of a curve may lie from 0 and 1: less than half a step of 8 bits.
_END_TOLERANCE = 0.001


def keeps_black_and_white(profile: bytes | bytearray | memoryview, components: int) -> bool:
    """Whether the profile, of 1 or 3 components, takes 0 to black and 1 to white. False also where
    it is damaged, or of a kind that is not read.
    """
    data = bytes(profile)
    if len(data) < 132 or data[36:40] != b"acsp" or data[16:20] != _SPACES.get(components) or data[20:24] not in (b"XYZ ", b"Lab "):
        return False
    if data[12:16] not in _CLASSES:
        return False
    if data[64:68] not in (bytes(4), b"\0\0\0\1", b"\0\0\0\2"):  # by the absolute intent white is the medium's
        return False
    try:
        tags = dict(_tags(data))
    except (struct.error, ValueError):
        return False
    if any(name[:3] in (b"A2B", b"D2B") for name in tags):
        return False
    curves = (b"kTRC",) if components == 1 else (b"rTRC", b"gTRC", b"bTRC")
    if not all(name in tags and _spans(tags[name]) for name in curves):
        return False
    if components == 1:
        return True
    try:
        columns = [struct.unpack_from(">3i", tags[name], 8) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    except (KeyError, struct.error):
        return False
    if not all(-_COLUMN_MARGIN <= value / 65536 <= 1 + _COLUMN_MARGIN for column in columns for value in column):
        return False
    white = [sum(column[i] for column in columns) / 65536 for i in range(3)]
    return all(abs(one - other) <= _WHITE_TOLERANCE for one, other in zip(white, _D50, strict=True))


def _tags(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Signature and element of each tag; ValueError for one that stands twice or outside."""
    (count,) = struct.unpack_from(">I", data, 128)
    seen: set[bytes] = set()
    if count > _TAGS_MAX:
        raise ValueError
    for index in range(count):
        name, offset, size = struct.unpack_from(">4sII", data, 132 + 12 * index)
        if name in seen or offset + size > len(data):
            raise ValueError
        seen.add(name)
        yield name, data[offset : offset + size]


def _spans(curve: bytes) -> bool:
    """Whether a curve begins at 0 and ends at 1."""
    try:
        ends = _ends(curve)
    except (struct.error, ArithmeticError, ValueError):
        return False
    return abs(ends[0]) <= _END_TOLERANCE and abs(ends[1] - 1) <= _END_TOLERANCE


def _ends(curve: bytes) -> tuple[float, float]:
    """What a curve makes of 0 and of 1."""
    if curve[:4] == b"curv":
        (count,) = struct.unpack_from(">I", curve, 8)
        if count == 0:
            return 0.0, 1.0
        if count == 1:
            return (0.0, 1.0) if struct.unpack_from(">H", curve, 12)[0] else (1.0, 1.0)
        return struct.unpack_from(">H", curve, 12)[0] / 65535, struct.unpack_from(">H", curve, 10 + 2 * count)[0] / 65535
    if curve[:4] != b"para":
        raise ValueError
    kind = struct.unpack_from(">H", curve, 8)[0]
    count = (1, 3, 4, 5, 7)[kind] if kind < 5 else 0
    if not count:
        raise ValueError
    g, a, b, c, d, e, f = ([value / 65536 for value in struct.unpack_from(f">{count}i", curve, 12)] + [1.0, 1.0, 0, 0, 0, 0, 0][count:])[:7]
    if g <= 0 or (kind and a == 0):
        raise ValueError

    def at(x: float) -> float:
        if kind == 0:
            return x**g
        if kind < 3:  # below -b/a the third parameter, which kind 2 adds above it, too
            plus = c if kind == 2 else 0.0
            return (a * x + b) ** g + plus if x >= -b / a else plus
        return float((a * x + b) ** g + e) if x >= d else c * x + f

    ends = at(0.0), at(1.0)
    if any(isinstance(end, complex) for end in ends):
        raise ValueError
    return ends
