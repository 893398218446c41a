"""Pixels: `Gray` and `Bitmap`.

One frame everywhere: x to the right, y down, pixel (0, 0) covers [0, 1) × [0, 1).
"""
from __future__ import annotations

from linefinish import checks
from linefinish.errors import ImageShapeError, ImageTooLargeError
from linefinish.kernels import bits
from linefinish.memory import buffers
from linefinish.records import record, trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np


# Pixels of a bitmap: what `megapixels_max` may be at most.
PIXELS_MAX = 4_000_000_000


@record
class Gray:
    """A grey image of 8 bits: 0 is black, 255 is white.

    `data` is any buffer of width × height bytes, row by row without gaps. `dpi` is the resolution
    that the file states, horizontal and vertical, or None. `warnings` tell what was odd about the
    file, in sentences. `coloured` is the share of pixels, 0 to 1, that were strongly coloured when
    it was read.
    """

    width: int
    height: int
    data: Any
    dpi: tuple[float, float] | None = None
    warnings: tuple[str, ...] = ()
    coloured: float = 0.0

    def __post_init__(self) -> None:
        checks.sides(self.__dict__)
        data = self.data
        if not isinstance(data, (bytes, bytearray)):
            self.__dict__["data"] = checks.flat(data, self.width * self.height, checks.OCTETS, "Gray.data")
        checks.buffer(data, self.width * self.height, "Gray.data")
        checks.pair(self.dpi, "Gray.dpi")
        if not isinstance(self.warnings, tuple) or not checks.number(self.coloured):
            raise ImageShapeError("Gray.warnings takes a tuple of sentences, Gray.coloured a number from 0 to 1")

    @classmethod
    def from_array(cls, array: Any, dpi: tuple[float, float] | None = None) -> Gray:
        """From a uint8 or bool array (height, width); True is white. Copies only what is not
        C-contiguous uint8.
        """
        import numpy as np

        array = checks.gray_array(checks.array(array, "the grey image"))
        if array.dtype == np.bool_:
            array = array.astype(np.uint8) * np.uint8(255)
        array = np.ascontiguousarray(array)
        return cls(array.shape[1], array.shape[0], memoryview(array).cast("B"), dpi)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """uint8 (height, width); a view that cannot be written to, unless a copy is asked for."""
        import numpy as np

        view = np.frombuffer(self.data, np.uint8).reshape(self.height, self.width)
        view.flags.writeable = False
        return np.array(view, dtype=dtype, copy=True if copy else None)


@record
class Bitmap:
    """A true 1-bit image, packed: 64 pixels a word, lowest bit leftmost, 1 is ink.

    `words` holds `stride` u64 words a row. A row always has at least one spare bit after its last
    pixel, and all spare bits are 0: kernels look one pixel to the right without asking whether it
    is there.
    """

    width: int
    height: int
    words: memoryview

    def __post_init__(self) -> None:
        checks.sides(self.__dict__)
        words = checks.flat(self.words, self.stride * self.height, checks.WORDS, "Bitmap.words")
        checks.spare_bits(words, self.width, self.stride, "Bitmap.words")
        self.__dict__["words"] = words

    @property
    def stride(self) -> int:
        """Words a row."""
        return stride_of(self.width)

    @classmethod
    def blank(cls, width: int, height: int) -> Bitmap:
        """All paper."""
        checks.size(width, height)
        if width * height > PIXELS_MAX:
            raise ImageTooLargeError(
                f"a bitmap of {width} × {height} pixels is not made; it may have {PIXELS_MAX // 10**6:,} megapixels",
                megapixels=width * height / 1e6, megapixels_max=PIXELS_MAX / 1e6,
            )  # fmt: skip
        return trusted(cls, width, height, buffers.zeros(stride_of(width) * height, "Q", written_whole=True))

    def with_words(self, words: memoryview) -> Bitmap:
        """A bitmap of the same size; who gives its words answers for them."""
        return trusted(Bitmap, self.width, self.height, words)

    @classmethod
    def from_array(cls, array: Any) -> Bitmap:
        """From an array (height, width) of bool, True is ink."""
        import numpy as np

        array = checks.bitmap_array(checks.array(array, "the bitmap"))
        flags: Any = np.ascontiguousarray(array).view(np.uint8)
        made = cls.blank(array.shape[1], array.shape[0])
        bits.pack(memoryview(flags).cast("B"), made.width, made.height, made.stride, made.words)
        return made

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """As bool (height, width), True is ink."""
        import numpy as np

        flags = buffers.zeros(self.width * self.height, "B")
        bits.unpack(self.words, self.width, self.height, self.stride, flags)
        return np.frombuffer(flags, np.bool_).reshape(self.height, self.width).astype(dtype or np.bool_, copy=False)

    def ink_count(self) -> int:
        """How many pixels are ink."""
        return bits.count(self.words, len(self.words))


