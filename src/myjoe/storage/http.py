"""What the rooms behind HTTP have in common: one client, patience with a service that is down or
busy, one kind of error.
"""
from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Collection, Mapping

import httpx2

from myjoe.capped import HEADERS, CappedTransport
from myjoe.errors import FileMissingError, FileRefusedError, StorageAwayError, StorageError
from myjoe.retry_after import retry_after_seconds

# Seconds that a request is tried again while the service is down or busy. Larger: a job outlives
# its lease of 5 minutes, as four files are stored one after the other; smaller: a drawing that was
# paid for is lost to a restart of the service.
PATIENCE_SECONDS = 45.0
# Seconds to the first repetition, doubled each time up to the most, each varied by half.
_BACKOFF_SECONDS, _BACKOFF_SECONDS_MAX = 0.25, 8.0
# Connecting takes a tenth of a second, sending a page of 5 MB over a slow line ten.
_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
# Answers are read up to so many bytes. The largest files that we store and fetch again are pictures
# of providers, of 48 MB at most; more is a mistake, or an attack on the memory.
ANSWER_BYTES_MAX = 128_000_000
_REPEATED = frozenset({408, 425, 429, 500, 502, 503, 504})
# What is refused of this file alone: a damaged request, a conflict, a file that is too large or
# looks like something else. All other refusals are of any file, and an operator's to mend.
_OF_THIS_FILE = frozenset({400, 409, 411, 412, 413, 416, 422})
# How services say under those, and under 404, that it is not the file: the key, the token, the
# account, the bucket, the region, the clock, how files are encrypted and on which disks they lie,
# or the line on which the file was damaged.
_OF_ANY_FILE = re.compile(
    r"access.?key|credential|signature|token|jwt|jws|tenant|bucket|region|location|quota|skew|authoriz|account|mime|kms|encrypt"
    r"|storage.?class|security|polic|permission|billing|payment|paused|disabled|suspend|time.?out|timed out|digest|checksum|sha-?256"
    r"|incomplete|in progress|conflicting", re.IGNORECASE
)


class RetryingClient:
    """A client to one service. `name` begins every error's sentence."""

    def __init__(self, name: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._name = name
        self._patience_seconds = patience_seconds
        self._client = httpx2.AsyncClient(
            headers=HEADERS, transport=CappedTransport(name, ANSWER_BYTES_MAX, FileRefusedError), timeout=_TIMEOUT, follow_redirects=False
        )

    async def send(
        self,
        make: Callable[[], httpx2.Request],
        what: str,
        status_of: Callable[[httpx2.Response], tuple[int, str]],
        *,
        fine: Collection[int] = (),
    ) -> httpx2.Response:
        """The response, whose status is below 300 or among the `fine` ones. `make` is called anew
        for each try.

        `status_of` reads the true status and the reason out of an error. FileMissingError where
        there is no such file, FileRefusedError where it is refused for what it is,
        StorageAwayError for all that would meet any file, and when patience ends.
        """
        deadline, pause = time.monotonic() + self._patience_seconds, _BACKOFF_SECONDS
        while True:
            try:
                request = make()
                method = request.method
                response = await self._client.send(request)
            except httpx2.RequestError as error:
                status, reason, wait = 503, f"no answer ({type(error).__name__}: {error})", 0.0
            else:
                if response.is_success:
                    return response
                status, reason = status_of(response)
                if status in fine:
                    return response
                wait = retry_after_seconds(response.headers) or 0.0
            wait = max(wait, pause * random.uniform(0.5, 1.5))
            if status not in _REPEATED or time.monotonic() + wait > deadline:
                family = _family(method, status, reason)
                raise family(f"{self._name} did not {what}: {reason or 'it gave no reason'} ({status})")
            await asyncio.sleep(wait)
            pause = min(2 * pause, _BACKOFF_SECONDS_MAX)

    def request(
        self, method: str, url: str, headers: Mapping[str, str], *, content: bytes | None = None, json: object = None
    ) -> httpx2.Request:
        """A request, not yet sent."""
        return self._client.build_request(method, url, headers=dict(headers), content=content, json=json)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _family(method: str, status: int, reason: str) -> type[StorageError]:
    """What a refusal means. Only what is read can be missing: who writes and hears 404 has no
    bucket.
    """
    if status == 404 and method in ("GET", "HEAD") and not _OF_ANY_FILE.search(reason):
        return FileMissingError
    if status in _OF_THIS_FILE and not _OF_ANY_FILE.search(reason):
        return FileRefusedError
    return StorageAwayError
