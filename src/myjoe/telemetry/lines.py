"""`LineQueue`: log lines on their way to a stream that somebody may have stopped reading.

A pipe that is not read is full after 64 kB, and whoever writes then waits for ever: a worker whose
log collector hangs would do no page. So lines are written by a thread of their own, from a queue
that is bounded. What does not fit is dropped and counted, and the count is logged as soon as lines
get through again.
"""
from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

# Lines that wait, and their bytes, at most. More bears a longer silence of the reader; less keeps a
# worker smaller. A busy worker logs some ten lines a second.
LINES_MAX = 10_000
BYTES_MAX = 4_000_000
# How long the end of the process waits for the last lines, in seconds, if they do get through.
FLUSH_SECONDS = 2.0


class LineQueue(logging.Handler):
    """Writes what it is given to a file's handle, in order, and never makes anybody wait.

    `dropped` is told how many lines were dropped, once some get through again; on the queue's own
    thread.
    """

    def __init__(self, handle: int, dropped: Callable[[int], object]) -> None:
        super().__init__()
        self._handle = os.dup(handle)
        self._tell_dropped = dropped
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._writing = self._closed = False
        self._dropped = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def createLock(self) -> None:  # noqa: N802 (a name of the library's)
        """None: the queue has its own, and nobody is to wait for who flushes."""
        self.lock = _NoLock()  # type: ignore[assignment]

    def emit(self, record: logging.LogRecord) -> None:
        """Put the record's line into the queue, if there is room."""
        try:
            line = (self.format(record) + "\n").encode(errors="backslashreplace")
        except Exception:
            self.handleError(record)
            return
        with self._changed:
            if len(self._lines) >= LINES_MAX or self._bytes + len(line) > BYTES_MAX:
                self._dropped += 1
                return
            self._lines.append(line)
            self._bytes += len(line)
            self._changed.notify_all()

    def flush(self) -> None:
        """Wait until all is written, but not for a reader that does not read."""
        deadline = time.monotonic() + FLUSH_SECONDS
        with self._changed:
            while (self._lines or self._writing) and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    def close(self) -> None:
        """Write what waits, and end."""
        self.flush()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        super().close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._lines:
                    if self._closed:
                        return
                    self._changed.wait()
                line = self._lines.popleft()
                self._bytes -= len(line)
                self._writing = True
            with suppress(OSError, ValueError):  # a stream that is closed: there is nobody to tell
                self._write(line)
            with self._changed:
                self._writing = False
                # Told when there is room for the telling.
                room = len(self._lines) <= LINES_MAX // 2 and self._bytes <= BYTES_MAX // 2
                dropped, self._dropped = (self._dropped, 0) if room else (0, self._dropped)
                self._changed.notify_all()
            if dropped:
                self._tell_dropped(dropped)

    def _write(self, line: bytes) -> None:
        # Past Python's own buffers: a thread that waits amid one would not let the process end.
        while line:
            line = line[os.write(self._handle, line) :]


class MemoryStream(logging.StreamHandler[TextIO]):
    """Writes to a stream that makes nobody wait. One that is closed has nobody to tell: whoever
    logged to it, such as a command that was run within another program, has ended.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record's line, if there is somebody to read it."""
        if not self.stream.closed:
            super().emit(record)

    def flush(self) -> None:
        """Pass on what was written."""
        if not self.stream.closed:
            super().flush()


class _NoLock:
    """What logging takes and lets go of."""

    def acquire(self) -> None:
        """At once."""

    def release(self) -> None:
        """There is nothing to release."""

    def __enter__(self) -> None:
        """At once."""

    def __exit__(self, *_error: object) -> None:
        """There is nothing to release."""


def handler(stream: TextIO | None, dropped: Callable[[int], object]) -> logging.Handler:
    """What logs to a stream: through a queue where it is a file of the system. One in memory makes
    nobody wait; and where there is none, nothing is logged.
    """
    if stream is None:
        return logging.NullHandler()
    try:
        return LineQueue(stream.fileno(), dropped)
    except (OSError, ValueError):
        return MemoryStream(stream)
