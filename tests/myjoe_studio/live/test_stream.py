"""A stream over ASGI: what is sent, and that a browser that has gone is noticed."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from myjoe_studio.live.stream import EventStream, comment, event

SCOPE = {"type": "http", "method": "GET", "path": "/live", "headers": [], "query_string": b""}


def sent_by(texts: AsyncIterator[str], *, gone_after: int = 1000) -> list[dict[str, Any]]:
    """The messages that the stream sends to a browser that goes away after so many of them."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if len(sent) > gone_after:
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError("nobody wakes it")

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(EventStream(texts)(SCOPE, receive, send))
    return sent


async def counted(ended: list[bool]) -> AsyncIterator[str]:
    try:
        for number in range(5):
            yield event("run", str(number))
    finally:
        ended.append(True)


def test_each_text_is_sent_at_once_and_the_stream_is_closed_at_its_end() -> None:
    ended: list[bool] = []
    start, *bodies = sent_by(counted(ended))
    assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
    assert not [name for name, _ in start["headers"] if name == b"content-length"]
    assert [body["body"] for body in bodies] == [f"event: run\ndata: {number}\n\n".encode() for number in range(5)] + [b""]
    assert [body["more_body"] for body in bodies] == [True] * 5 + [False] and ended == [True]


def test_a_browser_that_has_gone_is_sent_nothing_more() -> None:
    ended: list[bool] = []
    assert len(sent_by(counted(ended), gone_after=2)) == 3
    assert ended == [True]


def test_comments_are_what_no_browser_shows() -> None:
    assert comment("ping") == ": ping\n\n"
