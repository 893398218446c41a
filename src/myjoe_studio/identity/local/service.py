"""The embedded GoTrue's REST: the calls of `gotrue.GoTrue`, answered as Supabase answers them, by
the same words for what is wrong. Addresses have to be confirmed, as they have to be in production.
"""
from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.identity.local.google import Google
from myjoe_studio.identity.local.mailbox import Mailbox
from myjoe_studio.identity.local.signing import ACCESS_SECONDS, Signer
from myjoe_studio.identity.local.users import User, Users

PASSWORD_CHARS_MIN = 6
# GoTrue's statuses that are not 422.
STATUSES = {
    "invalid_credentials": 400, "email_not_confirmed": 400, "refresh_token_not_found": 400, "refresh_token_already_used": 400,
    "bad_json": 400, "bad_code_verifier": 400, "bad_jwt": 403, "otp_expired": 403, "session_not_found": 403, "flow_state_not_found": 404,
}  # fmt: skip


class Service:
    """GoTrue for one machine. `address` is the Studio's: nobody is sent anywhere else."""

    def __init__(self, users: Users, signer: Signer, mailbox: Mailbox, google: Google, address: str) -> None:
        self._users, self._signer, self._mailbox, self._google, self._address = users, signer, mailbox, google, address

    def routes(self) -> list[Route]:
        """The addresses, as below `/auth/v1`."""
        posts = {"/signup": self._sign_up, "/token": self._token, "/verify": self._verify, "/recover": self._recover,
                 "/resend": self._resend, "/logout": self._log_out}  # fmt: skip
        return [
            *(Route(path, _answering(handler), methods=["POST"]) for path, handler in posts.items()),
            Route("/user", _answering(self._user), methods=["GET"]),
            Route("/user", _answering(self._update), methods=["PUT"]),
            Route("/authorize", _answering(self._authorize), methods=["GET"]),
            Route("/.well-known/jwks.json", _answering(self._keys), methods=["GET"]),
        ]

    # ── mails ─────────────────────────────────────────────────────────────────────────────────────
    async def _sign_up(self, _request: Request, body: dict[str, Any]) -> Response:
        email, password = _address(body), _password(body)
        user = await self._users.new(email, password) or await self._users.by_email(email)
        if user is not None and not user.confirmed:
            self._mailbox.send(email, "signup", await self._users.new_link(user.id, "signup"))
        # Who has an account already is answered the same, with an id that means nothing.
        return JSONResponse({"id": str(uuid4()), "aud": "authenticated", "role": "authenticated", "email": email})

    async def _resend(self, _request: Request, body: dict[str, Any]) -> Response:
        user = await self._users.by_email(_address(body))
        if user is not None and not user.confirmed:
            self._mailbox.send(user.email, "signup", await self._users.new_link(user.id, "signup"))
        return JSONResponse({})

    async def _recover(self, _request: Request, body: dict[str, Any]) -> Response:
        user = await self._users.by_email(_address(body))
        if user is not None:
            self._mailbox.send(user.email, "recovery", await self._users.new_link(user.id, "recovery"))
        return JSONResponse({})

    # ── signing in ────────────────────────────────────────────────────────────────────────────────
    async def _token(self, request: Request, body: dict[str, Any]) -> Response:
        match request.query_params.get("grant_type"):
            case "password":
                user = await self._users.by_email(_address(body))
                if not await self._users.has_password(user, str(body.get("password", ""))) or user is None:
                    raise IdentityRefusedError("invalid_credentials", "Invalid login credentials")
                if not user.confirmed:
                    raise IdentityRefusedError("email_not_confirmed", "Email not confirmed")
                return await self._session(user)
            case "refresh_token":
                user, session = await self._users.use_token(str(body.get("refresh_token", "")))
                return await self._session(user, session)
            case "pkce":
                return await self._exchange(str(body.get("auth_code", "")), str(body.get("code_verifier", "")))
        raise IdentityRefusedError("invalid_credentials", "unsupported_grant_type")

    async def _exchange(self, code: str, verifier: str) -> Response:
        flow = self._google.take(code)
        if flow is None:
            raise IdentityRefusedError("flow_state_not_found", "invalid flow state, no valid flow state found")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if challenge != flow.challenge:
            raise IdentityRefusedError("bad_code_verifier", "code challenge does not match previously saved code verifier")
        user = await self._users.new(flow.email, None, confirmed=True, provider="google") or await self._users.by_email(flow.email)
        assert user is not None
        return await self._session(await self._users.confirm(user.id, drop_password=True))

    async def _verify(self, _request: Request, body: dict[str, Any]) -> Response:
        return await self._session(await self._users.take_link(str(body.get("type", "")), str(body.get("token_hash", ""))))

    async def _session(self, user: User, session: UUID | None = None) -> Response:
        session = session or await self._users.new_session(user.id)
        return JSONResponse({
            "access_token": self._signer.access_token(user.id, user.email, session), "token_type": "bearer",
            "expires_in": ACCESS_SECONDS, "expires_at": int(time.time()) + ACCESS_SECONDS,
            "refresh_token": await self._users.new_token(session), "user": _told(user),
        })  # fmt: skip

    async def _authorize(self, request: Request, _body: dict[str, Any]) -> Response:
        asked = request.query_params
        if asked.get("provider") != "google" or asked.get("code_challenge_method") != "s256":
            raise IdentityRefusedError("validation_failed", "Google by PKCE is what there is")
        back = asked.get("redirect_to", "")
        if not back.startswith(f"{self._address}/"):
            back = f"{self._address}/"
        state = self._google.begin(back, asked.get("code_challenge", ""))
        return RedirectResponse(f"{self._address}/dev/google?{urlencode({'state': state})}", 302)

    # ── in a user's name ──────────────────────────────────────────────────────────────────────────
    async def _owner(self, request: Request) -> tuple[User, UUID]:
        session = UUID(self._signer.claims(request.headers.get("authorization", ""))["session_id"])
        user = await self._users.by_session(session)
        if user is None:
            raise IdentityRefusedError("session_not_found", "Session from session_id claim in JWT does not exist")
        return user, session

    async def _user(self, request: Request, _body: dict[str, Any]) -> Response:
        return JSONResponse(_told((await self._owner(request))[0]))

    async def _update(self, request: Request, body: dict[str, Any]) -> Response:
        user, session = await self._owner(request)
        password = _password(body)
        if await self._users.has_password(user, password):
            raise IdentityRefusedError("same_password", "New password should be different from the old password.")
        await self._users.set_password(user.id, password)
        await self._users.end_sessions(user.id, but=session)
        return JSONResponse(_told(user))

    async def _log_out(self, request: Request, _body: dict[str, Any]) -> Response:
        user, session = await self._owner(request)
        match request.query_params.get("scope", "global"):
            case "global":
                await self._users.end_sessions(user.id)
            case "others":
                await self._users.end_sessions(user.id, but=session)
            case _:
                await self._users.end_session(session)
        return Response(status_code=204)

    async def _keys(self, _request: Request, _body: dict[str, Any]) -> Response:
        return JSONResponse(self._signer.key_set())


