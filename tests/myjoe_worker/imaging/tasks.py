"""What the tests of image processes have done in them. They stand in a module of their own,
as children import them by name.
"""
from __future__ import annotations

import ctypes
import os
import resource
import signal
from typing import Any

from myjoe.errors import ImageRefusedError


def double(number: int) -> int:
    return 2 * number


def pid() -> int:
    return os.getpid()


def compute_for_ever() -> None:
    """One call into C that never gives its process back: no signal is handled, no other thread
    runs.
    """
    pow(7, 10**12)


def crash() -> None:
    ctypes.string_at(0)


def end_quietly() -> None:
    os._exit(3)


def refuse() -> None:
    raise ImageRefusedError("this is no page")


def stumble() -> None:
    raise ValueError("a fault of ours")


def take_memory(mib: int) -> int:
    return len(bytearray(mib << 20))


def echo(content: bytes) -> bytes:
    return content


def environment() -> dict[str, str]:
    return dict(os.environ)


def limits() -> dict[str, Any]:
    """What children are told about signals, memory and files of what they were doing when they
    crashed.
    """
    return {
        "interrupt": signal.getsignal(signal.SIGINT) is signal.SIG_IGN, "terminate": signal.getsignal(signal.SIGTERM) is signal.SIG_IGN,
        "nice": os.nice(0), "core": resource.getrlimit(resource.RLIMIT_CORE)[0], "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "group": os.getpgrp() == os.getpid(),
    }  # fmt: skip


class Treacherous:
    """What a child that a hostile file took over might send: unpickled without care, it would run a
    command in the parent.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("exit 7",)


def treachery() -> Treacherous:
    return Treacherous()
