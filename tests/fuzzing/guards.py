"""Guard pages: each buffer ends where the next page must not be touched, so that a kernel that
reads or writes one item too far ends the process at once.
"""
from __future__ import annotations

import ctypes
import mmap
from typing import Any

from linefinish.memory import buffers

_PAGE = mmap.PAGESIZE
_PROT_NONE, _PROT_READ = 0, 1
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def _protect(address: int, size: int, rights: int) -> None:
    if _libc.mprotect(address, size, rights):
        raise OSError(ctypes.get_errno(), "no guard page")


def guarded(size: int) -> memoryview[Any]:
    """So many zeros, which end at a page that must not be touched."""
    room = -(-size // _PAGE) * _PAGE
    pages = mmap.mmap(-1, room + _PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    _protect(start + room, _PAGE, _PROT_NONE)
    return memoryview(pages)[room - size : room]


def fenced_copy(data: bytes, *, at_end: bool, const: bool) -> memoryview[Any]:
    """The same bytes with a page that must not be touched right behind them, or right before them.
    If const, they must not be written to either.
    """
    room = max(1, -(-len(data) // _PAGE)) * _PAGE
    pages = mmap.mmap(-1, room + 2 * _PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    begin = _PAGE + (room - len(data) if at_end else 0)
    pages[begin : begin + len(data)] = data
    start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    _protect(start, _PAGE, _PROT_NONE)
    _protect(start + _PAGE + room, _PAGE, _PROT_NONE)
    if const:
        _protect(start + _PAGE, room, _PROT_READ)
    return memoryview(pages)[begin : begin + len(data)]


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

    def numbers(code: str, *values: float) -> memoryview[Any]:
        made = zeros(len(values), code)
        for index, value in enumerate(values):
            made[index] = value
        return made

    buffers.zeros = zeros
    buffers.anything = zeros  # type: ignore[assignment]
    buffers.numbers = numbers
    buffers.apart = zeros  # type: ignore[assignment]
    buffers.scratch = scratch
    buffers.lent = scratch
    buffers.settled = lambda view, count: view[:count]
