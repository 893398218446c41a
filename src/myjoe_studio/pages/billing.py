"""What a user pays and has paid, and the way to Stripe and back."""
from __future__ import annotations

import secrets
from collections.abc import Awaitable

from starlette.responses import Response

from myjoe import telemetry
from myjoe.database.statements import statements
from myjoe_studio.billing.checkouts import CheckoutRefusedError
from myjoe_studio.billing.settling import ParkedError
from myjoe_studio.billing.stripe import StripeAwayError
from myjoe_studio.pages.ledger_words import words
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "billing.sql")

# Rows of the ledger on a page. The statement reads one more, to know whether there are more.
ENTRIES_MAX = 50
# How many checkouts a user may begin in an hour. Who clicks around needs a few.
CHECKOUTS_MAX, HOUR_SECONDS = 20, 3600
# How long the page says "this takes seconds"; the database asks Stripe after as long.
PATIENCE_SECONDS = 60
# How soon a page that waits for Stripe looks again where there is no script, in seconds: at first,
# and once it has waited.
SOON_SECONDS, LATER_SECONDS = 3, 15
AWAY = "Stripe does not answer just now. You were not charged. Please try again in a minute."
WAYS_OUT = {
    "has_plan": ("To your billing", "/billing"), "no_plan": ("See the plans", "/pricing"), "not_on_sale": ("See what is sold", "/pricing"),
    "leaving": ("To your account", "/account"), "disputed": ("To your billing", "/billing"), "no_customer": ("See the plans", "/pricing"),
}  # fmt: skip


@pages.get("/billing", Who.USER, reads=SQL["billing"], query=("before", "nothing"))
async def show(visit: Visit) -> Response:
    """Plan, next date, what is owed, and the ledger in words."""
    read, plan = visit.row, visit.row["subscription"]
    if plan is not None and plan["status"] == "trialing" and visit.person.plan is None:
        plan = None  # a trial that ran out
    entries = [{**entry, "words": words(entry)} for entry in read["entries"][:ENTRIES_MAX]]
    older = entries[-1]["id"] if len(read["entries"]) > ENTRIES_MAX else None
    return visit.page(
        "billing.html", subscription=plan, entries=entries, older=older, topups=read["topups"], customer=read["customer"],
        clawed_back=read["clawed_back"], intent=new_intent(), nothing_bought=visit.request.query_params.get("nothing") == "bought",
    )  # fmt: skip


@pages.post("/billing/checkout", Who.USER, token=True)
async def check_out(visit: Visit) -> Response:
    """To Stripe's page for what the button names. Two clicks are one checkout."""
    await visit.take_rate(
        f"checkout:{visit.person.id}", CHECKOUTS_MAX, HOUR_SECONDS, "You have opened the checkout many times within an hour."
    )
    lookup_key, intent = await visit.field("lookup_key"), await visit.field("intent", chars_max=100)
    if len(intent) < 8:
        raise RefusalError(422, "This button has no number. Go back, reload the page, and press it again.")
    return visit.go(await _address(visit.parts.billing.checkouts.begin(visit.person.id, intent, lookup_key)))


@pages.post("/billing/portal", Who.USER, token=True)
async def manage(visit: Visit) -> Response:
    """To Stripe's page for plan, card and invoices."""
    card = await visit.field("for") == "card"
    return visit.go(await _address(visit.parts.billing.checkouts.portal(visit.person.id, card=card)))


@pages.get("/billing/done", Who.USER, reads=SQL["done"], query=("session_id",))
async def done(visit: Visit) -> Response:
    """Back from Stripe. This page gives nothing: it waits for what Stripe tells, and after a while
    asks Stripe itself.
    """
    if not visit.rows:
        raise RefusalError(404, NOT_HERE, way_out=("To your billing", "/billing"))
    session = visit.request.query_params["session_id"]
    seen = await visit.parts.decide("see_checkout", user=visit.person.id, session=session)
    if seen["look"]:
        await _look(visit, session)
        seen = await visit.parts.decide("see_checkout", user=visit.person.id, session=session)
    state = seen["status"]
    if state in ("opening", "open"):
        state = "late" if seen["waited_seconds"] >= PATIENCE_SECONDS else "waiting"
    if visit.wants_json:
        return visit.json({"state": state})
    again = {"waiting": SOON_SECONDS, "late": LATER_SECONDS}.get(state)
    return visit.page("billing_done.html", checkout=seen, state=state, session_id=session, again_seconds=again)


async def _look(visit: Visit, session: str) -> None:
    """Ask Stripe how a checkout stands; where it does not answer, the page waits on."""
    try:
        await visit.parts.billing.settler.session(session)
    except (StripeAwayError, ParkedError) as error:
        telemetry.emit("stripe.away", error=error)


async def _address(asked: Awaitable[str]) -> str:
    """Where to go; a refusal in a sentence if Stripe, or we, do not want that now."""
    try:
        return await asked
    except CheckoutRefusedError as error:
        raise RefusalError(409, str(error), way_out=WAYS_OUT[error.code]) from error
    except StripeAwayError as error:
        telemetry.emit("stripe.away", error=error)
        raise RefusalError(503, AWAY, way_out=("To your billing", "/billing"), retry_after=60) from error


def new_intent() -> str:
    """What the buttons of a page carry, so that pressing one twice buys once."""
    return secrets.token_urlsafe(16)
