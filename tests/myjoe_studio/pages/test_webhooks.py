"""What Stripe posts, and what others post in its name."""
from __future__ import annotations

import json
import time

import pytest
import stripe

from tests.support.stripe import Shop

EVENT = {"id": "evt_1", "type": "product.created", "created": 1795991185, "api_version": "2026-10-28.endive", "livemode": False,
         "data": {"object": {"id": "prod_1"}}}  # fmt: skip


def signature(shop: Shop, body: str, at: int | None = None) -> str:
    header: str = stripe.WebhookSignature.generate_signature_header(body, shop.stripe.webhook_secret, at)
    return header


def test_an_event_that_stripe_signed_is_taken(till: Shop) -> None:
    body = json.dumps(EVENT)
    answer = till.site.visitor().post("/webhooks/stripe", content=body, headers={"stripe-signature": signature(till, body)})
    assert (answer.status_code, answer.json()) == (200, {"received": True})


def test_the_body_is_read_as_it_came(till: Shop) -> None:
    """Signed is the text, with its spaces, and not what JSON makes of it."""
    body = json.dumps(EVENT, indent=4)
    post = till.site.visitor()
    headers = {"stripe-signature": signature(till, body)}
    assert post.post("/webhooks/stripe", content=body, headers=headers).status_code == 200
    assert post.post("/webhooks/stripe", content=json.dumps(EVENT), headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (json.dumps(EVENT), None),
        (json.dumps(EVENT), ""),
        (json.dumps(EVENT), "t=1,v1=nonsense"),
        (json.dumps(EVENT), "old"),
        ("no json", "true"),
        ("[]", "true"),
        ('"evt_1"', "true"),
        (json.dumps({**EVENT, "id": None}), "true"),
        (json.dumps({**EVENT, "created": "soon"}), "true"),
        (json.dumps({"id": "evt_1"}), "true"),
        (json.dumps({**EVENT, "id": "not an event"}), "true"),
    ],
)
def test_what_is_not_stripes_is_refused(till: Shop, body: str, header: str | None) -> None:
    signed = {"true": signature(till, body), "old": signature(till, body, int(time.time()) - 3600)}.get(header or "", header)
    headers = {} if signed is None else {"stripe-signature": signed}
    answer = till.site.visitor().post("/webhooks/stripe", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"received": False})
    assert till.database.one("select count(*) from public.stripe_events") == 0


def test_bytes_that_are_no_text_are_refused(till: Shop) -> None:
    answer = till.site.visitor().post("/webhooks/stripe", content=b"\xff\xfe", headers={"stripe-signature": "t=1,v1=00"})
    assert answer.status_code == 400


def test_it_takes_no_cookie_and_no_origin(till: Shop) -> None:
    body = json.dumps(EVENT)
    headers = {"stripe-signature": signature(till, body), "sec-fetch-site": "cross-site"}
    assert till.site.visitor().post("/webhooks/stripe", content=body, headers=headers).status_code == 200
