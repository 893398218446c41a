"""What a person may do with what is theirs: begin their trial, take their data along, and close the
account, which can be undone for seven days.
"""
from __future__ import annotations

import json

from starlette.responses import Response

from myjoe import telemetry
from myjoe_studio.billing.stripe import StripeAwayError
from myjoe_studio.pages.account import account_page, end_everywhere
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import RefusalError, Visit

# What has to be written to close an account: a click alone is too easy.
WORD = "delete"
# How often somebody may take their data along, in an hour.
EXPORTS, EXPORTS_SECONDS = 10, 3600
STRIPE_AWAY = "We cannot end your plan just now, so your account was not closed. Please try again in a minute."
# Where to go who can begin no trial, by the reason.
WAYS_OUT = {"had_one": ("See the plans", "/pricing"), "full": ("See the plans", "/pricing"),
            "not_confirmed": ("Send the mail again", "/forgot?mail=signup")}  # fmt: skip
pages = Pages()


@pages.post("/account/trial", Who.USER, token=True)
async def begin_trial(visit: Visit) -> Response:
    """Ten pages for nothing, once."""
    answer = await visit.parts.decide("begin_trial", user=visit.person.id)
    if not answer["accepted"]:
        raise RefusalError(409, answer["message"], way_out=WAYS_OUT.get(answer["code"], ("To your account", "/account")))
    return visit.go("/studio")


@pages.post("/account/export", Who.USER)
async def export(visit: Visit) -> Response:
    """All that is theirs, as one JSON file."""
    await visit.take_rate(f"export:{visit.person.id}", EXPORTS, EXPORTS_SECONDS, "You have taken your data along often just now.")
    data = await visit.parts.decide("export_account", user=visit.person.id)
    headers = {"content-disposition": 'attachment; filename="my-joe.json"'}
    return Response(json.dumps(data, indent=2, ensure_ascii=False) + "\n", media_type="application/json", headers=headers)


@pages.post("/account/delete", Who.USER, token=True)
async def delete(visit: Visit) -> Response:
    """Close the account, or if it is closed already, keep it after all."""
    if visit.person.deletion_at is not None:
        if not await visit.parts.decide("cancel_deletion", user=visit.person.id):
            raise RefusalError(409, "It is too late: this account is being deleted.")
        return visit.go("/account?done=" + ("kept" if await _plan_goes_on(visit) else "kept_without_plan"))
    if (await visit.field("word")).lower() != WORD:
        return account_page(visit, status=422, delete_mistake=f"Write {WORD} to close your account.")
    if visit.person.admin:
        return account_page(visit, status=422, delete_mistake="You run My Joe. Have another admin dismiss you first.")
    try:
        await visit.parts.billing.checkouts.end(visit.person.id)
    except StripeAwayError as error:
        telemetry.emit("stripe.away", error=error)
        raise RefusalError(503, STRIPE_AWAY, way_out=("To your account", "/account"), retry_after=60) from error
    await visit.parts.decide("request_deletion", user=visit.person.id)
    await end_everywhere(visit)
    response = visit.go("/sign-in?said=deleted")
    await visit.parts.sessions.end_all(response, visit.person.id)
    return response


async def _plan_goes_on(visit: Visit) -> bool:
    """Tell Stripe that what the person pays goes on; False if it cannot be told."""
    try:
        await visit.parts.billing.checkouts.keep(visit.person.id)
    except StripeAwayError as error:
        telemetry.emit("stripe.away", error=error)
        return False
    return True
