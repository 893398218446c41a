"""A small HTTP server for a few pages that anybody may GET: /health, /metrics, and the dashboard.

It knows GET and HEAD, closes each connection after its response, and is bounded in everything. A
framework would be the largest dependency of the worker, for three pages.
"""
from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from myjoe import telemetry
from myjoe.errors import SettingsError

# A request's head is read up to so many bytes, and waited for so many seconds; more of either is no
# browser and no probe.
HEAD_BYTES_MAX = 8192
HEAD_SECONDS_MAX = 3.0
# What is said has to be taken within so many seconds.
SEND_SECONDS_MAX = 5.0
# Connections at a time. A dashboard, a scraper and a platform's probe are three.
CONNECTIONS_MAX = 32


@dataclass(frozen=True)
class HttpResponse:
    """What a page says."""

    status: int
    media_type: str
    content: str


Handler = Callable[[], Awaitable[HttpResponse]]


@asynccontextmanager
async def serving(address: tuple[str, int], handlers: Mapping[str, Handler]) -> AsyncIterator[str]:
    """Serve `handlers`, by path, while the block runs; the address under which. SettingsError if it
    cannot be had.
    """
    room = _Room(CONNECTIONS_MAX)

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            room.enter(writer)
            await _respond(reader, writer, room, handlers)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked is gone, or asks for nothing
        finally:
            room.leave(writer)
            writer.close()

    try:
        server = await asyncio.start_server(respond, *address, limit=HEAD_BYTES_MAX)
    except OSError as error:
        raise unavailable(address, error) from error
    host, port = server.sockets[0].getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    telemetry.emit("health.serving", address=url)
    try:
        yield url
    finally:
        server.close()


class _Room:
    """Who is connected. Where it is full, whoever has been silent for longest makes way, and if all
    have asked, the one that came first: a probe is answered however many connect and say nothing.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        # The oldest first.
        self._silent: dict[asyncio.StreamWriter, None] = {}
        self._heard: dict[asyncio.StreamWriter, None] = {}

    def enter(self, writer: asyncio.StreamWriter) -> None:
        """It has connected, and takes somebody else's room if there is no other."""
        if len(self._silent) + len(self._heard) >= self._size:
            oldest = next(iter(self._silent or self._heard))
            self.leave(oldest)
            oldest.transport.abort()
        self._silent[writer] = None

    def heard(self, writer: asyncio.StreamWriter) -> None:
        """It has asked for something."""
        if writer in self._silent:
            del self._silent[writer]
            self._heard[writer] = None

    def leave(self, writer: asyncio.StreamWriter) -> None:
        """It is gone."""
        self._silent.pop(writer, None)
        self._heard.pop(writer, None)


def unavailable(address: tuple[str, int], error: OSError) -> SettingsError:
    """What it means, and which setting to change, that an address cannot be served at."""
    why = {errno.EADDRINUSE: "is taken by another process", errno.EACCES: "may not be had by this user",
           errno.EADDRNOTAVAIL: "is no address of this machine"}.get(error.errno or 0)  # fmt: skip
    if isinstance(error, socket.gaierror):
        why = "is no host that is known"
    told = why or f"cannot be had ({' '.join(str(error).split())})"
    return SettingsError([f"MYJOE_HEALTH_ADDRESS names {address[0]}:{address[1]}, which {told}: give another, or none"])


async def _respond(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, room: _Room, handlers: Mapping[str, Handler]
) -> None:
    async with asyncio.timeout(HEAD_SECONDS_MAX):
        head = await reader.readuntil(b"\r\n\r\n")
    room.heard(writer)
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    method, path = (words[0], words[1].partition("?")[0]) if len(words) == 3 else ("", "")
    if method not in ("GET", "HEAD"):
        response = HttpResponse(405, "text/plain", "Only GET and HEAD are served here.\n")
    elif path not in handlers:
        response = HttpResponse(404, "text/plain", f"There are {', '.join(handlers)}.\n")
    else:
        try:
            response = await handlers[path]()
        except Exception as error:
            telemetry.emit("health.failed", path=path, error=error)
            response = HttpResponse(500, "text/plain", "This page could not be made; the log says why.\n")
    content = response.content.encode()
    writer.write(
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\nContent-Type: {response.media_type}; charset=utf-8\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:\r\n\r\n".encode()
        + (b"" if method == "HEAD" else content)
    )
    async with asyncio.timeout(SEND_SECONDS_MAX):
        await writer.drain()
