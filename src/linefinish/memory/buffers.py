"""Flat memory for pixels, points and scratch: typed memoryviews, zeroed, with no numpy.

Memory is dear when it is touched for the first time: 0.9 µs for each 4 KiB, 80 to 400 µs for the 2
MiB of a huge page. Small buffers are bytearrays. Middling ones lie side by side in huge pages.
Large ones are anonymous mmaps of their own: in huge pages what is written as a whole, in small ones
scratch for the worst case up to 2 MiB, of which little is touched. A few huge pages are kept when
the last view of them is gone, and handed out again; all other memory goes back to the system then.
"""
from __future__ import annotations

import mmap
from _thread import _local, allocate_lock
from sys import getrefcount

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

# Up to so many numbers are set one by one: a cold process need not load `array` for a header.
_FEW_MAX = 32

_ITEM_BYTES = {"B": 1, "H": 2, "I": 4, "Q": 8, "i": 4, "q": 8, "f": 4, "d": 8}


def zeros(count: int, code: str, *, written_whole: bool = False) -> memoryview[Any]:
    """`count` zeros as a writable memoryview of a struct code (B H I Q i q f d). Who writes to all
    of it says so.
    """
    return _bytes(count * _ITEM_BYTES[code], huge=written_whole, zeroed=True).cast(code)  # type: ignore[call-overload]


def anything(count: int, code: str) -> memoryview[Any]:
    """`zeros` for who writes to all of it before anybody reads any: there may be anything in it."""
    return _bytes(count * _ITEM_BYTES[code], huge=True, zeroed=False).cast(code)  # type: ignore[call-overload]


def _bytes(size: int, *, huge: bool, zeroed: bool) -> memoryview:
    """So many bytes, in huge pages where that is asked for or they fill one."""
    if size < _SHARED_BYTES_MIN:
        return memoryview(bytearray(size))
    if size < _OWN_BYTES_MIN:
        view, clean = _shared(size)
    else:
        pages, clean = _pages(size, huge=huge or size >= _HUGE_BYTES)
        view = memoryview(pages)[:size]
    if zeroed and not clean:
        _clear(view)
    return view


def numbers(code: str, *values: float) -> memoryview[Any]:
    """Numbers side by side, of a struct code: the header of a kernel that has to be told more than
    it takes arguments, or what is known in Python.
    """
    if len(values) > _FEW_MAX:
        from array import array

        return memoryview(array(code, values))
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
    if count * _ITEM_BYTES[code] >= _OWN_BYTES_MIN:
        return zeros(count, code, written_whole=True) if zeroed else anything(count, code)
    made = scratch(name, count, code)
    if zeroed:
        _clear(made.cast("B"))
    return made


# Zeros to copy. More: another part of the cache; fewer: more copies.
_NOTHING = memoryview(bytes(1 << 15))


def _clear(view: memoryview) -> None:
    """Make bytes zeros: 30 µs a megabyte, where fresh memory takes five times as long."""
    step = len(_NOTHING)
    for begin in range(0, len(view), step):
        part = view[begin : begin + step]
        part[:] = _NOTHING[: len(part)]


def lent(name: str, count: int, code: str) -> memoryview[Any]:
    """`brief` for what outlasts a call: nobody else has it until it is `returned`, or ever, if it
    is not. It may be longer than asked for.
    """
    kept = _KEPT.buffers.pop(name, None)
    if kept is not None and len(kept) >= count and kept.format == code:
        return kept
    return anything(count, code)


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
    copy = anything(count, view.format)
    copy[:] = view[:count]
    return copy


# Bytes of mappings in huge pages that are kept. Larger: memory is held for nothing between two
# large pages; smaller: of the time of a clean page of a megapixel a quarter went into fresh memory.
_MAPPED_BYTES_MAX = 1 << 23
# These mappings, those that are in use too, the latest one last.
_mapped: list[mmap.mmap] = []
_mapping = allocate_lock()


def _pages(size: int, huge: bool) -> tuple[mmap.mmap, bool]:
    """At least `size` bytes, private, in huge pages where they are wanted and the system has them;
    and whether they are all zeros.
    """
    if not huge:
        return _fresh_pages(size, huge=False), True
    size = (size + _HUGE_BYTES - 1) // _HUGE_BYTES * _HUGE_BYTES  # the tail in a huge page too
    if size > _MAPPED_BYTES_MAX:
        return _fresh_pages(size, huge=True), True
    with _mapping:
        for index in range(len(_mapped)):
            # A view counts as one more than the list and the argument.
            if len(_mapped[index]) == size and getrefcount(_mapped[index]) == 2:
                pages = _mapped.pop(index)
                _mapped.append(pages)
                return pages, False
        pages = _fresh_pages(size, huge=True)
        _mapped.append(pages)
        while sum(map(len, _mapped)) > _MAPPED_BYTES_MAX:
            del _mapped[0]
        return pages, True


def _fresh_pages(size: int, huge: bool) -> mmap.mmap:
    """So many bytes of zeros, in huge pages or not."""
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        # Python's own choice is shared memory, of which a forked process would be given the same
        # parts as its parent. Windows has no such choice, and no fork.
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON) if hasattr(mmap, "MAP_PRIVATE") else mmap.mmap(-1, size)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if huge:
        try:  # noqa: SIM105 (contextlib stays off the fast path)
            pages.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            pass  # a kernel built without them
    return pages


# The huge page that is being handed out, how much of it is, and whether it is all zeros. What has
# been given is not given again as long as there is a view of any of it.
_page = memoryview(b"")
_given = 0
_page_is_clean = True
_giving = allocate_lock()


def _shared(size: int) -> tuple[memoryview, bool]:
    """The next `size` bytes of a huge page, which lives as long as any of its buffers; and whether
    they are all zeros.
    """
    global _page, _given, _page_is_clean
    with _giving:
        if _given + size > len(_page):
            _page = memoryview(b"")
            pages, _page_is_clean = _pages(_HUGE_BYTES, huge=True)
            _page, _given = memoryview(pages), 0
        start = _given
        _given += (size + _LINE_BYTES - 1) // _LINE_BYTES * _LINE_BYTES
        return _page[start : start + size], _page_is_clean


def copied(view: memoryview[Any]) -> memoryview[Any]:
    """The same items again, to be changed."""
    made = anything(len(view), view.format)
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
