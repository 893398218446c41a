"""Guard pages: each buffer ends where the next page must not be touched, so that a kernel that
reads or writes one item too far ends the process at once.
"""
from __future__ import annotations

import ctypes
import mmap
from typing import Any

from linefinish.memory import buffers

_PAGE = mmap.PAGESIZE
_PROT_NONE = 0
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def guarded(size: int) -> memoryview[Any]:
    """So many zeros, which end at a page that must not be touched."""
    room = -(-size // _PAGE) * _PAGE
    pages = mmap.mmap(-1, room + _PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    if _libc.mprotect(start + room, _PAGE, _PROT_NONE):
        raise OSError(ctypes.get_errno(), "no guard page")
    return memoryview(pages)[room - size : room]


def guarded_copy(data: bytes, code: str = "B") -> memoryview[Any]:
    """The same bytes before a guard page, as items of a struct code."""
    view = guarded(len(data))
    view[:] = data
    bytewise: Any = view
    made: memoryview[Any] = bytewise.cast(code)
    return made


def guard_all_buffers() -> None:
    """From now on every buffer of this process that kernels work on has a guard page, scratch
    included.
    """

    def zeros(count: int, code: str, *, written_whole: bool = False) -> memoryview[Any]:
        bytewise: Any = guarded(count * buffers._ITEM_BYTES[code])
        made: memoryview[Any] = bytewise.cast(code)
        return made

    def scratch(name: str, count: int, code: str) -> memoryview[Any]:
        return zeros(count, code)

    buffers.zeros = zeros
    buffers.apart = zeros  # type: ignore[assignment]
    buffers.scratch = scratch
    buffers.settled = lambda view, count: view[:count]
