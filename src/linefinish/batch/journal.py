"""What a batch has done, line by line, in one file that survives being killed.

Each finished page appends one line of JSON with a checksum before it, in one write. A kill can tear
the last line only; a torn line fails its checksum and is passed over, and its page is done again.
Nothing is ever rewritten.
"""
from __future__ import annotations

import json  # noqa: TID253  # a batch is not the fast path
import os
from zlib import crc32

from linefinish.errors import WriteError
from linefinish.locks import lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = ".linefinish-journal"


class Journal:
    """The journal of a folder, held by one batch at a time. `pages` has the last entry of each
    input.
    """

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, NAME)
        try:
            self._file = open(self.path, "a+b", buffering=0)  # noqa: SIM115  # open as long as the batch runs
        except OSError as error:
            raise WriteError(f"{self.path} cannot be written: {(error.strerror or str(error)).lower()}") from error
        _lock(self._file, folder)
        self._file.seek(0)
        raw = self._file.read()
        self.pages: dict[str, dict[str, Any]] = {}
        for line in raw.split(b"\n"):
            entry = _decoded(line)
            if entry:
                self.pages[entry["input"]] = entry
        if raw and not raw.endswith(b"\n"):
            self._file.write(b"\n")  # closes the torn line, so that the next one stands alone

    def add(self, entry: dict[str, Any]) -> None:
        """Append a page's entry; it has the key "input"."""
        body = json.dumps(entry, separators=(",", ":")).encode()
        try:
            self._file.write(b"%08x %s\n" % (crc32(body), body))
        except OSError as error:
            raise WriteError(f"{self.path} cannot be written: {(error.strerror or str(error)).lower()}") from error
        self.pages[entry["input"]] = entry

    def close(self) -> None:
        """Let another batch have the folder."""
        self._file.close()


def _decoded(line: bytes) -> dict[str, Any] | None:
    checksum, _, body = line.partition(b" ")
    if checksum != b"%08x" % crc32(body):
        return None
    entry = json.loads(body)
    return entry if isinstance(entry, dict) and "input" in entry else None


def _lock(file: Any, folder: str) -> None:
    """Two batches into one folder would take each other's unfinished files for leftovers."""
    try:
        lock(file)
    except OSError:
        file.close()
        raise WriteError(f"another batch is writing to {folder}") from None
