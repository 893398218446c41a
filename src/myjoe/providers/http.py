"""One way to speak HTTP with a provider: a key, a time limit, a size limit, and every failure as
one of our errors.

Errors that pass through here hold no key and no address with a signature; log lines hold no words
of a prompt either.
"""
from __future__ import annotations

import asyncio
import email.utils
import json
import math
import re
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, ValidationError

from myjoe import telemetry
from myjoe.errors import (
    ImageRefusedError,
    JobError,
    OperatorError,
    ProviderAccountError,
    ProviderAnswerError,
    ProviderBusyError,
    ProviderError,
    ProviderRefusedError,
    ProviderTimeoutError,
)
from myjoe.providers.protocol import Meter

# A provider that cannot be connected to in so many seconds is away. Less mistakes a slow network
# for that; more keeps a job waiting.
CONNECT_SECONDS = 10.0
# How long to stay away where a provider is busy and does not say how long, in seconds. A guess: its
# rates are counted by the minute.
BUSY_SECONDS = 30.0
# A pause that a provider asks for is kept up to so many seconds; after that it is asked again. More
# trusts a mistaken header for longer.
RETRY_AFTER_SECONDS_MAX = 3600.0
# Characters of a provider's own words that go into an error, for a person to read.
WORDS_MAX = 300
# What a gateway answers when it has lost patience with the machine behind it, which may have done
# the work. 524 is Cloudflare's.
GATEWAY_GAVE_UP = frozenset({502, 504, 524})
# How providers say that the account is empty, under whatever status they choose.
EMPTY_ACCOUNT = re.compile(r"insufficient[_ ](?:quota|credits?|balance|funds)|(?:not[_ ]enough|out[_ ]of)[_ ]credits?", re.IGNORECASE)
# Replicate states its pause in words only.
PAUSE_IN_WORDS = re.compile(r"resets in ~?(\d+(?:\.\d+)?) ?s", re.IGNORECASE)

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Reply:
    """An answer that came whole: its status, the JSON in it, and the id under which the provider
    knows the request.
    """

    provider: str
    status: int
    data: Mapping[str, Any]
    request_id: str

    def read(self, model: type[Model]) -> Model:
        """The answer as `model`; ProviderAnswerError if it is none."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(map(str, fault["loc"])) or "all of it" for fault in error.errors()}))
            raise ProviderAnswerError(f"{self.provider}'s answer is not what it should be, in {fields[:WORDS_MAX]}") from None


class Http:
    """A provider's API. One connection pool, kept until `close`.

    bytes_max        larger answers are refused before they fill the memory
    timeout_seconds  for one request from first to last byte, unless the call says otherwise
    """

    def __init__(self, provider: str, base_url: str, key: str, *, bytes_max: int, timeout_seconds: float) -> None:
        self.provider = provider
        self._key = key
        self._timeout_seconds = timeout_seconds
        self._client = client(provider, base_url, key, bytes_max)

    async def json(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *,
        headers: Mapping[str, str] | None = None, timeout_seconds: float | None = None, expected: Collection[int] = (),
    ) -> Reply:  # fmt: skip
        """Ask, and read the JSON of the answer. A status from 300 on is raised as an error, unless
        it is `expected`.
        """
        return await self._ask(method, path, timeout_seconds or self._timeout_seconds, expected, json=body, headers=dict(headers or {}))

    async def upload(self, path: str, field: str, content: bytes, media_type: str) -> Reply:
        """Send a file as a form's field, and read the JSON of the answer."""
        return await self._ask("POST", path, self._timeout_seconds, (), files={field: (field, content, media_type)})

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def _ask(self, method: str, path: str, timeout_seconds: float, expected: Collection[int], **content: Any) -> Reply:
        if not self._key:
            raise OperatorError(f"there is no key for {self.provider}")
        with logged(self.provider, f"{method} {_pattern(path)}") as call:
            try:
                async with asyncio.timeout(timeout_seconds):
                    response = await self._client.request(method, path, **content)
            except (httpx2.RequestError, TimeoutError) as error:
                raise transport_error(self.provider, error, timeout_seconds) from None
            call.status, call.request_id = response.status_code, request_id_of(response.headers)
            if response.status_code >= 300 and response.status_code not in expected:
                raise status_error(self.provider, response.status_code, response.headers, response.text, self._key)
            return Reply(self.provider, response.status_code, self._object(response.content), call.request_id)

    def _object(self, content: bytes) -> Mapping[str, Any]:
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            raise ProviderAnswerError(f"{self.provider}'s answer is no JSON, or was cut") from None
        if not isinstance(data, dict):
            raise ProviderAnswerError(f"{self.provider}'s answer is no JSON object")
        return data


class Files:
    """Fetches files that a provider has made: over https, from the hosts it is known for, without a
    key and without redirects.

    hosts         names that end so are taken
    also_allowed  an origin taken as it is, http included: where the provider itself is, in tests
    """

    def __init__(self, provider: str, hosts: Collection[str], also_allowed: str, *, bytes_max: int, timeout_seconds: float) -> None:
        self._provider = provider
        self._hosts = tuple(hosts)
        self._also_allowed = _origin(also_allowed)
        self._timeout_seconds = timeout_seconds
        self._client = client(provider, "", "", bytes_max)

    async def fetch(self, url: str) -> bytes | None:
        """The file; None if it is not there any more. ImageRefusedError for an address that we do
        not go to.
        """
        self._check(url)
        with logged(self._provider, "GET file") as call:
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    response = await self._client.get(url)
            except (httpx2.RequestError, TimeoutError) as error:
                raise transport_error(self._provider, error, self._timeout_seconds) from None
            call.status = response.status_code
            if call.status in (403, 404, 410):
                return None
            if call.status >= 300:
                raise ProviderError(f"{self._provider} answers with status {call.status} where its file was")
            return response.content

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        known = parts.scheme == "https" and any(host == name or host.endswith(f".{name}") for name in self._hosts)
        if parts.username is not None or not (known or _origin(url) == self._also_allowed):
            raise ImageRefusedError(f"{self._provider} names a file at {host or 'no host'}, where it keeps none")


