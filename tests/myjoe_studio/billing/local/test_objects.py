"""Stripe's objects and what happens to them, as the real ones do."""
from __future__ import annotations

import pytest

from myjoe_studio.billing.local.objects import MONTH_SECONDS, Object, Objects
from tests.support.peers.stripe import PRICES


@pytest.fixture
def objects() -> Objects:
    return Objects(PRICES, clock=lambda: 1_000_000.0)


def session(objects: Objects, lookup_key: str = "lite_monthly") -> Object:
    price = objects.all[f"price_{lookup_key}"]
    return objects.add(
        "cs", "checkout.session", mode="payment" if lookup_key.startswith("topup") else "subscription", customer="cus_1", status="open",
        payment_status="unpaid", amount_total=price["unit_amount"], line_items={"data": [{"price": price}]}, payment_intent=None,
    )  # fmt: skip


def told(objects: Objects) -> list[str]:
    types = [event["type"] for event in objects.events]
    objects.events.clear()
    return types


def test_a_plan_that_is_paid(objects: Objects) -> None:
    bought = session(objects)
    objects.pay(bought)
    assert told(objects) == ["customer.subscription.created", "invoice.paid", "invoice_payment.paid", "checkout.session.completed"]
    subscription = objects.all[bought["subscription"]]
    item = subscription["items"]["data"][0]
    assert (subscription["status"], item["current_period_end"] - item["current_period_start"]) == ("active", MONTH_SECONDS)
    assert objects.all[bought["invoice"]]["amount_paid"] == 999


def test_a_month_later(objects: Objects) -> None:
    objects.pay(session(objects))
    [subscription] = objects.of("subscription")
    told(objects)
    objects.renew(subscription, paid=False)
    assert (subscription["status"], told(objects)) == ("past_due", ["invoice.payment_failed", "customer.subscription.updated"])
    objects.settle(subscription)
    assert (subscription["status"], told(objects)[0]) == ("active", "invoice.paid")
    objects.cancel(subscription)
    objects.cancel(subscription)
    assert told(objects) == ["customer.subscription.deleted"]


def test_a_change_bills_the_difference_for_the_rest_of_the_month(objects: Objects) -> None:
    objects.pay(session(objects))
    [subscription] = objects.of("subscription")
    objects.change(subscription, "pro_monthly", prorated=True)
    lines = objects.of("invoice")[-1]["lines"]["data"]
    assert [line["parent"]["subscription_item_details"]["proration"] for line in lines] == [True, True]
    assert subscription["items"]["data"][0]["price"]["lookup_key"] == "pro_monthly"


def test_what_is_paid_slowly(objects: Objects) -> None:
    for paid, last in ((True, "succeeded"), (False, "failed")):
        bought = session(objects, "topup_50")
        objects.pay(bought, slowly=True)
        assert (bought["status"], bought["payment_status"]) == ("complete", "unpaid")
        objects.arrive(bought, paid=paid)
        assert told(objects) == ["checkout.session.completed", f"checkout.session.async_payment_{last}"]


def test_no_more_goes_back_than_came_in(objects: Objects) -> None:
    objects.pay(session(objects, "topup_50"))
    [intent] = objects.of("payment_intent")
    objects.refund(intent, 500)
    with pytest.raises(ValueError, match="refunded"):
        objects.refund(intent, 100)
    dispute = objects.dispute(intent)
    assert dispute["amount"] == 99
    for again in (objects.dispute, objects.refund):
        with pytest.raises(ValueError, match="cannot be"):
            again(intent)


def test_an_event_holds_what_was_and_not_what_is(objects: Objects) -> None:
    objects.pay(session(objects))
    objects.cancel(objects.of("subscription")[0])
    assert objects.events[0]["data"]["object"]["status"] == "active"
