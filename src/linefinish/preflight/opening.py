"""A PDF of any origin, opened for the preflight: pages with what they inherit, boxes in points.

The objects are found as `linefinish verify` finds them, but for two things that concern only who
asks whether a file is 1-bit: what a mending viewer might find beside the cross-reference, and how
the page tree counts. A file that loops, unpacks without end or asks for more work than its size
explains raises DamagedError.
"""
from __future__ import annotations

import time

from linefinish.verifiers.pdf_lexer import Lexer, Reference, Stream, name_of, number
from linefinish.verifiers.pdf_objects import File
from linefinish.verifiers.verdict import DamagedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Seconds of one thread's work that a file, and a page of it, may ask for on a machine as fast as
# that of the measurements, see `times_slower`; more for each stream that its pages use, up to those
# of a thick book, for each MB of them, as packed, fewer where it is an image's, and for each
# megapixel of images, up to those of letter at 600 dpi, of which an image keeps what it needs.
# Honest books take a third of it at most: 0.004 s for a page, 0.3 for each MB of curves, 0.03 for
# each megapixel of colour. Larger lets a hostile file keep a computer busy.
_FILE_S_MAX = 2.0
_PAGE_S_MAX = 1.5
_S_PER_STREAM = 0.01
_STREAMS_MAX = 830
_S_PER_MB, _S_PER_IMAGE_MB = 1.0, 0.05
_S_PER_MEGAPIXEL = 0.05
_MEGAPIXELS_MAX = 40.0
# On a busy computer work takes longer by the clock: a file that has used this share of what it may
# ask for, which no honest book does, is refused when so many seconds have passed, and two more for
# each that its MB and megapixels gave it.
_SHARE_WHEN_LATE = 0.4
_LATE_S = 8.0
# Steps of a loop, and the seconds that they took on the machine of the measurements. A slower one
# has as many times more seconds, but at most so many times: larger lets a hostile file keep it busy
# for longer; smaller refuses an honest page of 1200 dpi there.
_LOOP_STEPS, _LOOP_S, _TIMES_SLOWER_MAX = 50_000, 0.0015, 6.0
# Bytes that one stream may unpack to: an RGB image of A4 at 1200 dpi has 430 MB and is refused.
_STREAM_BYTES_MAX = 1 << 28
# Bytes that a page's content may unpack to: the densest of our drawings has 2 MB.
_CONTENT_BYTES_MAX = 1 << 26
# As PDF itself (ISO 32000-1, annex C) has no limit: ten times the thickest book.
_PAGES_MAX = 10_000
_NODE_DEPTH_MAX = 100
_INHERITED = (b"Resources", b"MediaBox", b"CropBox", b"Rotate")


def times_slower() -> float:
    """How many times as long as on the machine of the measurements work takes on this one, 1 or
    more. The least of a few times: what others do to the machine adds to a time.
    """
    taken = []
    for _ in range(5):
        begun, total = time.thread_time(), 0
        for step in range(_LOOP_STEPS):
            total += step
        taken.append(time.thread_time() - begun)
    return min(max(min(taken) / _LOOP_S, 1.0), _TIMES_SLOWER_MAX)


class Clock:
    """Counts a file's work; `tick` raises DamagedError when it asks for too much."""

    def __init__(self) -> None:
        self.slower: float | None = None  # asked for when there is need
        self.spent = self.passed = 0.0  # on the pages before: work, and by the clock
        self.file_max, self.page_max = _FILE_S_MAX, _PAGE_S_MAX
        self.late = _LATE_S
        self.used: set[int] = set()
        self.used_here: set[int] = set()
        self.resume()

    def use(self, stream: Stream, megapixels: float = 0.0) -> float:
        """A stream is read: there is more time for it, once for the file and once for each page.
        Gives the seconds that it has.
        """
        key, packed_mb = id(stream), len(stream.packed) / 1e6
        more = _S_PER_MB * packed_mb
        if megapixels:
            more = _S_PER_MEGAPIXEL * min(megapixels, _MEGAPIXELS_MAX) + _S_PER_IMAGE_MB * packed_mb
        if key in self.used_here:
            more = 0.0
        self.used_here.add(key)
        self.page_max += more
        if key not in self.used:
            self.used.add(key)
            self.file_max += more + (_S_PER_STREAM if len(self.used) <= _STREAMS_MAX else 0.0)
            self.late += 2 * more
        self.tick()
        return more

    def give_back(self, seconds: float) -> None:
        """What an image did not need of its time is nobody's."""
        self.page_max -= max(0.0, seconds)
        self.file_max -= max(0.0, seconds)
        self.late -= max(0.0, 2 * seconds)

    def turn_page(self) -> None:
        """A page begins."""
        self.spent += time.thread_time() - self.page_begun
        self.passed += time.monotonic() - self.page_seen
        self.page_max = _PAGE_S_MAX
        self.used_here.clear()
        self.resume()

    def resume(self) -> None:
        """What was done since the last page was not this file's work."""
        self.page_begun = time.thread_time()
        self.page_seen = time.monotonic()

    def tick(self) -> None:
        """To be called every few hundred steps."""
        if self._is_over(self.slower or 1.0):
            if self.slower is None:
                self.slower = times_slower()
            if self._is_over(self.slower):
                raise DamagedError("it asks for more work than a page of a book needs")

    def _is_over(self, slower: float) -> bool:
        on = time.thread_time() - self.page_begun
        late = self.passed + time.monotonic() - self.page_seen > self.late * slower
        return on > self.page_max * slower or self.spent + on > self.file_max * slower * (_SHARE_WHEN_LATE if late else 1.0)


