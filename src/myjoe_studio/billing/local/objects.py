"""Stripe's objects, as far as we use them, and what happens to them: purchases, renewals, changes,
refunds, disputes. What happens leaves events behind.
"""
from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from myjoe_studio.billing.stripe import API_VERSION

Object = dict[str, Any]
MONTH_SECONDS = 30 * 86400
CURRENCY = "usd"


class Objects:
    """All objects by their ids, and the events that nobody has been told yet. `prices` are
    {"lookup_key", "kind", "cents", "label"}.
    """

    def __init__(
        self, prices: Iterable[Mapping[str, Any]], kept: dict[str, Object] | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.all: dict[str, Object] = kept if kept is not None else {}
        self.events: list[Object] = []
        self._clock = clock
        for one in prices:
            recurring = {"interval": "month", "interval_count": 1} if one["kind"] == "plan" else None
            self.all[f"price_{one['lookup_key']}"] = {
                "id": f"price_{one['lookup_key']}", "object": "price", "active": True, "currency": CURRENCY, "unit_amount": one["cents"],
                "lookup_key": one["lookup_key"], "type": "recurring" if recurring else "one_time", "recurring": recurring, "metadata": {},
                "nickname": one.get("label", one["lookup_key"]),
            }  # fmt: skip

    def of(self, kind: str) -> list[Object]:
        """All objects of a kind, the oldest first."""
        return [one for one in self.all.values() if one["object"] == kind]

    def add(self, prefix: str, kind: str, **fields: Any) -> Object:
        """A new object."""
        made = {"id": f"{prefix}_{secrets.token_hex(12)}", "object": kind, "created": int(self._clock()), "metadata": {}, **fields}
        self.all[made["id"]] = made
        return made

    def tell(self, type: str, about: Mapping[str, Any]) -> None:
        """Leave an event about an object."""
        self.events.append({
            "id": f"evt_{secrets.token_hex(12)}", "object": "event", "api_version": API_VERSION, "created": int(self._clock()),
            "livemode": False, "type": type, "data": {"object": copied(about)}, "pending_webhooks": 1,
        })  # fmt: skip

    # ── buying ────────────────────────────────────────────────────────────────────────────────────
    def pay(self, session: Object, *, slowly: bool = False) -> None:
        """Pay for a checkout session; `slowly`, by a method that takes days (see `arrive`)."""
        price = self.all[session["line_items"]["data"][0]["price"]["id"]]
        session["status"], session["url"] = "complete", None
        if session["mode"] == "subscription":
            session["subscription"] = self._subscribe(session, price)["id"]
            session["invoice"] = self.all[session["subscription"]]["latest_invoice"]
            session["payment_status"] = "paid"
        else:
            intent = self._intent(session["customer"], session["amount_total"], "processing" if slowly else "succeeded")
            session["payment_intent"], session["payment_status"] = intent["id"], "unpaid" if slowly else "paid"
        self.tell("checkout.session.completed", session)

    def arrive(self, session: Object, *, paid: bool = True) -> None:
        """What was paid slowly comes in, or does not."""
        self.all[session["payment_intent"]]["status"] = "succeeded" if paid else "requires_payment_method"
        session["payment_status"] = "paid" if paid else "unpaid"
        self.tell(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)

    def expire(self, session: Object) -> None:
        """Nobody pays a session."""
        session["status"], session["url"] = "expired", None
        self.tell("checkout.session.expired", session)

    # ── a subscription's life ─────────────────────────────────────────────────────────────────────
    def renew(self, subscription: Object, *, paid: bool = True) -> Object:
        """The next month begins, and is paid or is not; the invoice."""
        item = subscription["items"]["data"][0]
        item["current_period_start"], item["current_period_end"] = item["current_period_end"], item["current_period_end"] + MONTH_SECONDS
        invoice = self._bill(subscription, "subscription_cycle", [(item["price"], item["price"]["unit_amount"], False)], paid=paid)
        subscription["status"] = "active" if paid else "past_due"
        self.tell("customer.subscription.updated", subscription)
        return invoice

    def settle(self, subscription: Object) -> None:
        """The open invoice of a subscription that was past due is paid after all."""
        self._paid(self.all[subscription["latest_invoice"]])
        subscription["status"] = "active"
        self.tell("customer.subscription.updated", subscription)

    def change(self, subscription: Object, lookup_key: str, *, prorated: bool = False) -> None:
        """Another plan from now on; `prorated`, the difference for the month's rest is billed."""
        item, new = subscription["items"]["data"][0], self.all[f"price_{lookup_key}"]
        old, item["price"] = item["price"], copied(new)
        if prorated:
            self._bill(subscription, "subscription_update", [(old, -old["unit_amount"] // 2, True), (new, new["unit_amount"] // 2, True)])
        self.tell("customer.subscription.updated", subscription)

    def cancel_at_period_end(self, subscription: Object, ends: bool = True) -> None:
        """End a subscription with its month, or let it go on after all."""
        subscription["cancel_at_period_end"] = ends
        self.tell("customer.subscription.updated", subscription)

    def cancel(self, subscription: Object) -> None:
        """End a subscription now."""
        if subscription["status"] != "canceled":
            subscription["status"], subscription["ended_at"] = "canceled", int(self._clock())
            self.tell("customer.subscription.deleted", subscription)

    # ── money that goes back ──────────────────────────────────────────────────────────────────────
    def refund(self, intent: Object, cents: int | None = None) -> Object:
        """Give a payment back, or a part of it."""
        charge = self.all[intent["latest_charge"]]
        amount = charge["amount"] - charge["amount_refunded"] if cents is None else cents
        if charge["disputed"] or not 0 < amount <= charge["amount"] - charge["amount_refunded"]:
            raise ValueError("that cannot be refunded")
        charge["amount_refunded"] += amount
        refund = self.add(
            "re", "refund", amount=amount, charge=charge["id"], payment_intent=intent["id"], currency=CURRENCY, status="succeeded"
        )
        self.tell("refund.created", refund)
        self.tell("charge.refunded", charge)
        return refund

    def fail(self, refund: Object) -> None:
        """A bank does not take a refund."""
        refund["status"] = "failed"
        self.all[refund["charge"]]["amount_refunded"] -= refund["amount"]
        self.tell("refund.failed", refund)

    def dispute(self, intent: Object) -> Object:
        """A buyer's bank takes back what is left of a payment."""
        charge = self.all[intent["latest_charge"]]
        left = charge["amount"] - charge["amount_refunded"]
        if charge["disputed"] or left <= 0:
            raise ValueError("that cannot be disputed")
        charge["disputed"] = True
        dispute = self.add(
            "dp", "dispute", amount=left, charge=charge["id"], payment_intent=intent["id"], currency=CURRENCY, status="needs_response"
        )
        self.tell("charge.dispute.created", dispute)
        self.tell("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def close(self, dispute: Object, *, won: bool) -> None:
        """A dispute ends, as we see it."""
        dispute["status"] = "won" if won else "lost"
        if won:
            self.tell("charge.dispute.funds_reinstated", dispute)
        self.tell("charge.dispute.closed", dispute)

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────
    def _subscribe(self, session: Object, price: Object) -> Object:
        now = int(self._clock())
        item = {"id": f"si_{secrets.token_hex(8)}", "object": "subscription_item", "price": copied(price), "quantity": 1,
                "current_period_start": now, "current_period_end": now + MONTH_SECONDS}  # fmt: skip
        subscription = self.add(
            "sub", "subscription", customer=session["customer"], status="active", cancel_at=None, cancel_at_period_end=False,
            items=_listed([item]), currency=CURRENCY,
        )  # fmt: skip
        subscription["metadata"] = (session.get("subscription_data") or {}).get("metadata", {})
        self.tell("customer.subscription.created", subscription)
        self._bill(subscription, "subscription_create", [(price, price["unit_amount"], False)])
        return subscription

    def _bill(self, subscription: Object, reason: str, lines: list[tuple[Object, int, bool]], *, paid: bool = True) -> Object:
        item = subscription["items"]["data"][0]["id"]
        total = sum(amount for _, amount, _ in lines)
        written = [
            {
                "id": f"il_{secrets.token_hex(8)}", "object": "line_item", "amount": amount, "quantity": 1, "discount_amounts": [],
                "pricing": {"type": "price_details", "price_details": {"price": price["id"]}},
                "parent": {"type": "subscription_item_details", "subscription_item_details":
                           {"subscription": subscription["id"], "subscription_item": item, "proration": proration}},
            } for price, amount, proration in lines
        ]  # fmt: skip
        parent = {"type": "subscription_details", "subscription_details": {"subscription": subscription["id"], "metadata": {}}}
        invoice = self.add(
            "in", "invoice", customer=subscription["customer"], status="open", billing_reason=reason, currency=CURRENCY, total=total,
            amount_due=total, amount_paid=0, parent=parent, lines=_listed(written),
        )  # fmt: skip
        subscription["latest_invoice"] = invoice["id"]
        if paid:
            self._paid(invoice)
        else:
            self.tell("invoice.payment_failed", invoice)
        return invoice

    def _paid(self, invoice: Object) -> None:
        invoice["status"], invoice["amount_paid"] = "paid", invoice["total"]
        intent = self._intent(invoice["customer"], invoice["total"], "succeeded")
        payment = self.add(
            "inpay", "invoice_payment", invoice=invoice["id"], amount_paid=invoice["total"], status="paid",
            payment={"type": "payment_intent", "payment_intent": intent["id"]},
        )  # fmt: skip
        self.tell("invoice.paid", invoice)
        self.tell("invoice_payment.paid", payment)

    def _intent(self, customer: str, cents: int, status: str) -> Object:
        charge = self.add("ch", "charge", amount=cents, amount_refunded=0, disputed=False, customer=customer, currency=CURRENCY)
        intent = self.add(
            "pi", "payment_intent", amount=cents, customer=customer, status=status, latest_charge=charge["id"], currency=CURRENCY
        )
        charge["payment_intent"] = intent["id"]
        return intent


def _listed(data: list[Object]) -> Object:
    return {"object": "list", "data": data, "has_more": False}


def copied(value: Any) -> Any:
    """A copy that later changes do not reach."""
    if isinstance(value, Mapping):
        return {name: copied(one) for name, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value
