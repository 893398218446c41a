"""ICC profiles (ISO 15076-1, ICC.1:2022): whether one keeps black black and white white.

Of profiles of grey and of RGB only those by curves and a matrix are read: one with a table could
make anything of anything. A press's has nothing else, and is read at its two ends.
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
# L* of the lightest paper that counts as white, of the palest black ink, and how far both may be
# tinted. Newsprint's ink has 36, coated paper's 16; its tables take paper for white. Larger lets a
# grey pass for an ink.
_PAPER_LIGHTNESS_MIN, _INK_LIGHTNESS_MAX, _TINT_MAX = 95.0, 40.0, 10.0


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


def prints_black_on_white(profile: bytes | bytearray | memoryview) -> bool:
    """Whether a press's profile shows its black ink as about black, and no ink as white, by each of
    its tables for screens (ISO 15076-1, lut8Type and lut16Type). False also where it is damaged, or
    of a kind that is not read.
    """
    data = bytes(profile)
    if len(data) < 132 or data[36:40] != b"acsp" or data[12:24] != b"prtrCMYKLab ":
        return False
    try:
        tags = dict(_tags(data))
        tables = [tag for name, tag in tags.items() if name[:3] == b"A2B"]
        papers, inks = ([_lab_of(table, black) for table in tables] for black in (0, 1))
    except (struct.error, ValueError):
        return False
    colours = [*papers, *inks]
    return (
        bool(tables) and not any(name[:3] == b"D2B" for name in tags) and min(paper[0] for paper in papers) >= _PAPER_LIGHTNESS_MIN
        and max(ink[0] for ink in inks) <= _INK_LIGHTNESS_MAX and max(abs(part) for colour in colours for part in colour[1:]) <= _TINT_MAX
    )  # fmt: skip


def _lab_of(table: bytes, black: int) -> list[float]:
    """What a table of CMYK makes of no ink, or of black ink alone: interpolated among the 16 points
    of its grid that are around it, as the curves before it need not end at the grid's ends.
    """
    if table[:4] not in (b"mft1", b"mft2") or tuple(table[8:10]) != (4, 3) or table[10] < 2:
        raise ValueError
    grid = table[10]
    is_wide = table[:4] == b"mft2"
    entries_in, entries_out = struct.unpack_from(">2H", table, 48) if is_wide else (256, 256)
    count = 4 * entries_in + 3 * grid**4 + 3 * entries_out
    if min(entries_in, entries_out) < 2:
        raise ValueError
    values = struct.unpack_from(f">{count}{'H' if is_wide else 'B'}", table, 52 if is_wide else 48)
    top = 65535 if is_wide else 255
    at = [values[i * entries_in + (entries_in - 1 if i == 3 and black else 0)] / top * (grid - 1) for i in range(4)]
    found = [0.0, 0.0, 0.0]
    for corner in range(16):
        place, weight = 0, 1.0
        for i, position in enumerate(at):
            low = min(int(position), grid - 2)
            up = corner >> i & 1
            place = place * grid + low + up
            weight *= position - low if up else 1 - position + low
        for i in range(3):
            found[i] += weight * values[4 * entries_in + 3 * place + i]
    lab = []
    for i, value in enumerate(found):
        curve = values[count - (3 - i) * entries_out :][:entries_out]
        position = value / top * (entries_out - 1)
        low = min(int(position), entries_out - 2)
        lab.append(curve[low] + (curve[low + 1] - curve[low]) * (position - low))
    white = 65280 if is_wide else 255  # L* = 100; of a* and b* it is 127
    return [100 * lab[0] / white, *(255 * part / white - 128 for part in lab[1:])]


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
