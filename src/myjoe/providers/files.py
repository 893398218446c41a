"""`Files`: fetches what a provider has made, from where the provider keeps it and nowhere else."""
from __future__ import annotations

import asyncio
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

import httpx2

from myjoe.errors import ImageRefusedError, ProviderError
from myjoe.providers.http_errors import transport_error
from myjoe.providers.wire import client, logged


class Files:
    """Fetches files that a provider has made: over https, from the hosts it is known for, without a
    key and without redirects.

    hosts         names that end so are taken
    also_allowed  an origin taken as it is, http included: where the provider itself is, in tests
    """

    def __init__(self, provider: str, hosts: Collection[str], also_allowed: str, *, bytes_max: int, timeout_seconds: float) -> None:
        self._provider = provider
        self._hosts = tuple(hosts)
        self._also_allowed = _origin(urlsplit(also_allowed))
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
            except (httpx2.InvalidURL, httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, ValueError) as error:
                raise self._malformed() from error
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
        try:
            parts = urlsplit(url)
            origin = _origin(parts)
        except ValueError as error:  # brackets that do not match, a port that is none
            raise self._malformed() from error
        host = origin[1]
        known = parts.scheme == "https" and any(host == name or host.endswith(f".{name}") for name in self._hosts)
        if parts.username is not None or not (known or origin == self._also_allowed):
            raise ImageRefusedError(f"{self._provider} names a file at {host or 'no host'}, where it keeps none")

    def _malformed(self) -> ImageRefusedError:
        return ImageRefusedError(f"{self._provider} names a file at what is no address")


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port
