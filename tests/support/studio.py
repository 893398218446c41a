"""The Studio on a real port for tests: uvicorn in a thread, a real database behind it, and visitors
that behave as browsers do.
"""
from __future__ import annotations

import asyncio
import secrets
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from myjoe import telemetry
from myjoe.settings.variables import Secret
from myjoe_studio.asgi import studio
from myjoe_studio.sealing import Sealer
from myjoe_studio.sessions import USE, hash_of
from myjoe_studio.settings import StudioSettings
from tests.database import support

SECRET = "5" * 64


@dataclass
class Site:
    """A running Studio and the database behind it."""

    address: str
    database: support.Database
    settings: StudioSettings
    # What ended in an error that nobody foresaw. There must be none when a test is over; one that
    # provokes some takes them out.
    crashes: list[str] = field(default_factory=list)
    _visitors: list[httpx2.Client] = field(default_factory=list)

    def visitor(self, user: uuid.UUID | None = None) -> httpx2.Client:
        """A browser's client: it keeps cookies and says where its forms come from. With `user`, one
        that is signed in.
        """
        client = httpx2.Client(base_url=self.address, headers={"sec-fetch-site": "same-origin", "user-agent": "tests"}, timeout=30)
        if user is not None:
            client.cookies.set("myjoe", self.session(user))
        self._visitors.append(client)
        return client

    def session(self, user: uuid.UUID, *, tokens: dict[str, Any] | None = None) -> str:
        """A session of the user's, as a sign-in makes it; its token."""
        return begin_session(self.database, user, tokens)

    def close(self) -> None:
        """Close all visitors."""
        for one in self._visitors:
            one.close()


def begin_session(database: support.Database, user: uuid.UUID, tokens: dict[str, Any] | None = None) -> str:
    """A session of the user's in the database; its token."""
    token = secrets.token_urlsafe(32)
    sealed = Sealer(Secret(SECRET)).seal(USE, tokens or {"access": "none", "refresh": "none", "access_until": 0})
    database.run("select private.open_session(%s, %s, %s, private.clock() + interval '1 hour', 'tests')", hash_of(token), user, sealed)
    return token


@contextmanager
def serving(database: support.Database, folder: Path, **settings: Any) -> Iterator[Site]:
    """A Studio before this database, keeping its files in `folder`, for as long as the block
    runs.
    """
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        told = StudioSettings(
            **{
                "address": f"http://127.0.0.1:{port}", "home": folder, "google": "on",
                "storage_folder": folder / "pages", "secret": Secret(SECRET),
                "database_url": Secret(database.server.url(database.name)), **settings,
            }
        )  # fmt: skip
        config = uvicorn.Config(studio(told), log_config=None, lifespan="on", timeout_graceful_shutdown=2)
        server = _Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            assert server.started, "the Studio did not start; its log says why"
            site = Site(told.address, database, told)

            def note(event: str, fields: Mapping[str, Any]) -> None:
                if event == "request.failed":
                    site.crashes.append(f"{fields['method']} {fields['path']}: {fields['error']}")

            unsubscribe = telemetry.subscribe(note)
            yield site
            site.close()
            unsubscribe()
            assert site.crashes == [], site.crashes
        finally:
            server.end()
            thread.join()


class _Server(uvicorn.Server):
    """A server that ends when it is told to: uvicorn's own looks ten times a second, which was a
    third of what a short test took.
    """

    _loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Serve until `end`."""
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        if not await self.on_tick(0):
            await self._ended.wait()

    def end(self) -> None:
        """Let `run` return."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
