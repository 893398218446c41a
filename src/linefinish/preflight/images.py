"""Images of a PDF of any origin: size, bits, tone, and which pixels have ink."""
from __future__ import annotations

import io
import re
import struct
import time

import numpy as np

from linefinish.preflight.colours import Colours
from linefinish.preflight.marks import BLACK, COLOUR, GRAY, WHITE
from linefinish.verifiers.pdf_images import Images, inline_entries
from linefinish.verifiers.pdf_lexer import Lexer, Name, Stream, name_of
from linefinish.verifiers.pdf_spaces import Spaces
from linefinish.verifiers.verdict import DamagedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from linefinish.preflight.colours import Inks
    from linefinish.preflight.opening import Opened

    # Levels of samples, of which the greatest is the top.
    Seen = Callable[[Any, int], Any]

_SIDE_PX_MAX = 1 << 16
_PIXELS_MAX = 150_000_000  # A4 at 1200 dpi has 139 megapixels
# Pixels that are looked at at a time: memory. Images of more pixels than letter has at 600 dpi are
# looked at two by two.
_STRIP_PIXELS = 2_000_000
_FINE_PIXELS_MAX = 40_000_000
# Levels of 8 bits, as much as JPEG and scans miss white, black and grey by.
_INK_LEVEL = 200
_NEAR = 16
# Share of the pixels that may be grey or coloured before an image is.
_SHARE = 0.001
# A JPEG in several scans is kept as coefficients until the last one is read, and each scan goes
# over all of it: bytes of coefficients, and scans times megapixels. Letter at 600 dpi in colour has
# 202 million bytes and 340, with the ten scans that encoders make of it.
_COEFFICIENT_BYTES_MAX = 1 << 28
_SCAN_MEGAPIXELS_MAX = 500.0
# OpenJPEG keeps a tile of JPEG 2000 as 32-bit coefficients until it is whole, so the bound of bytes
# holds for a tile too; an untiled picture is one. And it has this many bytes for a tile of any
# size: tiles are 256 pixels wide or more, of which 150 megapixels have 2,300.
_COEFFICIENT_BYTES = 4
_TILES_MAX = 10_000
_COMPONENTS_MAX = 5  # four inks and alpha
_COMPONENTS = {b"DeviceGray": 1, b"CalGray": 1, b"G": 1, b"DeviceRGB": 3, b"CalRGB": 3, b"Lab": 3, b"RGB": 3, b"DeviceCMYK": 4,
               b"CMYK": 4, b"Indexed": 1, b"I": 1, b"Separation": 1}  # fmt: skip


class Picture:
    """What is known of an image: `bits` of a component as stored, `ink`, its pixels with ink, top
    row first, or None where it could not be looked into (`note` says why).
    """

    def __init__(self, width: int, height: int, bits: int) -> None:
        self.width, self.height, self.bits = width, height, bits
        self.tone = BLACK
        self.ink: Any = None
        self.note = ""
        self.is_mask = self.is_soft = False


