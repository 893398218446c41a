"""TIFF (Adobe, TIFF 6.0) and BigTIFF: every page and sub-image by a reader of our own, pixels by
Pillow where greys must be found.
"""
from __future__ import annotations

import io
import struct

from linefinish import checks
from linefinish.verifiers.unpack import inflated, unlzw
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Pages of one file. Larger costs time for a hostile chain of directories, smaller refuses long
# scans.
_PAGES_MAX = 10_000
# Strips or tiles of a page: one row a strip at most; and values of any other tag, where a colour
# map of 16 bits is the longest in use.
_PIECES_MAX = checks.SIDE_PX_MAX
_VALUES_MAX = 1000
# Pixels of a page that Pillow may decode; it takes a byte for each, also of 1-bit pages. Larger
# pages are checked by their structure only (and an 8-bit one is refused without saying where its
# first grey is). A 600 dpi A3 page has 70.
_DECODED_PIXELS_MAX = 80_000_000
# The same over all pages of a file: ten seconds. What comes after is checked by its structure only.
_DECODED_PIXELS_ALL_MAX = 2_000_000_000
# Bytes that deflated strips may open to, over all pages; two seconds.
_INFLATED_BYTES_MAX = 1 << 30
# Bytes of a colour profile; those of grey and RGB have 0.5 to 10 kB.
_PROFILE_BYTES_MAX = 1 << 20

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_FAX_OPTIONS, _UNIT = 292, 296
_STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP, _STRIP_SIZES, _X_RESOLUTION, _Y_RESOLUTION = 273, 277, 278, 279, 282, 283
_COLOUR_MAP, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_SIZES, _SUB_IMAGES, _EXTRA = 320, 322, 323, 324, 325, 330, 338

_TRANSFER, _MIN_SAMPLE, _MAX_SAMPLE, _PROFILE, _SAMPLE_FORMAT, _PLANES = 301, 280, 281, 34675, 339, 284
# Tags that say nothing of what the two values look like: TIFF 6.0, TIFF/F, and metadata (ICC, IPTC,
# Photoshop's resources, XMP, EXIF, GPS, GeoTIFF and GDAL, HylaFAX). Others are viewers' own:
# layers, annotations, lookup tables.
_KNOWN_TAGS = frozenset((
    254, 255, *range(256, 260), _PHOTOMETRIC, 263, 264, 265, _FILL_ORDER, *range(269, 275), 277, 278, 279, _MIN_SAMPLE, _MAX_SAMPLE, 282,
    283, _PLANES, *range(285, 290), 292, 293, 296, 297, _TRANSFER, 305, 306, 315, 316, 317, _COLOUR_MAP, *range(321, 329), 330, _EXTRA,
    _SAMPLE_FORMAT, 700, 33432, 33550, 33723, 33922, 34264, 34377, 34665, _PROFILE, 34735, 34736, 34737, 34853, *range(34908, 34912),
    42112, 42113, 59932,
))  # fmt: skip

# Titles and descriptions: the only tags that may stand twice (tifffile writes two descriptions).
_WORDS = frozenset((269, 270, 271, 272, 305, 306, 315, 316, 33432))

_ITEM_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_UNSIGNED = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}

_NONE, _LZW, _PACKBITS = 1, 5, 32773
_DEFLATE = (8, 32946)
_FAX = (2, 3, 4)
_COMPRESSIONS = {1: "", 2: "G3", 3: "G3", 4: "G4", 5: "LZW", 6: "JPEG", 7: "JPEG", 8: "Deflate", 32946: "Deflate", 32773: "PackBits"}
_COLOURS = {0: "grey", 1: "grey", 2: "RGB", 3: "palette", 4: "mask", 5: "CMYK", 6: "YCbCr", 8: "Lab"}


