"""An HTTP server in a thread, with a script of faults per route."""
from __future__ import annotations

import gzip
import json
import socket
import threading
import uuid
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What goes over the wire: a JSON value or bytes."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Fault:
    """What becomes of one request.

    reply         sent instead of the true answer
    after_work    the work is done and billed all the same
    hang_seconds  nothing is sent for so long, then the connection ends
    cut, packed   the true answer, without its second half; or compressed, though nobody asked for
                  that
    """

    reply: Reply | None = None
    after_work: bool = False
    hang_seconds: float | None = None
    cut: bool = False
    packed: bool = False

    @property
    def patience_seconds(self) -> float:
        """How long a client should wait, in seconds: longer than any machine takes, unless it
        waits in vain; then long enough for its request to have come.
        """
        return 3.0 if self.hang_seconds else 60.0


def refuse(status: int, body: Any = None, *, after_work: bool = False, **headers: str) -> Fault:
    return Fault(Reply(status, body if body is not None else {}, headers), after_work)


def hang(seconds: float = 30.0, *, after_work: bool = False) -> Fault:
    return Fault(after_work=after_work, hang_seconds=seconds)


def drop(*, after_work: bool = False) -> Fault:
    return Fault(after_work=after_work, hang_seconds=0.0)


def cut() -> Fault:
    return Fault(after_work=True, cut=True)


def packed() -> Fault:
    return Fault(after_work=True, packed=True)


def html(status: int = 200) -> Fault:
    return Fault(Reply(status, b"<html><body>Bad gateway</body></html>", {"Content-Type": "text/html"}), after_work=True)


def huge(size: int) -> Fault:
    return Fault(Reply(200, b"{" + b" " * size + b"}"), after_work=True)


def redirect(target: str) -> Fault:
    return Fault(Reply(302, b"", {"Location": target}))


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    route: str
    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class RefusalError(Exception):
    """What a provider answers to a request that it does not take."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status, body)
        self.reply = Reply(status, body)


class Peer:
    """A provider. Subclasses know the routes and do the work."""

    key = "key-of-the-tests"

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.lock = threading.RLock()
        self._ending = threading.Event()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                peer._handle(self)

            do_GET = do_POST = do_DELETE = do_PUT = handle_any  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    # ── for the tests ─────────────────────────────────────────────────────────────────────────────

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The base address, as it is given to an adapter."""
        return f"{self.origin}/v1"

    def script(self, route: str, *faults: Fault) -> None:
        """What the next requests of a route meet, one fault each; then all is well again."""
        self.faults[route].extend(faults)

    def count(self, route: str) -> int:
        with self.lock:
            return sum(request.route == route for request in self.received)

    def last(self, route: str) -> Received:
        with self.lock:
            return next(request for request in reversed(self.received) if request.route == route)

    def __enter__(self) -> Peer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()

    # ── for the subclasses ────────────────────────────────────────────────────────────────────────

    def route(self, method: str, path: str) -> str:
        """The name under which a request is scripted and counted."""
        raise NotImplementedError

    def delay(self, request: Received) -> None:
        """How long the work takes; several requests may wait at once."""

    def work(self, request: Received) -> Reply:
        """The true answer, with all that it causes."""
        raise NotImplementedError

    def unauthorized(self) -> Any:
        """The body of a 401."""
        return {"message": "Unauthorized"}

    def open_to_all(self, route: str) -> bool:
        """Whether a route asks for no key."""
        return False

    # ── the wire ──────────────────────────────────────────────────────────────────────────────────

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        content = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Received(self.route(handler.command, handler.path), handler.command, handler.path, headers, content)
        with self.lock:
            self.received.append(request)
            waiting = self.faults[request.route]
            fault = waiting.popleft() if waiting else Fault(after_work=True)
        reply = self._answer(request) if fault.after_work else Reply(200)
        if fault.hang_seconds is not None:
            self._ending.wait(fault.hang_seconds)
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(handler, fault.reply or reply, fault)

    def _answer(self, request: Received) -> Reply:
        if not self.open_to_all(request.route) and request.headers.get("authorization") != f"Bearer {self.key}":
            return Reply(401, self.unauthorized())
        self.delay(request)
        try:
            with self.lock:
                return self.work(request)
        except RefusalError as refusal:
            return refusal.reply

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply, fault: Fault) -> None:
        content = reply.content
        headers = {"Content-Type": "application/json", "x-request-id": f"req-{uuid.uuid4().hex[:12]}", **reply.headers}
        if fault.cut:
            content = content[: len(content) // 2]
        if fault.packed:
            content, headers = gzip.compress(content), {**headers, "Content-Encoding": "gzip"}
        try:
            handler.send_response(reply.status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content)
        except OSError:  # the client has hung up, as it may
            handler.close_connection = True
