"""Flat memory for pixels, points and scratch: typed memoryviews, zeroed, with no numpy.

Small buffers are bytearrays. Large ones are anonymous mmaps: their pages are zero and cost nothing until they are touched,
so scratch may be allocated for the worst case, and the memory goes back to the system as soon as the last view is gone.
"""
from __future__ import annotations

import mmap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Bytes above which a buffer is an mmap. Smaller: a system call and page faults for each little buffer; larger: pages
# are cleared that are never used. 256 KiB is where both took 30 µs.
_MMAP_BYTES_MIN = 1 << 18

# Bytes of a huge page, and of a buffer that asks for them. For smaller ones they would be waste: a small page costs 1.6 µs to touch.
_HUGE_BYTES = 1 << 21

_ITEM_BYTES = {"B": 1, "H": 2, "I": 4, "Q": 8, "i": 4, "q": 8, "f": 4, "d": 8}


def zeros(count: int, code: str, *, written_whole: bool = False) -> memoryview[Any]:
    """`count` zeros as a writable memoryview of a struct code (B H I Q i q f d).

    Who writes to all of it says so: then no page is spared, and memory that the process has already saves the page faults (512 KiB:
    0.15 → 0.03 ms) until there are huge ones.
    """
    size = count * _ITEM_BYTES[code]
    raw: Any = bytearray(size) if size < (_HUGE_BYTES if written_whole else _MMAP_BYTES_MIN) else _pages(size)
    bytewise: Any = memoryview(raw)[:size]
    return bytewise.cast(code)


def _pages(size: int) -> mmap.mmap:
    """At least `size` bytes of zeros, private and in huge pages where the system has them: touching 4 MiB costs 0.15 ms, not 3.6."""
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return mmap.mmap(-1, size)
    huge = size >= _HUGE_BYTES
    size = (size + _HUGE_BYTES - 1) // _HUGE_BYTES * _HUGE_BYTES if huge else size  # the tail in a huge page too
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if huge:
        try:  # noqa: SIM105 (contextlib stays off the fast path)
            pages.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            pass  # a kernel built without them
    return pages


def trimmed(view: memoryview, count: int) -> memoryview:
    """The first `count` items of a buffer whose rest was never written.

    A small remainder of a large buffer is copied out. A large one is not: the pages behind it were never touched and hold no memory,
    whereas a copy of a checkerboard's curves takes another 0.8 GB.
    """
    kept_bytes = count * view.itemsize
    if kept_bytes >= _MMAP_BYTES_MIN or 2 * kept_bytes >= view.nbytes and view.nbytes < _MMAP_BYTES_MIN or count == len(view):
        return view[:count]
    kept = zeros(count, view.format)
    kept[:] = view[:count]
    return kept
