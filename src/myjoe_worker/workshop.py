"""Native work on images, in child processes that can be killed at any moment.

    workshop = Workshop(2)
    page = await workshop.run(imaging.finish_page, content, media_type, order, owner=job.id)

Decoders and kernels meet hostile files here. A child that hangs, eats memory or crashes costs its own piece of work and nothing else: no
event loop, no heartbeat, no other job. Who is cancelled while waiting has killed the child by then, and `kill()` does it from any thread.

Parent and child speak over a socket pair: four bytes of length, then a pickle. The child believes its parent; the parent unpickles nothing
but plain values and the records of `myjoe_worker.imaging`. A child never sees the worker's environment with its keys.
"""
from __future__ import annotations

import asyncio
import importlib
import io
import os
import pickle
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any

from myjoe_worker import errors

# Seconds that one piece of work may take. A page takes 0.1 to 2 s; more than this is a file made to be slow. Larger: such a file holds a
# child for longer; smaller: a page of 1200 dpi on a busy machine is taken for one.
SECONDS_MAX = 120.0
# Address space of a child in MiB. An idle one has 0.5 GiB of it (libraries, mostly untouched), a page of 16 megapixels takes 0.4 more.
# Larger: a bomb may push other processes out; smaller: large pages are refused.
MEMORY_MIB_MAX = 2048
# Longest message either way: what a child may make its parent hold. A page with its four files takes 0.1 to 5 MB.
_MESSAGE_BYTES_MAX = 256 << 20
# Steps of politeness: what keeps leases alive comes before what draws.
_NICE = 5
# The only variables that children get: where things are, and how our kernels run.
_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "PYTHONPATH", "LD_LIBRARY_PATH", "LINEFINISH_KERNELS", "LINEFINISH_CACHE"
)  # fmt: skip
_LENGTH = struct.Struct(">I")


# ── the parent ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Workshop:
    """A crew of warm child processes. Belongs to one event loop; `kill` alone may be called from other threads."""

    def __init__(self, crew: int, *, seconds_max: float = SECONDS_MAX, memory_mib_max: int = MEMORY_MIB_MAX) -> None:
        self._crew = crew
        self._seconds_max = seconds_max
        self._memory_mib_max = memory_mib_max
        self._idle: asyncio.Queue[_Child] | None = None
        self._lock = threading.Lock()
        self._working: dict[_Child, Hashable] = {}

    async def run(self, function: Callable[..., Any], *args: Any, owner: Hashable = None) -> Any:
        """What a module's function gives for these arguments, computed in a child.

        Raises the JobError that the function raised; WorkshopError if the child died, was killed, or took longer than it may. Any other
        exception of the function's is a fault of ours, and comes as WorkshopError with its traceback as a note.
        """
        child = await self._take(owner)
        try:
            async with asyncio.timeout(self._seconds_max):
                answer = await child.ask(f"{function.__module__}:{function.__qualname__}", args)
        except TimeoutError:
            raise errors.WorkshopError(f"the work on the image took longer than {self._seconds_max:g} s and was stopped") from None
        finally:
            self._put_back(child)
        return _opened(answer)

    def kill(self, owner: Hashable = None) -> None:
        """Kill what works for this owner (None: everything) at once; its `run` raises WorkshopError. From any thread."""
        with self._lock:
            condemned = [child for child, whose in self._working.items() if owner is None or whose == owner]
        for child in condemned:
            child.kill()

    async def close(self) -> None:
        """End all children."""
        self.kill()
        while self._idle is not None and not self._idle.empty():
            self._idle.get_nowait().kill()

    async def __aenter__(self) -> Workshop:
        self._crew_of_the_loop()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _crew_of_the_loop(self) -> asyncio.Queue[_Child]:
        if self._idle is None:
            self._idle = asyncio.Queue()
            for _ in range(self._crew):
                self._idle.put_nowait(_Child(self._memory_mib_max))
        return self._idle

    async def _take(self, owner: Hashable) -> _Child:
        child = await self._crew_of_the_loop().get()
        if not child.lives:  # it was idle, and somebody else ended it: an operator, or a system short of memory
            child.kill()
            child = _Child(self._memory_mib_max)
        with self._lock:
            self._working[child] = owner
        return child

    def _put_back(self, child: _Child) -> None:
        with self._lock:
            del self._working[child]
        if not child.ready:  # killed, dead, or interrupted amid an answer that would be taken for the next one's
            child.kill()
            child = _Child(self._memory_mib_max)
        self._crew_of_the_loop().put_nowait(child)


