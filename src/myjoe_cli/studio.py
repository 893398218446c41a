"""`myjoe studio`: the web, and in development everything behind it: the embedded database, the
sign-in of this machine, a folder for pages, and a worker as a child process.
"""
from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TextIO

import uvicorn

from myjoe import telemetry
from myjoe.database import embedded
from myjoe.errors import RequestError
from myjoe.settings.shared import DEVELOPMENT
from myjoe_studio.asgi import studio
from myjoe_studio.settings import StudioSettings

# How long open streams may take to end when the Studio leaves, in seconds.
GRACE_SECONDS = 5
# How long the worker may take to finish or hand back what it holds, in seconds, before it is
# killed; its own grace is 25.
WORKER_GRACE_SECONDS = 40
# A worker that ends by itself is started again after so many seconds, doubled each time up to the
# last.
RESTART_FIRST_SECONDS, RESTART_LAST_SECONDS = 1.0, 60.0
# Linux ends a child whose parent is gone, if it was asked to (prctl(2)).
PR_SET_PDEATHSIG = 1
SEED_EMAIL = "joe@example.com"


def run(settings: StudioSettings, host: str, port: int, *, worker: bool, out: TextIO) -> None:
    """Serve until SIGTERM or SIGINT. Raises RequestError if the port is taken."""
    with _listening(host, port) as listening, _database(settings, out) as settings:
        telemetry.start(settings)
        application = studio(settings)
        config = uvicorn.Config(
            application, log_config=None, lifespan="on", timeout_graceful_shutdown=GRACE_SECONDS, server_header=False,
            proxy_headers=settings.env != DEVELOPMENT, forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS"),
        )  # fmt: skip
        asyncio.run(_serve(_Server(config, application.leave), listening, settings, worker, out))


class _Server(uvicorn.Server):
    """A server that ends its streams when it is told to end, instead of waiting for them."""

    def __init__(self, config: uvicorn.Config, leave: Callable[[], None]) -> None:
        super().__init__(config)
        self._leave = leave

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """By a signal."""
        super().handle_exit(sig, frame)
        self._leave()


async def _serve(server: uvicorn.Server, listening: socket.socket, settings: StudioSettings, worker: bool, out: TextIO) -> None:
    async with _worker(settings, out) if worker else _nobody():
        # uvicorn stops by these signals and then raises them again, for the handlers that it found.
        # Python's own would end the process here, and leave worker and database running.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.02)
        if server.started:
            _tell(out, "studio", settings.address)
            if settings.env == DEVELOPMENT:
                _tell(out, "sign in", f"{await one_time_link(settings)}   (once, as {SEED_EMAIL})")
                _tell(out, "stop", "Ctrl-C")
        await serving


async def one_time_link(settings: StudioSettings) -> str:
    """A link that signs the seed's user in, once."""
    from myjoe_studio.identity import local

    return await local.one_time_link(settings, SEED_EMAIL)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The port, taken before anything else is started: a person learns at once that another program
    has it.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise RequestError(f"{host}:{port} cannot be served: {(error.strerror or str(error)).lower()}; --port takes another") from error
        yield listening


@contextmanager
def _database(settings: StudioSettings, out: TextIO) -> Iterator[StudioSettings]:
    """The settings with their database, which is the embedded one where none is named."""
    if settings.database_url:
        yield settings
        return
    began = time.monotonic()
    with embedded.running(embedded.default_folder()) as url:
        _tell(out, "database", f"PostgreSQL in {embedded.default_folder()}, up after {time.monotonic() - began:.1f} s")
        yield replace(settings, database_url=type(settings.database_url)(url))


# ── the worker beside it ──────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _nobody() -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _worker(settings: StudioSettings, out: TextIO) -> AsyncIterator[None]:
    """A worker, kept alive for as long as the block runs; then it finishes or hands back what it
    holds.
    """
    log = settings.home / "worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    _tell(out, "worker", f"a process of its own; its log is {log}")
    keeping = asyncio.create_task(_kept_alive(worker_environment(os.environ, settings), log, out))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _kept_alive(environment: Mapping[str, str], log: Path, out: TextIO) -> None:
    pause = RESTART_FIRST_SECONDS
    while True:
        with log.open("a") as said:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "myjoe_cli", "worker", "run", env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                start_new_session=True, preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )  # fmt: skip
        began = time.monotonic()
        try:
            code = await child.wait()
        except asyncio.CancelledError:
            await _stop(child)
            raise
        pause = RESTART_FIRST_SECONDS if time.monotonic() - began > RESTART_LAST_SECONDS else min(2 * pause, RESTART_LAST_SECONDS)
        _tell(out, "worker", f"ended with code {code}; {log} says why. It is started again in {pause:g} s.")
        await asyncio.sleep(pause)


async def _stop(child: asyncio.subprocess.Process) -> None:
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), WORKER_GRACE_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()


def worker_environment(environment: Mapping[str, str], settings: StudioSettings) -> dict[str, str]:
    """What the worker is told: all that we were, without what is the Studio's alone, and the same
    database and folders.
    """
    shared = {name: value for name, value in environment.items() if not name.startswith("MYJOE_STUDIO_")}
    return {
        **shared, "DATABASE_URL": settings.database_url.reveal(), "MYJOE_HOME": str(settings.home),
        **({"MYJOE_STORAGE_FOLDER": str(settings.storage_folder)} if settings.storage == "folder" else {}),
        # One person waits: pages are looked for often, and four at a time are theirs.
        **({"MYJOE_CONCURRENCY_PER_USER": "4", "MYJOE_POLL_SECONDS": "5"} if settings.env == DEVELOPMENT else {}),
    }  # fmt: skip


def _end_with_parent() -> None:
    # Between fork and exec: only what takes no lock.
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _loaded_prctl() -> Callable[[int, int], int]:
    if sys.platform != "linux":
        return lambda _option, _signal: 0
    loaded: Callable[[int, int], int] = ctypes.CDLL(None).prctl
    return loaded


_prctl = _loaded_prctl()


def _tell(out: TextIO, what: str, text: str) -> None:
    print(f"{what:10}{text}", file=out, flush=True)