class Opened(File):
    """The objects of a file, read for the preflight."""

    def __init__(self, data: memoryview) -> None:
        self.clock = Clock()
        super().__init__(data)

    def lexer(self, data: bytes | memoryview, at: int = 0) -> Lexer:
        """What reads objects of the file, and counts its work."""
        return Lexer(data, at, self.clock.tick)

    @property
    def is_encrypted(self) -> bool:
        """Whether its strings and streams are ciphered."""
        return b"Encrypt" in self.trailer

    def content(self, stream: Stream) -> bytes:
        """A stream, unpacked; each may be as large as a page's image. An empty one is empty, which
        its filters need not say.
        """
        self.clock.use(stream)
        self.unpacked_bytes = 0
        return super().content(stream) if len(stream.packed) else b""

    def _count(self, more: int) -> None:
        self.unpacked_bytes += more
        self.clock.tick()
        if self.unpacked_bytes > _STREAM_BYTES_MAX:
            raise DamagedError(f"a stream unpacks to more than {_STREAM_BYTES_MAX >> 20} MiB")

    def _check_that_nothing_hides(self) -> None:
        size = self.trailer.get(b"Size")
        self.size = size if type(size) is int and size > 0 else 0
        self.size = max(self.size, max(self._places, default=0) + 1)

    def catalog(self) -> dict[bytes, Any]:
        """The catalog."""
        return self.dictionary(self.trailer.get(b"Root"), "the catalog")

    def pages(self) -> Iterator[dict[bytes, Any]]:
        """The pages in order, each with what it inherits."""
        seen: set[Reference] = set()
        waiting: list[tuple[Any, dict[bytes, Any], int]] = [(self.catalog().get(b"Pages"), {}, 0)]
        count = 0
        while waiting:
            value, inherited, depth = waiting.pop()
            if isinstance(value, Reference):
                if value in seen:
                    raise DamagedError("the page tree runs in a circle")
                seen.add(value)
            self.clock.tick()
            node = self.dictionary(value, "a page")
            if not node or depth > _NODE_DEPTH_MAX:
                raise DamagedError("a page is missing" if not node else "the page tree is too deep")
            if b"Kids" not in node:
                count += 1
                if count > _PAGES_MAX:
                    raise DamagedError(f"more than {_PAGES_MAX:,} pages")
                yield {**inherited, **node}
                continue
            passed = {**inherited, **{key: node[key] for key in _INHERITED if key in node}}
            waiting += [(kid, passed, depth + 1) for kid in reversed(self.array(node[b"Kids"], "Kids"))]
        if not count:
            raise DamagedError("there are no pages")

    def box(self, page: dict[bytes, Any], name: bytes) -> tuple[float, float, float, float] | None:
        """A box in the page's units: left, bottom, right, top; None where it has none."""
        if name not in page:
            return None
        sides = [number(self.get(side)) for side in self.array(page[name], name.decode())]
        if len(sides) != 4 or None in sides:
            raise DamagedError(f"{name.decode()} is no box")
        left, bottom, right, top = (float(side or 0) for side in sides)
        return min(left, right), min(bottom, top), max(left, right), max(bottom, top)

    def numbers(self, value: Any) -> list[float]:
        """An array of numbers; empty for what is none."""
        found = self.get(value)
        items = [number(self.get(one)) for one in found] if isinstance(found, list) else []
        return [] if None in items else [float(one or 0) for one in items]

    def page_content(self, page: dict[bytes, Any]) -> bytes:
        """A page's content streams, one after another."""
        found = self.get(page.get(b"Contents"))
        parts = [] if found is None else found if isinstance(found, list) else [found]
        streams = [self.get(part) for part in parts]
        if not all(isinstance(stream, Stream) for stream in streams):
            raise DamagedError("the content of a page is missing")
        texts: list[bytes] = []
        total = 0
        for stream in streams:
            texts.append(self.content(stream))
            total += len(texts[-1])
            if total > _CONTENT_BYTES_MAX:
                raise DamagedError(f"a page's content unpacks to more than {_CONTENT_BYTES_MAX >> 20} MiB")
        return b"\n".join(texts)

    def has_script(self, entries: dict[bytes, Any]) -> bool:
        """Whether something is run when the file or the page is opened."""
        if self.get(entries.get(b"AA")) is not None:
            return True
        action = self.get(entries.get(b"OpenAction"))
        names = self.get(entries.get(b"Names"))
        if isinstance(names, dict) and b"JavaScript" in names:
            return True
        return isinstance(action, dict) and name_of(self.get(action.get(b"S"))) not in (b"GoTo", b"")


def opened(data: bytes | memoryview) -> Opened:
    """DamagedError for what is no PDF, or one whose objects cannot be found."""
    view = memoryview(data)
    if bytes(view[:5]) != b"%PDF-":
        raise DamagedError("it is no PDF: it does not begin with %PDF-")
    return Opened(view)
