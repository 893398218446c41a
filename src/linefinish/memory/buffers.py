"""Flat memory for pixels, points and scratch: typed memoryviews, zeroed, with no numpy.

Memory is dear when it is touched for the first time: 0.9 µs for each 4 KiB, 80 to 400 µs for the 2
MiB of a huge page. Small buffers are bytearrays. Middling ones lie side by side in huge pages.
Large ones are anonymous mmaps of their own: in huge pages what is written as a whole, in small ones
scratch for the worst case up to 2 MiB, of which little is touched. The memory goes back to the
system as soon as the last view of a mapping is gone.
"""
from __future__ import annotations

import mmap
from _thread import _local, allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Bytes from which a buffer lies in a shared huge page. Smaller: more to do for each little one;
# larger: more small pages to touch.
_SHARED_BYTES_MIN = 1 << 14
# Bytes from which a buffer has a mapping of its own. Smaller: small pages again; larger: little
# fits beside another.
_OWN_BYTES_MIN = 1 << 20
# Bytes of a huge page, and from which scratch lies in them too. For less, 2 MiB are cleared for the
# few small pages that are touched.
_HUGE_BYTES = 1 << 21
# Buffers begin at multiples of this: a line of the cache.
_LINE_BYTES = 64

# What lies between small buffers of different threads: two lines, as processors fetch them in
# pairs.
_APART_BYTES = 2 * _LINE_BYTES

_ITEM_BYTES = {"B": 1, "H": 2, "I": 4, "Q": 8, "i": 4, "q": 8, "f": 4, "d": 8}


def zeros(count: int, code: str, *, written_whole: bool = False) -> memoryview[Any]:
    """`count` zeros as a writable memoryview of a struct code (B H I Q i q f d). Who writes to all
    of it says so.
    """
    size = count * _ITEM_BYTES[code]
    bytewise: Any
    if size < _SHARED_BYTES_MIN:
        bytewise = memoryview(bytearray(size))
    elif size < _OWN_BYTES_MIN:
        bytewise = _shared(size)
    else:
        bytewise = memoryview(_pages(size, huge=written_whole or size >= _HUGE_BYTES))[:size]
    return bytewise.cast(code)


def numbers(code: str, *values: float) -> memoryview[Any]:
    """A few numbers side by side, of a struct code: the header of a kernel that has to be told more
    than it takes arguments.
    """
    bytewise: Any = memoryview(bytearray(len(values) * _ITEM_BYTES[code]))
    made: memoryview[Any] = bytewise.cast(code)
    for index, value in enumerate(values):
        made[index] = value
    return made


def apart(count: int, code: str) -> memoryview[Any]:
    """`zeros` that share no line of the cache with anything else: a thread that writes to them must
    not slow down its neighbour's.
    """
    size = count * _ITEM_BYTES[code]
    if size >= _SHARED_BYTES_MIN:
        return zeros(count, code)
    bytewise: Any = memoryview(bytearray(size + 2 * _APART_BYTES))[_APART_BYTES : _APART_BYTES + size]
    return bytewise.cast(code)


class _Kept(_local):
    """Each thread's scratch buffers, by name."""

    def __init__(self) -> None:
        self.buffers: dict[str, memoryview[Any]] = {}


_KEPT = _Kept()
# Bytes up to which a scratch buffer is kept. Larger: memory is held for nothing between two large
# pages; smaller: pages of 2048 px touch fresh memory each time, which took a fifth of tracing and
# fitting one.
_KEPT_BYTES_MAX = 1 << 23


def scratch(name: str, count: int, code: str) -> memoryview[Any]:
    """`count` items of a struct code with anything in them, the same memory at each call with that
    name in a thread.

    Memory that was touched before costs no page faults. Who calls has the only use of the name, and
    no use after it returns.
    """
    kept = _KEPT.buffers.get(name)
    if kept is None or len(kept) < count or kept.format != code:
        kept = apart(count, code)
        if kept.nbytes <= _KEPT_BYTES_MAX:
            _KEPT.buffers[name] = kept
    return kept[:count]


