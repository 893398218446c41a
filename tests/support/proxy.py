"""A proxy before a server's Unix socket that can freeze: then it takes what it is sent, says
nothing, and closes nothing. It can also hold back the server's answers alone.
"""
from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.database.support import Database


class Proxy:
    """Passes bytes both ways, unless it is frozen. `url` is the database's, by way of the proxy."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.url = f"postgresql://postgres@/{database.name}?host={folder}"
        self._server = str(database.server.socket_folder / ".s.PGSQL.5432")
        self._open = threading.Event()
        self._open.set()
        self._answering = threading.Event()
        self._answering.set()
        self._sockets: list[socket.socket] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """From now on nothing comes through; connections stay, and new ones are taken."""
        self._open.clear()

    def hold_answers(self) -> None:
        """From now on the server hears what it is sent, and its answers do not come through: who
        waits for one before sending the rest sends no rest.
        """
        self._answering.clear()

    def thaw(self) -> None:
        """What was held back is passed on."""
        self._open.set()
        self._answering.set()

    def cut(self) -> None:
        """Break every connection."""
        for one in list(self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.thaw()
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """One connection, until either side ends it. While the server is down, whoever comes is
        sent away.
        """
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(self._server)
            self._sockets += [client, server]
            answers = threading.Thread(target=self._pass, args=(server, client, self._answering), daemon=True)
            answers.start()
            self._pass(client, server, self._open)
            answers.join()
            self._sockets.remove(client)
            self._sockets.remove(server)

    def _pass(self, source: socket.socket, target: socket.socket, gate: threading.Event) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._open.wait()
                gate.wait()
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_proxy(database: Database) -> Iterator[Proxy]:
    """A proxy before the database's server."""
    with tempfile.TemporaryDirectory(prefix="mjx") as folder:
        proxy = Proxy(database, Path(folder))
        try:
            yield proxy
        finally:
            proxy.close()
