"""A new account: an address, which is then confirmed by a mail, and a password."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.identity.rules import EASY, mistake_of
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import RefusalError, Visit

# How many mails somebody may have us send, from one address and to one address, in an hour.
MAILS, MAILS_SECONDS = 10, 3600
# Supabase's words for taking no new accounts.
CLOSED = ("signup_disabled", "email_provider_disabled")
NO_ADDRESS = "That is no e-mail address."
pages = Pages()


@pages.get("/sign-up", Who.VISITOR)
async def show(visit: Visit) -> Response:
    """The form."""
    return visit.go("/studio") if visit.maybe_person else _form(visit)


@pages.post("/sign-up", Who.VISITOR, token=True)
async def sign_up(visit: Visit) -> Response:
    """The mail is on its way, whether or not there is an account: nobody learns who has one."""
    email, password = await visit.address(), await visit.password()
    mistake = mistake_of(password)
    if not email or mistake:
        written = await visit.field("email", chars_max=1000)
        return _form(visit, status=422, email=written, email_mistake="" if email else NO_ADDRESS, password_mistake=mistake)
    await visit.take_rates("mail", email, MAILS, MAILS_SECONDS)
    try:
        await visit.parts.identity.sign_up(email, password)
    except IdentityRefusedError as refused:
        if refused.code == "weak_password":
            return _form(visit, status=422, email=email, password_mistake=EASY)
        if refused.code in CLOSED:
            raise RefusalError(503, "New accounts cannot be made just now. Please try again later.", retry_after=3600) from refused
        return _form(visit, status=422, email=email, email_mistake="We cannot send mail to this address.")
    return visit.page("sent.html", email=email, kind="signup")


def _form(visit: Visit, *, status: int = 200, **values: str) -> Response:
    return visit.page("sign_up.html", status=status, **{"email": "", "email_mistake": "", "password_mistake": "", **values})
