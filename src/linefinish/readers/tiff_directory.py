"""TIFF's directories (TIFF 6.0, section 2, and BigTIFF), read before Pillow sees the file: which
pages there are, and whether each strip or tile of a page is there and can hold its pixels.

Pillow reads all values of a directory into memory, takes memory for whole pages and tiles, decodes
the strips that are there and leaves the rest black.
"""
from __future__ import annotations

from linefinish.errors import ImageReadError
from linefinish.readers.headers import LZW_BYTES_PER_BYTE, size_of
from linefinish.readers.stream import Stream, allow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

# Tags (TIFF 6.0): of a page, "reduced image of another page" in bit 0; its size; its samples.
_NEW_SUBFILE_TYPE, _WIDTH, _HEIGHT, _BITS_PER_SAMPLE, _COMPRESSION = 254, 256, 257, 258, 259
_SAMPLES_PER_PIXEL, _PLANAR_CONFIGURATION = 277, 284
# Where its parts lie: strips of so many rows, or tiles.
_ROWS_PER_STRIP, _STRIP_OFFSETS, _STRIP_BYTES = 278, 273, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES = 322, 323, 324, 325
_READ = {
    _NEW_SUBFILE_TYPE, _WIDTH, _HEIGHT, _BITS_PER_SAMPLE, _COMPRESSION, _SAMPLES_PER_PIXEL, _PLANAR_CONFIGURATION, _ROWS_PER_STRIP,
    _STRIP_OFFSETS, _STRIP_BYTES, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES,
}  # fmt: skip
# Of these only that they are there: a palette, and JPEG's tables.
_NEEDED = {320, 347}
_SEPARATE_PLANES = 2
# Bytes of a value by its type.
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_WHOLE_NUMBERS = (1, 3, 4, 13, 16, 18)
# Pages looked at. More are not counted.
_PAGES_MAX = 1000
# Bytes that a byte of each compression can become at most: LZW's longest string in its shortest
# code; deflate's 258 bytes in two bits; PackBits' 128 bytes in two; a row of fax in a bit is asked
# apart; JPEG's blocks of 64 samples in two bits, with colour at its coarsest; Zstandard's block of
# 128 KiB in four bytes; LZMA, found by trying: 7,000.
_UNCOMPRESSED, _FAX = 1, (2, 3, 4)
_BYTES_PER_BYTE = {5: LZW_BYTES_PER_BYTE, 8: 1032, 32946: 1032, 32773: 64, 7: 1024, 50000: 32768, 34925: 32768}
# Of a strip's end: checksums and end codes that may make up for a short row or two.
_SLACK_BYTES = 64
# Pixels of a tile, and of pages whose strips lie on each other, that are free of suspicion.
_FREE_PX = 16_000_000


class Directory:
    """One directory: the numbers of the tags that matter here, and where the next one is."""

    def __init__(self, file: BinaryIO, at: int, order: str, big: bool, size: int, stream: Stream) -> None:
        count_bytes, entry_bytes, inline = (8, 20, 8) if big else (2, 12, 4)
        self.numbers: dict[int, list[int]] = {}
        self.claimed = 0

        def number(data: bytes) -> int:
            return int.from_bytes(data, order)  # type: ignore[arg-type]

        if at + count_bytes > size:
            raise stream.truncated()
        file.seek(at)
        count = number(file.read(count_bytes))
        if at + count_bytes + entry_bytes * count + inline > size:
            raise stream.truncated()
        entries = file.read(entry_bytes * count)
        self.following = number(file.read(inline))
        for start in range(0, len(entries), entry_bytes):
            entry = entries[start : start + entry_bytes]
            tag, kind, many = number(entry[:2]), number(entry[2:4]), number(entry[4:-inline])
            item = _TYPE_BYTES.get(kind, 0)
            value = entry[-inline:]
            if item * many > inline:
                place = number(value)
                inside = place + item * many <= size
                self.claimed += item * many if inside else 0
                if tag not in _READ and tag not in _NEEDED:
                    continue
                if not inside:
                    raise stream.truncated()
                file.seek(place)
                value = file.read(item * many)
            if tag in _READ and kind in _WHOLE_NUMBERS:
                self.numbers[tag] = [number(value[i : i + item]) for i in range(0, item * many, item)]

    def one(self, tag: int, default: int = 0) -> int:
        """The first number of a tag."""
        return (self.numbers.get(tag) or [default])[0]


