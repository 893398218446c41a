"""Who comes: a random token in a cookie, and in the database its hash. A session begins with what
the identity service gave; the browser never sees that.
"""
from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from myjoe.errors import DatabaseUnreachableError, MyJoeError
from myjoe_studio.deciding import Decider
from myjoe_studio.sealing import Sealer
from myjoe_studio.settings import StudioSettings

# How long a browser keeps the cookie, in seconds: as long as a session may live.
COOKIE_SECONDS = 180 * 86400
TOKEN_BYTES = 32
# What a session's tokens are sealed for.
USE = "sessions"
# How often, and how long apart in seconds, one looks whether another has refreshed the tokens. In
# all it is a little longer than the identity service may take.
LOOKS, LOOK_SECONDS = 45, 0.2


class SessionOverError(MyJoeError):
    """The session has ended, here or at the identity service."""


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
        # On the way to Google and back; and who may choose a password, as they came by a mail.
        self.google, self.choosing = f"{prefix}myjoe-google", f"{prefix}myjoe-choosing"

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
    """Begins and ends sessions. `refresh` asks the identity service for new tokens."""

    def __init__(self, decide: Decider, sealer: Sealer, cookies: Cookies, refresh: Callable[[str], Awaitable[Tokens]]) -> None:
        self._decide, self._sealer, self._cookies, self._refresh = decide, sealer, cookies, refresh

    async def begin(self, request: Request, user: UUID, tokens: Tokens, before: UUID | None) -> str:
        """A new session, and its token for the browser, which nobody else can know. If the browser
        had one of the user `before`, that ends.
        """
        if before is not None:
            await self._decide("end_session", user=before, hash=hash_of(request.cookies.get(self._cookies.session, "")))
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._decide(
            "open_session", hash=hash_of(token), user=user, sealed=self._sealer.seal(USE, tokens.to_mapping()),
            access_until=datetime.fromtimestamp(tokens.access_until, UTC), device=request.headers.get("user-agent", "")[:200],
        )  # fmt: skip
        return token

    async def end(self, request: Request, response: Response, user: UUID) -> None:
        """End the session that the request came with."""
        await self._decide("end_session", user=user, hash=hash_of(request.cookies.get(self._cookies.session, "")))
        self._cookies.drop(response, self._cookies.session)

    async def end_others(self, request: Request, user: UUID) -> int:
        """End all of the user's sessions but this one; how many."""
        return int(await self._decide("end_sessions", user=user, but=hash_of(request.cookies.get(self._cookies.session, ""))))

    async def end_all(self, response: Response, user: UUID) -> int:
        """End all of the user's sessions, this one too; how many."""
        self._cookies.drop(response, self._cookies.session)
        return int(await self._decide("end_sessions", user=user, but=None))

    async def tokens(self, request: Request, user: UUID) -> Tokens:
        """The tokens of the session that the request came with, for a call in its user's name, and
        good for a minute at least.

        Where they run out one caller refreshes them, and the others wait for it, in whichever
        process: a refresh token is good once. SessionOverError if there is no such session, or the
        identity service has ended it.
        """
        token_hash = hash_of(request.cookies.get(self._cookies.session, ""))
        for _ in range(LOOKS):
            found = await self._decide("session_tokens", hash=token_hash)
            if found is None:
                raise SessionOverError
            try:
                tokens = Tokens(**self._sealer.unseal(USE, base64.b64decode(found["sealed"])))
            except ValueError as error:
                # The Studio's secret has changed since.
                await self._decide("end_session", user=user, hash=token_hash)
                raise SessionOverError("its tokens cannot be unsealed") from error
            if not found["stale"]:
                return tokens
            if found["mine"]:
                return await self._renewed(token_hash, user, tokens)
            await asyncio.sleep(LOOK_SECONDS)
        raise DatabaseUnreachableError("nobody came back with new tokens")

    async def _renewed(self, token_hash: bytes, user: UUID, tokens: Tokens) -> Tokens:
        try:
            fresh = await self._refresh(tokens.refresh)
        except SessionOverError:
            await self._decide("end_session", user=user, hash=token_hash)
            raise
        until = datetime.fromtimestamp(fresh.access_until, UTC)
        await self._decide("renew_session", hash=token_hash, sealed=self._sealer.seal(USE, fresh.to_mapping()), access_until=until)
        return fresh
