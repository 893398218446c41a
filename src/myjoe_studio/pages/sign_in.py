"""Signing in by address and password, and out again."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit, safe_next

# How often somebody may try to sign in, from one address and with one mail address: more is easier
# on who forgets, fewer on who is guessed at.
TRIES, TRIES_SECONDS = 10, 15 * 60
# The largest form that may wait for a sign-in, sealed and in Base64: a storyboard of the largest.
KEPT_BYTES_MAX = 1_500_000
DOES_NOT_FIT = "Address and password do not fit."
NOT_CONFIRMED = "This address is not confirmed yet. We have sent you the mail again: press the button that it leads to."
# What else may have brought somebody here, by the name in the address.
SAID = {
    "access_denied": "You were not signed in, as Google was not allowed to tell us who you are.",
    "google": "Signing in with Google did not work. Please try again.",
    "everywhere": "You are signed out everywhere.",
    "deleted": "Your account will be deleted. Sign in within seven days to keep it.",
}
pages = Pages()


@pages.get("/sign-in", Who.VISITOR)
async def show(visit: Visit) -> Response:
    """The form, or on to where one was going."""
    asked = visit.request.query_params
    if visit.maybe_person is not None:
        return visit.go(safe_next(asked.get("next")))
    return _form(visit, next=safe_next(asked.get("next"), ""), said=SAID.get(asked.get("said", ""), ""))


@pages.post("/sign-in", Who.VISITOR, token=True, body_bytes_max=KEPT_BYTES_MAX)
async def sign_in(visit: Visit) -> Response:
    """A try. A form that was kept comes back, to be sent on by a click."""
    email = await visit.address()
    going, kept = await visit.field("next", chars_max=1000), await visit.field("kept", chars_max=KEPT_BYTES_MAX)
    await visit.take_rates("sign-in", email, TRIES, TRIES_SECONDS)
    try:
        signed_in = await visit.parts.identity.sign_in(email, await visit.password())
    except IdentityRefusedError as refused:
        mistake = DOES_NOT_FIT
        if refused.code == "email_not_confirmed":
            await visit.parts.identity.resend(email)
            mistake = NOT_CONFIRMED
        return _form(visit, status=422, next=safe_next(going, ""), kept=kept, email=await visit.field("email"), mistake=mistake)
    if kept:
        path, fields = visit.kept_form(kept)
        return await visit.enter(signed_in, lambda: visit.page("kept.html", kept_path=path, fields=fields))
    return await visit.enter(signed_in, lambda: visit.go(safe_next(going)))


@pages.post("/sign-out", Who.USER)
async def sign_out(visit: Visit) -> Response:
    """End this session. Nobody has the identity service's tokens for it any more."""
    response = visit.go("/")
    await visit.parts.sessions.end(visit.request, response, visit.person.id)
    return response


def _form(visit: Visit, *, status: int = 200, **values: str) -> Response:
    return visit.page("sign_in.html", status=status, **{"next": "", "kept": "", "said": "", "mistake": "", "email": "", **values})
