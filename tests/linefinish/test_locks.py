"""Locks: held by one, waited for by others, and gone with the file. Windows' are stood in for."""
from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from threading import Timer
from types import ModuleType
from typing import Any

import pytest

from linefinish.locks import lock


def test_a_lock_is_one_holder_s_until_the_file_is_closed(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as first, (tmp_path / "a").open("wb") as second:
        lock(first)
        with pytest.raises(OSError):
            lock(second)
        first.close()
        lock(second)


def test_a_waiting_one_gets_it(tmp_path: Path) -> None:
    first = (tmp_path / "a").open("wb")
    lock(first)
    Timer(0.05, first.close).start()
    with (tmp_path / "a").open("wb") as second:
        lock(second, wait=True)
        assert first.closed


class Msvcrt(ModuleType):
    """Windows' lock of a byte: refused as often as is asked."""

    LK_LOCK, LK_NBLCK = 1, 2

    def __init__(self, refusals: int, number: int) -> None:
        super().__init__("msvcrt")
        self.refusals, self.number = refusals, number
        self.calls: list[Any] = []

    def locking(self, handle: int, mode: int, count: int) -> None:
        self.calls.append((os.lseek(handle, 0, os.SEEK_CUR), mode, count))
        if len(self.calls) <= self.refusals:
            raise OSError(self.number, "locked")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Any:
    def made(refusals: int = 0, number: int = errno.EACCES) -> Msvcrt:
        module = Msvcrt(refusals, number)
        monkeypatch.setitem(sys.modules, "fcntl", None)
        monkeypatch.setitem(sys.modules, "msvcrt", module)
        return module

    return made


def test_windows_locks_a_byte_beyond_all_that_is_read(windows: Any, tmp_path: Path) -> None:
    module = windows()
    with (tmp_path / "a").open("w+b") as file:
        file.write(b"words")
        file.flush()
        lock(file)
        assert file.read() == b"words"  # which begins where the file does
    assert module.calls == [((1 << 31) - 2, Msvcrt.LK_NBLCK, 1)]


def test_windows_refuses_a_held_one(windows: Any, tmp_path: Path) -> None:
    windows(1)
    with (tmp_path / "a").open("w+b") as file, pytest.raises(PermissionError):
        lock(file)


def test_windows_gives_up_after_ten_seconds_and_is_asked_again(windows: Any, tmp_path: Path) -> None:
    module = windows(3, errno.EDEADLK)
    with (tmp_path / "a").open("w+b") as file:
        lock(file.fileno(), wait=True)
    assert [mode for _, mode, _ in module.calls] == [Msvcrt.LK_LOCK] * 4


def test_a_file_system_of_windows_without_locks_is_told_of(windows: Any, tmp_path: Path) -> None:
    windows(1, errno.EINVAL)
    with (tmp_path / "a").open("w+b") as file, pytest.raises(OSError, match="locked"):
        lock(file, wait=True)
