"""Write the bundled face: `python docs/make_face.py Lato-Medium.ttf` makes
src/linefinish/book/face.z of a font file (Debian: fonts-lato). Needs fontTools.
"""
from __future__ import annotations

import sys
from pathlib import Path

from linefinish.book.faces import face_of

TARGET = Path(__file__).parents[1] / "src" / "linefinish" / "book" / "face.z"
# Latin with what Vietnamese needs, Greek, Cyrillic, punctuation, currencies and a few signs.
RANGES = (
    (0x20, 0x7F), (0xA0, 0x180), (0x192, 0x193), (0x1A0, 0x1A2), (0x1AF, 0x1B1), (0x1CD, 0x1DD), (0x1E6, 0x1F0), (0x1FA, 0x220),
    (0x237, 0x238), (0x2C6, 0x2DE), (0x37E, 0x3CF), (0x400, 0x460), (0x490, 0x4C0), (0x4D0, 0x4FA), (0x1EA0, 0x1EFA), (0x2010, 0x2028),
    (0x2030, 0x203B), (0x20A0, 0x20C0), (0x2116, 0x2117), (0x2122, 0x2123), (0x2190, 0x2194), (0x2212, 0x2213), (0x2248, 0x2249),
    (0x2260, 0x2266), (0x25CA, 0x25CB),
)  # fmt: skip


def main() -> None:
    """Pack the characters of RANGES that the font has."""
    data = face_of(sys.argv[1]).packed(chr(code) for first, after in RANGES for code in range(first, after))
    TARGET.write_bytes(data)
    print(f"wrote {TARGET}, {len(data):,} bytes")


if __name__ == "__main__":
    main()
