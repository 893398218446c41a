"""TIFF files of our own making, right in all of their offsets."""
from __future__ import annotations

import struct


def tiff(
    width: int, height: int, bits: int, data: bytes, *, rows_per_strip: int = 0, strips: int = 1, tile: tuple[int, int] | None = None,
    order: str = "<", big: bool = False, compression: int = 1, on_each_other: bool = False,
) -> bytes:  # fmt: skip
    """A grey page: its data in so many strips of equal length, or in one tile."""
    head = 16 if big else 8
    share = len(data) if on_each_other or tile else len(data) // strips
    places = [head + (0 if on_each_other else share * i) for i in range(strips)]
    lists = [(325, 4, [share]), (324, 4, [head])] if tile else [(273, 4, places), (278, 4, [rows_per_strip]), (279, 4, [share] * strips)]
    tags = [(256, 4, [width]), (257, 4, [height]), (258, 3, [bits]), (259, 3, [compression]), (262, 3, [1]), (277, 3, [1]), *lists]
    tags += [(322, 4, [tile[0]]), (323, 4, [tile[1]])] if tile else []
    body = bytearray(data)
    inline, entries = 8 if big else 4, []
    for tag, kind, numbers in sorted(tags):
        value = b"".join(struct.pack(order + ("H" if kind == 3 else "I"), number) for number in numbers)
        if len(value) > inline:
            body += b"\0" * (len(body) & 1)
            place = head + len(body)
            body += value
            value = struct.pack(order + ("Q" if big else "I"), place)
        entries.append(struct.pack(order + ("HHQ" if big else "HHI"), tag, kind, len(numbers)) + value.ljust(inline, b"\0"))
    body += b"\0" * (len(body) & 1)
    at = head + len(body)
    mark = b"II" if order == "<" else b"MM"
    front = mark + (struct.pack(order + "HHHQ", 43, 8, 0, at) if big else struct.pack(order + "HI", 42, at))
    count = struct.pack(order + ("Q" if big else "H"), len(entries))
    return front + bytes(body) + count + b"".join(entries) + bytes(inline)