def _answering(handler: Callable[[Request, dict[str, Any]], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A handler that gets the JSON that was sent, and whose refusals are answered as GoTrue's."""
    async def answer(request: Request) -> Response:
        try:
            try:
                body = json.loads(await request.body() or b"{}")
            except ValueError as error:
                raise IdentityRefusedError("bad_json", "Could not parse request body as JSON") from error
            return await handler(request, body if isinstance(body, dict) else {})
        except IdentityRefusedError as refused:
            told = {"code": refused.code, "error_code": refused.code, "message": str(refused), "msg": str(refused)}
            return JSONResponse(told, STATUSES.get(refused.code, 422))

    return answer


def _address(body: dict[str, Any]) -> str:
    email = str(body.get("email", "")).strip().lower()
    name, _, host = email.rpartition("@")
    if not name or "." not in host or any(one.isspace() for one in email):
        raise IdentityRefusedError("validation_failed", "Unable to validate email address: invalid format")
    return email


def _password(body: dict[str, Any]) -> str:
    password = str(body.get("password", ""))
    if len(password) < PASSWORD_CHARS_MIN:
        raise IdentityRefusedError("weak_password", f"Password should be at least {PASSWORD_CHARS_MIN} characters.")
    return password


def _told(user: User) -> dict[str, Any]:
    return {"id": str(user.id), "aud": "authenticated", "role": "authenticated", "email": user.email,
            "email_confirmed_at": user.created_at.isoformat() if user.confirmed else None}  # fmt: skip
