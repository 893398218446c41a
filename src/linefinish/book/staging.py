"""A hidden folder beside a book's place, in which its files are made before they take their names.

It is locked while its maker lives, which a kill ends as well: the next book into the same folder
sweeps what a dead one left, and never a living one's.
"""
from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager

from linefinish.locks import lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_WINDOWS = os.name == "nt"
_TEMPORARY = os.O_RDWR | os.O_CREAT | getattr(os, "O_TEMPORARY", 0)
_NAME = re.compile(r"\.book\.[0-9a-f]{12}\.part\Z")


@contextmanager
def staged(folder: str) -> Iterator[str]:
    """A new hidden folder in `folder`, gone at the end whatever happens. Raises OSError."""
    whole = _locked(folder, wait=True)  # so that no other run sweeps the new one before it is locked
    own = None
    hidden = os.path.join(folder, f".book.{os.urandom(6).hex()}.part")
    try:
        try:
            if whole is not None:
                _sweep(folder)
            os.mkdir(hidden)
            own = _locked(hidden, wait=True)
        finally:
            if whole is not None:
                os.close(whole)
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        if own is not None:
            os.close(own)


def _sweep(folder: str) -> None:
    """Remove the hidden folders whose makers are dead."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if not _NAME.match(name) or os.path.islink(path) or not os.path.isdir(path):
            continue
        handle = _locked(path, wait=False)
        if handle is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(handle)


def _locked(folder: str, *, wait: bool) -> int | None:
    """A handle that holds a folder's lock until it is closed; None where another one holds it, or
    where there are no such locks.
    """
    try:
        # Windows opens no folders: there a file beside it is locked, which goes when it is closed.
        handle = os.open(f"{folder}.lock", _TEMPORARY) if _WINDOWS else os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        lock(handle, wait=wait)
    except OSError:  # held, or a file system without locks
        os.close(handle)
        return None
    return handle
