"""The desk of a Stripe of one's own: keeps its objects in a file, answers the real client without a
network, and signs what it tells.
"""
from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stripe

from myjoe_studio.billing.local.answering import Answers
from myjoe_studio.billing.local.objects import Objects


class LocalDesk:
    """A Stripe of one's own."""

    def __init__(self, path: Path, prices: Iterable[Mapping[str, Any]], address: str) -> None:
        self.secret = f"whsec_{secrets.token_hex(16)}"
        self._path = path
        kept = json.loads(path.read_text()) if path.exists() else {}
        self.objects = Objects(prices, kept)
        self.transport: stripe.HTTPClient = _Transport(Answers(self.objects, address), self.save)

    def save(self) -> None:
        """Keep the objects for the next start."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(6)}")
        beside.write_text(json.dumps(self.objects.all))
        beside.rename(self._path)

    def told(self) -> list[tuple[bytes, str]]:
        """The events since the last call, as a webhook gets them: body and signature."""
        self.save()
        events, self.objects.events = self.objects.events, []
        return [signed(event, self.secret) for event in events]


def signed(event: Mapping[str, Any], secret: str) -> tuple[bytes, str]:
    """An event as Stripe sends it: its body, and the header that signs it."""
    body = json.dumps(event)
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, secret)


class _Transport(stripe.HTTPClient):
    """Hands the client's requests to the desk instead of a network."""

    name = "local"

    def __init__(self, answers: Answers, save: Any) -> None:
        super().__init__()
        self._answers, self._save = answers, save

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """The answer to one request."""
        parts = urlsplit(url)
        status, body = self._answers.answer(method.upper(), parts.path, post_data or parts.query, headers.get("Idempotency-Key"))
        self._save()
        return json.dumps(body).encode(), status, {"Request-Id": f"req_{secrets.token_hex(6)}"}

    async def close_async(self) -> None:
        """There is nothing to close."""
