"""Native work on images, in child processes that can be killed at any moment.

    processes = ImageProcesses(2)
    page = await processes.run(finish_page, content, media_type, order, owner=job.id)

Decoders and kernels meet hostile files here. A child that hangs, eats memory or crashes costs its
own piece of work and nothing else: no event loop, no heartbeat, no other job. Who is cancelled
while waiting has killed the child by then, and `kill()` does it from any thread.

Parent and child speak over a socket pair: four bytes of length, then a pickle, or nothing as a sign
of life. The child believes its parent; the parent unpickles nothing but plain values and the
RECORDS below. A child never sees the worker's environment with its keys.
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

from myjoe import errors, telemetry

# Seconds that one piece of work may take. A page takes 0.1 to 2 s; more than this is a file made to
# be slow, such as an SVG of 40 see-through groups in each other. Larger: it holds a child for
# longer; smaller: a page of 1200 dpi on a busy machine is taken for one.
SECONDS_MAX = 60.0
# Seconds until a fresh child must be ready: half a second, or two minutes in a checkout whose
# kernels have to be compiled first.
_START_SECONDS_MAX = 600.0
# Address space of a child in MiB. An idle one has 200; a picture of 17 megapixels on A4 at 1200 dpi
# took it to 480, a dense one takes more. Larger: a bomb may push other processes out; smaller:
# large pages are refused.
MEMORY_MIB_MAX = 2048
# Longest message either way: what a child may make its parent hold. A page with its four files
# takes 0.1 to 5 MB.
_MESSAGE_BYTES_MAX = 256 << 20
# Steps of politeness: what keeps leases alive comes before what draws.
_NICE = 5
# The only variables that children get: where things are, and how our kernels run.
_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "PYTHONPATH", "LD_LIBRARY_PATH", "LINEFINISH_KERNELS", "LINEFINISH_CACHE"
)  # fmt: skip
_LENGTH = struct.Struct(">I")
# What a child may send beside plain values: module and name.
RECORDS = frozenset({("myjoe_worker.imaging.examining", "Examination"), ("myjoe_worker.imaging.finishing", "FinishedPage")})


# ── the parent ────────────────────────────────────────────────────────────────────────────────────


class ImageProcesses:
    """Warm child processes. Belongs to one event loop; `kill` alone may be called from
    other threads.
    """

    def __init__(self, count: int, *, seconds_max: float = SECONDS_MAX, memory_mib_max: int = MEMORY_MIB_MAX) -> None:
        self._seconds_max = seconds_max
        self._memory_mib_max = memory_mib_max
        self._idle: asyncio.Queue[_Child] = asyncio.Queue()
        self._lock = threading.Lock()
        self._working: dict[_Child, Hashable] = {}
        self._closed = False
        for _ in range(count):
            self._hire()

    async def run(self, function: Callable[..., Any], *args: Any, owner: Hashable = None) -> Any:
        """What a module's function gives for these arguments, computed in a child.

        Raises the JobError that the function raised; ImageProcessError if the child died, was
        killed, or took longer than it may. Any other exception of the function's is a fault of
        ours, and comes as ImageProcessError with its traceback as a note.
        """
        if self._closed:
            raise errors.ImageProcessError("the image processes have been closed")
        name = f"{function.__module__}:{function.__qualname__}"
        answer = await self._tried(name, args, owner)
        while answer is None:
            answer = await self._tried(name, args, owner)
        return _opened(answer)

    def kill(self, owner: Hashable = None) -> None:
        """Kill what works for this owner (None: everything) at once; its `run` raises
        ImageProcessError. From any thread.
        """
        with self._lock:
            condemned = [child for child, whose in self._working.items() if owner is None or whose == owner]
        for child in condemned:
            child.kill()

    async def close(self) -> None:
        """End all children."""
        self._closed = True
        self.kill()
        while not self._idle.empty():
            self._idle.get_nowait().bury()

    async def __aenter__(self) -> ImageProcesses:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _tried(self, name: str, args: tuple[Any, ...], owner: Hashable) -> bytes | None:
        """The answer of the next child that is free; None if it turns out to have died while it had
        nothing to do.
        """
        child = await self._take(owner)
        fate = "it was stopped, as nobody waits for it any more"
        try:
            if not await child.ready():
                fate = "it was ended while it had nothing to do"
                return None
            return await self._asked(child, name, args)
        except errors.ImageProcessError as error:
            fate = str(error)
            raise
        finally:
            self._put_back(child, fate)

    async def _asked(self, child: _Child, name: str, args: tuple[Any, ...]) -> bytes:
        try:
            async with asyncio.timeout(self._seconds_max):
                return await child.ask(name, args)
        except TimeoutError:
            raise errors.ImageProcessError(f"the work on the image took longer than {self._seconds_max:g} s and was stopped") from None

    def _hire(self) -> None:
        self._idle.put_nowait(_Child(self._memory_mib_max))

    async def _take(self, owner: Hashable) -> _Child:
        child = await self._idle.get()
        with self._lock:
            self._working[child] = owner
        return child

    def _put_back(self, child: _Child, fate: str) -> None:
        """Let the child rest, or replace it: it may be dead, or amid an answer that would be taken
        for the next one's.
        """
        with self._lock:
            del self._working[child]
        if child.rests and not self._closed:
            self._idle.put_nowait(child)
            return
        child.bury()
        if not self._closed:
            telemetry.emit("image.process_died", pid=child.pid, reason=fate)
            self._hire()


class _Child:
    """One process, and the socket to it."""

    def __init__(self, memory_mib_max: int) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._socket = ours
        self._lock = threading.Lock()
        self._condemned = False
        self._greeted = False
        self._busy = False
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "myjoe_worker.imaging.processes", str(theirs.fileno()), str(os.getpid()), str(memory_mib_max)],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment,
                process_group=0,  # Ctrl-C at a terminal is for the worker alone, which ends its children when their work is handed in
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether the process still runs."""
        with self._lock:
            return not self._condemned and self._process.poll() is None

    @property
    def rests(self) -> bool:
        """Whether it lives and waits for work."""
        return not self._busy and self.lives

    async def ready(self) -> bool:
        """Wait until a fresh process has loaded what it works with; ask a rested one whether it
        still lives.

        Whether the process can be waited for would not tell: with its first thread dead and others
        dying it is neither here nor gone.
        """
        self._busy = True
        try:
            if self._greeted:
                await asyncio.get_running_loop().sock_sendall(self._socket, _LENGTH.pack(0))
            async with asyncio.timeout(_START_SECONDS_MAX):
                await self._message()
        except TimeoutError:
            raise errors.ImageProcessError(f"a process for work on images was not ready after {_START_SECONDS_MAX:g} s") from None
        except (OSError, errors.ImageProcessError):
            if not self._greeted:
                raise
            return False
        self._greeted, self._busy = True, False
        return True

    async def ask(self, name: str, args: tuple[Any, ...]) -> bytes:
        """The child's answer."""
        message = pickle.dumps((name, args))
        self._busy = True
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, _LENGTH.pack(len(message)) + message)
        except OSError:
            raise errors.ImageProcessError(f"the process that was to work on the image ended ({await self._end()})") from None
        answer = await self._message()
        self._busy = False
        return answer

    async def _message(self) -> bytes:
        """What the child says next. ImageProcessError if it dies instead."""
        try:
            (length,) = _LENGTH.unpack(await self._receive(_LENGTH.size))
            if length > _MESSAGE_BYTES_MAX:
                raise errors.ImageProcessError(f"the work on the image made {length >> 20} MiB, more than it may")
            return await self._receive(length)
        except OSError:
            raise errors.ImageProcessError(f"the process that worked on the image ended ({await self._end()})") from None

    async def _receive(self, length: int) -> bytes:
        loop = asyncio.get_running_loop()
        buffer = bytearray(length)
        view, filled = memoryview(buffer), 0
        while filled < length:
            count = await loop.sock_recv_into(self._socket, view[filled:])
            if not count:
                raise ConnectionResetError
            filled += count
        return bytes(buffer)

    async def _end(self) -> str:
        """How the process ended, in words."""
        self.kill()  # it has closed its socket and is as good as dead; what it died of stays what it died of
        code = await asyncio.to_thread(self._process.wait)
        return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"

    def kill(self) -> None:
        """End the process, now. From any thread; who waits for its answer hears of it from the
        socket.
        """
        with self._lock:
            # Only once, and nobody waits for a process that was not condemned: so the number is
            # never that of another by now.
            if not self._condemned and self._process.poll() is None:
                self._process.kill()
            self._condemned = True

    def bury(self) -> None:
        """End the process and let go of all that was its own."""
        self.kill()
        self._socket.close()
        threading.Thread(target=self._process.wait, daemon=True).start()  # taking down gigabytes takes a while