class _Child:
    """One process, and the socket to it. `ready`: it waits for work."""

    def __init__(self, memory_mib_max: int) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._socket = ours
        self._lock = threading.Lock()
        self._ended = False
        self.ready = True
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "myjoe_worker.workshop", str(theirs.fileno()), str(os.getpid()), str(memory_mib_max)],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment,
                process_group=0,  # Ctrl-C at a terminal is for the worker alone, which ends its children when their work is handed in
            )  # fmt: skip

    @property
    def lives(self) -> bool:
        """Whether the process still runs."""
        with self._lock:
            return not self._ended and self._process.poll() is None

    async def ask(self, name: str, args: tuple[Any, ...]) -> bytes:
        """The child's answer. WorkshopError if it dies instead of answering."""
        loop = asyncio.get_running_loop()
        message = pickle.dumps((name, args))
        self.ready = False
        try:
            await loop.sock_sendall(self._socket, _LENGTH.pack(len(message)) + message)
            (length,) = _LENGTH.unpack(await self._receive(_LENGTH.size))
            if length > _MESSAGE_BYTES_MAX:
                raise errors.WorkshopError(f"the work on the image made {length >> 20} MiB, more than the {_MESSAGE_BYTES_MAX >> 20} it may")
            answer = await self._receive(length)
        except OSError:
            raise errors.WorkshopError(f"the process that worked on the image ended ({await self._end()})") from None
        self.ready = True
        return answer

    async def _receive(self, length: int) -> bytes:
        loop = asyncio.get_running_loop()
        buffer = bytearray(length)
        view, filled = memoryview(buffer), 0
        while filled < length:
            count = await loop.sock_recv_into(self._socket, view[filled:])
            if not count:
                raise EOFError("the child closed its end") from None
            filled += count
        return bytes(buffer)

    async def _end(self) -> str:
        """How the process ended, in words."""
        code = await asyncio.to_thread(self._process.wait)
        return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"

    def kill(self) -> None:
        """End the process, now. Safe from any thread, and when it has ended before."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            self._process.kill()
            self._process.wait()
            self._socket.close()


class _PlainUnpickler(pickle.Unpickler):
    """Takes plain values and records of ours. A child that a hostile file took over can still send anything."""

    def find_class(self, module: str, name: str) -> Any:
        if module != "myjoe_worker.imaging" or not name[:1].isupper() or "." in name:
            raise pickle.UnpicklingError(f"a child sent {module}.{name}, which is none of our records")
        return getattr(importlib.import_module(module), name)


def _opened(answer: bytes) -> Any:
    try:
        outcome, *values = _PlainUnpickler(io.BytesIO(answer)).load()
    except Exception as error:
        raise errors.WorkshopError(f"the process that worked on the image gave no sensible answer ({error})") from error
    if outcome == "done":
        return values[0]
    kind, message, trace = values
    if outcome == "refused" and issubclass(family := getattr(errors, kind, type(None)), errors.JobError):
        raise family(message)
    failure = errors.WorkshopError(f"the work on the image failed ({kind}: {message})")
    failure.add_note(str(trace))
    raise failure


# ── the child ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def main(descriptor: int, parent: int, memory_mib_max: int) -> None:
    """Do what comes over the socket until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker is told, not we
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with(parent)
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere address space cannot be limited
        resource.setrlimit(resource.RLIMIT_AS, (memory_mib_max << 20, memory_mib_max << 20))
    line = socket.socket(fileno=descriptor).makefile("rwb")
    importlib.import_module("myjoe_worker.imaging").warm_up()
    while head := line.read(_LENGTH.size):
        name, args = pickle.loads(line.read(*_LENGTH.unpack(head)))
        message = _outcome(name, args)
        line.write(_LENGTH.pack(len(message)) + message)
        line.flush()


def _outcome(name: str, args: tuple[Any, ...]) -> bytes:
    try:
        module, _, function = name.partition(":")
        return pickle.dumps(("done", getattr(importlib.import_module(module), function)(*args)))
    except errors.JobError as error:
        return pickle.dumps(("refused", type(error).__name__, str(error), ""))
    except MemoryError:
        return pickle.dumps(("refused", "ImageRefusedError", "the image takes more memory than a page may", ""))
    except Exception as error:
        return pickle.dumps(("failed", type(error).__name__, str(error), traceback.format_exc()))


def _die_with(parent: int) -> None:
    """Ask the system to kill us when the parent is gone, however it goes and whatever we are computing.

    Only Linux can (prctl 1, PR_SET_PDEATHSIG); elsewhere a child ends when it next looks at its socket.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we asked
        sys.exit(0)


if __name__ == "__main__":
    with suppress(BrokenPipeError, ConnectionResetError):
        main(*map(int, sys.argv[1:]))