def brief(name: str, count: int, code: str, *, zeroed: bool = False) -> memoryview[Any]:
    """`scratch` where that is small, and else fresh memory, which is let go of sooner; all zeros if
    that is asked for.

    A page of a megapixel touched 3.8 MB for the first time, of which half is needed for one step
    only: 0.12 ms a megabyte.
    """
    size = count * _ITEM_BYTES[code]
    if size >= _OWN_BYTES_MIN:
        return zeros(count, code, written_whole=True)
    made = scratch(name, count, code)
    if zeroed:
        global _nothing
        if not _nothing:
            _nothing = memoryview(bytes(_OWN_BYTES_MIN))
        made.cast("B")[:] = _nothing[:size]
    return made


# Zeros to copy: pages that nobody writes to are one page of the system's.
_nothing = memoryview(b"")


def lent(name: str, count: int, code: str) -> memoryview[Any]:
    """`brief` for what outlasts a call: nobody else has it until it is `returned`, or ever, if it
    is not. It may be longer than asked for.
    """
    kept = _KEPT.buffers.pop(name, None)
    if kept is not None and len(kept) >= count and kept.format == code:
        return kept
    return zeros(count, code, written_whole=True)


def returned(name: str, view: memoryview) -> None:
    """Keep what was `lent`, unless it is large."""
    if view.nbytes < _OWN_BYTES_MIN:
        _KEPT.buffers[name] = view


def settled(view: memoryview, count: int) -> memoryview:
    """The first `count` items of a scratch buffer, to stay: a copy, or the buffer itself if it was
    too large to be kept.
    """
    if view.nbytes > _KEPT_BYTES_MAX:
        return trimmed(view, count)
    copy = zeros(count, view.format)
    copy[:] = view[:count]
    return copy


def _pages(size: int, huge: bool) -> mmap.mmap:
    """At least `size` bytes of zeros, private, and in huge pages where they are wanted and the
    system has them.
    """
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        # Python's own choice is shared memory, of which a forked process would be given the same
        # parts as its parent. Windows has no such choice, and no fork.
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON) if hasattr(mmap, "MAP_PRIVATE") else mmap.mmap(-1, size)
    size = (size + _HUGE_BYTES - 1) // _HUGE_BYTES * _HUGE_BYTES if huge else size  # the tail in a huge page too
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if huge:
        try:  # noqa: SIM105 (contextlib stays off the fast path)
            pages.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            pass  # a kernel built without them
    return pages


# The huge page that is being handed out, and how much of it is. What has been given is never given
# again, so it is all zeros.
_page = memoryview(b"")
_given = 0
_giving = allocate_lock()


def _shared(size: int) -> memoryview:
    """The next `size` bytes of a huge page, which lives as long as any of its buffers."""
    global _page, _given
    with _giving:
        if _given + size > len(_page):
            _page, _given = memoryview(_pages(_HUGE_BYTES, huge=True)), 0
        start = _given
        _given += (size + _LINE_BYTES - 1) // _LINE_BYTES * _LINE_BYTES
        return _page[start : start + size]


def copied(view: memoryview[Any]) -> memoryview[Any]:
    """The same items again, to be changed."""
    made = zeros(len(view), view.format, written_whole=True)
    made[:] = view
    return made


def trimmed(view: memoryview, count: int) -> memoryview:
    """The first `count` items of a buffer whose rest was never written.

    A small remainder of a large buffer is copied out. A large one is not: the pages behind it were
    never touched and hold no memory, whereas a copy of a checkerboard's curves takes another 0.8
    GB.
    """
    kept_bytes = count * view.itemsize
    if kept_bytes >= _OWN_BYTES_MIN or view.nbytes < _OWN_BYTES_MIN or count == len(view):
        return view[:count]
    kept = zeros(count, view.format)
    kept[:] = view[:count]
    return kept
