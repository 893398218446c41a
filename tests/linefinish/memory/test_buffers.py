"""Flat memory: zeroed, typed, and no larger than it has to be."""
from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor

import pytest

from linefinish.memory import buffers

LARGE = 1 << 20


@pytest.mark.parametrize("code", list("BHIQiqfd"))
@pytest.mark.parametrize("count", [0, 1, 1000, 50_000, LARGE])
def test_zeros(code: str, count: int) -> None:
    view = buffers.zeros(count, code)
    assert (len(view), view.format, view.readonly, view.contiguous) == (count, code, False, True)
    assert count == 0 or (view[0], view[count // 2], view[count - 1]) == (0, 0, 0)


@pytest.mark.parametrize(("count", "kept"), [(10, 10), (10, 4), (LARGE, 5), (LARGE, LARGE - 1), (0, 0)])
def test_trimmed_keeps_the_first_items(count: int, kept: int) -> None:
    view = buffers.zeros(count, "d")
    for i in range(min(count, 20)):
        view[i] = i + 0.5
    short = buffers.trimmed(view, kept)
    assert list(short[:20]) == [i + 0.5 for i in range(min(kept, 20))] + [0.0] * max(0, min(kept, 20) - 20)
    assert len(short) == kept


def test_buffers_do_not_share_a_byte_even_when_threads_ask_at_once() -> None:
    sizes = [1 << 14, 50_001, 300_000, 7, (1 << 20) - 1]

    def filled(value: int) -> list[memoryview]:
        views = [buffers.zeros(size, "B") for size in sizes]
        for view in views:
            assert not any(view)
            view[:] = bytes([value]) * len(view)
        return views

    with ThreadPoolExecutor(4) as pool:
        all_views = list(pool.map(filled, range(1, 17)))
    for value, views in enumerate(all_views, 1):
        assert all(bytes(view) == bytes([value]) * size for view, size in zip(views, sizes, strict=True))


def test_the_memory_of_dropped_buffers_is_given_back() -> None:
    before = mapped_mib()
    for _ in range(200):
        buffers.zeros(900_000, "B")[0] = 1
    assert mapped_mib() - before < 20  # 200 buffers of 0.9 MiB would be 172


def test_huge_pages_that_nobody_looks_at_are_handed_out_again_and_cleared() -> None:
    places = set()
    for _ in range(20):
        view = buffers.zeros(LARGE, "B", written_whole=True)
        assert not any(view[::997]) and view[LARGE - 1] == 0
        view[:] = b"\xff" * LARGE
        places.add(place_of(view))
        del view
    assert len(places) < 5


def test_what_is_in_use_is_not_handed_out_again() -> None:
    held = [buffers.anything(LARGE, "B") for _ in range(12)]
    parts = [memoryview(view)[100:200].cast("i") for view in held]
    del held
    assert len({place_of(part) for part in parts}) == 12


def place_of(view: memoryview) -> int:
    """Its address."""
    return ctypes.addressof(ctypes.c_char.from_buffer(view))


def mapped_mib() -> float:
    """MiB of address space."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * 4096 / 2**20


def test_a_large_buffer_is_let_go_when_little_of_it_is_kept() -> None:
    view = buffers.zeros(LARGE, "Q")
    short = buffers.trimmed(view, 3)
    assert memoryview(short.obj).nbytes < 1000


def test_what_is_large_itself_is_not_copied() -> None:
    view = buffers.zeros(LARGE, "Q")
    assert buffers.trimmed(view, LARGE // 2).obj is view.obj


def test_a_copy_is_changed_alone() -> None:
    words = buffers.zeros(5, "Q")
    words[3] = 7
    copy = buffers.copied(words)
    assert (copy.tolist(), copy.format) == ([0, 0, 0, 7, 0], "Q")
    copy[3] = 1
    assert words[3] == 7


def test_what_is_small_and_brief_is_the_same_memory_again_and_zeros_where_it_is_asked_for() -> None:
    first = buffers.brief("test.brief", 1000, "q")
    first[0] = 7
    assert buffers.brief("test.brief", 10, "q")[0] == 7
    assert not any(buffers.brief("test.brief", 1000, "q", zeroed=True)) and first[0] == 0
    large = buffers.brief("test.brief", 1 << 18, "q")
    large[0] = 7
    assert buffers.brief("test.brief", 1 << 18, "q")[0] == 0, "what is large is fresh"


def test_what_is_lent_is_nobody_elses_until_it_is_returned() -> None:
    one = buffers.lent("test.lent", 100, "d")
    other = buffers.lent("test.lent", 100, "d")
    one[0], other[0] = 1.0, 2.0
    assert one[0] == 1.0
    buffers.returned("test.lent", one)
    assert buffers.lent("test.lent", 50, "d")[0] == 1.0, "it was kept"
    assert buffers.lent("test.lent", 50, "d")[0] == 0.0, "it was taken"
    buffers.returned("test.lent", one)
    assert len(buffers.lent("test.lent", 200, "d")) >= 200, "what is too short is not given"


@pytest.mark.parametrize("code", "BHIQiqfd")
@pytest.mark.parametrize("count", [0, 32, 33, 100])
def test_numbers_lie_side_by_side_however_many_there_are(code: str, count: int) -> None:
    made = buffers.numbers(code, *range(count))
    assert (made.format, made.readonly, made.tolist()) == (code, False, list(range(count)))
