"""Signing in with Google: out with a secret that only this browser's cookie knows, and back with a
code that is worth nothing without it (PKCE, RFC 7636).
"""
from __future__ import annotations

import base64
import secrets
from urllib.parse import urlencode

from starlette.responses import Response

from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.pages.sign_in import TRIES_SECONDS
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, TOO_MANY_TRIES, RefusalError, Visit, safe_next

# How long somebody may be away at Google, in seconds.
AWAY_SECONDS = 900
# How often one may set out from one address, in a quarter of an hour.
TRIES = 30
USE = "google"
pages = Pages()


@pages.get("/auth/google", Who.VISITOR)
async def leave(visit: Visit) -> Response:
    """To Google, by the identity service."""
    settings, cookies = visit.parts.settings, visit.parts.cookies
    if settings.google != "on":
        raise RefusalError(404, NOT_HERE)
    await visit.take_rate(f"google:from:{visit.network}", TRIES, TRIES_SECONDS, TOO_MANY_TRIES)
    verifier = secrets.token_urlsafe(48)
    response = visit.go(visit.parts.identity.google_address(f"{settings.address}/auth/callback", verifier))
    sealed = visit.parts.sealer.seal(USE, {"verifier": verifier, "next": safe_next(visit.request.query_params.get("next"))})
    cookies.set(response, cookies.google, base64.urlsafe_b64encode(sealed).decode(), AWAY_SECONDS)
    return response


@pages.get("/auth/callback", Who.VISITOR)
async def come_back(visit: Visit) -> Response:
    """Back from Google: with a code, or with what went wrong."""
    asked, cookies = visit.request.query_params, visit.parts.cookies
    try:
        if "error" in asked or "code" not in asked:
            raise IdentityRefusedError(asked.get("error", "no_code"))
        try:
            kept = visit.parts.sealer.unseal(USE, base64.urlsafe_b64decode(visit.request.cookies.get(cookies.google, "").encode()))
        except ValueError as error:
            raise IdentityRefusedError("no_verifier") from error
        signed_in = await visit.parts.identity.exchange(asked["code"], kept["verifier"])
        response = await visit.enter(signed_in, lambda: visit.go(safe_next(kept["next"])))
    except IdentityRefusedError as refused:
        response = visit.go("/sign-in?" + urlencode({"said": refused.code if refused.code == "access_denied" else "google"}))
    cookies.drop(response, cookies.google)
    return response
