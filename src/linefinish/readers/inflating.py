"""A zlib stream (RFC 1950) that comes in pieces, unpacked no further than asked for."""
from __future__ import annotations

from linefinish.kernels import inflate
from linefinish.memory import buffers
from linefinish.readers.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER_BYTES, _CHECKSUM_BYTES = 2, 4


class Inflater:
    """`take` gives the bytes, strip by strip. Memory: the largest strip, the 32 KiB that back
    references reach, and a piece.

    `next_piece` gives the next compressed bytes, b"" when there are no more. Errors are told in the
    words of `stream`.
    """

    def __init__(self, stream: Stream, next_piece: Callable[[], bytes], strip_bytes: int) -> None:
        self._stream = stream
        self._next_piece = next_piece
        self._state = buffers.zeros(inflate.STATE, "q")
        self._table = buffers.zeros(inflate.TABLE, "I")
        self._lengths = buffers.zeros(inflate.SCRATCH, "q")
        self._columns = buffers.zeros(inflate.COLUMNS, "i")
        # What was unpacked: up to 32 KiB that were taken, then what is taken next, then the little
        # by which that is overshot.
        self._out = buffers.anything(inflate.WINDOW + strip_bytes + 2 * inflate.OUT_SLACK, "B")
        self._taken = 0
        self._last = False
        self._checksum = 1
        self.ended = False
        self._hold(self._after_header())

    def take(self, size: int) -> memoryview:
        """The next `size` bytes, at most `strip_bytes`; fewer where the stream ends. Good until the
        next call.
        """
        state = self._state
        ready = state[inflate.TO]
        behind = self._taken - inflate.WINDOW
        if behind > 0:
            self._out[: ready - behind] = self._out[behind:ready]
            state[inflate.TO] = ready = ready - behind
            self._taken -= behind
        want = self._taken + size
        while ready < want and not self.ended:
            status = inflate.inflate(
                self._source, self._source_end, self._last, self._out, want, state, self._table, self._lengths
            )
            now = state[inflate.TO]
            self._checksum = inflate.adler32(self._out, ready, now, self._checksum, self._columns)
            ready = now
            if status == inflate.WANTS_INPUT:
                self._more()
            elif status == inflate.ENDED:
                self._finish()
            elif status == inflate.TRUNCATED:
                raise self._stream.truncated()
            elif status == inflate.DAMAGED:
                raise self._damaged()
        start, self._taken = self._taken, min(want, ready)
        return self._out[start : self._taken]

    def _after_header(self) -> bytes:
        """Look at the header (section 2.2); the compressed bytes that came with it."""
        head = b""
        while len(head) < _HEADER_BYTES:
            piece = self._next_piece()
            if not piece:
                raise self._stream.truncated()
            head += piece
        method, flags = head[0], head[1]
        if (256 * method + flags) % 31 or method & 15 != 8 or method >> 4 > 7 or flags & 32:
            raise self._damaged()
        return head[_HEADER_BYTES:]

    def _more(self) -> None:
        """Put the next piece behind what is left of the last ones."""
        piece = self._next_piece()
        self._last = not piece
        self._hold(self._source[self._state[inflate.AT] : self._source_end] + piece)

    def _hold(self, source: bytes) -> None:
        self._source_end = len(source)
        self._source = source + bytes(inflate.SOURCE_SLACK)
        self._state[inflate.AT] = 0

    def _finish(self) -> None:
        """Compare the checksum."""
        rest = self._source[self._state[inflate.AT] : self._source_end]
        while len(rest) < _CHECKSUM_BYTES:
            piece = self._next_piece()
            if not piece:
                raise self._stream.truncated()
            rest += piece
        if int.from_bytes(rest[:_CHECKSUM_BYTES], "big") != self._checksum:
            raise self._damaged()
        self.ended = True

    def _damaged(self) -> Exception:
        return self._stream.damaged("its compressed image cannot be unpacked")
