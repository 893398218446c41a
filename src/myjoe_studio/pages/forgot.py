"""A mail again: for who forgot the password, or whose link is too old."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.pages.sign_up import MAILS, MAILS_SECONDS, NO_ADDRESS
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

KINDS = ("recovery", "signup")
pages = Pages()


@pages.get("/forgot", Who.VISITOR)
async def show(visit: Visit) -> Response:
    """The form; `?mail=signup` is for the mail of a sign-up."""
    return _form(visit, kind=_kind(visit.request.query_params.get("mail")), email=visit.maybe_person.email if visit.maybe_person else "")


@pages.post("/forgot", Who.VISITOR, token=True)
async def send(visit: Visit) -> Response:
    """The mail is on its way, if there is such an account; the page says the same if there is
    none.
    """
    email, kind = await visit.address(), _kind(await visit.field("mail"))
    if not email:
        return _form(visit, status=422, kind=kind, email=await visit.field("email", chars_max=1000), mistake=NO_ADDRESS)
    await visit.take_rates("mail", email, MAILS, MAILS_SECONDS)
    if kind == "signup":
        await visit.parts.identity.resend(email)
    else:
        await visit.parts.identity.recover(email)
    return visit.page("sent.html", email=email, kind=kind)


def _kind(asked: str | None) -> str:
    return asked if asked in KINDS else KINDS[0]


def _form(visit: Visit, *, status: int = 200, **values: str) -> Response:
    return visit.page("forgot.html", status=status, **{"mistake": "", **values})
