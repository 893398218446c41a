"""What every request and every answer passes, as pure ASGI: a request id, headers that bind the
browser, and the refusal of forms that another site sends.
"""
from __future__ import annotations

import re
import secrets
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from myjoe import telemetry
from myjoe_studio.settings import StudioSettings

SAFE = {"GET", "HEAD", "OPTIONS"}
# Addresses at which machines post, who send no cookie and sign what they send.
SIGNED = ("/webhooks/",)
CROSS_SITE = "This form came from another site."
# What a platform's proxy calls a request; anything else is no id, and would only fill our log.
REQUEST_ID = re.compile(r"[A-Za-z0-9_:.-]{8,100}")


def content_security_policy(settings: StudioSettings, connect: tuple[str, ...] = (), images: tuple[str, ...] = ()) -> str:
    """Nothing from anywhere but from us, and no script that was written into a page. Chromium also
    asks form-action where a form's answer leads, so Stripe stands there.
    """
    parts = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": " ".join(("'self'", "blob:", "data:", *images)),
        "connect-src": " ".join(("'self'", *connect)),
        "manifest-src": "'self'",
        "form-action": "'self' https://checkout.stripe.com https://billing.stripe.com",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, settings: StudioSettings, policy: str) -> None:
        self._app = app
        self._secure = settings.secure
        self._headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
            **({"strict-transport-security": "max-age=63072000; includeSubDomains"} if settings.secure else {}),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-vercel-id") or headers.get("x-request-id") or ""
        request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer["x-request-id"] = request_id
                for name, value in self._headers.items():
                    answer.setdefault(name, value)
                answer.setdefault("cache-control", "private, no-store")
            await send(message)

        with telemetry.context(request=request_id):
            if scope["method"] not in SAFE and not scope["path"].startswith(SIGNED) and not _same_origin(scope, headers):
                telemetry.emit("request.cross_site", path=scope["path"], reason=headers.get("sec-fetch-site") or "no browser")
                await PlainTextResponse(CROSS_SITE + "\n", 403)(scope, receive, send_guarded)
                return
            await self._app(scope, receive, send_guarded)


def _same_origin(scope: Scope, headers: Headers) -> bool:
    """Whether the browser says that one of our own pages sent this: by Sec-Fetch-Site, and where it
    does not know that, by Origin. Who says neither is no browser of this decade.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin: Any = headers.get("origin", "")
    return origin.partition("://")[2] == headers.get("host", "") != ""
