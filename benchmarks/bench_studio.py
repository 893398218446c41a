"""What does a page of the Studio cost, beside a bare Starlette, and what does a browser that
listens?

Each server is a process of its own, and both are asked in turn over one kept connection each. CPU
time is that of the server's process from the system's books, without the database's: on a shared
machine it is what can be compared. Memory is the process's resident set (VmRSS).
"""
from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from benchmarks.measuring import Table, times
from benchmarks.settings import Settings
from benchmarks.studio_contenders import SECRET
from myjoe.database import embedded
from myjoe.database.migrating import migrate
from myjoe.database.server import SUPERUSER, Server, embedded_binaries
from myjoe.settings.variables import Secret
from myjoe_studio.sealing import Sealer
from myjoe_studio.sessions import USE, hash_of

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
# Pages that are asked for in a round, so that a round takes a good part of a second.
PAGES = 200
# Browsers that listen: what a busy evening would bring to one process.
LISTENERS = 2000
# What a page is of which kind: `run` has 24 cards.
CARDS = 24


@dataclass
class Serving:
    """A server process and how it is asked."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu(self) -> float:
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_SECONDS

    def memory_mib(self) -> float:
        """The resident set."""
        line = next(line for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


class Asker:
    """One kept connection, as a browser's."""

    def __init__(self, port: int, path: str, cookie: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        sent = {"host": f"127.0.0.1:{port}", "accept-encoding": "gzip", **({"cookie": f"myjoe={cookie}"} if cookie else {})}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        self._request = "\r\n".join(lines).encode()
        # How long each answer took to begin.
        self.first_byte_seconds: list[float] = []

    def ask(self) -> bytes:
        """The body of the answer; RuntimeError unless it is 200."""
        began = time.perf_counter()
        self._socket.sendall(self._request)
        received = self._socket.recv(65536)
        self.first_byte_seconds.append(time.perf_counter() - began)
        while b"\r\n\r\n" not in received:
            received += self._socket.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        length = next(int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length"))
        while len(body) < length:
            body += self._socket.recv(65536)
        return body

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


@contextmanager
def serving(*words: str) -> Iterator[Serving]:
    """A contender on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    what, *rest = words
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.studio_contenders", what, str(port), *rest])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                if process.poll() is not None:
                    raise RuntimeError(f"{what} did not start") from None
                time.sleep(0.02)
        yield Serving(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextmanager
def database() -> Iterator[str]:
    """A server with one migrated database; its address."""
    folder = Path(tempfile.mkdtemp(prefix="mjb"))
    folder.chmod(0o755)
    server = Server(folder, embedded_binaries(), {"max_connections": "40"})
    server.start()
    try:
        with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute("create database studio")
        migrate(server.url("studio", SUPERUSER), seed=True)
        yield server.url("studio")
    finally:
        server.stop("immediate")
        shutil.rmtree(folder)


def signed_in(url: str) -> tuple[UUID, str, str]:
    """A user with a run of CARDS pages: who it is, the session's token, and the run's address."""
    user, project = embedded.new_user(url, "bench@example.com", 100)
    token = secrets.token_urlsafe(32)
    sealed = Sealer(Secret(SECRET)).seal(USE, {"access": "none", "refresh": "none", "access_until": 0})
    with psycopg.connect(url) as connection:
        connection.execute("select private.open_session(%s, %s, %s, now() + interval '1 hour', 'bench')", (hash_of(token), user, sealed))
        cards = [{"operations": ["raster"], "title": f"Page {number}", "prompt": "a cat"} for number in range(1, CARDS + 1)]
        manifest = {"title": "A book", "pages": cards}
        [answer] = connection.execute(
            "select private.submit_run(%s, %s, 'bench', %s)", (user, project, psycopg.types.json.Jsonb(manifest))
        ).fetchone() or ({},)
    return user, token, f"/runs/{answer['run_id']}"


def pages(rounds: int) -> Table:
    """CPU a page, in turn with the bare one."""
    columns = ["page", "bytes sent", "first byte p95, ms", "CPU ms a page", "pages a second and core", "over a bare Starlette"]
    table = Table("Studio: a page, CPU of its process", columns)
    with ExitStack() as stack:
        url = stack.enter_context(database())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        studio = stack.enter_context(serving("studio", url, str(folder)))
        _, token, run = signed_in(url)
        asked = {"landing": ("/", ""), "sign-in": ("/sign-in", ""), "studio": ("/studio", token), f"run of {CARDS} pages": (run, token),
                 "billing": ("/billing", token)}  # fmt: skip
        for name, (path, cookie) in asked.items():
            asker = Asker(studio.port, path, cookie)
            size = len(asker.ask())
            plain = stack.enter_context(serving("bare", str(size)))
            beside = Asker(plain.port, "/")
            beside.ask()
            spent = {"ours": [], "bare": []}  # type: dict[str, list[float]]
            for _ in range(rounds):
                for what, server, one in (("ours", studio, asker), ("bare", plain, beside)):
                    before = server.cpu()
                    for _ in range(PAGES):
                        one.ask()
                    spent[what].append((server.cpu() - before) / PAGES)
            ours, bare = (statistics.median(spent[what]) for what in ("ours", "bare"))
            p95 = statistics.quantiles(asker.first_byte_seconds, n=20)[-1]
            over = times(ours / bare) if bare else ""
            table.add(name, f"{size}", f"{p95 * 1e3:.1f}", f"{ours * 1e3:.2f}", f"{1 / ours:.0f}" if ours else "", over)
            asker.close()
            beside.close()
    table.notes.append("One database round trip a page: session, standing and rows. The database's own CPU is not in it.")
    return table


def listeners(count: int = LISTENERS) -> Table:
    """Memory of a process with so many streams open."""
    with ExitStack() as stack:
        url = stack.enter_context(database())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        studio = stack.enter_context(serving("studio", url, str(folder)))
        _, token, run = signed_in(url)
        Asker(studio.port, run, token).ask()
        before = studio.memory_mib()
        heard = asyncio.run(_listen(studio, token, count))
        columns = ["streams", "memory before, MiB", "with them, MiB", "KiB each", "CPU idle, % of a core"]
        table = Table("Studio: browsers that listen", columns)
        table.add(f"{heard[0]}", f"{before:.0f}", f"{heard[1]:.0f}", f"{(heard[1] - before) * 1024 / count:.0f}", f"{heard[2] * 100:.1f}")
    return table


async def _listen(studio: Serving, token: str, count: int) -> tuple[int, float, float]:
    """How many streams are open, the memory with them, and the share of a core that they take."""
    request = f"GET /live HTTP/1.1\r\nhost: x\r\ncookie: myjoe={token}\r\naccept: text/event-stream\r\n\r\n".encode()
    open_streams = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", studio.port)
        writer.write(request)
        await reader.readuntil(b"\r\n\r\n")
        open_streams.append((reader, writer))
    await asyncio.sleep(1)
    memory, cpu, began = studio.memory_mib(), studio.cpu(), time.monotonic()
    await asyncio.sleep(3)
    share = (studio.cpu() - cpu) / (time.monotonic() - began)
    for _, writer in open_streams:
        writer.close()
    return len(open_streams), memory, share


def run(settings: Settings) -> Iterator[Table]:
    """All tables of this question."""
    yield pages(settings.rounds)
    yield listeners()
