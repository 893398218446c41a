"""The HTTP server, over real sockets."""
from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from myjoe.errors import SettingsError
from myjoe_worker.health import http as module
from myjoe_worker.health.http import HttpResponse, serving


async def _fine() -> HttpResponse:
    return HttpResponse(200, "text/html", "<p>grün</p>")


async def _ill() -> HttpResponse:
    return HttpResponse(503, "application/json", "{}")


async def _broken() -> HttpResponse:
    raise ValueError("no such view")


HANDLERS = {"/": _fine, "/health": _ill, "/broken": _broken}


def asked(ask: Callable[[str, int], Any]) -> Any:
    """What `ask` finds out, in a thread, about a server that runs meanwhile."""

    async def run() -> Any:
        async with serving(("127.0.0.1", 0), HANDLERS) as url:
            parts = urlsplit(url)
            return await asyncio.to_thread(ask, parts.hostname or "", parts.port or 0)

    return asyncio.run(run())


def request(method: str, path: str) -> tuple[int, str, dict[str, str]]:
    def ask(host: str, port: int) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection(host, port, timeout=60)
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.headers)

    result: tuple[int, str, dict[str, str]] = asked(ask)
    return result


def test_a_page_is_served_and_may_load_nothing() -> None:
    status, text, headers = request("GET", "/?x=1")
    assert (status, text, headers["Content-Type"]) == (200, "<p>grün</p>", "text/html; charset=utf-8")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'") and headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("HEAD", "/", 200, ""), ("GET", "/health", 503, "{}"), ("POST", "/", 405, "Only GET"), ("GET", "/etc/passwd", 404, "There are /, "),
        ("GET", "/broken", 500, "the log says why"),
    ],
)  # fmt: skip
def test_answers(method: str, path: str, status: int, words: str) -> None:
    answer = request(method, path)
    assert answer[0] == status and words in answer[1] and (words or not answer[1])


async def _talk(port: int, words: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("words", [b"\x16\x03\x01\x02", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 20000, b"\r\n\r\n"])
def test_what_is_no_request_is_shown_the_door_and_others_are_served(words: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_SECONDS_MAX", 0.2)

    async def run() -> tuple[bytes, bytes]:
        async with serving(("127.0.0.1", 0), HANDLERS) as url:
            port = urlsplit(url).port or 0
            odd = await _talk(port, words)
            monkeypatch.undo()
            return odd, await _talk(port, b"GET / HTTP/1.1\r\n\r\n")

    odd, fine = asyncio.run(run())
    assert not odd or odd.startswith(b"HTTP/1.1 405")
    assert fine.startswith(b"HTTP/1.1 200 OK")


def test_silent_connections_use_up_no_more_than_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTIONS_MAX", 2)

    async def run() -> tuple[list[bytes], bytes]:
        async with serving(("127.0.0.1", 0), HANDLERS) as url:
            port = urlsplit(url).port or 0
            silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
            served = [await _talk(port, b"GET / HTTP/1.1\r\n\r\n") for _ in range(3)]
            first, second = silent
            try:
                dropped = await first[0].read()
            except ConnectionResetError:
                dropped = b""
            second[1].write(b"GET / HTTP/1.1\r\n\r\n")
            late = await second[0].read()
            first[1].close()
            second[1].close()
            return [*served, late], dropped

    served, dropped = asyncio.run(run())
    assert [answer[:12] for answer in served] == [b"HTTP/1.1 200"] * 4, "also whoever was silent, and speaks before it has to go"
    assert dropped == b"", "the oldest silent one makes way"


def test_a_probe_is_answered_beside_sixty_that_say_nothing_and_sixty_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> HttpResponse:
        await asyncio.sleep(600)
        raise AssertionError

    async def run() -> bytes:
        async with serving(("127.0.0.1", 0), {**HANDLERS, "/never": never}) as url:
            port = urlsplit(url).port or 0
            others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(120)]
            for _, writer in others[::2]:
                writer.write(b"GET /never HTTP/1.1\r\n\r\n")
            for _ in range(3):
                answer = await _talk(port, b"GET / HTTP/1.1\r\n\r\n")
                assert answer.startswith(b"HTTP/1.1 200")
            for _, writer in others:
                writer.close()
            return answer

    assert asyncio.run(run()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("host", "why"),
    [("127.0.0.1", "is taken by another process"), ("203.0.113.1", "is no address of this machine"), ("no.such.host.invalid", "")],
)
def test_an_address_that_cannot_be_had_names_its_setting(host: str, why: str) -> None:
    async def run() -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            async with serving((host, other.getsockname()[1]), HANDLERS):
                pass

    with pytest.raises(SettingsError, match=f"^MYJOE_HEALTH_ADDRESS names {host}:\\d+, which .*{why}.*: give another, or none$"):
        asyncio.run(run())
