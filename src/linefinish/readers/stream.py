"""What all readers share: bytes from anywhere, taken in small pieces, and the sentences for what
can be wrong with them.
"""
from __future__ import annotations

from linefinish import checks
from linefinish.errors import ImageReadError, ImageTooLargeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

# Bytes asked for at a time. Larger: more memory for nothing; smaller: more calls. Decoding times
# are flat from 32 to 256 KiB.
PIECE_BYTES = 1 << 16
# Bytes looked at to tell what a file is. SVG may begin with a long comment; every other kind shows
# itself in the first 32.
HEAD_BYTES = 4096


class Stream:
    """A binary file read once from front to back; its first bytes can be looked at before."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file = file
        self.name = name
        self._at = 0
        self.head = b""
        while len(self.head) < HEAD_BYTES:
            piece = self._read(HEAD_BYTES - len(self.head))
            if not piece:
                break
            self.head += piece

    def _read(self, size: int) -> bytes:
        try:
            piece = self.file.read(size)
        except IsADirectoryError:
            raise ImageReadError(f"{self.name}: this is a folder, not an image") from None
        except (OSError, ValueError) as error:
            raise ImageReadError(f"{self.name}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
        if isinstance(piece, str):
            raise ImageReadError(f'{self.name}: this file is open as text; open it with the mode "rb"')
        return piece or b""

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size` and perhaps fewer; b"" at the end."""
        if self._at < len(self.head):
            piece = self.head[self._at : self._at + size]
            self._at += len(piece)
            return piece
        return self._read(size)

    def exactly(self, size: int) -> bytes:
        """The next `size` bytes, taken piece by piece: a size that the file only claims costs
        nothing.
        """
        piece = self.read(min(size, PIECE_BYTES))
        if len(piece) == size:
            return piece
        pieces = [piece]
        left = size - len(piece)
        while left:
            piece = self.read(min(left, PIECE_BYTES))
            if not piece:
                raise self.truncated()
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def into(self, view: memoryview) -> None:
        """Fill `view` with the next bytes."""
        at = 0
        while at < len(view):
            piece = self.read(min(len(view) - at, 16 * PIECE_BYTES))
            if not piece:
                raise self.truncated()
            view[at : at + len(piece)] = piece
            at += len(piece)

    def whole(self) -> BinaryIO:
        """The file from its beginning, for a decoder that jumps about: itself where it can, else a
        copy in memory.
        """
        import io

        if isinstance(self.file, (io.BufferedReader, io.BytesIO)) and self.file.seekable():
            self.file.seek(-len(self.head), io.SEEK_CUR)
            if self.file.tell() == 0:
                return self.file
            return io.BytesIO(self._read(-1))
        pieces = [self.head]
        while piece := self._read(16 * PIECE_BYTES):
            pieces.append(piece)
        return io.BytesIO(b"".join(pieces))

    def bytes_left(self) -> int | None:
        """Bytes that have not been read yet; None where the file cannot tell, as a pipe."""
        import io

        if not isinstance(self.file, (io.BufferedReader, io.BytesIO)) or not self.file.seekable():
            return None
        place = self.file.tell()
        end = self.file.seek(0, io.SEEK_END)
        self.file.seek(place)
        return end - place + max(len(self.head) - self._at, 0)

    def truncated(self) -> ImageReadError:
        """The error for a file that is too short."""
        return ImageReadError(f"{self.name}: the file ends in the middle of the image (it is truncated)")

    def damaged(self, what: str) -> ImageReadError:
        """The error for a file that contradicts itself; `what` completes "the file is
        damaged: …".
        """
        return ImageReadError(f"{self.name}: the file is damaged: {what}")


# What a picture is warned of whose every pixel is transparent: programs that write an alpha
# channel which they never set.
WHOLLY_TRANSPARENT = "every pixel of the file is transparent; its colours were taken as opaque"


def refuse_frame(name: str, frame: int | None) -> None:
    """What is no TIFF has one page, whose number is 1."""
    if frame is not None and frame != 1:
        raise ImageReadError(f"{name}: there is no page {frame}; a file of this kind has one")


def allow(name: str, width: int, height: int, megapixels_max: float) -> None:
    """Believe the header: refuse an empty or a too large image before any memory is
    taken for it.
    """
    if width < 1 or height < 1:
        raise ImageReadError(f"{name}: the image is {width} × {height} pixels; there is nothing in it")
    megapixels = width * height / 1e6
    if megapixels > megapixels_max:
        raise ImageTooLargeError(
            f"{name}: the image has {width} × {height} pixels, {_plain(megapixels)} megapixels; "
            f"the limit is {_plain(megapixels_max)} (--max-megapixels sets it)",
            megapixels=megapixels, megapixels_max=megapixels_max,
        )  # fmt: skip
    if max(width, height) > checks.SIDE_PX_MAX:
        raise ImageTooLargeError(
            f"{name}: the image is {width} × {height} pixels; a side may have {checks.SIDE_PX_MAX:,} at most",
            megapixels=megapixels, megapixels_max=megapixels_max,
        )  # fmt: skip


def _plain(number: float) -> str:
    """A number for people: no exponents, no tail of zeros."""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.4g}"


def gray_levels(highest: int) -> bytearray:
    """The table that `kernels.luma.samples` takes: value 0…highest → 8-bit grey."""
    from linefinish.kernels import luma

    table = bytearray(highest + 1)
    luma.scale_table(highest, table)
    return table


def plausible_dpi(horizontal: Any, vertical: Any) -> tuple[float, float] | None:
    """A resolution, if it is one: two finite numbers, each in 1…100,000 (below and above, the field
    holds something else).
    """
    try:
        pair = float(horizontal), float(vertical)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return pair if all(1.0 <= value <= 100_000.0 for value in pair) else None
