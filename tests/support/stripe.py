"""A Studio before a Stripe of the tests, and what buyers do there."""
from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2

from myjoe.settings.variables import Secret
from myjoe_studio.billing.local.objects import Object
from myjoe_studio.settings import StudioSettings
from tests.database import support
from tests.support.peers import StripePeer
from tests.support.studio import Site, serving


@dataclass
class Shop:
    """A running Studio and the Stripe it talks to."""

    site: Site
    stripe: StripePeer

    @property
    def database(self) -> support.Database:
        return self.site.database

    def press(self, visitor: httpx2.Client, lookup_key: str, *, page: str = "/pricing", intent: str | None = None) -> httpx2.Response:
        """Press the button that buys this, as it stands on a page."""
        html = visitor.get(page).text
        form = {"form_token": hidden(html, "form_token"), "intent": intent or hidden(html, "intent"), "lookup_key": lookup_key}
        return visitor.post("/billing/checkout", data=form)

    def manage(self, visitor: httpx2.Client, **fields: str) -> httpx2.Response:
        """Press the button that leads to Stripe's portal."""
        return visitor.post("/billing/portal", data={"form_token": hidden(visitor.get("/billing").text, "form_token"), **fields})

    def buy(self, user: uuid.UUID, lookup_key: str, *, told: bool = True, slowly: bool = False) -> Object:
        """From the button to the payment, and if `told` until we have heard of it; the session."""
        answer = self.press(self.site.visitor(user), lookup_key)
        assert answer.status_code == 303, answer.text
        session = self.stripe.the("checkout.session")
        with self.stripe.lock:
            self.stripe.objects.pay(session, slowly=slowly)
        if told:
            self.tell()
        return session

    def customer(self, user: uuid.UUID) -> str:
        """A customer at Stripe whom we do not know yet, but who says whose they are."""
        with self.stripe.lock:
            return str(self.stripe.objects.add("cus", "customer", email="a@example.com", metadata={"user_id": str(user)})["id"])

    def paid_session(self, user: uuid.UUID, customer: str, lookup_key: str, *, slowly: bool = False) -> Object:
        """A checkout session that was opened and paid at Stripe, past our own buttons."""
        form = {
            "mode": "payment" if lookup_key.startswith("topup") else "subscription", "customer": customer, "client_reference_id": str(user),
            "line_items[0][price]": f"price_{lookup_key}", "line_items[0][quantity]": "1", "success_url": "https://a",
            "cancel_url": "https://b",
        }  # fmt: skip
        with self.stripe.lock:
            session = self.stripe.answer("POST", "/v1/checkout/sessions", urlencode(form))
            session = self.stripe.objects.all[session["id"]]
            self.stripe.objects.pay(session, slowly=slowly)
            return session

    def tell(self) -> None:
        """Stripe tells all it has not told, in order."""
        with self.stripe.lock:
            events, self.stripe.objects.events = self.stripe.objects.events, []
        self.stripe.deliver_all(self.site.visitor(), events)

    def account(self, user: uuid.UUID) -> dict[str, Any]:
        """What there is to say of a user's money."""
        [(balance, owed, frozen)] = self.database.rows(
            "select balance_half, owed_half, frozen_reason from public.credit_accounts where user_id = %s", user
        )
        plans = self.database.rows(
            "select plan, status from public.subscriptions where user_id = %s and stripe_subscription_id is not null order by started_at",
            user,
        )
        return {"balance": balance, "owed": owed, "frozen": frozen, "plans": plans}

    def ledger(self, user: uuid.UUID) -> list[tuple[str, int, str]]:
        """The ledger without its order, with Stripe's ids as they are."""
        rows = self.database.rows("select kind, amount_half, reference from public.credit_ledger where user_id = %s", user)
        return sorted(rows)


def settings_for(peer: StripePeer) -> StudioSettings:
    """Settings that lead to this Stripe."""
    return StudioSettings(stripe_secret_key=Secret(peer.key), stripe_base_url=peer.origin)


@contextmanager
def shop(database: support.Database, peer: StripePeer, folder: Path, **settings: Any) -> Iterator[Shop]:
    """A Studio that was told of this Stripe, for as long as the block runs."""
    keys = {"stripe_secret_key": Secret(peer.key), "stripe_webhook_secret": Secret(peer.webhook_secret)}
    told = {**keys, "stripe_base_url": peer.origin, **settings}
    with serving(database, folder, **told) as site:
        yield Shop(site, peer)


def hidden(html: str, name: str) -> str:
    """The value of a hidden field of a page."""
    match = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert match is not None, f"the page has no field {name}"
    return match[1]
