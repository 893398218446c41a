"""Fax codes (ITU-T T.4 and T.6): how many of a picture's rows they hold. Readers ask it, as libtiff
fills the rest with white, and so does `verify`.
"""
from __future__ import annotations

from linefinish.kernels import ccitt, fax
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_tables: list[Any] = []
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))

_ALIGNED, _T4, _T6 = 2, 3, 4  # TIFF's compressions
_TWO_DIMENSIONS = 1  # in TIFF's tag T4Options


def row_count(data: memoryview, width: int, height: int, compression: int, options: int, fill_order: int) -> int:
    """How many of `height` rows of `width` pixels the codes hold, up to the first
    that is broken.
    """
    if not _tables:
        _tables.append(_run_table())
    packed = bytes(data).translate(_REVERSED) if fill_order == 2 else bytes(data)
    by_lines = fax.TWO_DIMENSIONAL if options & _TWO_DIMENSIONS else fax.ONE_DIMENSIONAL
    mode = {_ALIGNED: fax.ALIGNED, _T4: by_lines, _T6: fax.T6}[compression]
    changes = buffers.zeros(2 * (width + fax.SPARE), "i")
    return int(fax.row_count(packed + bytes(fax.SPARE), len(packed), width, height, mode, _tables[0], changes))


def _run_table() -> Any:
    """13 bits → run << 4 | code length, 0 for no code: white runs, then black ones."""
    codes = buffers.zeros(ccitt.CODE_COUNT, "i")
    ccitt.fill_codes(codes)
    table = buffers.zeros(2 << fax.CODE_BITS, "i")
    per_colour = 64 + 40  # terminating codes and make-up codes
    for i in range(2 * per_colour):
        colour, index = divmod(i, per_colour)
        run = index if index < 64 else (index - 63) * 64
        code, length = codes[i] >> 4, codes[i] & 15
        spare = fax.CODE_BITS - length
        first = (colour << fax.CODE_BITS) + (code << spare)
        for at in range(first, first + (1 << spare)):
            table[at] = run << 4 | length
    return table