# ── errors ────────────────────────────────────────────────────────────────────────────────────────


def status_error(provider: str, status: int, headers: Mapping[str, str], words: str, key: str = "") -> JobError:
    """What an HTTP status means for a job."""
    said = readable(words, key)
    if status == 402 or (status in (400, 403, 429) and EMPTY_ACCOUNT.search(words)):
        return ProviderAccountError(f"{provider}: the account is empty")
    if status in (401, 403):
        return ProviderAccountError(f"{provider} does not accept the key (status {status})")
    if status == 404:
        return OperatorError(f"{provider} knows no such model or address: {said}")
    pause = retry_after_seconds(headers)
    if status == 429 or (status == 503 and pause is not None):
        if pause is None and (in_words := PAUSE_IN_WORDS.search(words)):
            pause = float(in_words.group(1))
        return ProviderBusyError(f"{provider} asks to come back later", BUSY_SECONDS if pause is None else pause)
    if status in GATEWAY_GAVE_UP:
        return ProviderTimeoutError(f"{provider}'s gateway gave up (status {status})", pause)
    if status >= 500 or status in (408, 409, 425):
        return ProviderError(f"{provider} failed with status {status}", pause)
    if status >= 400:
        return ProviderRefusedError(f"{provider} refuses with status {status}: {said}")
    return ProviderError(f"{provider} sends us elsewhere (status {status})")


def transport_error(provider: str, error: Exception, timeout_seconds: float) -> JobError:
    """What a request without an answer means: whether the provider can have heard it decides."""
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)):
        return ProviderError(f"{provider} cannot be reached ({type(error).__name__})")
    if isinstance(error, (httpx2.TimeoutException, TimeoutError)):
        return ProviderTimeoutError(f"{provider} did not answer within {timeout_seconds:g} s")
    return ProviderTimeoutError(f"{provider} broke the connection before its answer was whole ({type(error).__name__})")


@asynccontextmanager
async def maybe_billed(meter: Meter, units: Mapping[str, float]) -> AsyncIterator[None]:
    """Around a request that costs money and has no id yet: where its answer is lost, the estimate
    is booked.
    """
    try:
        yield
    except (ProviderTimeoutError, ProviderAnswerError):
        await meter.unknown(units)
        raise


def retry_after_seconds(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """How long the provider asks us to stay away, 0 … RETRY_AFTER_SECONDS_MAX; None if it does not
    say, or nothing that can be read.

    Milliseconds, seconds (fractions too) or a date, in this order.
    """
    for name, per_second in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers.get(name, "")) / per_second
        except ValueError:
            continue
        if not math.isnan(seconds):
            return min(max(seconds, 0.0), RETRY_AFTER_SECONDS_MAX)
    date = email.utils.parsedate_tz(headers.get("retry-after", ""))
    if date is None:
        return None
    seconds = email.utils.mktime_tz(date) - (time.time() if now is None else now)
    return min(max(seconds, 0.0), RETRY_AFTER_SECONDS_MAX)


def readable(words: str, key: str = "") -> str:
    """A provider's words on one line and without our key: from the JSON it sends if there is one,
    never the whole of a page.
    """
    try:
        data = json.loads(words)
    except (ValueError, RecursionError):
        data = None
    while isinstance(data, dict):
        data = next((data[name] for name in ("detail", "message", "error", "title", "code") if data.get(name)), None)
    said = " ".join((data if isinstance(data, str) else words if not words.lstrip().startswith(("<", "{", "[")) else "").split())
    said = said.replace(key, "…") if key else said
    return said[:WORDS_MAX] or "no reason given"


# ── the wire ──────────────────────────────────────────────────────────────────────────────────────


class CappedTransport(httpx2.AsyncHTTPTransport):
    """Reads answers up to a size. They come as they are: a packed answer could be of any size once
    unpacked.
    """

    def __init__(self, provider: str, bytes_max: int) -> None:
        super().__init__()
        self._provider = provider
        self._bytes_max = bytes_max

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, whose stream ends in ProviderAnswerError where it grows too large."""
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise ProviderAnswerError(f"{self._provider} packs its answer, which was not asked for")
        response.stream = _Capped(self._provider, cast(httpx2.AsyncByteStream, response.stream), self._bytes_max)
        return response


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, provider: str, stream: httpx2.AsyncByteStream, bytes_max: int) -> None:
        self._provider = provider
        self._stream = stream
        self._bytes_max = bytes_max

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > self._bytes_max:
                raise ProviderAnswerError(f"{self._provider}'s answer is larger than {self._bytes_max} bytes")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def client(provider: str, base_url: str, key: str, bytes_max: int) -> httpx2.AsyncClient:
    """An HTTP client for one provider: no redirects, no packed answers, limited size; `key` goes
    into the header.
    """
    headers = {"User-Agent": "myjoe-worker", "Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return httpx2.AsyncClient(
        base_url=base_url, headers=headers, transport=CappedTransport(provider, bytes_max), follow_redirects=False,
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


def _pattern(path: str) -> str:
    """The path without the ids in it."""
    return re.sub(r"(?<=^predictions/)[^/]+", "ID", path)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port
