"""PBM, PGM and PPM (netpbm's man pages pbm(5), pgm(5), ppm(5)), plain and raw, one image or
several.
"""
from __future__ import annotations

import re

from linefinish import checks
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMATS = {b"1": "PBM", b"2": "PGM", b"3": "PPM", b"4": "PBM", b"5": "PGM", b"6": "PPM"}

_SPACE = rb"(?:[ \t\r\n\v\f]|#[^\r\n]*[\r\n])"
_BITMAP_HEADER = re.compile(rb"P([14])" + _SPACE + rb"++(\d{1,7})" + _SPACE + rb"++(\d{1,7})[ \t\r\n\v\f]")
_GRAYMAP_HEADER = re.compile(
    rb"P([2356])" + _SPACE + rb"++(\d{1,7})" + _SPACE + rb"++(\d{1,7})" + _SPACE + rb"++(\d{1,5})[ \t\r\n\v\f]"
)
_NUMBER = re.compile(rb"[ \t\r\n\v\f]*+(\d{1,5})(?![^ \t\r\n\v\f])")

# Bytes looked at together. Larger costs memory, smaller costs calls.
_BAND_BYTES = 1 << 20


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if every image of the file is a complete bitmap."""
    at = 0
    while True:
        header = (_BITMAP_HEADER if bytes(data[at + 1 : at + 2]) in (b"1", b"4") else _GRAYMAP_HEADER).match(data, at)
        if not header:
            raise DamagedError("the header is damaged" if at == 0 else f"bytes that are no image follow at byte {at}")
        kind, width, height = bytes(header[1]), int(header[2]), int(header[3])
        if width < 1 or height < 1 or max(width, height) > checks.SIDE_PX_MAX:
            raise DamagedError(f"the header states {width} × {height} pixels")
        if at == 0:
            facts.width, facts.height = width, height
        if kind in b"14":
            facts.detail = "1-bit"
            at = (_plain_bits_end if kind == b"1" else _raw_bits_end)(data, header.end(), width, height)
        else:
            _refuse_grays(data, header.end(), kind, width, height, int(header[4]), facts)
        if not bytes(data[at : at + 4096]).strip():
            if len(data) - at > 4096:
                raise DamagedError(f"bytes that are no image follow at byte {at}")
            return


def _raw_bits_end(data: memoryview, start: int, width: int, height: int) -> int:
    """Where the packed bits end."""
    end = start + (width + 7) // 8 * height
    if end > len(data):
        raise DamagedError(f"truncated: {len(data) - start} of {end - start} bytes of pixels")
    return end


def _plain_bits_end(data: memoryview, start: int, width: int, height: int) -> int:
    """Where the last of the digits 0 and 1 is."""
    missing = width * height
    while missing:
        band = bytes(data[start : start + _BAND_BYTES])
        if not band:
            raise DamagedError(f"truncated: {missing} of {width * height} pixels are missing")
        digits = band.translate(None, b" \t\r\n\v\f")
        if digits[:missing].translate(None, b"01"):
            raise DamagedError("a pixel is neither 0 nor 1")
        if len(digits) > missing:
            return start + _nth_digit_end(band, missing)
        missing -= len(digits)
        start += len(band)
    return start


def _nth_digit_end(band: bytes, count: int) -> int:
    """The offset after the count-th character that is not white space."""
    return next(match.end() for i, match in enumerate(re.finditer(rb"[^ \t\r\n\v\f]", band), 1) if i == count)


def _refuse_grays(data: memoryview, start: int, kind: bytes, width: int, height: int, maximum: int, facts: Facts) -> None:
    """Never quiet: a graymap is not 1-bit, even when it holds two values only."""
    if not 0 < maximum < 65536:
        raise DamagedError(f"the header states a maximum of {maximum}")
    channels = 1 if kind in b"25" else 3
    depth = 16 if maximum > 255 else 8
    facts.detail = f"{depth}-bit {'grey' if channels == 1 else 'RGB'}"
    if kind in b"23":
        found = _first_gray_number(_numbers(data, start, width * height * channels), width, channels, maximum)
    else:
        row_bytes = width * channels * depth // 8
        if row_bytes * height > len(data) - start:
            raise DamagedError(f"truncated: {len(data) - start} of {row_bytes * height} bytes of pixels")
        found = _first_gray_byte(data[start : start + row_bytes * height], width, height, channels, maximum)
    if found:
        x, y, pixel = found
        raise GrayError(f"first grey at ({x}, {y}), value {pixel[0] if channels == 1 else pixel}", (x, y))
    raise GrayError(f"two values only, but stored {facts.detail}")


def _first_gray_byte(pixels: memoryview, width: int, height: int, channels: int, maximum: int) -> tuple[int, int, tuple[int, ...]] | None:
    """The first grey of a raw graymap or pixmap."""
    from linefinish.kernels import first_gray

    step = channels if maximum < 256 else 2 * channels
    row_bytes = width * step
    if (channels > 1 and maximum not in (255, 65535)) or (channels == 1 and 255 < maximum < 65535):
        samples = (int.from_bytes(pixels[i : i + step // channels], "big") for i in range(0, len(pixels), step // channels))
        return _first_gray_number(samples, width, channels, maximum)
    is_pure = bytes(value in (0, maximum) for value in range(256))
    rows = max(1, _BAND_BYTES // row_bytes)
    for y in range(0, height, rows):
        band = pixels[y * row_bytes : (y + rows) * row_bytes]
        count = len(band) // row_bytes
        if step == 1:
            found = first_gray.first_gray_sample(band, count, row_bytes, width, 8, is_pure)
        else:
            found = first_gray.first_gray_pixel(band, count, row_bytes, width, step, 0)
        if found >= 0:
            below, x = divmod(found, width)
            pixel = band[found * step : (found + 1) * step]
            size = step // channels
            return x, y + below, tuple(int.from_bytes(pixel[i : i + size], "big") for i in range(0, step, size))
    return None


def _first_gray_number(samples: Iterable[int], width: int, channels: int, maximum: int) -> tuple[int, int, tuple[int, ...]] | None:
    """The first pixel whose samples are neither all 0 nor all the maximum."""
    ordered = iter(samples)
    for index, pixel in enumerate(zip(*[ordered] * channels, strict=True)):
        if pixel[0] not in (0, maximum) or any(sample != pixel[0] for sample in pixel):
            return index % width, index // width, pixel
    return None


def _numbers(data: memoryview, start: int, count: int) -> Iterator[int]:
    """The first `count` numbers of a plain graymap."""
    for index in range(count):
        match = _NUMBER.match(data, start)
        if not match:
            raise DamagedError(f"truncated: sample {index} of {count} is missing or no number")
        start = match.end()
        yield int(match[1])
