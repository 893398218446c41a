"""What who runs the product does about money by hand: events of Stripe's that wait, and debts."""
from __future__ import annotations

from starlette.responses import Response

from myjoe import telemetry
from myjoe_studio.billing.stripe import StripeAwayError
from myjoe_studio.pages.admin_acts import act, id_of
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import RefusalError, Visit

# How many open events are dealt with at once. More empties a backlog sooner; fewer answer sooner.
TAKEN_UP_MAX = 10

pages = Pages()


@pages.post("/admin/events", Who.ADMIN, token=True)
async def event(visit: Visit) -> Response:
    """Take up an event that waits, its reason being gone; or close one that needs nothing."""
    to = await visit.field("to")
    if to not in ("take_up", "close"):
        raise RefusalError(422, "An event is taken up or closed.")
    await act(visit, "admin_take_up_event", event=await visit.field("event"), close=to == "close")
    if to == "take_up":
        await visit.parts.billing.events.take_up(TAKEN_UP_MAX)
    return visit.go("/admin?done=" + ("close" if to == "close" else "event"))


@pages.post("/admin/events/fetch", Who.ADMIN, token=True)
async def fetch(visit: Visit) -> Response:
    """Ask Stripe for events that it could not deliver, as after days away."""
    await act(visit, "admin_note_fetch")
    try:
        await visit.parts.billing.events.catch_up()
    except StripeAwayError as error:
        telemetry.emit("stripe.away", error=error)
        raise RefusalError(503, "Stripe does not answer just now.", way_out=("To the admin pages", "/admin")) from error
    return visit.go("/admin?done=fetch")


@pages.post("/admin/forgive", Who.ADMIN, token=True)
async def forgive(visit: Visit) -> Response:
    """Let go of what a user owes."""
    await act(visit, "admin_forgive", user=await id_of(visit, "user"))
    return visit.go("/admin?done=forgive")
