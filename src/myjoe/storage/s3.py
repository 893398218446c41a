"""Pages in a bucket of any S3: Amazon's, R2, MinIO, Supabase's own S3 door.

Five requests are all we need, so they are signed here (AWS Signature Version 4, as the S3 API
reference describes it) instead of bringing in an SDK of 80 MB with its own HTTP client, retries and
threads. The bucket stands in the path, which all of them understand.
"""
from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import httpx2

from myjoe.errors import StorageAwayError
from myjoe.storage.http import PATIENCE_SECONDS, RetryingClient
from myjoe.storage.keys import checked, probe

# The most that the protocol lets an address live: a week.
_SIGNED_SECONDS_MAX = 7 * 24 * 3600


class S3Storage:
    """One bucket."""

    def __init__(
        self, endpoint_url: str, region: str, bucket: str, access_key_id: str, secret_access_key: str, *,
        patience_seconds: float = PATIENCE_SECONDS, now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._endpoint = (endpoint_url or f"https://s3.{region}.amazonaws.com").rstrip("/")
        self._bucket = bucket
        self._signer = Signer(region, access_key_id, secret_access_key)
        self._now = now
        self._client = RetryingClient("the S3 storage", patience_seconds=patience_seconds)

    async def put(self, key: str, content: bytes, media_type: str) -> None:
        """Store; what was there under this key is replaced."""
        await self._send("PUT", key, "store", content=content, headers={"content-type": media_type})

    async def get(self, key: str) -> bytes:
        """The content."""
        return (await self._send("GET", key, "give")).content

    async def signed_url(self, key: str, seconds: int) -> str:
        """An address under which anybody who has it can read the file for so long, a week
        at most.
        """
        return self._signer.signed_url(self._url(key), min(seconds, _SIGNED_SECONDS_MAX), self._now())

    async def delete(self, keys: list[str]) -> None:
        """Remove; what is not there is no error."""
        for key in keys:
            await self._send("DELETE", key, "delete", fine=[404])

    async def check(self, size: int = 0) -> None:
        """Prove that the bucket can be written to and read from."""
        key = f"checks/{secrets.token_hex(8)}.png"
        content = probe(size)
        await self.put(key, content, "image/png")
        try:
            if await self.get(key) != content:
                raise StorageAwayError(f"the bucket {self._bucket} does not give back what was put into it")
        finally:
            await self.delete([key])

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _url(self, key: str) -> str:
        return f"{self._endpoint}/{self._bucket}/{checked(key)}"

    async def _send(
        self, method: str, key: str, what: str, *, content: bytes = b"", headers: dict[str, str] | None = None,
        fine: Collection[int] = (),
    ) -> httpx2.Response:  # fmt: skip
        url = self._url(key)

        def make() -> httpx2.Request:
            signed = self._signer.headers(method, url, hashlib.sha256(content).hexdigest(), self._now())
            return self._client.request(method, url, {**(headers or {}), **signed}, content=content or None)

        return await self._client.send(make, f"{what} {self._bucket}/{key}", _status_of, fine=fine)


class Signer:
    """AWS Signature Version 4 for S3. Paths need no quoting: keys are made of unreserved
    characters.
    """

    def __init__(self, region: str, access_key_id: str, secret_access_key: str) -> None:
        self._region, self._access_key_id, self._secret = region, access_key_id, secret_access_key

    def headers(self, method: str, url: str, content_sha256: str, now: datetime) -> dict[str, str]:
        """The headers that make a request ours."""
        signed = {"host": urlsplit(url).netloc, "x-amz-content-sha256": content_sha256, "x-amz-date": _stamp(now)}
        signature = self._signature(method, url, "", signed, content_sha256, now)
        return {
            **signed,
            "authorization": f"AWS4-HMAC-SHA256 Credential={self._access_key_id}/{self._scope(now)}, "
            f"SignedHeaders={';'.join(signed)}, Signature={signature}",
        }

    def signed_url(self, url: str, seconds: int, now: datetime) -> str:
        """The address with a signature in its query: a GET for so many seconds."""
        query = _query(
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{self._access_key_id}/{self._scope(now)}",
                "X-Amz-Date": _stamp(now), "X-Amz-Expires": str(seconds), "X-Amz-SignedHeaders": "host",
            }
        )  # fmt: skip
        signature = self._signature("GET", url, query, {"host": urlsplit(url).netloc}, "UNSIGNED-PAYLOAD", now)
        return f"{url}?{query}&X-Amz-Signature={signature}"

    def _signature(self, method: str, url: str, query: str, headers: dict[str, str], content_sha256: str, now: datetime) -> str:
        told = "".join(f"{name}:{value}\n" for name, value in headers.items())  # by name, as they are given in order
        request = "\n".join((method, urlsplit(url).path, query, told, ";".join(headers), content_sha256))
        text = "\n".join(("AWS4-HMAC-SHA256", _stamp(now), self._scope(now), hashlib.sha256(request.encode()).hexdigest()))
        key = f"AWS4{self._secret}".encode()
        for part in (*self._scope(now).split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        return key.hex()

    def _scope(self, now: datetime) -> str:
        return f"{now:%Y%m%d}/{self._region}/s3/aws4_request"


def _stamp(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%SZ}"


def _query(values: dict[str, str]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='-_.~')}" for name, value in sorted(values.items()))


def _status_of(response: httpx2.Response) -> tuple[int, str]:
    """The status and the reason of an error, which comes as a small XML document."""
    found = [re.search(f"<{name}>([^<]*)</{name}>", response.text[:4000]) for name in ("Code", "Message")]
    return response.status_code, ": ".join(match[1] for match in found if match)[:300]
