"""What who runs the product does by hand. Each act asks a reason, and stands on record with it."""
from __future__ import annotations

import re
import secrets
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import psycopg
from starlette.responses import Response

from myjoe import telemetry
from myjoe_studio.billing.stripe import StripeAwayError
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import RefusalError, Visit

# The most credits that are given or taken by one act: a slip of the finger is no fortune.
CREDITS_MAX = 10_000
# Open events that are dealt with in one request: that of an admin, and some that waited with it.
EVENTS_AT_ONCE = 10
REASON = "A reason of three letters or more is kept with what you do."

pages = Pages()


@pages.post("/admin/look", Who.ADMIN, token=True)
async def look(visit: Visit) -> Response:
    """All about one user, as they have it; that somebody looked is on record, too."""
    user = await _id(visit, "user")
    looked = await _act(visit, "admin_look", user=user)
    return visit.page("admin_users.html", found=[], part="", looked=looked, user=str(user), key=secrets.token_hex(8))


@pages.post("/admin/credits", Who.ADMIN, token=True)
async def credits(visit: Visit) -> Response:
    """Give credits, or take them. The request's key makes a second click the same act."""
    half = await _half_credits(visit)
    key = await visit.field("request")
    if not re.fullmatch(r"[A-Za-z0-9-]{8,64}", key):
        raise RefusalError(422, "This form has lost its key. Load the page again.")
    done = await _act(visit, "admin_credits", user=await _id(visit, "user"), half=half, request=key)
    return visit.go("/admin?done=" + ("credits" if done else "again"))


@pages.post("/admin/requeue", Who.ADMIN, token=True)
async def requeue(visit: Visit) -> Response:
    """Try a dead page once more; its user pays it anew, as it was refunded."""
    await _act(visit, "admin_requeue", job=await _id(visit, "job"))
    return visit.go("/admin?done=requeue")


@pages.post("/admin/switch", Who.ADMIN, token=True)
async def switch(visit: Visit) -> Response:
    """Switch an operation on or off, on its first provider or its fallback."""
    to = await visit.field("to")
    if to not in ("on", "fallback", "off"):
        raise RefusalError(422, "An operation is switched on, to its fallback, or off.")
    await _act(visit, "admin_switch", operation=await visit.field("operation"), off=to == "off", fallback=to == "fallback")
    return visit.go("/admin?done=switch")


@pages.post("/admin/unfreeze", Who.ADMIN, token=True)
async def unfreeze(visit: Visit) -> Response:
    """Let a frozen user order again."""
    done = await _act(visit, "admin_unfreeze", user=await _id(visit, "user"))
    return visit.go("/admin?done=" + ("unfreeze" if done else "again"))


@pages.post("/admin/forgive", Who.ADMIN, token=True)
async def forgive(visit: Visit) -> Response:
    """Let go of what a user owes, and of what froze their account."""
    await _act(visit, "admin_forgive", user=await _id(visit, "user"))
    return visit.go("/admin?done=forgive")


@pages.post("/admin/event", Who.ADMIN, token=True)
async def event(visit: Visit) -> Response:
    """Take an open event of Stripe's up again, now that its reason is gone, or close it."""
    close = await visit.field("to") == "close"
    await _act(visit, "admin_event", event=await visit.field("event"), close=close)
    if not close:
        await visit.parts.billing.events.take_up(EVENTS_AT_ONCE)
    return visit.go("/admin?done=" + ("close" if close else "event"))


@pages.post("/admin/price", Who.ADMIN, token=True)
async def price(visit: Visit) -> Response:
    """Say what a price of Stripe's is worth that is unknown here, as an old one is whose lookup key
    moved on. Events that wait for it can be taken up then.
    """
    stripe_price = await visit.field("price")
    if not re.fullmatch(r"price_\w{3,240}", stripe_price, re.ASCII):
        raise RefusalError(422, "A price of Stripe's is named price_ and some letters.")
    half = await _half_credits(visit)
    if half < 0:
        raise RefusalError(422, "A price is worth more than no credits.")
    try:
        await _act(visit, "admin_learn_price", price=stripe_price, lookup_key=await visit.field("lookup_key"), half=half)
    except psycopg.errors.ForeignKeyViolation as error:
        raise RefusalError(422, "Nothing is sold under that lookup key.") from error
    return visit.go("/admin?done=price")


@pages.post("/admin/events", Who.ADMIN, token=True)
async def fetch(visit: Visit) -> Response:
    """Ask Stripe for events that it could not deliver, as after days away."""
    await _act(visit, "admin_note_fetch")
    try:
        await visit.parts.billing.events.catch_up()
    except StripeAwayError as error:
        telemetry.emit("stripe.away", error=error)
        raise RefusalError(503, "Stripe does not answer just now.", way_out=("To the admin pages", "/admin")) from error
    return visit.go("/admin?done=fetch")


async def _act(visit: Visit, name: str, **values: Any) -> Any:
    """Do it in the admin's name, with the reason that the form gives."""
    reason = await visit.field("reason", chars_max=500)
    if len(reason) < 3:
        raise RefusalError(422, REASON)
    try:
        return await visit.parts.decide.as_admin(visit.person.id, name, reason=reason, **values)
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.UniqueViolation) as error:
        # The server's own words where a row is there already name our constraints.
        said = "That is known already" if error.diag.constraint_name else error.diag.message_primary or "That cannot be done"
        raise RefusalError(422, f"{said.rstrip('.')}.") from error
    except psycopg.errors.CheckViolation as error:
        raise RefusalError(422, "The user has too few credits for that.") from error


async def _id(visit: Visit, name: str) -> UUID:
    try:
        return UUID(await visit.field(name))
    except ValueError as error:
        raise RefusalError(422, f"{name} has to be an id.") from error


async def _half_credits(visit: Visit) -> int:
    text = await visit.field("credits")
    try:
        half = Decimal(text.replace("−", "-")) * 2
    except InvalidOperation as error:
        raise RefusalError(422, "Credits are a number such as 12, −3 or 0.5.") from error
    if not half.is_finite() or half != half.to_integral_value() or half == 0 or abs(half) > 2 * CREDITS_MAX:
        raise RefusalError(422, f"Credits are counted in halves, up to {CREDITS_MAX:,} at a time.")
    return int(half)
