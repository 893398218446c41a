"""`CappedTransport`: answers over HTTP up to a size, and never unpacked."""
from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import httpx2


class CappedTransport(httpx2.AsyncHTTPTransport):
    """Reads answers up to `bytes_max`. They come as they are: a packed answer could be of any size
    once unpacked, and a client that asks for none (`HEADERS`) is sent none.

    `name` begins the sentence of `error`, which is raised for an answer that is packed or larger.
    """

    def __init__(self, name: str, bytes_max: int, error: type[Exception]) -> None:
        super().__init__()
        self._name = name
        self._bytes_max = bytes_max
        self._error = error

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, whose stream ends in the error where it grows too large."""
        response = await super().handle_async_request(request)
        # S3 may repeat the name of a way of sending, which packs nothing.
        if response.headers.get("content-encoding", "").strip().lower() not in ("", "identity", "aws-chunked"):
            await response.aclose()
            raise self._error(f"{self._name} packs its answer, which was not asked for")
        response.headers.pop("content-encoding", None)
        response.stream = _Capped(self, cast(httpx2.AsyncByteStream, response.stream))
        return response

    def too_large(self) -> Exception:
        """What is raised for an answer that is."""
        return self._error(f"{self._name}'s answer is larger than {self._bytes_max} bytes")

    @property
    def bytes_max(self) -> int:
        """The size up to which answers are read."""
        return self._bytes_max


# What a client sends that wants its answers as they are.
HEADERS = {"Accept-Encoding": "identity"}


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, transport: CappedTransport, stream: httpx2.AsyncByteStream) -> None:
        self._transport = transport
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > self._transport.bytes_max:
                raise self._transport.too_large()
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
