"""Buying: from a click to Stripe's page. What is asked twice is made once, at Stripe too, by keys
that follow from what is asked.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import stripe

from myjoe_studio.billing.stripe import StripeAwayError, asking, plain
from myjoe_studio.deciding import Decider

# What a subscription says at Stripe that ends since its user closed the account, and did not wish
# it otherwise.
ENDS_WITH, ACCOUNT = "ends_with", "account"


class CheckoutRefusedError(Exception):
    """A purchase that cannot be made now: a code, and a sentence for the buyer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Checkouts:
    """Opens Stripe's pages. Raises StripeAwayError where Stripe does not."""

    def __init__(self, client: stripe.StripeClient, decide: Decider, address: str) -> None:
        self._stripe, self._decide, self._address = client, decide, address

    async def begin(self, user: UUID, intent: str, lookup_key: str) -> str:
        """Where the buyer pays for this, or where they see that they have. CheckoutRefusedError
        with a sentence if it cannot be bought now.
        """
        begun = await self._decide("begin_checkout", user=user, intent=intent, lookup_key=lookup_key)
        if "refused" in begun:
            raise CheckoutRefusedError(begun["refused"], begun["message"])
        if begun["status"] in ("processing", "complete"):
            return f"/billing/done?session_id={begun['session_id']}"
        if begun["url"]:
            return str(begun["url"])
        try:
            async with asking():
                customer = begun["customer"] or await self._customer(user, begun)
                session = await self._session(user, customer, begun)
        except StripeAwayError as error:
            # What Stripe once answered to a key it answers for a day, a failure as well: the next
            # click begins anew. Where the connection broke, the same is asked again.
            if not isinstance(error.__cause__, stripe.APIConnectionError):
                await self._decide("put_checkout", checkout=begun["checkout_id"], session=None, status="failed")
            raise
        return str(await self._decide("open_checkout", checkout=begun["checkout_id"], session=session.id, url=session.url))

    async def portal(self, user: UUID, *, card: bool = False) -> str:
        """Where the user changes plan, card and address, or cancels; with `card`, at once where the
        card is changed. CheckoutRefusedError if they never bought anything.
        """
        customer = await self._decide("customer_of", user=user)
        if customer is None:
            raise CheckoutRefusedError("no_customer", "You have bought nothing yet.")
        wanted: Any = {"customer": customer, "return_url": f"{self._address}/billing"}
        if card:
            wanted["flow_data"] = {"type": "payment_method_update"}
        async with asking():
            session = await self._stripe.v1.billing_portal.sessions.create_async(wanted)
        return session.url

    async def end(self, user: UUID) -> int:
        """For who closes their account: nothing is billed any more. What is paid goes on to the end
        of its month, and what is not ends now. How many subscriptions that were.
        """
        ending = await self._decide("subscriptions_at_stripe", user=user)
        for one in ending:
            if one["status"] in ("trialing", "active"):
                await self._end_with_its_month(one["id"])
            else:
                await cancel(self._stripe, one["id"])
        return len(ending)

    async def keep(self, user: UUID) -> int:
        """For who keeps their account after all: what was to end for that alone goes on. How many
        subscriptions that were.
        """
        kept = 0
        for one in await self._decide("subscriptions_at_stripe", user=user):
            async with asking():
                told = plain(await self._stripe.v1.subscriptions.retrieve_async(one["id"]))
                if told["status"] != "canceled" and told["metadata"].get(ENDS_WITH) == ACCOUNT:
                    await self._stripe.v1.subscriptions.update_async(
                        one["id"], {"cancel_at_period_end": False, "metadata": {ENDS_WITH: ""}}
                    )
                    kept += 1
        return kept

    async def _end_with_its_month(self, subscription: str) -> None:
        """End it, unless its user had said so before."""
        async with asking():
            told = await self._stripe.v1.subscriptions.retrieve_async(subscription)
            if not told.cancel_at_period_end:
                await self._stripe.v1.subscriptions.update_async(
                    subscription, {"cancel_at_period_end": True, "metadata": {ENDS_WITH: ACCOUNT}}
                )

    async def _customer(self, user: UUID, begun: Mapping[str, Any]) -> str:
        customer = await self._stripe.v1.customers.create_async(
            {"email": begun["email"], "metadata": {"user_id": str(user)}}, {"idempotency_key": f"customer:{begun['checkout_id']}"}
        )
        return str(await self._decide("link_customer", user=user, customer=customer.id))

    async def _session(self, user: UUID, customer: str, begun: Mapping[str, Any]) -> stripe.checkout.Session:
        prices = await self._stripe.v1.prices.list_async({"lookup_keys": [begun["lookup_key"]], "active": True})
        if not prices.data:
            raise StripeAwayError(f"Stripe has no active price with the lookup key {begun['lookup_key']}")
        # A session's metadata is copied to nothing that it makes.
        about = {"user_id": str(user), "checkout": begun["checkout_id"], "lookup_key": begun["lookup_key"]}
        of_kind: Any = (
            {"mode": "subscription", "subscription_data": {"metadata": about}} if begun["kind"] == "plan"
            else {"mode": "payment", "payment_intent_data": {"metadata": about}}
        )  # fmt: skip
        wanted: Any = {
            **of_kind, "customer": customer, "client_reference_id": str(user), "metadata": about,
            "line_items": [{"price": prices.data[0].id, "quantity": 1}],
            "success_url": f"{self._address}/billing/done?session_id={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{self._address}/billing?nothing=bought",
        }  # fmt: skip
        return await self._stripe.v1.checkout.sessions.create_async(wanted, {"idempotency_key": f"checkout:{begun['checkout_id']}"})


async def cancel(client: stripe.StripeClient, subscription: str) -> stripe.Subscription | None:
    """End a subscription at Stripe now, without a last bill; None if Stripe does not know it. It is
    no error if it has ended.
    """
    async with asking():
        try:
            return await client.v1.subscriptions.cancel_async(subscription, {"invoice_now": False, "prorate": False})
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
        return None
