"""Server-sent events to one browser (HTML Living Standard, 9.2), by one task and nothing beside it:
thousands of browsers listen to one process.

sse-starlette, which is well kept, takes four tasks for a stream. Measured with 2,000 streams, that
was 46 KiB for each; this takes what `benchmarks/bench_studio.py` shows.
"""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class EventStream(Response):
    """An answer that goes on for as long as `texts` come and the browser is there. Each text is an
    event or a comment as it is sent; after each it is looked whether the browser has gone.
    """

    media_type = "text/event-stream"

    def __init__(self, texts: AsyncIterator[str]) -> None:
        # Proxies such as nginx would keep the stream back until it ends.
        super().__init__(headers={"x-accel-buffering": "no", "cache-control": "private, no-store"})
        del self.headers["content-length"]
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until there is no more, or nobody there."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        request = Request(scope, receive)
        async with aclosing(self._texts) as texts:  # type: ignore[type-var]
            async for text in texts:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
                if await request.is_disconnected():
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def event(name: str, data: str) -> str:
    """An event of one line of data."""
    return f"event: {name}\ndata: {data}\n\n"


def comment(text: str) -> str:
    """What no browser shows: a sign of life."""
    return f": {text}\n\n"
