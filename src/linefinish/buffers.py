"""Flat memory for pixels, points and scratch: typed memoryviews, zeroed, with no numpy.

Touching fresh memory costs 0.9 µs for each 4 KiB, and 75 µs for all 2 MiB of a huge page: a drawing of 2048 px would spend 1.5 ms of
its 30 on that. Hence three sizes: small buffers are bytearrays, middling ones lie side by side in huge pages, large ones are anonymous
mmaps of their own, whose pages cost nothing until they are touched, so that scratch may be allocated for the worst case. The memory
goes back to the system as soon as the last view of a mapping is gone.
"""
from __future__ import annotations

import mmap
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Bytes from which a buffer lies in a shared huge page. Smaller: more to do for each little one; larger: more small pages to touch.
_SHARED_BYTES_MIN = 1 << 14
# Bytes from which a buffer has a mapping of its own. Smaller: huge pages that are hardly used; larger: little fits beside another.
_OWN_BYTES_MIN = 1 << 20
_HUGE_BYTES = 1 << 21
# Buffers begin at multiples of this: a line of the cache.
_LINE_BYTES = 64

_ITEM_BYTES = {"B": 1, "H": 2, "I": 4, "Q": 8, "i": 4, "q": 8, "f": 4, "d": 8}


def zeros(count: int, code: str) -> memoryview[Any]:
    """`count` zeros as a writable memoryview of a struct code (B H I Q i q f d)."""
    size = count * _ITEM_BYTES[code]
    bytewise: Any
    if size < _SHARED_BYTES_MIN:
        bytewise = memoryview(bytearray(size))
    elif size < _OWN_BYTES_MIN:
        bytewise = _shared(size)
    else:
        bytewise = memoryview(_pages(size))[:size]
    return bytewise.cast(code)


def _pages(size: int) -> mmap.mmap:
    """At least `size` bytes of zeros, private and in huge pages where the system has them."""
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return mmap.mmap(-1, size)
    size = (size + _HUGE_BYTES - 1) // _HUGE_BYTES * _HUGE_BYTES  # the tail in a huge page too
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    try:  # noqa: SIM105 (contextlib stays off the fast path)
        pages.madvise(mmap.MADV_HUGEPAGE)
    except OSError:
        pass  # a kernel built without them
    return pages


# The huge page that is being handed out, and how much of it is. What has been given is never given again, so it is all zeros.
_page = memoryview(b"")
_given = 0
_giving = allocate_lock()


def _shared(size: int) -> memoryview:
    """The next `size` bytes of a huge page, which lives as long as any of its buffers."""
    global _page, _given
    with _giving:
        if _given + size > len(_page):
            _page, _given = memoryview(_pages(_HUGE_BYTES)), 0
        start = _given
        _given += (size + _LINE_BYTES - 1) // _LINE_BYTES * _LINE_BYTES
        return _page[start : start + size]


def trimmed(view: memoryview, count: int) -> memoryview:
    """The first `count` items of a buffer whose rest was never written.

    A small remainder of a large buffer is copied out. A large one is not: the pages behind it were never touched and hold no memory,
    whereas a copy of a checkerboard's curves takes another 0.8 GB.
    """
    kept_bytes = count * view.itemsize
    if kept_bytes >= _OWN_BYTES_MIN or view.nbytes < _OWN_BYTES_MIN or count == len(view):
        return view[:count]
    kept = zeros(count, view.format)
    kept[:] = view[:count]
    return kept
