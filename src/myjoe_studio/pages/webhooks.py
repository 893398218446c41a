"""What Stripe posts. It is signed and carries no cookie; the body is read as it came."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

pages = Pages()


@pages.post("/webhooks/stripe", Who.STRIPE)
async def receive(visit: Visit) -> Response:
    """One event, or one that comes again."""
    status = await visit.parts.billing.events.receive(await visit.request.body(), visit.request.headers.get("stripe-signature"))
    return visit.json({"received": status == 200}, status)
