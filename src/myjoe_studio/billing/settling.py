"""What is true at Stripe, read and put. Each method reads one object anew and calls one function of
the database: called twice, or in any order, it ends alike. What an object depends on comes first.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from myjoe import telemetry
from myjoe_studio.billing.checkouts import cancel
from myjoe_studio.billing.stripe import asking, id_of, plain
from myjoe_studio.deciding import Decider

# What Stripe's words mean for us; a word that is not here is new, and a person has to look.
SUBSCRIPTIONS = ("incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused")
# Whether the money is gone.
REFUNDS = {"pending": True, "requires_action": True, "succeeded": True, "failed": False, "canceled": False}
DISPUTES = {
    "needs_response": True, "under_review": True, "appeal_needs_response": True, "appeal_under_review": True, "lost": True, "won": False,
    # A bank asks, and nothing is taken yet.
    "warning_needs_response": False, "warning_under_review": False, "warning_closed": False, "prevented": False,
}  # fmt: skip


class ParkedError(Exception):
    """Something at Stripe that we do not understand and must not guess: a person has to look."""


class Settler:
    """Brings what Stripe says into the books. Raises StripeAwayError, and ParkedError for what a
    person has to look at.
    """

    def __init__(self, client: stripe.StripeClient, decide: Decider) -> None:
        self._stripe, self._decide = client, decide

    async def session(self, id: str) -> None:
        """A checkout session: what it sold, and then that it is done."""
        async with asking():
            told = plain(await self._stripe.v1.checkout.sessions.retrieve_async(id, {"expand": ["line_items", "payment_intent"]}))
        paid = told["status"] == "complete" and told["payment_status"] in ("paid", "no_payment_required")
        if paid and told["mode"] == "subscription":
            await self.subscription(_known(id_of(told["subscription"]), f"{id} has no subscription"))
            if told.get("invoice"):
                await self.invoice(_known(id_of(told["invoice"]), id))
        elif paid and told["mode"] == "payment":
            await self._topup(told)
        status = "complete" if paid else _unpaid(told)
        await self._decide("put_checkout", checkout=_uuid((told.get("metadata") or {}).get("checkout")), session=id, status=status)

    async def subscription(self, id: str) -> None:
        """A subscription's plan and state. Those that it takes the place of are ended at Stripe."""
        reading = await self._decide("begin_stripe_reading")
        async with asking():
            told = plain(await self._stripe.v1.subscriptions.retrieve_async(id))
        for superseded in (await self._put_subscription(told, reading))["superseded"]:
            telemetry.emit("stripe.superseded", subscription=superseded, reason=f"{id} took its place")
            reading = await self._decide("begin_stripe_reading")
            ended = await cancel(self._stripe, superseded)
            if ended is None:
                await self._decide("end_unknown_subscription", subscription=superseded)
            else:
                await self._put_subscription(plain(ended), reading)

    async def invoice(self, id: str) -> None:
        """An invoice: the subscription it is of, and once it is paid a grant for each line that
        pays for a whole month. Prorations pay for a part of one, and bring nothing.
        """
        async with asking():
            told = plain(await self._stripe.v1.invoices.retrieve_async(id, {"expand": ["payments"]}))
        parent = told.get("parent") or {}
        subscription = id_of((parent.get("subscription_details") or {}).get("subscription"))
        if subscription is None:
            return  # written by hand, for something else than credits
        await self.subscription(subscription)
        if told["status"] != "paid":
            return
        user = await self._user(id_of(told["customer"]))
        bought = [row for line in await self._lines(told) if (row := await self._grant(id, line))]
        paid = [
            {"payment_intent": id_of(one["payment"]["payment_intent"]), "cents": one["amount_paid"]}
            for one in (told.get("payments") or {}).get("data", [])
            if one["status"] == "paid" and one["payment"]["type"] == "payment_intent"
        ]
        await self._decide("book_payment", user=user, source=id, paid=paid, bought=bought)

    async def refund(self, id: str) -> None:
        """A refund, of a whole payment or a part."""
        reading = await self._decide("begin_stripe_reading")
        async with asking():
            told = plain(await self._stripe.v1.refunds.retrieve_async(id))
        await self._claw_back("refund", told, REFUNDS, reading)

    async def refunds(self, charge: str) -> None:
        """All refunds of a charge."""
        async with asking():
            listed = await self._stripe.v1.refunds.list_async({"charge": charge, "limit": 100})
        for one in listed.data:
            await self.refund(one.id)

    async def dispute(self, id: str) -> None:
        """A dispute, from its beginning to its end."""
        reading = await self._decide("begin_stripe_reading")
        async with asking():
            told = plain(await self._stripe.v1.disputes.retrieve_async(id))
        await self._claw_back("dispute", told, DISPUTES, reading)

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────
    async def _topup(self, told: Mapping[str, Any]) -> None:
        id = told["id"]
        user = await self._user(id_of(told["customer"]), told.get("client_reference_id"))
        half, labels = 0, []
        for line in told["line_items"]["data"]:
            worth = await self._worth(line["price"])
            if worth["kind"] != "topup":
                raise ParkedError(f"{id} was paid once for {worth['lookup_key']}, which is a plan")
            half += worth["credits_half"] * (line.get("quantity") or 1)
            labels.append(worth["label"])
        intent = id_of(told.get("payment_intent"))
        paid = [{"payment_intent": intent, "cents": told["amount_total"]}] if intent else []
        bought = [{"kind": "topup", "reference": f"topup:{id}", "credits_half": half, "why": ", ".join(labels)}]
        await self._decide("book_payment", user=user, source=id, paid=paid, bought=bought)

    async def _put_subscription(self, told: Mapping[str, Any], reading: int) -> Mapping[str, Any]:
        id, status = told["id"], told["status"]
        if status not in SUBSCRIPTIONS:
            raise ParkedError(f"{id} is {status}, a word that we do not know")
        item = told["items"]["data"][0]
        worth = await self._worth(item["price"])
        if worth["kind"] != "plan":
            raise ParkedError(f"{id} is paid monthly for {worth['lookup_key']}, which is no plan")
        renews = _moment(item.get("current_period_end"))
        answer: Mapping[str, Any] = await self._decide(
            "put_subscription", user=await self._user(id_of(told["customer"]), (told.get("metadata") or {}).get("user_id")),
            subscription=id, customer=id_of(told["customer"]), plan=worth["plan"], status=status, started=_moment(told["created"]),
            renews=renews, reading=reading,
            cancels=_moment(told.get("cancel_at")) or (renews if told.get("cancel_at_period_end") else None),
        )  # fmt: skip
        return answer

    async def _grant(self, invoice: str, line: Mapping[str, Any]) -> dict[str, Any] | None:
        """The row of the ledger that a line of a paid invoice brings, if it brings one."""
        item = (line.get("parent") or {}).get("subscription_item_details")
        net = line["amount"] - sum(one["amount"] for one in line.get("discount_amounts") or [])
        if not item or item.get("proration") or net <= 0:
            return None
        worth = await self._worth(line["pricing"]["price_details"]["price"])
        half = worth["credits_half"] * (line.get("quantity") or 1)
        return {"kind": "grant", "reference": f"grant:{invoice}:{line['id']}", "credits_half": half, "why": worth["label"]}

    async def _lines(self, invoice: Mapping[str, Any]) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = list(invoice["lines"]["data"])
        more = invoice["lines"].get("has_more", False)
        while more:
            async with asking():
                page = await self._stripe.v1.invoices.line_items.list_async(
                    invoice["id"], {"limit": 100, "starting_after": lines[-1]["id"]}
                )
            lines += [plain(one) for one in page.data]
            more = page.has_more
        return lines

    async def _claw_back(self, kind: str, told: Mapping[str, Any], words: Mapping[str, bool], reading: int) -> None:
        id, intent = told["id"], id_of(told.get("payment_intent"))
        if told["status"] not in words:
            raise ParkedError(f"{id} is {told['status']}, a word that we do not know")
        if intent is None or not await self._knows_payment(intent):
            raise ParkedError(f"{id} is of a payment that bought nothing from us")
        await self._decide(
            "put_clawback", id=id, kind=kind, payment_intent=intent, cents=told["amount"], status=told["status"],
            in_force=words[told["status"]], reading=reading,
        )  # fmt: skip

    async def _knows_payment(self, intent: str) -> bool:
        """Whether the payment is booked; what it paid for is looked for at Stripe if it is not."""
        if await self._decide("is_payment", payment_intent=intent):
            return True
        async with asking():
            of_invoices = await self._stripe.v1.invoice_payments.list_async(
                {"payment": {"type": "payment_intent", "payment_intent": intent}}
            )
            of_sessions = await self._stripe.v1.checkout.sessions.list_async({"payment_intent": intent})
        for one in of_invoices.data:
            await self.invoice(_known(id_of(plain(one)["invoice"]), intent))
        for session in of_sessions.data:
            await self.session(session.id)
        return bool(await self._decide("is_payment", payment_intent=intent))

    async def _worth(self, price: str | Mapping[str, Any]) -> Mapping[str, Any]:
        """What a price is worth; ParkedError if we sell nothing by it."""
        if isinstance(price, str):
            told = {"id": price}
            worth: Mapping[str, Any] = await self._ask_worth(told)
            if "unknown" not in worth:
                return worth
            async with asking():
                price = plain(await self._stripe.v1.prices.retrieve_async(price))
        worth = await self._ask_worth(price)
        if "unknown" in worth:
            raise ParkedError(worth["unknown"])
        return worth

    async def _ask_worth(self, price: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = await self._decide(
            "known_price", price=price["id"], lookup_key=price.get("lookup_key"), cents=price.get("unit_amount"),
            currency=price.get("currency"),
        )  # fmt: skip
        return answer

    async def _user(self, customer: str | None, said: str | None = None) -> UUID:
        """Whose customer this is. Ours are known before they pay; for one that is not, what was
        `said` to Stripe with the purchase counts, and what its customer says.
        """
        if customer is None:
            raise ParkedError("somebody paid who is no customer")
        user: UUID | None = await self._decide("user_of_customer", customer=customer)
        if user is not None:
            return user
        if said is None:
            async with asking():
                said = (plain(await self._stripe.v1.customers.retrieve_async(customer)).get("metadata") or {}).get("user_id")
        found = _uuid(said)
        if found is None or not await self._decide("is_user", user=found):
            raise ParkedError(f"{customer} is no user of ours")
        if await self._decide("link_customer", user=found, customer=customer) != customer:
            telemetry.emit("stripe.second_customer", customer=customer, reason="another one is linked")
        return found


def _known(value: str | None, otherwise: str) -> str:
    if value is None:
        raise ParkedError(otherwise)
    return value


def _unpaid(session: Mapping[str, Any]) -> str:
    """How a session stands that is not paid: one of a method that takes days may still fail."""
    if session["status"] != "complete":
        return str(session["status"])
    intent = session.get("payment_intent")
    failed = isinstance(intent, Mapping) and intent["status"] in ("requires_payment_method", "canceled")
    return "failed" if failed else "processing"


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
