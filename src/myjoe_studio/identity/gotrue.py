"""The one client of GoTrue's REST API (Supabase Auth, `/auth/v1`): what the Studio asks of it, and
nothing else. It keeps no session: those are the database's.
"""
from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx2

from myjoe.settings.variables import Secret
from myjoe_studio.identity.errors import IdentityAwayError, IdentityRefusedError
from myjoe_studio.identity.tokens import TokenChecker
from myjoe_studio.sessions import SessionOverError, Tokens

# How long an answer may take, in seconds: a sign-in hashes a password, which takes a tenth.
PATIENCE_SECONDS = 8.0
# GoTrue answers so where somebody asks for another mail too soon. It says so only of addresses that
# it knows, so to people it has to look like every other answer.
TOO_SOON = ("over_email_send_rate_limit", "email_address_not_authorized")
# Why a mail that may go to nobody goes to nobody; who asked for it is not told.
NOBODY = ("validation_failed", "email_address_invalid", "user_not_found")
# What it says of a call in the name of somebody whose session has ended.
OVER = ("bad_jwt", "no_authorization", "session_not_found", "session_expired", "user_not_found", "user_banned")
# GoTrue's errors by `code`, as of this version of its interface.
VERSION = {"x-supabase-api-version": "2024-01-01"}


@dataclass(frozen=True)
class SignedIn:
    """Somebody whose identity was proved, and the tokens for it."""

    user: UUID
    email: str
    tokens: Tokens


class GoTrue:
    """Signs people in. Raises IdentityRefusedError with GoTrue's reason, and IdentityAwayError.

    url         where GoTrue is for us
    public_url  where it is for browsers, and who its tokens say has made them
    """

    def __init__(
        self, url: str, key: Secret, *, public_url: str = "", shared_secret: str = "", transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._public_url = public_url or url
        self._client = httpx2.AsyncClient(
            base_url=url, headers={"apikey": key.reveal(), **VERSION}, timeout=PATIENCE_SECONDS, transport=transport
        )
        self._checker = TokenChecker(self._public_url, self._published_keys, shared_secret)

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    # ── mails ─────────────────────────────────────────────────────────────────────────────────────
    async def sign_up(self, email: str, password: str) -> None:
        """Begin an account: a mail goes to the address. For an address that has an account nothing
        changes, and nothing tells so.
        """
        await self._mail("/signup", {"email": email, "password": password}, but=("user_already_exists", "email_exists"))

    async def recover(self, email: str) -> None:
        """Send a mail with which a new password can be chosen, if there is an account."""
        await self._mail("/recover", {"email": email}, but=NOBODY)

    async def resend(self, email: str) -> None:
        """Send the mail of a sign-up again, if one is waiting to be confirmed."""
        await self._mail("/resend", {"type": "signup", "email": email}, but=NOBODY)

    # ── signing in ────────────────────────────────────────────────────────────────────────────────
    async def sign_in(self, email: str, password: str) -> SignedIn:
        """By address and password."""
        return await self._session("/token?grant_type=password", {"email": email, "password": password})

    async def verify(self, kind: str, token_hash: str) -> SignedIn:
        """By a link from a mail, of the kind that it names (signup, recovery, magiclink …)."""
        return await self._session("/verify", {"type": kind, "token_hash": token_hash})

    def google_address(self, redirect_to: str, verifier: str) -> str:
        """Where a browser signs in with Google and comes back from with a code (OAuth 2.0 with
        PKCE, RFC 7636); `verifier` is a secret that is kept for the exchange.
        """
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {"provider": "google", "redirect_to": redirect_to, "code_challenge": challenge, "code_challenge_method": "s256"}
        return f"{self._public_url}/authorize?{urlencode(asked)}"

    async def exchange(self, code: str, verifier: str) -> SignedIn:
        """By the code that a browser came back with."""
        return await self._session("/token?grant_type=pkce", {"auth_code": code, "code_verifier": verifier})

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for old; the old refresh token is used up. SessionOverError if it is no good
        any more.
        """
        try:
            return (await self._session("/token?grant_type=refresh_token", {"refresh_token": refresh_token})).tokens
        except IdentityRefusedError as refused:
            raise SessionOverError(f"the identity service has ended it: {refused.code}") from refused

    # ── in a user's name: SessionOverError where the service has ended the session ────────────────
    async def user(self, access: str) -> Mapping[str, Any]:
        """Whose token this is, as the service knows them at present."""
        return await self._ask("GET", "/user", access=access)

    async def set_password(self, access: str, password: str) -> None:
        """Choose a new password."""
        await self._ask("PUT", "/user", {"password": password}, access=access)

    async def sign_out_everywhere(self, access: str) -> None:
        """End all sessions that the service knows of the user: no refresh token of theirs is good
        any more.
        """
        await self._ask("POST", "/logout?scope=global", access=access)

    # ── how it is asked ───────────────────────────────────────────────────────────────────────────
    async def _mail(self, path: str, body: Mapping[str, Any], but: tuple[str, ...] = ()) -> None:
        try:
            await self._ask("POST", path, body)
        except IdentityRefusedError as refused:
            if refused.code not in TOO_SOON + but:
                raise

    async def _session(self, path: str, body: Mapping[str, Any]) -> SignedIn:
        data = await self._ask("POST", path, body)
        try:
            access, refresh = str(data["access_token"]), str(data["refresh_token"])
        except KeyError as error:
            raise IdentityAwayError(f"the identity service gave no {error.args[0]}") from error
        claims = await self._checker.claims(access)
        return SignedIn(UUID(claims["sub"]), str(claims.get("email", "")), Tokens(access, refresh, float(claims["exp"])))

    async def _published_keys(self) -> Mapping[str, Any]:
        return await self._ask("GET", "/.well-known/jwks.json")

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, access: str = "") -> Mapping[str, Any]:
        headers = {"authorization": f"Bearer {access}"} if access else {}
        try:
            answer = await self._client.request(method, path, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise IdentityAwayError(f"the identity service did not answer: {type(error).__name__}") from error
        try:
            data = answer.json() if answer.content else {}
        except ValueError:
            data = None
        if 400 <= answer.status_code < 500 and isinstance(data, dict):
            refused = IdentityRefusedError(_code(data) or f"status_{answer.status_code}", str(data.get("msg") or data.get("message") or ""))
            if access and refused.code in OVER:
                raise SessionOverError(f"the identity service has ended it: {refused.code}") from refused
            # Where it has too much to do, or does not take our key, no person is to blame.
            if refused.code in TOO_SOON or (answer.status_code not in (408, 429) and (answer.status_code != 401 or access)):
                raise refused
        if answer.status_code >= 300 or not isinstance(data, dict):
            raise IdentityAwayError(f"the identity service answered {answer.status_code} to {method} {path.partition('?')[0]}")
        return data


def _code(data: Mapping[str, Any]) -> str:
    """GoTrue's word for what is wrong; its older answers have it in another place."""
    found = data.get("error_code") or data.get("code") or data.get("error")
    return found if isinstance(found, str) else ""
