"""A person's account: what it is called, its password, and where it is signed in."""
from __future__ import annotations

from starlette.responses import Response

from myjoe import telemetry
from myjoe_studio.identity.errors import IdentityAwayError, IdentityRefusedError
from myjoe_studio.identity.rules import mistake_of, refusal_of
from myjoe_studio.pages.sign_in import TRIES, TRIES_SECONDS
from myjoe_studio.routing import Pages, Who
from myjoe_studio.sessions import SessionOverError
from myjoe_studio.visiting import Visit

NAME_CHARS_MAX = 80
NOT_THE_PASSWORD = "That is not your current password."
# What was done, by the name in the address.
DONE = {
    "name": "Your name is saved.",
    "password": "Your password is changed. You are signed out everywhere else.",
    "kept": "Your account stays. It is good to have you back.",
    "kept_without_plan": "Your account stays. Your plan still ends with its month; you can renew it on Stripe's page, by your billing.",
}
pages = Pages()


@pages.get("/account", Who.USER)
async def show(visit: Visit) -> Response:
    """Everything about the account."""
    return account_page(visit, done=DONE.get(visit.request.query_params.get("done", ""), ""))


def account_page(visit: Visit, *, status: int = 200, **values: str) -> Response:
    """The page, with what is wrong with a form of it."""
    given = {"done": "", "name_mistake": "", "present_mistake": "", "password_mistake": "", "delete_mistake": "", **values}
    return visit.page("account.html", status=status, **given)


@pages.post("/account/name", Who.USER)
async def rename(visit: Visit) -> Response:
    """What we call them."""
    name = " ".join((await visit.field("name", chars_max=1000)).split())
    if len(name) > NAME_CHARS_MAX:
        return account_page(visit, status=422, name_mistake=f"{NAME_CHARS_MAX} letters are the most.")
    await visit.parts.decide("name_user", user=visit.person.id, called=name)
    return visit.go("/account?done=name")


@pages.post("/account/password", Who.USER, token=True)
async def change_password(visit: Visit) -> Response:
    """Another password, for who knows the present one; whoever is signed in elsewhere is so no
    longer.
    """
    email, password = visit.person.email, await visit.password("new_password")
    await visit.take_rates("sign-in", email, TRIES, TRIES_SECONDS)
    if mistake := mistake_of(password):
        return account_page(visit, status=422, password_mistake=mistake)
    identity = visit.parts.identity
    try:
        signed_in = await identity.sign_in(email, await visit.password("present_password"))
    except IdentityRefusedError:
        return account_page(visit, status=422, present_mistake=NOT_THE_PASSWORD)
    try:
        await identity.set_password(signed_in.tokens.access, password)
    except IdentityRefusedError as refused:
        return account_page(visit, status=422, password_mistake=refusal_of(refused))
    await visit.parts.sessions.end_others(visit.request, visit.person.id)
    return await visit.enter(signed_in, lambda: visit.go("/account?done=password"))


@pages.post("/account/sessions/end", Who.USER, token=True)
async def sign_out_everywhere(visit: Visit) -> Response:
    """No browser is signed in any more, this one included."""
    await end_everywhere(visit)
    response = visit.go("/sign-in?said=everywhere")
    await visit.parts.sessions.end_all(response, visit.person.id)
    return response


async def end_everywhere(visit: Visit) -> None:
    """Have the identity service end its sessions, too. Where it is away ours end all the same, and
    with them all that we know of its tokens.
    """
    try:
        await visit.parts.identity.sign_out_everywhere((await visit.tokens()).access)
    except (IdentityAwayError, IdentityRefusedError, SessionOverError) as error:
        telemetry.emit("identity.unheard", call="sign out everywhere", error=error)