class _Reader:
    """Numbers at offsets, in the file's byte order, and never beyond its end."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.order = "<" if data[0] == 0x49 else ">"
        self.big = 43 in data[2:4]
        self.word = "Q" if self.big else "I"
        self.piece_bytes = 0  # of all strips and tiles so far; more than the file has means that pages share them to cost time
        self.inflated_bytes = 0

    def take(self, code: str, at: int) -> tuple[Any, ...]:
        """A struct at an offset."""
        layout = struct.Struct(self.order + code)
        if at + layout.size > len(self.data):
            raise DamagedError(f"truncated: it points to byte {at}, and there are {len(self.data)}")
        return layout.unpack_from(self.data, at)

    def first_directory(self) -> int:
        """Where the first page's directory is."""
        if not self.big:
            return int(self.take("I", 4)[0])
        offset_bytes, reserved, first = self.take("HHQ", 4)
        if offset_bytes != 8 or reserved:
            raise DamagedError("the BigTIFF header is damaged")
        return int(first)

    def directory(self, at: int) -> tuple[dict[int, tuple[int, int, int]], int]:
        """Tag → (type, count, where its values are), and the next directory's offset."""
        (count,) = self.take("Q" if self.big else "H", at)
        at += 8 if self.big else 2
        size = 20 if self.big else 12
        if count * size > len(self.data) - at:
            raise DamagedError(f"truncated: a directory of {count} entries at byte {at}")
        entries: dict[int, tuple[int, int, int]] = {}
        before = -1
        for _ in range(count):
            tag, kind, values = self.take("HH" + self.word, at)
            place = at + 4 + struct.calcsize("=" + self.word)
            if values * _ITEM_BYTES.get(kind, 1) > (8 if self.big else 4):
                (place,) = self.take(self.word, place)
            if tag in entries and tag not in _WORDS:
                raise DamagedError(f"the tag {tag} stands twice in a directory")
            if tag < before:
                raise DamagedError(f"cannot be verified: the tag {tag} stands behind {before}, where some viewers do not look")
            before = tag
            entries[tag] = kind, values, place
            at += size
        return entries, int(self.take(self.word, at)[0])

    def numbers(self, entries: dict[int, tuple[int, int, int]], tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The values of a tag of whole numbers."""
        if tag not in entries:
            return default
        kind, count, place = entries[tag]
        count_max = _PIECES_MAX if tag in (_STRIP_OFFSETS, _STRIP_SIZES, _TILE_OFFSETS, _TILE_SIZES) else _VALUES_MAX
        if kind not in _UNSIGNED or not 0 < count <= count_max:
            raise DamagedError(f"the tag {tag} has {count} values of type {kind}")
        return self.take(f"{count}{_UNSIGNED[kind]}", place)

    def number(self, entries: dict[int, tuple[int, int, int]], tag: int, default: int | None = None) -> int:
        """The one value of a tag."""
        values = self.numbers(entries, tag, () if default is None else (default,))
        if len(values) != 1:
            raise DamagedError(f"the tag {tag} has {len(values)} values, not one")
        return values[0]

    def ratio(self, entries: dict[int, tuple[int, int, int]], tag: int) -> float:
        """A rational, 0 where there is none."""
        if tag not in entries or entries[tag][0] != 5:
            return 0.0
        above, below = self.take("II", entries[tag][2])
        return above / below if below else 0.0


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if every page and sub-image is of one opaque 1-bit sample, black and white, and
    complete.
    """
    reader = _Reader(data)
    waiting = [(reader.first_directory(), False)]
    seen: set[int] = set()
    page = 0
    decoder = _Decoder(data)
    while waiting:
        at, is_sub_image = waiting.pop()
        if at in seen or len(seen) >= _PAGES_MAX:
            raise DamagedError("the pages' directories run in a circle" if at in seen else f"more than {_PAGES_MAX} pages")
        seen.add(at)
        entries, following = reader.directory(at)
        page += not is_sub_image
        facts.page = page
        if following:
            waiting.append((following, is_sub_image))
        waiting += [(offset, True) for offset in reader.numbers(entries, _SUB_IMAGES)] if _SUB_IMAGES in entries else []
        _check_page(reader, entries, facts, decoder, None if is_sub_image else page - 1)
    facts.detail += f", {page} pages" if page > 1 else ""
    facts.page = None


def _check_page(reader: _Reader, entries: dict[int, tuple[int, int, int]], facts: Facts, decoder: _Decoder, frame: int | None) -> None:
    """One picture; `frame` is its place in the chain of pages, None for a sub-image."""
    width, height = reader.number(entries, _WIDTH), reader.number(entries, _HEIGHT)
    if width < 1 or height < 1 or max(width, height) > checks.SIDE_PX_MAX:
        raise DamagedError(f"a page states {width} × {height} pixels")
    bits = reader.numbers(entries, _BITS, (1,))
    samples = reader.number(entries, _SAMPLES, 1)
    colour = reader.number(entries, _PHOTOMETRIC)
    compression = reader.number(entries, _COMPRESSION, 1)
    if frame in (0, None) and facts.width is None:
        facts.width, facts.height, facts.dpi = width, height, _dpi(reader, entries)
    method = _COMPRESSIONS.get(compression, f"compression {compression}")
    name = _COLOURS.get(colour, f"photometric {colour}")
    one_bit = bits == (1,) and samples == 1 and _EXTRA not in entries
    depth = f"{'/'.join(map(str, bits)) if len(set(bits)) > 1 else bits[0]}-bit"
    facts.detail = " ".join(filter(None, ("1-bit" if one_bit and colour in (0, 1) else f"{depth} {name}", method)))
    pure = one_bit and (colour in (0, 1) or (colour == 3 and _is_black_and_white(reader.numbers(entries, _COLOUR_MAP))))
    if not pure:
        _refuse(width, height, facts, decoder, frame)
    _check_meaning(reader, entries, colour)
    if compression not in (_NONE, _LZW, _PACKBITS, *_DEFLATE, *_FAX):
        raise DamagedError(f"its compression ({method}) cannot be opened")
    _check_pieces(reader, entries, width, height, compression)


def _dpi(reader: _Reader, entries: dict[int, tuple[int, int, int]]) -> tuple[float, float] | None:
    """Pixels per inch, if the file states them."""
    scale = {2: 1.0, 3: 2.54}.get(reader.number(entries, _UNIT, 2))
    across, down = reader.ratio(entries, _X_RESOLUTION), reader.ratio(entries, _Y_RESOLUTION)
    return (round(across * scale, 2), round(down * scale, 2)) if scale and across and down else None


def _is_black_and_white(colours: tuple[int, ...]) -> bool:
    """A colour map of 1 bit is 2 reds, 2 greens, 2 blues."""
    return len(colours) == 6 and all(colours[i::2] in ((0,) * 3, (65535,) * 3) for i in (0, 1))


def _check_meaning(reader: _Reader, entries: dict[int, tuple[int, int, int]], colour: int) -> None:
    """Does anything but its colours say what the two values look like?"""
    for tag in entries:
        if tag not in _KNOWN_TAGS:
            raise DamagedError(f"cannot be verified: the tag {tag}")
    usual = {_TRANSFER: (0, 65535), _MIN_SAMPLE: (0,), _MAX_SAMPLE: (1,), _SAMPLE_FORMAT: (1,), _PLANES: (1,)}
    for tag, values in usual.items():
        if tag in entries and reader.numbers(entries, tag) not in (values, (2,) if tag == _PLANES else values):
            raise DamagedError(f"cannot be verified: the values of the tag {tag}")
    if colour != 3 and _COLOUR_MAP in entries:
        raise DamagedError("cannot be verified: a colour map beside grey")
    if _PROFILE in entries:
        from linefinish.verifiers import icc

        kind, size, place = entries[_PROFILE]
        if kind not in (1, 7) or place + size > len(reader.data) or size > _PROFILE_BYTES_MAX:
            raise DamagedError("the colour profile is damaged")
        if not any(icc.keeps_black_and_white(reader.data[place : place + size], components) for components in (1, 3)):
            raise DamagedError("cannot be verified: a colour profile that may not keep black and white")


def _check_pieces(reader: _Reader, entries: dict[int, tuple[int, int, int]], width: int, height: int, compression: int) -> None:
    """Strips or tiles: as many as the page needs, inside the file, and whole as far as the
    compression is ours to open.
    """
    tiled = _TILE_OFFSETS in entries
    if tiled:
        across, down = reader.number(entries, _TILE_WIDTH), reader.number(entries, _TILE_HEIGHT)
        if not (0 < across <= checks.SIDE_PX_MAX and 0 < down <= checks.SIDE_PX_MAX):
            raise DamagedError(f"tiles of {across} × {down} pixels")
        count = -(-width // across) * -(-height // down)
    else:
        across, down = width, min(reader.number(entries, _ROWS_PER_STRIP, height), height)
        if down < 1:
            raise DamagedError("strips of no rows")
        count = -(-height // down)
    offsets = reader.numbers(entries, _TILE_OFFSETS if tiled else _STRIP_OFFSETS)
    sizes = reader.numbers(entries, _TILE_SIZES if tiled else _STRIP_SIZES)
    if len(offsets) != count or len(sizes) != count:
        raise DamagedError(f"{len(offsets)} offsets and {len(sizes)} sizes for {count} {'tiles' if tiled else 'strips'}")
    row_bytes = (across + 7) // 8
    fax_options, fill_order = reader.number(entries, _FAX_OPTIONS, 0), reader.number(entries, _FILL_ORDER, 1)
    if compression in _FAX:
        from linefinish.verifiers import fax
    for index, (offset, size) in enumerate(zip(offsets, sizes, strict=True)):
        if offset + size > len(reader.data) or not size:
            raise DamagedError(f"truncated: {'tile' if tiled else 'strip'} {index} of {count} has {size} bytes at byte {offset}")
        reader.piece_bytes += size
        if reader.piece_bytes > len(reader.data):
            raise DamagedError("its strips or tiles overlap")
        rows = down if tiled else min(down, height - index * down)
        piece = reader.data[offset : offset + size]
        if compression in _FAX:
            done = fax.row_count(piece, across, rows, compression, fax_options, fill_order)
            if done < rows:
                raise DamagedError(f"truncated or damaged: {'tile' if tiled else 'strip'} {index} of {count} ends in row {done} of {rows}")
            continue
        held = _held_bytes(reader, piece, compression, rows * row_bytes)
        if held < rows * row_bytes:
            raise DamagedError(f"truncated: {'tile' if tiled else 'strip'} {index} of {count} holds {held} of {rows * row_bytes} bytes")


def _held_bytes(reader: _Reader, piece: memoryview, compression: int, needed: int) -> int:
    """How much a strip or tile opens to."""
    if compression == _NONE:
        return len(piece)
    if compression == _PACKBITS:
        return _unpacked_bytes(piece)
    held = 0
    for part in unlzw(piece) if compression == _LZW else inflated([piece]):
        held += len(part)
        reader.inflated_bytes += len(part)
        if reader.inflated_bytes > _INFLATED_BYTES_MAX:
            raise DamagedError(f"its strips open to more than {_INFLATED_BYTES_MAX >> 20} MiB")
        if compression == _LZW and held >= needed:
            break  # writers forget the code that ends it
    return held


def _unpacked_bytes(piece: memoryview) -> int:
    """The length of PackBits data once it is unpacked."""
    at = length = 0
    while at < len(piece):
        code = piece[at]
        if code < 128:
            at += code + 2
            length += code + 1
        else:
            at += 1 if code == 128 else 2
            length += 0 if code == 128 else 257 - code
    if at > len(piece):
        raise DamagedError("truncated: a strip ends within a run")
    return length


def _refuse(width: int, height: int, facts: Facts, decoder: _Decoder, frame: int | None) -> None:
    """Never quiet: says where the first grey is, if it can be found."""
    if frame is None:
        raise GrayError("a sub-image is not 1-bit")
    if not decoder.has_room(width * height):
        raise GrayError("too large to look for the first grey")
    image = decoder.pixels(frame)
    found = _first_gray(image)
    if found is None:
        raise GrayError(f"two values only, but stored {facts.detail}")
    x, y = found
    if x >= width or y >= height:
        raise DamagedError("the page is not of the size that it states")
    raise GrayError(f"first grey at ({x}, {y}), value {image.getpixel((x, y))}", (x, y))


def _first_gray(image: Any) -> tuple[int, int] | None:
    """x, y of the first pixel of a Pillow image that is neither black nor white,
    whatever its mode.
    """
    from linefinish.kernels import first_gray

    layouts = {"1": (1, 0), "L": (1, 0), "LA": (1, 1), "RGB": (3, 0), "RGBA": (3, 1), "I;16": (2, 0), "I;16B": (2, 0)}
    rows = max(1, (1 << 20) // image.width)
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        if band.mode in ("I", "F"):
            low, high = band.getextrema()
            if low == high == 0:
                continue
        if band.mode == "1":
            band = band.convert("L")
        elif band.mode not in layouts:
            band = band.convert("RGBA" if band.mode in ("PA", "RGBa", "La") or "transparency" in band.info else "RGB")
        colour_bytes, alpha_bytes = layouts[band.mode]
        row_bytes = image.width * (colour_bytes + alpha_bytes)
        found = first_gray.first_gray_pixel(band.tobytes(), band.height, row_bytes, image.width, colour_bytes, alpha_bytes)
        if found >= 0:
            return found % image.width, top + found // image.width
    return None


class _Decoder:
    """Pillow, asked only for pages that are known to be small enough."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.image: Any = None
        self.pixel_count = 0

    def has_room(self, pixel_count: int) -> bool:
        """Whether a page of that size may still be decoded."""
        return pixel_count <= _DECODED_PIXELS_MAX and self.pixel_count + pixel_count <= _DECODED_PIXELS_ALL_MAX

    def pixels(self, frame: int) -> Any:
        """The decoded page."""
        import warnings

        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # damage that libtiff steps over, and its own idea of a bomb
                if self.image is None:
                    self.image = Image.open(io.BytesIO(self.data), formats=["TIFF"])
                self.image.seek(frame)
                if self.image.width * self.image.height > _DECODED_PIXELS_MAX:
                    raise DamagedError("the page is not of the size that it states")
                self.pixel_count += self.image.width * self.image.height
                self.image.load()
        except DamagedError:
            raise
        except Exception as error:  # Pillow's plugins let about any type of error out of a broken file
            raise DamagedError(f"page {frame + 1} does not decode ({type(error).__name__})") from None
        return self.image
