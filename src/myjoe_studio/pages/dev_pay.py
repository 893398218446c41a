"""The pages of the Stripe of one's own: where a buyer pays without money, and where they do what
happens to subscriptions. In development alone; elsewhere they are not there.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

if TYPE_CHECKING:
    from myjoe_studio.billing.local.desk import LocalDesk
    from myjoe_studio.billing.local.objects import Object, Objects

pages = Pages()

# What can be done to a subscription or a payment, by the names of the buttons.
ACTS: Mapping[str, Callable[[Objects, Object], Any]] = {
    "renew": lambda all, one: all.renew(one),
    "fail": lambda all, one: all.renew(one, paid=False),
    "settle": lambda all, one: all.settle(one),
    "cancel": lambda all, one: all.cancel(one),
    "cancel_at_period_end": lambda all, one: all.cancel_at_period_end(one),
    "lite_monthly": lambda all, one: all.change(one, "lite_monthly"),
    "pro_monthly": lambda all, one: all.change(one, "pro_monthly"),
    "max_monthly": lambda all, one: all.change(one, "max_monthly"),
    "refund": lambda all, one: all.refund(one),
    "dispute": lambda all, one: all.dispute(one),
}


@pages.get("/dev/pay", Who.USER)
async def show(visit: Visit) -> Response:
    """A checkout to pay (?session=), or a customer's subscriptions and payments (?portal=)."""
    all = _desk(visit).objects
    asked = visit.request.query_params
    if "portal" in asked:
        customer = _one(all, asked["portal"])["customer"]
        mine = [one for one in all.all.values() if one.get("customer") == customer]
        return visit.page(
            "dev_portal.html", portal=asked["portal"], subscriptions=[one for one in mine if one["object"] == "subscription"],
            payments=[one for one in mine if one["object"] == "payment_intent"],
        )  # fmt: skip
    session = _one(all, asked.get("session", ""))
    if session["status"] != "open":
        raise RefusalError(410, "This checkout is over.", way_out=("To your billing", "/billing"))
    price = session["line_items"]["data"][0]["price"]
    return visit.page("dev_pay.html", session=session, price=price)


@pages.post("/dev/pay", Who.USER, token=True)
async def act(visit: Visit) -> Response:
    """Pay a checkout or leave it, or do something to a subscription or a payment."""
    desk, what = _desk(visit), await visit.field("act")
    one = _one(desk.objects, await visit.field("id"))
    back = await visit.field("portal")
    if what in ("pay", "slowly"):
        desk.objects.pay(one, slowly=what == "slowly")
        to = one["success_url"].replace("{CHECKOUT_SESSION_ID}", one["id"])
    elif what in ACTS:
        try:
            ACTS[what](desk.objects, one)
        except ValueError as error:
            raise RefusalError(409, f"{str(error).capitalize()}.", way_out=("Back", f"/dev/pay?portal={back}")) from error
        to = f"/dev/pay?portal={back}"
    else:
        to = one.get("cancel_url", "/billing")
    for body, signature in desk.told():
        await visit.parts.billing.events.receive(body, signature)
    return visit.go(to)


def _desk(visit: Visit) -> LocalDesk:
    if visit.parts.billing.local is None:
        raise RefusalError(404, NOT_HERE)
    return visit.parts.billing.local


def _one(all: Objects, id: str) -> Object:
    if id not in all.all:
        raise RefusalError(404, NOT_HERE)
    return all.all[id]
