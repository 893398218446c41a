"""Stripe's API: customers, checkout sessions, subscriptions, invoices and their payments, refunds,
disputes, the billing portal, events. It remembers, bills, and signs what it tells.

What it answers is what the Stripe of development answers; here it lies behind a real socket, with
faults, and the tests do what happens to its objects: `peer.objects.pay(session)`.
"""
from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from myjoe_studio.billing.local.answering import Answers
from myjoe_studio.billing.local.desk import signed
from myjoe_studio.billing.local.objects import Object, Objects
from tests.support.peers.server import Peer, Received, Reply

# What we sell, as the account at Stripe has it.
PRICES = [
    {"lookup_key": "lite_monthly", "kind": "plan", "cents": 999}, {"lookup_key": "pro_monthly", "kind": "plan", "cents": 2999},
    {"lookup_key": "max_monthly", "kind": "plan", "cents": 5999}, {"lookup_key": "topup_50", "kind": "topup", "cents": 599},
    {"lookup_key": "topup_150", "kind": "topup", "cents": 1499}, {"lookup_key": "topup_400", "kind": "topup", "cents": 3599},
]  # fmt: skip


class StripePeer(Peer):
    """Stripe. `told` are all events so far, whether somebody heard them or not."""

    key = "sk_test_peer"
    webhook_secret = "whsec_of_the_tests"

    def __init__(self) -> None:
        super().__init__()
        self.objects = Objects(PRICES)
        self._shortened: dict[str, Object] = {}
        self._answers = Answers(self.objects, "https://checkout.stripe.com")

    @property
    def told(self) -> list[Object]:
        with self.lock:
            return list(self.objects.events)

    def the(self, kind: str) -> Object:
        """The newest object of a kind."""
        with self.lock:
            return self.objects.of(kind)[-1]

    def unauthorized(self) -> Any:
        """As Stripe says it."""
        return {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}

    def route(self, method: str, path: str) -> str:
        """GET /v1/invoices/in_1 is "GET invoices/:id"."""
        bare = urlsplit(path).path.removeprefix("/v1/")
        return f"{method} {re.sub(r'(?<=/)[a-z]+_[0-9A-Za-z_]+', ':id', bare)}"

    def answer(self, method: str, path: str, query: str = "") -> Object:
        """What it answers to a request, without the wire."""
        status, body = self._answers.answer(method, path, query)
        assert status == 200, body
        return body

    def shorten(self, invoice: Object, lines: Object) -> None:
        """Answer an invoice with a first page of its lines, as Stripe does where there are many."""
        self._shortened[invoice["id"]] = lines

    def work(self, request: Received) -> Reply:
        parts = urlsplit(request.path)
        query = request.content.decode() or parts.query
        status, body = self._answers.answer(request.method, parts.path, query, request.headers.get("idempotency-key"))
        if body.get("id") in self._shortened:
            body = {**body, "lines": self._shortened[body["id"]]}
        # As it is now: what happens while it is sent does not change it.
        return Reply(status, json.loads(json.dumps(body)))

    def deliver(self, client: Any, event: Object, **changes: Any) -> Any:
        """Post an event to a Studio, signed; the answer."""
        body, signature = signed({**event, **changes}, self.webhook_secret)
        return client.post("/webhooks/stripe", content=body, headers={"stripe-signature": signature})

    def deliver_all(self, client: Any, events: Iterable[Object] | None = None) -> None:
        """Post events in this order, by default all of them as they happened."""
        for event in self.told if events is None else events:
            answer = self.deliver(client, event)
            assert answer.status_code == 200, answer.text

    def shuffled(self, chance: random.Random) -> list[Object]:
        """All events in some order, some of them twice or thrice."""
        events = [event for event in self.told for _ in range(chance.choice((1, 1, 2, 3)))]
        chance.shuffle(events)
        return events
