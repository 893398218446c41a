"""What is true at Stripe, read and put: invoices line by line, prices as they were, customers by
what they say.
"""
from __future__ import annotations

import secrets
from typing import Any

import pytest

from myjoe_studio.billing.settling import DISPUTES, REFUNDS, SUBSCRIPTIONS
from tests.support.stripe import Shop


def line(amount: int, price: str = "price_lite_monthly", *, proration: bool = False, **more: Any) -> dict[str, Any]:
    """A line of an invoice."""
    return {
        "id": f"il_{secrets.token_hex(4)}", "object": "line_item", "amount": amount, "quantity": 1, "discount_amounts": [],
        "pricing": {"type": "price_details", "price_details": {"price": price}},
        "parent": {"type": "subscription_item_details", "subscription_item_details": {"proration": proration}}, **more,
    }  # fmt: skip


def invoiced(till: Shop, lines: list[dict[str, Any]], **fields: Any) -> int:
    """Half credits that a second paid invoice with these lines brings."""
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    before = till.database.balance(user)
    invoice = till.stripe.objects.renew(till.stripe.the("subscription"))
    invoice["lines"]["data"] = lines
    invoice.update(fields)
    till.tell()
    return till.database.balance(user) - before


@pytest.mark.parametrize(
    ("lines", "half"),
    [
        ([line(999)], 230),
        ([line(999), line(2999, "price_pro_monthly")], 980),
        ([line(1998, quantity=2)], 460),
        ([line(-500, proration=True), line(1500, "price_pro_monthly", proration=True)], 0),
        # A change to a cheaper plan: the rest of the dear month pays for the new one.
        ([line(-3000, "price_max_monthly", proration=True), line(999)], 230),
        ([line(0)], 0),
        ([line(999, discount_amounts=[{"amount": 999, "discount": "di_1"}])], 0),
        ([line(999, discount_amounts=[{"amount": 500, "discount": "di_1"}])], 230),
        ([line(500, parent={"type": "invoice_item_details", "invoice_item_details": {}})], 0),
        ([line(500, parent=None)], 0),
    ],
)
def test_a_whole_month_that_is_paid_brings_its_credits(till: Shop, lines: list[dict[str, Any]], half: int) -> None:
    assert invoiced(till, lines) == half


def test_an_invoice_has_as_many_lines_as_it_has(till: Shop) -> None:
    lines = [line(999) for _ in range(5)]
    first = {"object": "list", "data": lines[:2], "has_more": True}
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    invoice = till.stripe.objects.renew(till.stripe.the("subscription"))
    invoice["lines"]["data"] = lines
    answer = till.stripe.answer("GET", f"/v1/invoices/{invoice['id']}")
    assert len(answer["lines"]["data"]) == 5
    till.stripe.shorten(invoice, first)
    till.tell()
    assert till.database.balance(user) == 6 * 230
    assert till.stripe.count("GET invoices/:id/lines") > 0


def test_an_invoice_that_was_written_by_hand_brings_nothing(till: Shop) -> None:
    assert invoiced(till, [line(999)], parent=None) == 0


def test_an_invoice_that_is_not_paid_brings_nothing(till: Shop) -> None:
    for status in ("open", "void", "uncollectible", "draft"):
        assert invoiced(till, [line(999)], status=status) == 0


def test_a_price_that_was_moved_on_is_worth_what_it_was(till: Shop) -> None:
    """A dearer Lite is sold under the same lookup key, and who has the old one goes on."""
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    old = till.stripe.objects.all["price_lite_monthly"]
    till.stripe.objects.all["price_new"] = {**old, "id": "price_new", "unit_amount": 1299}
    subscription = till.stripe.the("subscription")
    old["lookup_key"] = subscription["items"]["data"][0]["price"]["lookup_key"] = None
    till.database.run("update public.prices set cents = 1299, credits_half = 300 where lookup_key = 'lite_monthly'")
    till.stripe.objects.renew(subscription)
    till.tell()
    assert till.account(user) == {"balance": 460, "owed": 0, "frozen": None, "plans": [("lite", "active")]}


def test_two_top_ups_at_once_are_two(till: Shop) -> None:
    user = till.database.user("lite")
    session = till.paid_session(user, till.customer(user), "topup_50")
    session["line_items"]["data"][0]["quantity"] = 2
    till.tell()
    assert till.ledger(user) == [("topup", 200, f"topup:{session['id']}")]


def test_a_plan_that_was_paid_once_is_parked(till: Shop) -> None:
    user = till.database.user(None)
    session = till.paid_session(user, till.customer(user), "topup_50")
    session["line_items"]["data"][0]["price"] = till.stripe.objects.all["price_pro_monthly"]
    till.tell()
    assert till.ledger(user) == []
    assert till.database.one("select parked_reason from private.open_stripe_events").endswith("which is a plan")


def test_a_second_customer_of_a_user_counts_for_them_too(till: Shop) -> None:
    """As after a payment link: Stripe made another customer, who said whose they are."""
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    till.paid_session(user, till.customer(user), "topup_50")
    till.tell()
    assert till.account(user)["balance"] == 330
    assert till.database.one("select count(*) from public.billing_customers") == 1


@pytest.mark.parametrize("status", sorted(SUBSCRIPTIONS))
def test_the_database_knows_each_state_of_a_subscription(till: Shop, status: str) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly", told=False)
    till.stripe.the("subscription")["status"] = status
    till.tell()
    assert till.account(user)["plans"] == [("lite", status)]


def test_each_state_of_a_refund_and_a_dispute_says_where_the_money_is(till: Shop) -> None:
    user = till.database.user("lite")
    till.paid_session(user, till.customer(user), "topup_50")
    till.tell()
    intent = till.stripe.the("payment_intent")
    refund = till.stripe.objects.refund(intent, 300)
    dispute = till.stripe.objects.dispute(intent)
    for one, words, share in ((refund, REFUNDS, 50), (dispute, DISPUTES, 49)):
        for status, gone in words.items():
            for other in (refund, dispute):
                other["status"] = "canceled" if other is refund else "won"
            one["status"] = status
            for type, about in (("refund.updated", refund), ("charge.dispute.updated", dispute)):
                till.stripe.objects.tell(type, about)
            till.tell()
            assert till.database.balance(user) == 100 - (share if gone else 0), status
    till.database.check_books()
