"""What stands below `/dev` on a machine for development: the embedded GoTrue, the mails that it
would have sent, and its Google. And the link that `myjoe studio` prints.
"""
from __future__ import annotations

import secrets
import time
from urllib.parse import urlencode

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from myjoe.database.connection import RetryingConnection
from myjoe.database.migrating import REMAKE
from myjoe.errors import SettingsError
from myjoe.settings.variables import Secret
from myjoe_studio.identity.gotrue import GoTrue
from myjoe_studio.identity.local.google import Google
from myjoe_studio.identity.local.mailbox import Mailbox, link_of
from myjoe_studio.identity.local.service import Service
from myjoe_studio.identity.local.signing import Signer
from myjoe_studio.identity.local.users import Users
from myjoe_studio.rendering import Templates
from myjoe_studio.settings import StudioSettings
from myjoe_studio.theming import theme_of

PATH = "/dev"
# Who the embedded database's seed makes.
JOE = "joe@example.com"


class Development:
    """The embedded identity: `app` is served below `/dev`, and `identity` asks it without a
    network.
    """

    def __init__(self, settings: StudioSettings, templates: Templates) -> None:
        self._address, self._templates = settings.address, templates
        self._connection = RetryingConnection(settings.database_url.reveal(), name="myjoe identity")
        self._users, self._google, self.mailbox = Users(self._connection), Google(), Mailbox(settings.address)
        public_url = f"{settings.address}{PATH}/auth/v1"
        service = Service(self._users, Signer(settings.secret, public_url), self.mailbox, self._google, settings.address)
        self.app = Starlette(routes=[
            Mount("/auth/v1", routes=service.routes()),
            Route("/mail", self._mails, methods=["GET"]),
            Route("/google", self._consent, methods=["GET"]),
            Route("/google", self._consented, methods=["POST"]),
        ])  # fmt: skip
        self.identity = GoTrue(
            "http://embedded/auth/v1", Secret(), public_url=public_url, transport=httpx2.ASGITransport(app=self.app)
        )

    async def check(self) -> None:
        """SettingsError for a database that was made before there was a Studio."""
        if not await self._users.are_here():
            raise SettingsError([f"this database was made before My Joe had a Studio: {REMAKE}"])

    async def close(self) -> None:
        """Close the connection."""
        await self.identity.close()
        await self._connection.close()

    async def _mails(self, request: Request) -> Response:
        return self._page(request, "dev_mail.html", mails=list(self.mailbox))

    async def _consent(self, request: Request) -> Response:
        state = request.query_params.get("state", "")
        if not self._google.is_under_way(state):
            return RedirectResponse(f"{self._address}/?error=invalid_request", 303)
        return self._page(request, "dev_google.html", state=state, email=JOE)

    async def _consented(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10) as form:
            state, email, denied = str(form.get("state", "")), str(form.get("email", "")).strip().lower(), "deny" in form
        if denied or "@" not in email or not self._google.is_under_way(state):
            # To the root, as GoTrue does it.
            self._google.deny(state)
            return RedirectResponse(f"{self._address}/?{urlencode({'error': 'access_denied' if denied else 'invalid_request'})}", 303)
        back, code = self._google.answer(state, email)
        return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{urlencode({'code': code})}", 303)

    def _page(self, request: Request, template: str, **values: object) -> Response:
        given = {"person": None, "path": request.url.path, "theme": theme_of(request), "form_token": str, "now": time.time(), **values}
        return HTMLResponse(self._templates.render(template, given))


async def one_time_link(settings: StudioSettings, email: str = JOE) -> str:
    """A link that signs in whoever has this address, once and within the hour; the account is made
    if there is none. For databases of one's own, never for production.
    """
    connection = RetryingConnection(settings.database_url.reveal(), name="myjoe sign-in link")
    try:
        users = Users(connection)
        user = await users.by_email(email) or await users.new(email, secrets.token_urlsafe(32), confirmed=True)
        assert user is not None
        return link_of(settings.address, "magiclink", await users.new_link(user.id, "magiclink"))
    finally:
        await connection.close()
