"""`View`: a picture as the finder of sheets looks at it, small in colour and full in grey."""
from __future__ import annotations

import io
import os

from linefinish.data.raster import Gray
from linefinish.kernels import warp
from linefinish.memory import buffers
from linefinish.readers.reading import read_gray
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The longer side of the small picture, in pixels. Larger: grain of wood and paper are lines;
# smaller: a sheet's edge is too short for a straight line.
SMALL_PX = 900
# Focal lengths of 35 mm film that lenses have, in mm; anything else that a file states is ignored.
FOCAL_MM_MIN, FOCAL_MM_MAX = 8.0, 600.0
_EXIF_IFD, _FOCAL_35MM_TAG, _ORIENTATION_TAG = 0x8769, 0xA405, 0x0112
# What puts a picture right, by the orientation that its file states.
_TURNS = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}


@record
class View:
    """`gray` is the full picture; rgb u8 (height, width, 3) is it reduced to SMALL_PX. `focal_mm`
    is the lens's, as of 35 mm film, if the file states it.
    """

    gray: Gray
    width: int
    height: int
    rgb: Any
    focal_mm: float | None = None


def view_of(source: Any, gray: Gray | None = None, megapixels_max: float = 500.0, frame: int | None = None) -> View:
    """The view of a picture. `gray` is what was read of it, if it was; standard input and a file
    object cannot be read twice: then the view is grey.
    """
    again = isinstance(source, (str, os.PathLike, bytes, bytearray, memoryview)) and source != "-"
    if gray is None:
        gray = read_gray(source, megapixels_max=megapixels_max, frame=frame)
    if isinstance(source, Gray):
        return _gray_view(gray)
    if again:
        return _coloured(io.BytesIO(source) if isinstance(source, (bytes, bytearray, memoryview)) else source, gray) or _gray_view(gray)
    if getattr(source, "ndim", 0) == 3 and source.shape[2] >= 3 and str(source.dtype) == "uint8":
        import numpy as np
        from PIL import Image

        return _reduced(Image.fromarray(np.ascontiguousarray(np.asarray(source)[..., :3])), gray, None)
    if hasattr(source, "getexif") and hasattr(source, "convert"):
        return _reduced(source, gray, _focal_mm(source))
    return _gray_view(gray)


def _size(gray: Gray) -> tuple[int, int]:
    times = max(1, -(-max(gray.width, gray.height) // SMALL_PX))
    return max(1, round(gray.width / times)), max(1, round(gray.height / times))


def _gray_view(gray: Gray) -> View:
    width, height = _size(gray)
    rgb = buffers.zeros(3 * width * height, "B", written_whole=True)
    warp.reduce(gray.data, gray.width, gray.height, width, height, rgb)
    return View(gray, width, height, rgb)


def _coloured(file: Any, gray: Gray) -> View | None:
    from PIL import Image

    try:
        with Image.open(file) as image:
            if image.mode not in ("RGB", "RGBA", "P", "CMYK", "YCbCr"):
                return None
            return _reduced(image, gray, _focal_mm(image))
    except Exception:  # Pillow's plugins let about any type of error out of a broken file
        return None  # it was read as grey: that is enough


def _reduced(image: Any, gray: Gray, focal_mm: float | None) -> View:
    from PIL import Image

    width, height = _size(gray)
    turned = image.getexif().get(_ORIENTATION_TAG, 1) in (5, 6, 7, 8)
    asked = (height, width) if turned else (width, height)
    if getattr(image, "format", None) == "JPEG":
        image.draft("RGB", asked)
    image.load()  # after which a TIFF is the right way up, and says so
    # Not by `ImageOps.exif_transpose`: that writes all of the EXIF anew, which fails on tags of a
    # wrong type that nothing needs.
    turn = _TURNS.get(image.getexif().get(_ORIENTATION_TAG, 1))
    if turn:
        image = image.transpose(Image.Transpose[turn])
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image)
    small = image.convert("RGB").resize((width, height), Image.Resampling.BOX)
    return View(gray, width, height, memoryview(small.tobytes()), focal_mm)


def _focal_mm(image: Any) -> float | None:
    """The focal length that the file states; None for one that no lens has."""
    try:
        focal = float(image.getexif().get_ifd(_EXIF_IFD).get(_FOCAL_35MM_TAG, 0))
    except (TypeError, ValueError, ZeroDivisionError, OSError, SyntaxError):
        return None
    return focal if FOCAL_MM_MIN <= focal <= FOCAL_MM_MAX else None
