"""Locks of files, which end with the process that holds them, whatever ends it."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# The byte that Windows locks: past the end of all that is in such a file, so that all of it can be
# read meanwhile, and the last that its C library can name.
_BYTE = (1 << 31) - 2


def lock(file: Any, *, wait: bool = False) -> None:
    """Lock an open file or handle until it is closed. Raises OSError where another holds the lock
    and we do not wait, or where the file system has no locks.

    file    on POSIX a folder's handle too. On Windows, which locks bytes and keeps others from
            reading these, a file's handle, which then stands at its beginning
    """
    try:
        import fcntl
    except ImportError:
        _lock_byte(file if isinstance(file, int) else file.fileno(), wait)
    else:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_byte(handle: int, wait: bool) -> None:
    import errno
    import os
    from importlib import import_module

    msvcrt = import_module("msvcrt")  # by name, as type checkers on other systems do not know it
    while True:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError as error:  # waiting, it gives up after ten seconds with EDEADLK
            if not wait or error.errno != errno.EDEADLK:
                raise
        else:
            return
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
