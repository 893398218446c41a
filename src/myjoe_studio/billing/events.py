"""What Stripe tells. An event is kept, dealt with, and finished; whatever happens in between, it is
dealt with again, and comes to the same.
"""
from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import stripe

from myjoe import telemetry
from myjoe.errors import DatabaseUnreachableError
from myjoe_studio.billing.settling import ParkedError, Settler
from myjoe_studio.billing.stripe import API_VERSION, StripeAwayError, asking, plain
from myjoe_studio.deciding import Decider

# How old a signature may be, in seconds. Longer forgives slower clocks; an event that is sent again
# changes nothing in any case.
SIGNATURE_SECONDS_MAX = 300
# How many events that stayed open a call takes up beside its own. More empties a backlog sooner;
# fewer answers Stripe sooner.
TAKEN_UP_MAX = 3
OK, NOT_SIGNED, LATER = 200, 400, 503

# What an event is about: which of the settler's methods reads it anew, and the field of the event's
# object that says what to read. Other events are kept and change nothing.
SUBJECTS: Mapping[str, tuple[str, str]] = {
    **{f"checkout.session.{what}": ("session", "id")
       for what in ("completed", "async_payment_succeeded", "async_payment_failed", "expired")},
    **{f"customer.subscription.{what}": ("subscription", "id")
       for what in ("created", "updated", "deleted", "paused", "resumed", "trial_will_end")},
    **{f"invoice.{what}": ("invoice", "id")
       for what in ("paid", "payment_succeeded", "payment_failed", "payment_action_required", "voided", "marked_uncollectible")},
    "invoice_payment.paid": ("invoice", "invoice"),
    "charge.refunded": ("refunds", "id"),
    **{f"refund.{what}": ("refund", "id") for what in ("created", "updated", "failed")},
    "charge.refund.updated": ("refund", "id"),
    **{f"charge.dispute.{what}": ("dispute", "id")
       for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")},
}  # fmt: skip


def _read(event: Any) -> dict[str, Any]:
    """What is kept of an event. ValueError, TypeError or KeyError if it is none."""
    if not str(event["id"]).startswith("evt_"):
        raise ValueError("an event's id begins with evt_")
    made = datetime.fromtimestamp(event["created"], UTC)
    return {"id": event["id"], "type": str(event["type"]), "api_version": event.get("api_version"), "created": made, "payload": event}


class Events:
    """Takes Stripe's events. `live` says whether they are about real money."""

    def __init__(self, client: stripe.StripeClient, settler: Settler, decide: Decider, secret: str, *, live: bool) -> None:
        self._stripe, self._settler, self._decide, self._secret, self._live = client, settler, decide, secret, live

    async def receive(self, body: bytes, signature: str | None) -> int:
        """One delivery, as it came. The status to answer: 200 where we have it for good, 400 where
        it is not Stripe's, 503 where it shall come again.
        """
        try:
            stripe.WebhookSignature.verify_header(body, signature, self._secret, SIGNATURE_SECONDS_MAX)
            event = json.loads(body)
            kept = _read(event)
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
            telemetry.emit("stripe.not_signed", error=error)
            return NOT_SIGNED
        if not await self._decide("keep_stripe_event", **kept):
            return OK
        if not await self.deal_with(event):
            return LATER
        await self.take_up(TAKEN_UP_MAX)
        return OK

    async def take_up(self, at_most: int) -> int:
        """Deal with events that stayed open. How many of them are dealt with now."""
        dealt = 0
        for event in await self._decide("take_open_events", at_most=at_most):
            dealt += await self.deal_with(event)
        return dealt

    async def catch_up(self) -> int:
        """Ask Stripe for the events that it could not deliver, as after days away, and deal with
        them, the oldest first. How many were new to us. StripeAwayError.
        """
        missed: list[dict[str, Any]] = []
        more = True
        while more:
            asked: Any = {"delivery_success": False, "limit": 100, **({"starting_after": missed[-1]["id"]} if missed else {})}
            async with asking():
                page = await self._stripe.v1.events.list_async(asked)
            missed += [plain(one) for one in page.data]
            more = page.has_more
        new = 0
        for event in reversed(missed):
            # Listed events have the account's version. What is read of them is an id, as ever.
            event = {**event, "api_version": API_VERSION}
            if await self._decide("keep_stripe_event", **_read(event)):
                new += 1
                await self.deal_with(event)
        return new

    async def deal_with(self, event: Mapping[str, Any]) -> bool:
        """What a kept event asks for. True if nothing more is to be done for it, by us at least."""
        try:
            await self._settle(event)
        except ParkedError as why:
            telemetry.emit("stripe.parked", event=event["id"], type=event.get("type"), reason=str(why))
            await self._decide("park_stripe_event", id=event["id"], why=str(why))
            return True
        except (StripeAwayError, DatabaseUnreachableError) as error:
            telemetry.emit("stripe.postponed", event=event["id"], type=event.get("type"), error=error)
            await self._failed(event, error)
            return False
        except Exception as error:
            # Whatever it is, the event stays open and on record, and does not hold up the others.
            telemetry.emit("stripe.failed", event=event["id"], type=event.get("type"), error=error)
            await self._failed(event, error)
            return False
        await self._decide("finish_stripe_event", id=event["id"], failure=None)
        return True

    async def _failed(self, event: Mapping[str, Any], error: Exception) -> None:
        await self._decide("finish_stripe_event", id=event["id"], failure=telemetry.scrub(f"{type(error).__name__}: {error}"))

    async def _settle(self, event: Mapping[str, Any]) -> None:
        if event.get("api_version") != API_VERSION:
            raise ParkedError(f"the event speaks version {event.get('api_version')} of Stripe's API, and we speak {API_VERSION}")
        if event.get("livemode") is not self._live:
            raise ParkedError(f"the event is about {'real' if event.get('livemode') else 'no real'} money, and here that is not so")
        method, field = SUBJECTS.get(event["type"], (None, ""))
        if method is not None:
            await getattr(self._settler, method)(event["data"]["object"][field])
