"""The desk of a Stripe of one's own: the real client talks to it, and what it keeps is there
again.
"""
from __future__ import annotations

import asyncio
import json
from pathlib import Path

import stripe

from myjoe_studio.billing.local.desk import LocalDesk, signed
from myjoe_studio.billing.stripe import connect
from myjoe_studio.settings import StudioSettings
from tests.support.peers.stripe import PRICES


def test_the_real_client_talks_to_it_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "stripe.json"
    desk = LocalDesk(path, PRICES, "http://here")
    client = connect(StudioSettings(home=tmp_path), desk.transport)
    customer = asyncio.run(client.v1.customers.create_async({"email": "a@example.com"}))
    again = connect(StudioSettings(home=tmp_path), LocalDesk(path, PRICES, "http://here").transport)
    assert asyncio.run(again.v1.customers.retrieve_async(customer.id)).email == "a@example.com"
    assert [file.name for file in tmp_path.glob("*stripe*")] == ["stripe.json"], "nothing is left beside it"


def test_it_signs_what_it_tells_and_tells_it_once(tmp_path: Path) -> None:
    desk = LocalDesk(tmp_path / "stripe.json", PRICES, "http://here")
    desk.objects.tell("product.created", {"id": "prod_1"})
    [(body, signature)] = desk.told()
    assert stripe.WebhookSignature.verify_header(body, signature, desk.secret, 300)
    assert json.loads(body)["data"]["object"] == {"id": "prod_1"}
    assert desk.told() == []
    assert signed({"id": "evt_1"}, "whsec_1")[0] == b'{"id": "evt_1"}'
