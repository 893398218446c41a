"""From a click to Stripe's page: what Stripe is asked, once, and what it is asked for who
leaves.
"""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from myjoe_studio.billing.checkouts import CheckoutRefusedError, Checkouts, cancel
from myjoe_studio.billing.local.answering import read_params
from myjoe_studio.billing.stripe import connect
from myjoe_studio.deciding import Decider
from myjoe_studio.reading import Connections
from tests.database.support import Database
from tests.support.peers import StripePeer, drop, refuse
from tests.support.stripe import Shop, settings_for


def ask(database: Database, peer: StripePeer, what: Callable[[Checkouts], Awaitable[Any]]) -> Any:
    """Ask checkouts of their own something."""
    async def asked() -> Any:
        connections = Connections(database.server.url(database.name), 1)
        try:
            return await what(Checkouts(connect(settings_for(peer)), Decider(connections), "https://myjoe.example"))
        finally:
            await connections.close()

    return asyncio.run(asked())


def sent(peer: StripePeer, route: str) -> dict[str, Any]:
    return read_params(peer.last(route).content.decode())


def test_a_plan_is_asked_for_with_all_that_its_events_need(newest: Database) -> None:
    user = newest.user(None)
    with StripePeer() as peer:
        address = ask(newest, peer, lambda checkouts: checkouts.begin(user, "intent-1", "lite_monthly"))
        assert address.startswith("https://checkout.stripe.com/")
        asked = sent(peer, "POST checkout/sessions")
        checkout = newest.one("select id from public.checkouts")
        about = {"user_id": str(user), "checkout": str(checkout), "lookup_key": "lite_monthly"}
        assert asked == {
            "mode": "subscription", "subscription_data": {"metadata": about}, "metadata": about, "client_reference_id": str(user),
            "customer": peer.the("customer")["id"], "line_items": [{"price": "price_lite_monthly", "quantity": "1"}],
            "success_url": "https://myjoe.example/billing/done?session_id={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://myjoe.example/billing?nothing=bought",
        }  # fmt: skip
        assert peer.last("POST checkout/sessions").headers["idempotency-key"] == f"checkout:{checkout}"
        assert sent(peer, "POST customers")["metadata"] == {"user_id": str(user)}


def test_a_top_up_is_paid_once(newest: Database) -> None:
    user = newest.user("lite")
    with StripePeer() as peer:
        ask(newest, peer, lambda checkouts: checkouts.begin(user, "intent-1", "topup_50"))
        asked = sent(peer, "POST checkout/sessions")
        assert asked["mode"] == "payment" and asked["payment_intent_data"]["metadata"]["lookup_key"] == "topup_50"
        ask(newest, peer, lambda checkouts: checkouts.begin(user, "intent-2", "topup_50"))
        assert peer.count("POST customers") == 1, "one is their customer for good"


@pytest.mark.parametrize(("fault", "sessions"), [(drop(after_work=True), 1), (refuse(500, after_work=True), 1)], ids=["cut off", "500"])
def test_what_stripe_did_without_saying_so_is_not_done_twice(newest: Database, fault: Any, sessions: int) -> None:
    user = newest.user(None)
    with StripePeer() as peer:
        peer.script("POST checkout/sessions", fault)
        ask(newest, peer, lambda checkouts: checkouts.begin(user, "intent-1", "lite_monthly"))
        assert len(peer.objects.of("checkout.session")) == sessions


def test_a_price_that_stripe_does_not_have_is_our_fault_and_charges_nobody(till: Shop) -> None:
    till.stripe.objects.all["price_lite_monthly"]["active"] = False
    visitor = till.site.visitor(till.database.user(None))
    assert till.press(visitor, "lite_monthly").status_code == 503
    till.stripe.objects.all["price_lite_monthly"]["active"] = True
    assert till.press(visitor, "lite_monthly").status_code == 303


def test_the_portal_is_for_who_bought(newest: Database) -> None:
    user = newest.user(None)
    with StripePeer() as peer, pytest.raises(CheckoutRefusedError) as raised:
        ask(newest, peer, lambda checkouts: checkouts.portal(user))
    assert raised.value.code == "no_customer"


def test_who_leaves_is_billed_no_more_and_who_stays_goes_on(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    subscription = till.stripe.the("subscription")
    assert ask(till.database, till.stripe, lambda checkouts: checkouts.end(user)) == 1
    assert (subscription["status"], subscription["cancel_at_period_end"]) == ("active", True)
    assert ask(till.database, till.stripe, lambda checkouts: checkouts.keep(user)) == 1
    assert subscription["cancel_at_period_end"] is False
    till.stripe.objects.cancel_at_period_end(subscription)
    for what in (Checkouts.end, Checkouts.keep):
        ask(till.database, till.stripe, lambda checkouts, what=what: what(checkouts, user))  # type: ignore[misc]
    assert subscription["cancel_at_period_end"] is True, "as its user had wished before"
    till.stripe.objects.cancel_at_period_end(subscription, False)
    till.stripe.objects.renew(subscription, paid=False)
    till.tell()
    assert ask(till.database, till.stripe, lambda checkouts: checkouts.end(user)) == 1
    assert subscription["status"] == "canceled", "what is not paid is not asked for again"
    till.tell()
    assert ask(till.database, till.stripe, lambda checkouts: checkouts.end(user)) == 0
    assert ask(till.database, till.stripe, lambda checkouts: checkouts.end(uuid.uuid4())) == 0


def test_what_stripe_does_not_know_is_over() -> None:
    with StripePeer() as peer:
        assert asyncio.run(cancel(connect(settings_for(peer)), "sub_seed")) is None