class _PlainUnpickler(pickle.Unpickler):
    """Takes plain values and records of ours. A child that a hostile file took over can still send
    anything.
    """

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in RECORDS:
            raise pickle.UnpicklingError(f"{module}.{name} is none of our records")
        return getattr(importlib.import_module(module), name)


def _opened(answer: bytes) -> Any:
    """The value in an answer, or the exception."""
    try:
        outcome, value, kind, message, trace = _PlainUnpickler(io.BytesIO(answer)).load()
    except Exception as error:
        raise errors.ImageProcessError(f"the process that worked on the image gave no sensible answer ({error})") from error
    if outcome == "done":
        return value
    family = getattr(errors, str(kind), None)
    if outcome == "refused" and isinstance(family, type) and issubclass(family, errors.JobError):
        raise family(str(message))
    failure = errors.ImageProcessError(f"the work on the image failed ({kind}: {message})")
    failure.add_note(str(trace))
    raise failure


# ── the child ─────────────────────────────────────────────────────────────────────────────────────


def main(descriptor: int, parent: int, memory_mib_max: int) -> None:
    """Do what comes over the socket until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker is told, not we
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with(parent)
    os.nice(_NICE)
    importlib.import_module("myjoe_worker.imaging.warming").warm_up()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere address space cannot be limited
        resource.setrlimit(resource.RLIMIT_AS, (memory_mib_max << 20, memory_mib_max << 20))
    line: Any = socket.socket(fileno=descriptor).makefile("rwb")
    _say(line, b"")
    while head := line.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(head)
        # An empty message asks whether we live.
        _say(line, _outcome(*pickle.loads(line.read(length))) if length else b"")


def _say(line: Any, message: bytes) -> None:
    line.write(_LENGTH.pack(len(message)) + message)
    line.flush()


def _outcome(name: str, args: tuple[Any, ...]) -> bytes:
    """What became of one piece of work: outcome, value, kind of exception, message, traceback."""
    try:
        module, _, function = name.partition(":")
        return pickle.dumps(("done", getattr(importlib.import_module(module), function)(*args), "", "", ""))
    except errors.JobError as error:
        return pickle.dumps(("refused", None, type(error).__name__, str(error), ""))
    except MemoryError:
        return pickle.dumps(("refused", None, "ImageRefusedError", "the image takes more memory than a page may", ""))
    except Exception as error:
        return pickle.dumps(("failed", None, type(error).__name__, str(error), traceback.format_exc()))


def _die_with(parent: int) -> None:
    """Ask the system to kill us when the parent is gone, however it goes and whatever we are
    computing.

    Only Linux can (prctl 1, PR_SET_PDEATHSIG); elsewhere a child ends when it next looks at its
    socket.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we asked
        sys.exit(0)


if __name__ == "__main__":
    with suppress(BrokenPipeError, ConnectionResetError):
        main(*map(int, sys.argv[1:]))
