"""EXIF orientation: which way up the camera or scanner was held (CIPA DC-008, tag 0x0112)."""
from __future__ import annotations

from linefinish.data.raster import Gray
from linefinish.kernels import luma
from linefinish.memory import buffers

_ORIENTATION_TAG = 0x0112
_SHORT = 3


def orientation_of(exif: bytes) -> int:
    """The orientation 1…8 that a block of EXIF states; 1 where it states none or makes no sense."""
    data = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(data[:4])
    if order is None:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], order)  # type: ignore[arg-type]  # past the end: 0

    directory = number(4, 4)
    for entry in range(number(directory, 2)):
        at = directory + 2 + 12 * entry
        if at >= len(data):
            break
        if number(at, 2) == _ORIENTATION_TAG and number(at + 2, 2) == _SHORT:
            found = number(at + 8, 2)
            return found if 1 <= found <= 8 else 1
    return 1


def oriented(gray: Gray, orientation: int) -> Gray:
    """The image the right way up; its dpi turn with it."""
    if orientation not in range(2, 9):
        return gray
    w, h = gray.width, gray.height
    # Where pixel (0, 0) of the result lies, and how far a step right and a step down in the result
    # go.
    start, step_x, step_y = {
        2: (w - 1, -1, w), 3: (w * h - 1, -1, -w), 4: (w * (h - 1), 1, -w),
        5: (0, w, 1), 6: (w * (h - 1), -w, 1), 7: (w * h - 1, -w, -1), 8: (w - 1, w, -1),
    }[orientation]  # fmt: skip
    sideways = orientation >= 5
    out = buffers.zeros(w * h, "B")
    luma.turn(gray.data, w, h, start, step_x, step_y, h if sideways else w, out)
    dpi = gray.dpi[::-1] if gray.dpi and sideways else gray.dpi
    return Gray(h, w, out, dpi, gray.warnings, gray.coloured) if sideways else Gray(w, h, out, dpi, gray.warnings, gray.coloured)