@record
class Levels:
    """The grey level where paper turns to ink, over the page: above it is paper, at or below it is
    ink.

    `data` holds columns × rows levels (u8), each at the centre of a cell of cell_px × cell_px
    pixels; bilinear between the centres, constant beyond the outermost ones. `ink` and `paper` are
    the greys of a whole pixel of each where the page was not blurred, so that the width of a line
    that fills no pixel is known from how much ink it has; 0 and 0 where it was.
    """

    cell_px: int
    columns: int
    rows: int
    data: Any
    ink: int = 0
    paper: int = 0

    def __post_init__(self) -> None:
        values = self.__dict__
        for name in ("cell_px", "columns", "rows"):
            values[name] = checks.whole(values[name], f"Levels.{name}", 1, checks.SIDE_PX_MAX)
        for name in ("ink", "paper"):
            values[name] = checks.whole(values[name], f"Levels.{name}", 0, 255)
        values["data"] = checks.flat(self.data, self.columns * self.rows, checks.OCTETS, "Levels.data")

    @classmethod
    def constant(cls, level: int, ink: int = 0, paper: int = 0) -> Levels:
        """One level for the whole page, 0 to 255."""
        return cls(1, 1, 1, bytes([checks.whole(level, "level", 0, 255)]), ink, paper)


@record
class Separation:
    """What thresholding found: the bitmap decides what is ink, the greys decide where its edge
    runs.

    `gray` is the image that the bitmap was cut from, its background divided out if need be;
    `levels` is where its edge lies. `method` and `reason` say in words what was chosen and why;
    `ink` and `paper` are the typical greys of both. `fill_area_px` is the area of the fills and
    hard shadows that were made paper, `pale_area_px` of what is left that is neither ink nor nearly
    paper.
    """

    bitmap: Bitmap
    gray: Gray
    levels: Levels
    method: str
    reason: str
    ink: int
    paper: int
    fill_area_px: int = 0
    pale_area_px: int = 0

    def __post_init__(self) -> None:
        checks.instance(self.bitmap, Bitmap, "Separation.bitmap")
        checks.instance(self.gray, Gray, "Separation.gray")
        checks.instance(self.levels, Levels, "Separation.levels")
        checks.same_size(self.gray, self.bitmap)
        for name in ("ink", "paper"):
            self.__dict__[name] = checks.whole(self.__dict__[name], f"Separation.{name}", 0, 255)
        for name in ("fill_area_px", "pale_area_px"):
            self.__dict__[name] = checks.whole(self.__dict__[name], f"Separation.{name}", 0, 16 * PIXELS_MAX)


def as_bitmap(bitmap: Any) -> Bitmap:
    """The bitmap itself, or a bool array (height, width) made one."""
    return bitmap if isinstance(bitmap, Bitmap) else Bitmap.from_array(bitmap)


def as_gray(gray: Any) -> Gray:
    """The greys themselves, or an array (height, width) made some."""
    return gray if isinstance(gray, Gray) else Gray.from_array(gray)


def stride_of(width: int) -> int:
    """Words a row of a bitmap `width` pixels wide: room for its pixels and one spare bit."""
    return (width >> 6) + 1
