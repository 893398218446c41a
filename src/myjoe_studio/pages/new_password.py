"""Choosing a password after a mail's link. Who has one chooses another on the account's page, where
the present one is asked for.
"""
from __future__ import annotations

import base64
import time

from starlette.responses import Response

from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.identity.rules import mistake_of, refusal_of
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import RefusalError, Visit

# How long after the mail's link a password may be chosen without the present one, in seconds.
CHOOSING_SECONDS = 900.0
USE = "new passwords"
LATE = "Choosing a new password has to follow the mail's link within a quarter of an hour."
pages = Pages()


def allow(visit: Visit, response: Response, user: str) -> None:
    """Let this browser choose a password for the user, for a while: it came by a mail's link."""
    sealed = visit.parts.sealer.seal(USE, {"user": user, "until": time.time() + CHOOSING_SECONDS})
    visit.parts.cookies.set(response, visit.parts.cookies.choosing, base64.urlsafe_b64encode(sealed).decode(), int(CHOOSING_SECONDS))


def _require(visit: Visit) -> None:
    try:
        raw = base64.urlsafe_b64decode(visit.request.cookies.get(visit.parts.cookies.choosing, "").encode())
        allowed = visit.parts.sealer.unseal(USE, raw)
    except ValueError:
        allowed = {"user": "", "until": 0}
    if allowed["user"] != str(visit.person.id) or allowed["until"] < time.time():
        raise RefusalError(403, LATE, way_out=("Send the mail again", "/forgot"))


@pages.get("/new-password", Who.USER)
async def show(visit: Visit) -> Response:
    """The form."""
    _require(visit)
    return visit.page("new_password.html", mistake="")


@pages.post("/new-password", Who.USER, token=True)
async def choose(visit: Visit) -> Response:
    """The password is set, and whoever else was signed in is so no longer."""
    _require(visit)
    password = await visit.password()
    if mistake := mistake_of(password):
        return visit.page("new_password.html", status=422, mistake=mistake)
    try:
        await visit.parts.identity.set_password((await visit.tokens()).access, password)
    except IdentityRefusedError as refused:
        # The same one again is what they wanted.
        if refused.code != "same_password":
            return visit.page("new_password.html", status=422, mistake=refusal_of(refused))
    await visit.parts.sessions.end_others(visit.request, visit.person.id)
    response = visit.go("/studio")
    visit.parts.cookies.drop(response, visit.parts.cookies.choosing)
    return response
