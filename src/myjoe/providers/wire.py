"""The wire to a provider: no redirects, no packed answers, limited size, and one log line a call,
which holds no words of a prompt.
"""
from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from myjoe import telemetry
from myjoe.capped import HEADERS, CappedTransport
from myjoe.errors import JobError, ProviderAnswerError

# A provider that cannot be connected to in so many seconds is away. Less mistakes a slow network
# for that; more keeps a job waiting.
CONNECT_SECONDS = 10.0


def client(provider: str, base_url: str, key: str, bytes_max: int) -> httpx2.AsyncClient:
    """An HTTP client for one provider: no redirects, no packed answers, limited size; `key` goes
    into the header.
    """
    headers = {"User-Agent": "myjoe-worker", **HEADERS}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return httpx2.AsyncClient(
        base_url=base_url, headers=headers, transport=CappedTransport(provider, bytes_max, ProviderAnswerError), follow_redirects=False,
        timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
    )  # fmt: skip


def request_id_of(headers: Mapping[str, str]) -> str:
    """The id that the provider gave the request, for talking to its support; empty if
    it gave none.
    """
    return headers.get("x-request-id", "")[:128]


@dataclass
class Call:
    """What a log line says about a call; status 0 where no answer came."""

    status: int = 0
    request_id: str = ""


@contextmanager
def logged(provider: str, name: str) -> Iterator[Call]:
    """Around a call, with its request id: one line, whether it went well or not."""
    call, started = Call(), time.monotonic()

    def emit(event: str, **more: Any) -> None:
        seconds = time.monotonic() - started
        telemetry.emit(event, provider=provider, call=name, status=call.status, request_id=call.request_id, seconds=seconds, **more)

    try:
        yield call
    except JobError as error:
        emit("provider.failed", kind=error.kind, error=error)
        raise
    except asyncio.CancelledError:
        emit("provider.failed", kind="cancelled", error="stopped while it was waited for")
        raise
    emit("provider.polled" if name.startswith("GET predictions/") else "provider.called")
