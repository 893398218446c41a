"""Who comes: a random token in a cookie, and in the database its hash. A session begins with what
the identity service gave; the browser never sees that.
"""
from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from myjoe_studio.deciding import Decider
from myjoe_studio.sealing import Sealer
from myjoe_studio.settings import StudioSettings

# How long a browser keeps the cookie, in seconds: as long as a session may live.
COOKIE_SECONDS = 180 * 86400
TOKEN_BYTES = 32
# What a session's tokens are sealed for.
USE = "sessions"


@dataclass(frozen=True)
class Tokens:
    """What the identity service gives for a sign-in: an access token and until when it holds, in
    seconds since 1970, and a refresh token, which is good for one exchange.
    """

    access: str
    refresh: str
    access_until: float

    def to_mapping(self) -> dict[str, Any]:
        """Ready for JSON."""
        return dict(vars(self))


class Cookies:
    """The cookies of the Studio. By HTTPS they are bound to this host alone (`__Host-`)."""

    def __init__(self, settings: StudioSettings) -> None:
        self._secure = settings.secure
        prefix = "__Host-" if settings.secure else ""
        # The session, and for who has none the seed of their forms' tokens.
        self.session, self.form = f"{prefix}myjoe", f"{prefix}myjoe-form"

    def set(self, response: Response, name: str, value: str, seconds: int | None = COOKIE_SECONDS) -> None:
        """Give the browser a cookie; without `seconds`, until it is closed."""
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Take a cookie from the browser."""
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")


def hash_of(token: str) -> bytes:
    """What the database knows of a token."""
    return hashlib.sha256(token.encode()).digest()


class Sessions:
    """Begins and ends sessions."""

    def __init__(self, decide: Decider, sealer: Sealer, cookies: Cookies) -> None:
        self._decide, self._sealer, self._cookies = decide, sealer, cookies

    async def begin(self, request: Request, response: Response, user: UUID, tokens: Tokens) -> None:
        """A new session, whatever the browser had before: nobody else can know its token."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._decide(
            "open_session", hash=hash_of(token), user=user, sealed=self._sealer.seal(USE, tokens.to_mapping()),
            access_until=datetime.fromtimestamp(tokens.access_until, UTC), device=request.headers.get("user-agent", "")[:200],
        )  # fmt: skip
        self._cookies.set(response, self._cookies.session, token)

    async def end(self, request: Request, response: Response, user: UUID) -> None:
        """End the session that the request came with."""
        await self._decide("end_session", user=user, hash=hash_of(request.cookies.get(self._cookies.session, "")))
        self._cookies.drop(response, self._cookies.session)

    async def end_others(self, request: Request, user: UUID) -> int:
        """End all of the user's sessions but this one; how many."""
        return int(await self._decide("end_sessions", user=user, but=hash_of(request.cookies.get(self._cookies.session, ""))))
