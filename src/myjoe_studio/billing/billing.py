"""The part of the Studio that is about money, as pages see it."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from myjoe.settings.shared import DEVELOPMENT, PRODUCTION
from myjoe_studio.billing.checkouts import Checkouts
from myjoe_studio.billing.events import Events
from myjoe_studio.billing.settling import Settler
from myjoe_studio.billing.stripe import connect
from myjoe_studio.deciding import Decider
from myjoe_studio.settings import StudioSettings

if TYPE_CHECKING:
    from myjoe_studio.billing.local.desk import LocalDesk


@dataclass(frozen=True)
class Billing:
    """All of it; `local` is there in development alone, where no key of Stripe's is given."""

    checkouts: Checkouts
    settler: Settler
    events: Events
    local: LocalDesk | None = None


@asynccontextmanager
async def open_billing(settings: StudioSettings, decide: Decider) -> AsyncIterator[Billing]:
    """Billing by the settings: Stripe's, or in development without a key a Stripe of one's own."""
    local, secret, transport = None, settings.stripe_webhook_secret.reveal(), None
    if settings.env == DEVELOPMENT and not settings.stripe_secret_key:
        from myjoe_studio.billing.local.desk import LocalDesk

        local = LocalDesk(settings.home / "local-stripe.json", await decide("prices"), settings.address)
        secret, transport = local.secret, local.transport
    client = connect(settings, transport)
    settler = Settler(client, decide)
    checkouts = Checkouts(client, decide, settings.address)
    yield Billing(checkouts, settler, Events(client, settler, decide, secret, live=settings.env == PRODUCTION), local)