def directories(file: BinaryIO, stream: Stream) -> list[Directory]:
    """All directories of a file. Raises ImageReadError where it ends before them, or where their
    values are more than the file.
    """
    size = size_of(file)
    file.seek(0)
    head = file.read(16)
    if len(head) < 8:
        raise stream.truncated()
    order = "little" if head[:2] == b"II" else "big"
    big = int.from_bytes(head[2:4], order) == 43  # type: ignore[arg-type]
    at = int.from_bytes(head[8:16] if big else head[4:8], order)  # type: ignore[arg-type]
    found: list[Directory] = []
    seen: set[int] = set()
    claimed = 0
    while at and at not in seen and len(found) < _PAGES_MAX:
        seen.add(at)
        found.append(Directory(file, at, order, big, size, stream))
        claimed += found[-1].claimed
        if claimed > 2 * size + 4096:
            raise stream.damaged("its directory holds more than the file")
        at = found[-1].following
    if not found:
        raise stream.damaged("it has no directory")
    return found


def pages(found: list[Directory]) -> list[int]:
    """The numbers of a file's pages, without the thumbnails that scanners and cameras add."""
    return [number for number, directory in enumerate(found) if not directory.one(_NEW_SUBFILE_TYPE) & 1]


def chosen(found: list[Directory], name: str, frame: int | None) -> int:
    """The number of the page that is asked for. A document of several pages of which none is named
    is more than one drawing.
    """
    numbers = pages(found)
    if frame is None and len(numbers) > 1:
        raise ImageReadError(
            f"{name}: this TIFF has {len(numbers)} pages; choose one with --frame 1 to {len(numbers)}, "
            "or do all of them with linefinish batch"
        )
    if frame is not None and frame > max(len(numbers), 1):
        raise ImageReadError(f"{name}: there is no page {frame}; this TIFF has {len(numbers) or 1}")
    return numbers[(frame or 1) - 1] if numbers else 0


def check_page(directory: Directory, file_bytes: int, stream: Stream, megapixels_max: float) -> None:
    """A page must have all its strips or tiles, they must lie within the file, and hold enough to
    become their pixels.
    """
    numbers, width, height = directory.numbers, directory.one(_WIDTH), directory.one(_HEIGHT)
    allow(stream.name, width, height, megapixels_max)
    samples = directory.one(_SAMPLES_PER_PIXEL, 1)
    planes = samples if directory.one(_PLANAR_CONFIGURATION, 1) == _SEPARATE_PLANES else 1
    if _TILE_OFFSETS in numbers:
        across, down = directory.one(_TILE_WIDTH), directory.one(_TILE_HEIGHT)
        if across < 1 or down < 1 or across * down > max(_FREE_PX, 4 * width * height):
            raise stream.damaged(f"its tiles have {across} × {down} pixels and its page {width} × {height}")
        wanted = -(-width // across) * -(-height // down)
        offsets, sizes = numbers[_TILE_OFFSETS], numbers.get(_TILE_BYTES, [])
    else:
        across, down = width, min(directory.one(_ROWS_PER_STRIP, height) or height, height)
        wanted = -(-height // down)
        offsets, sizes = numbers.get(_STRIP_OFFSETS, []), numbers.get(_STRIP_BYTES, [])
    if len(offsets) < wanted * planes:
        raise stream.truncated()
    compression = directory.one(_COMPRESSION, 1)
    if any(offset >= file_bytes for offset in offsets):
        raise stream.truncated()
    if compression != _UNCOMPRESSED and any(offset + size > file_bytes for offset, size in zip(offsets, sizes)):
        raise stream.truncated()
    if width * height > _FREE_PX and sum(sizes) > 2 * file_bytes:
        raise stream.damaged("its strips lie on each other")
    bits = sum(numbers.get(_BITS_PER_SAMPLE) or [1]) if planes == 1 else directory.one(_BITS_PER_SAMPLE, 1)
    if planes == 1 and len(numbers.get(_BITS_PER_SAMPLE) or [1]) < samples:
        bits = samples * directory.one(_BITS_PER_SAMPLE, 1)
    row_bytes = (across * bits + 7) >> 3
    for index in range(wanted * planes):
        rows = down if _TILE_OFFSETS in numbers else min(down, height - index % wanted * down)
        present = file_bytes - offsets[index]
        if compression != _UNCOMPRESSED and index < len(sizes) and sizes[index]:
            present = sizes[index]
        if not _holds(present, rows, row_bytes, compression):
            raise stream.truncated()


def _holds(present: int, rows: int, row_bytes: int, compression: int) -> bool:
    """Whether so many bytes can become that many rows."""
    if compression == _UNCOMPRESSED:
        return present >= rows * row_bytes
    if compression in _FAX:
        return rows <= 8 * (present + _SLACK_BYTES)
    per_byte = _BYTES_PER_BYTE.get(compression)
    return per_byte is None or rows * row_bytes <= per_byte * (present + _SLACK_BYTES)
