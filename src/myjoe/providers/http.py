"""`Http`: one way to ask a provider's API, with a key, a time limit, a size limit, and every
failure as one of our errors (`http_errors`, `wire`).
"""
from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from myjoe.errors import OperatorError, ProviderAnswerError
from myjoe.providers.http_errors import WORDS_MAX, status_error, transport_error
from myjoe.providers.wire import client, logged, request_id_of

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


def _pattern(path: str) -> str:
    """The path without the ids in it."""
    return re.sub(r"(?<=^predictions/)[^/]+|(?<=^customers/)[^/]+", "ID", path)