class Pictures:
    """The images of a file, each looked at once."""

    def __init__(self, file: Opened) -> None:
        self.file = file
        self.colours = Colours(file)
        self.known: dict[int, tuple[Any, Picture]] = {}

    def look(self, entries: dict[bytes, Any], stream: Stream, spaces: dict[bytes, Any]) -> Picture:
        """An image; `spaces` are the colour spaces that its page names."""
        held = self.known.get(id(stream))
        if held is None:
            if len(self.known) > 8:  # a page's worth: pixels are large
                self.known.clear()
            held = self.known[id(stream)] = stream, self._look(entries, stream, spaces)
        return held[1]

    def _look(self, entries: dict[bytes, Any], stream: Stream, spaces: dict[bytes, Any]) -> Picture:
        get = self.file.get
        width, height = get(entries.get(b"Width")), get(entries.get(b"Height"))
        if type(width) is not int or type(height) is not int or not (0 < width < _SIDE_PX_MAX and 0 < height < _SIDE_PX_MAX):
            raise DamagedError("an image without a size")
        if width * height > _PIXELS_MAX:
            raise DamagedError(f"an image of {width * height / 1e6:,.0f} megapixels")
        is_mask = get(entries.get(b"ImageMask")) is True
        bits = get(entries.get(b"BitsPerComponent"))
        picture = Picture(width, height, 1 if is_mask else bits if type(bits) is int and bits in (1, 2, 4, 8, 16) else 8)
        picture.is_mask = is_mask
        picture.is_soft = get(entries.get(b"SMask")) is not None or get(entries.get(b"SMaskInData")) not in (None, 0)
        clock = self.file.clock
        allowed, begun = clock.use(stream, width * height / 1e6), time.thread_time()
        strips = self._pixels(entries, stream, picture, spaces)
        if strips is not None:
            _judge(picture, self._cut_out(strips, entries, picture))
        clock.tick()
        clock.give_back(allowed - (time.thread_time() - begun))
        return picture

    def _pixels(self, entries: dict[bytes, Any], stream: Stream, picture: Picture, spaces: dict[bytes, Any]) -> Iterator[Any] | None:
        """Strips of (rows, width) or (rows, width, 3), from the top, 8 bits, 0 black; None with a
        note where they cannot be had.
        """
        names = [name for name, _ in self.file.filters(entries)]
        space = self.file.get(entries.get(b"ColorSpace"))
        if isinstance(space, Name) and bytes(space) in spaces:
            space = self.file.get(spaces[space])
        if names and names[-1] == b"JBIG2Decode":
            picture.note = "an image in JBIG2, whose pixels are not looked into: whether it has ink in the margins is not known"
            return None
        count = 1 if picture.is_mask else self.colours.count(space)
        if not count and b"JPXDecode" not in names[-1:]:
            picture.note = "an image in a colour space that is not known"
            picture.tone = COLOUR
            return None
        seen = self._meaning(entries, None if picture.is_mask else space, picture)
        if names and names[-1] in (b"DCTDecode", b"JPXDecode", b"CCITTFaxDecode"):
            packed = bytes(self._before_last(stream, names))
            if names[-1] == b"CCITTFaxDecode":
                packed = self._as_tiff(packed, self.file.filters(entries)[-1][1], picture)
            return self._by_pillow(packed, picture, seen)
        data = self.file.content(stream)
        row_bytes = (picture.width * count * picture.bits + 7) // 8
        if len(data) < row_bytes * picture.height:
            raise DamagedError("an image ends early")
        top = (1 << min(picture.bits, 8)) - 1
        return self._strips(data, picture, count, lambda values: seen(values, top))

    def _strips(self, data: bytes, picture: Picture, count: int, seen: Callable[[Any], Any]) -> Iterator[Any]:
        for top, bottom in _rows(picture.width, picture.height):
            self.file.clock.tick()
            yield seen(_unpacked(data, picture, count, top, bottom))

    def _cut_out(self, strips: Iterator[Any], entries: dict[bytes, Any], picture: Picture) -> Iterator[Any]:
        """The strips, white where a mask that is an image does not paint."""
        mask = self.file.get(entries.get(b"Mask"))
        if picture.is_mask or not isinstance(mask, Stream) or self.file.get(mask.entries.get(b"ImageMask")) is not True:
            return strips
        painted = self.look(mask.entries, mask, {}).ink
        return strips if painted is None else _masked(strips, painted, picture)

    def _meaning(self, entries: dict[bytes, Any], space: Any, picture: Picture) -> Seen:
        """What makes levels of samples, (rows, width, components) from 0 to a top: grey, or RGB of
        which black, white and whether it is coloured are right.
        """
        decode, family = self.file.numbers(entries.get(b"Decode")), self.colours.family(space)[0]
        inks = self.colours.inks(space)
        is_reversed = len(decode) > 1 and decode[0] > decode[1]
        key = [] if picture.is_mask else self.file.numbers(entries.get(b"Mask"))
        key = [value / 256 for value in key] if picture.bits == 16 else key
        palette = self._palette(space, picture) if family == b"Indexed" else None

        def seen(values: Any, top: int) -> Any:
            cut = None
            if key and len(key) == 2 * values.shape[2]:
                low, high = np.array(key[::2]), np.array(key[1::2])
                cut = ((values >= np.floor(low)) & (values <= high)).all(axis=2)
            if is_reversed:
                values = top - values
            if palette is not None:
                levels = palette[values[..., 0]]
            else:
                values = values * (255 // top) if top != 255 else values
                levels = _levels(values, inks, family)
            if cut is not None:
                levels = np.where(cut if levels.ndim == 2 else cut[..., None], np.uint8(255), levels)
            return levels

        return seen

    def _palette(self, space: list[Any], picture: Picture) -> Any:
        """256 colours, as levels."""
        base = space[1] if len(space) == 4 else None
        count = self.colours.count(base)
        table = self.file.get(space[3]) if len(space) == 4 else None
        table = self.file.content(table) if isinstance(table, Stream) else table
        if not isinstance(table, bytes) or not count or picture.bits > 8:
            picture.note = "an image with a palette that is not known"
            return np.full((256, 3), (255, 0, 0), np.uint8)
        colours = np.zeros((1, 256, count), np.uint8)
        held = np.frombuffer(table[: len(table) // count * count][: 256 * count], np.uint8).reshape(-1, count)
        colours[0, : len(held)] = held
        levels = _levels(colours, self.colours.inks(base), self.colours.family(base)[0])[0]
        return levels if levels.ndim == 2 else np.repeat(levels[:, None], 3, axis=1)

    def _before_last(self, stream: Stream, names: list[bytes]) -> Any:
        """The data that the last filter, an image's own, is to open."""
        data: Any = stream.packed
        self.file.unpacked_bytes = 0
        for (name, options), _ in zip(self.file.filters(stream.entries), names[:-1], strict=False):
            data = self.file._unpack(data, name, options)
        return data

    def _as_tiff(self, data: bytes, options: dict[bytes, Any], picture: Picture) -> bytes:
        """Fax data with a TIFF's header, for Pillow; its tones as PDF has them: 0 black."""
        get = self.file.get
        k = get(options.get(b"K", 0))
        columns = get(options.get(b"Columns", 1728))
        if columns != picture.width:
            raise DamagedError("a fax image is not as wide as it says")
        compression = 4 if type(k) is int and k < 0 else 3
        photometric = 1 if get(options.get(b"BlackIs1")) is True else 0
        tags = [(256, 4, picture.width), (257, 4, picture.height), (258, 3, 1), (259, 3, compression), (262, 3, photometric), (273, 4, 8),
                (277, 3, 1), (278, 4, picture.height), (279, 4, len(data))]  # fmt: skip
        if compression == 3:
            tags.append((292, 4, 1 if type(k) is int and k > 0 else 0))
        padded = data + b"\0" * (len(data) & 1)
        directory = struct.pack("<H", len(tags)) + b"".join(
            struct.pack("<HHI", tag, kind, 1) + (struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value))
            for tag, kind, value in tags
        )
        return b"II*\0" + struct.pack("<I", 8 + len(padded)) + padded + directory + b"\0\0\0\0"

    def _by_pillow(self, packed: bytes, picture: Picture, seen: Seen) -> Iterator[Any]:
        import warnings

        from PIL import Image

        is_heavy = False
        if packed[:2] == b"\xff\xd8":
            _check_scans(packed)
        elif _is_jpeg_2000(packed):
            is_heavy = _check_tiles(packed)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the bound is ours
                image = Image.open(io.BytesIO(packed), formats=("JPEG", "JPEG2000", "TIFF"))
            with image:
                if image.size[0] * image.size[1] > _PIXELS_MAX:
                    raise DamagedError("an image of too many pixels")
                picture.bits = 1 if image.mode == "1" else 8
                if is_heavy or _coarseness(*image.size) > 1:  # the halves of a JPEG cost a quarter, of both kinds
                    image.draft(None, (image.width // 2, image.height // 2))
                    if image.format == "JPEG2000":
                        image.reduce = 1  # type: ignore[assignment, method-assign]  # Pillow's own name for it
                image.load()
                mode = image.mode if image.mode in ("1", "CMYK") else "L" if image.mode in ("L", "I;16", "LA") else "RGB"
                for top, bottom in _rows(*image.size):
                    self.file.clock.tick()
                    pixels = np.asarray(image.crop((0, top, image.width, bottom)).convert(mode)).astype(np.uint8)
                    if mode == "CMYK" and image.format == "JPEG":  # which Pillow reverses, as Adobe does
                        pixels = 255 - pixels
                    yield seen(pixels if pixels.ndim == 3 else pixels[..., None], 1 if mode == "1" else 255)
        except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
            raise DamagedError("an image cannot be decoded") from error

    # --- an image within the content: BI … ID … EI
    # ------------------------------------------------------------

    def inline(self, lexer: Lexer) -> tuple[Stream, int]:
        """An image that begins at the lexer's place, and where it ends."""
        begin = lexer.at
        entries = dict(inline_entries(lexer))
        text, start = bytes(lexer.data), lexer.at + 1
        bits = 1 if entries.get(b"ImageMask") is True else entries.get(b"BitsPerComponent", 8)
        family = name_of(entries.get(b"ColorSpace")) or b"Indexed"
        width, height = entries.get(b"Width"), entries.get(b"Height")
        if not all(type(value) is int and 0 < value < _SIDE_PX_MAX for value in (width, height, bits)):
            raise DamagedError(f"the inline image at byte {begin} has no size")
        if entries.get(b"Filter") in (None, []):
            end = start + (int(width or 0) * int(bits) * _COMPONENTS.get(family, 1) + 7) // 8 * int(height or 0)
        else:
            end = Images(self.file, Spaces(self.file)).inline_end(text, start, entries, begin)
        after = text.find(b"EI", end)
        if not 0 <= after <= end + 8:
            raise DamagedError(f"the inline image at byte {begin} has no end")
        return Stream(entries, memoryview(text[start:end])), after + 2


def _check_scans(jpeg: bytes) -> None:
    """DamagedError for a JPEG whose scans ask for more than any encoder makes of a page (ITU-T
    T.81, annex B).
    """
    scans, samples, pixels = 0, 0, 0
    for at, marker in _segments(jpeg):
        if marker == 0xDA:
            scans += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = jpeg[at + 2 : at + 2 + int.from_bytes(jpeg[at : at + 2], "big")]
            pixels = int.from_bytes(frame[1:3], "big") * int.from_bytes(frame[3:5], "big")
            factors = [(byte >> 4) * (byte & 15) for byte in frame[7::3]]
            samples = pixels * sum(factors) // max(1, *factors, 0)
        if scans > 1 and (2 * samples > _COEFFICIENT_BYTES_MAX or scans * pixels / 1e6 > _SCAN_MEGAPIXELS_MAX):
            raise DamagedError(f"an image of {pixels / 1e6:,.0f} megapixels in many scans; a JPEG in one scan is read")


def _is_jpeg_2000(packed: bytes) -> bool:
    """Whether a picture is JPEG 2000, bare or in boxes (ITU-T T.800, annexes A and I)."""
    return packed.startswith((b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n"))


def _check_tiles(packed: bytes) -> bool:
    """DamagedError for a JPEG 2000 whose tiles ask for more memory than any page's, also with half
    its pixels in either direction; True if it is to be looked at like that.
    """
    at = packed.find(b"\xff\x4f\xff\x51")
    if at < 0 or at + 42 > len(packed):
        raise DamagedError("an image cannot be decoded")
    right, bottom, left, top, across, down, tiles_left, tiles_top, components = struct.unpack_from(">8IH", packed, at + 8)
    width, height = right - left, bottom - top
    if not (width > 0 and height > 0 and across > 0 and down > 0 and 0 < components <= _COMPONENTS_MAX):
        raise DamagedError("an image cannot be decoded")
    tiles = -(-(right - tiles_left) // across) * -(-(bottom - tiles_top) // down)
    if tiles > _TILES_MAX:
        raise DamagedError(f"an image of {tiles:,} tiles")
    held = _COEFFICIENT_BYTES * components * min(width, across) * min(height, down)
    if held > 4 * _COEFFICIENT_BYTES_MAX:
        raise DamagedError(f"an image of {width * height / 1e6:,.0f} megapixels in one piece; a JPEG 2000 in tiles is read")
    return held > _COEFFICIENT_BYTES_MAX


def _segments(jpeg: bytes) -> Iterator[tuple[int, int]]:
    """Where each segment's length stands, and its marker; what is packed in between is passed
    over.
    """
    marked = re.compile(rb"\xff+([^\x00\xff\xd0-\xd9])")
    found = marked.search(jpeg, 2)
    while found:
        at = found.end()
        yield at, found[1][0]
        found = marked.search(jpeg, at + max(2, int.from_bytes(jpeg[at : at + 2], "big")))


def _rows(width: int, height: int) -> Iterator[tuple[int, int]]:
    """First and last row of strips of an image."""
    rows = max(2, _STRIP_PIXELS // width // 2 * 2)
    return ((top, min(top + rows, height)) for top in range(0, height, rows))


def _coarseness(width: int, height: int) -> int:
    """How many pixels in either direction are looked at as one."""
    return 1 if width * height <= _FINE_PIXELS_MAX else 2


def _unpacked(data: bytes, picture: Picture, count: int, top: int, bottom: int) -> Any:
    """(rows, width, components) of up to 8 bits."""
    row_bytes = (picture.width * count * picture.bits + 7) // 8
    rows = np.frombuffer(data, np.uint8, row_bytes * (bottom - top), row_bytes * top).reshape(bottom - top, row_bytes)
    samples = picture.width * count
    if picture.bits == 16:
        rows = rows[:, ::2]
    elif picture.bits < 8:
        per_byte = 8 // picture.bits
        bits = np.unpackbits(rows, axis=1)
        if picture.bits > 1:
            weights = 1 << np.arange(picture.bits - 1, -1, -1, dtype=np.uint8)
            bits = (bits.reshape(bottom - top, row_bytes * per_byte, picture.bits) * weights).sum(axis=2, dtype=np.uint8)
        rows = bits
    return rows[:, :samples].reshape(bottom - top, picture.width, count)


def _judge(picture: Picture, strips: Iterator[Any]) -> None:
    """Its tone and ink."""
    total = coloured = grey = 0
    dark, pale = [], []
    by = _coarseness(picture.width, picture.height)
    for pixels in strips:
        halved = pixels.shape[1] != picture.width  # as it was decoded
        by = 1 if halved else by
        low = pixels
        if pixels.ndim == 3:
            low = _of_three(np.minimum, pixels)
            coloured += int(np.count_nonzero(_of_three(np.maximum, pixels) - low > 2 * _NEAR))
        total += low.size
        if picture.bits == 1 and pixels.ndim == 2:  # no grey
            dark.append(coarse(low < _INK_LEVEL, by))
            pale.append(dark[-1])
            continue
        between = (low > _NEAR) & (low < 255 - _NEAR)
        if halved:  # an edge between black and white is grey then; what is grey is so beside it, too
            between = between[1:, 1:] & between[1:, :-1] & between[:-1, 1:] & between[:-1, :-1]
        grey += int(np.count_nonzero(between))
        dark.append(coarse(low < _INK_LEVEL, by))
        pale.append(coarse(low < 255 - _NEAR, by))
    if coloured > _SHARE * total:
        picture.tone, picture.ink = COLOUR, np.concatenate(pale)
    elif grey > _SHARE * total:
        picture.tone, picture.ink = GRAY, np.concatenate(pale)
    else:
        picture.ink = np.concatenate(dark)
        if not picture.ink.any():
            picture.tone = WHITE


def _levels(values: Any, inks: Inks | None, family: bytes) -> Any:
    """Samples of 8 bits as grey levels, or as RGB where something is coloured."""
    if inks is not None and len(inks) == values.shape[2]:
        others = [values[..., at] > _NEAR for at, ink in enumerate(inks) if ink is False]
        blacks = [values[..., at] for at, ink in enumerate(inks) if ink]
        grey = 255 - np.maximum.reduce(blacks) if blacks else np.full(values.shape[:2], 255, np.uint8)
    elif family == b"Lab" and values.shape[2] == 3:
        others = [np.abs(values[..., at].astype(np.int16) - 128) > _NEAR for at in (1, 2)]
        grey = values[..., 0]
    else:
        return values[..., 0] if values.shape[2] == 1 else values
    coloured = np.logical_or.reduce(others) if others else np.zeros(1, bool)
    return np.dstack((np.where(coloured, 255, grey), grey, np.where(coloured, 0, grey))).astype(np.uint8) if coloured.any() else grey


def _masked(strips: Iterator[Any], painted: Any, picture: Picture) -> Iterator[Any]:
    top = 0
    for pixels in strips:
        height = picture.height * pixels.shape[1] / picture.width  # all rows, also where it was decoded smaller
        rows = ((np.arange(top, top + pixels.shape[0]) + 0.5) / height * painted.shape[0]).astype(int)
        columns = ((np.arange(pixels.shape[1]) + 0.5) / pixels.shape[1] * painted.shape[1]).astype(int)
        shows = painted[np.minimum(rows, painted.shape[0] - 1)][:, columns]
        top += pixels.shape[0]
        yield np.where(shows if pixels.ndim == 2 else shows[..., None], pixels, np.uint8(255))


def _of_three(choose: Any, pixels: Any) -> Any:
    """The least or the greatest of each pixel's first three channels, which numpy itself reduces
    many times as slowly.
    """
    return choose(choose(pixels[..., 0], pixels[..., 1]), pixels[..., 2])


def coarse(ink: Any, by: int) -> Any:
    """Squares with any ink."""
    for axis in (0, 1) if by > 1 else ():
        ink = np.logical_or.reduceat(ink, np.arange(0, ink.shape[axis], by), axis=axis)
    return ink
