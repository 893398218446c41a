"""Pages in Supabase Storage, by its HTTP routes under /storage/v1, with the project's secret key.

Mind the errors: most come as HTTP 400 with the true status as a string in the body.
"""
from __future__ import annotations

import re
import secrets
from collections.abc import Collection

import httpx2

from myjoe.errors import FileRefusedError, StorageAwayError
from myjoe.storage.http import PATIENCE_SECONDS, RetryingClient
from myjoe.storage.keys import checked, probe

# Keys that one request may delete.
_DELETED_MAX = 1000
# Seconds that browsers and Supabase's network may keep a file. A key's content changes only when an
# attempt repeats itself.
_CACHE_SECONDS = 3600
_STATUS = re.compile("[1-9][0-9]{2}")


class SupabaseStorage:
    """One private bucket of a project."""

    def __init__(self, url: str, secret_key: str, bucket: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._root = f"{url.rstrip('/')}/storage/v1"
        self._bucket = bucket
        # The new keys (sb_secret_…) are no tokens; as bearer they are taken only beside the same
        # apikey.
        self._headers = {"apikey": secret_key, "authorization": f"Bearer {secret_key}"}
        self._client = RetryingClient("Supabase Storage", patience_seconds=patience_seconds)

    async def put(self, key: str, content: bytes, media_type: str) -> None:
        """Store; what was there under this key is replaced."""
        headers = {"content-type": media_type, "x-upsert": "true", "cache-control": f"max-age={_CACHE_SECONDS}"}
        path = f"object/{self._bucket}/{checked(key)}"
        answer = await self._send("POST", path, "store", headers=headers, content=content, fine=[409])
        if not answer.is_success:  # two deliveries at once: the other made it first, and it is there to be replaced
            await self._send("PUT", path, "replace", headers=headers, content=content)

    async def get(self, key: str) -> bytes:
        """The content."""
        return (await self._send("GET", f"object/{self._bucket}/{checked(key)}", "give")).content

    async def signed_url(self, key: str, seconds: int) -> str:
        """An address under which anybody who has it can read the file for so long."""
        answer = await self._send("POST", f"object/sign/{self._bucket}/{checked(key)}", "sign", json={"expiresIn": seconds})
        try:
            said = answer.json()
            path = said.get("signedURL") or said["signedUrl"]  # the second is Supabase Lite's spelling
            return self._root + path.removeprefix("/storage/v1")  # the real one's is relative to that
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FileRefusedError("Supabase Storage gave no address where it was asked to sign one") from error

    async def delete(self, keys: list[str]) -> None:
        """Remove; what is not there is no error."""
        names = [checked(key) for key in keys]
        for first in range(0, len(names), _DELETED_MAX):
            await self._send("DELETE", f"object/{self._bucket}", "delete", json={"prefixes": names[first : first + _DELETED_MAX]})

    async def check(self, size: int = 0) -> None:
        """Prove that the bucket can be written to and read from, and that strangers
        cannot read it.
        """
        key = f"checks/{secrets.token_hex(8)}.png"
        content = probe(size)
        await self.put(key, content, "image/png")
        try:
            if await self.get(key) != content:
                raise StorageAwayError(f"the bucket {self._bucket} does not give back what was put into it")
            request = self._client.request("GET", f"{self._root}/object/public/{self._bucket}/{key}", {})
            public = await self._client.send(lambda: request, "answer", _true_status, fine=(400, 401, 403, 404))
            if public.is_success:
                raise StorageAwayError(f"the bucket {self._bucket} is public: anybody could read the pages of all users")
        finally:
            await self.delete([key])

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _send(
        self, method: str, path: str, what: str, *, headers: dict[str, str] | None = None, content: bytes | None = None,
        json: object = None, fine: Collection[int] = (),
    ) -> httpx2.Response:  # fmt: skip
        def make() -> httpx2.Request:
            return self._client.request(method, f"{self._root}/{path}", {**self._headers, **(headers or {})}, content=content, json=json)

        return await self._client.send(make, f"{what} {path.partition('/')[2]}", _true_status, fine=fine)


def _true_status(response: httpx2.Response) -> tuple[int, str]:
    """The status that is meant, and the reason, of an error."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return response.status_code, response.text[:200]
    if not isinstance(body, dict):
        return response.status_code, ""
    said = str(body.get("statusCode", ""))
    reason = ": ".join(str(body[name]) for name in ("error", "message") if body.get(name))
    return int(said) if _STATUS.fullmatch(said) else response.status_code, reason[:300]
