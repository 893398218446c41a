"""The links of our mails. They lead to a button: programs that look for dangerous mail open links,
and would use them up.
"""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.pages.new_password import allow
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import TOO_MANY_TRIES, Visit, safe_next

# How often links may be tried from one address, in a quarter of an hour.
TRIES, TRIES_SECONDS = 30, 900
# What a link's button says, by the link's kind as GoTrue names it.
BUTTONS = {
    "signup": "Confirm my address",
    "email": "Confirm my address",
    "invite": "Confirm my address",
    "email_change": "Confirm my address",
    "recovery": "Choose a new password",
    "magiclink": "Sign in",
}
OVER = "This link has been used or is older than an hour."
# What a press of it does.
ABOUT = {
    "signup": "The mail reached you, so the address is yours. One click, and you are in.",
    "recovery": "One click, and you choose another. The old one holds until then.",
    "magiclink": "One click, and you are in. The link works once.",
}
pages = Pages()


@pages.get("/auth/confirm", Who.VISITOR)
async def show(visit: Visit) -> Response:
    """The button. Nothing has happened yet."""
    asked = visit.request.query_params
    kind, token = asked.get("type", ""), asked.get("token_hash", "")
    if kind not in BUTTONS or not token:
        return visit.page("link_over.html", status=422, sentence=OVER, kind="recovery")
    about = ABOUT.get(kind, ABOUT["signup"])
    return visit.page(
        "confirm.html", kind=kind, token_hash=token, button=BUTTONS[kind], about=about, next=safe_next(asked.get("next"), "")
    )


@pages.post("/auth/confirm", Who.VISITOR, token=True)
async def confirm(visit: Visit) -> Response:
    """The link is used, and its owner signed in."""
    kind, token = await visit.field("type"), await visit.field("token_hash", chars_max=500)
    await visit.take_rate(f"links:from:{visit.network}", TRIES, TRIES_SECONDS, TOO_MANY_TRIES)
    try:
        signed_in = await visit.parts.identity.verify(kind if kind in BUTTONS else "", token)
    except IdentityRefusedError:
        return visit.page("link_over.html", status=422, sentence=OVER, kind="signup" if kind in ("signup", "email") else "recovery")
    going = "/new-password" if kind == "recovery" else safe_next(await visit.field("next", chars_max=1000))
    response = await visit.enter(signed_in, lambda: visit.go(going))
    if kind == "recovery":
        allow(visit, response, str(signed_in.user))
    return response
