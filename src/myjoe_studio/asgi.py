"""The application: every page at its address, behind the guard.

`uvicorn --factory myjoe_studio.asgi:production` serves it with the settings of the environment.
"""
from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from myjoe import telemetry
from myjoe.telemetry.reporting import reporting
from myjoe.version import VERSION
from myjoe_studio.assembling import assembled
from myjoe_studio.files import image_origins
from myjoe_studio.guarding import Guard, content_security_policy
from myjoe_studio.live.ticket import realtime_origins
from myjoe_studio.pages import PAGES
from myjoe_studio.parts import Parts
from myjoe_studio.rendering import Templates
from myjoe_studio.sessions import Cookies
from myjoe_studio.settings import LOCAL, StudioSettings, read_settings
from myjoe_studio.static_files import StaticFiles
from myjoe_studio.theming import theme_of
from myjoe_studio.visiting import NOT_HERE, endpoint


class Studio:
    """The Studio as an ASGI application. Its parts are made when the server starts it."""

    def __init__(self, app: ASGIApp, made: list[Parts]) -> None:
        self._app, self._made = app, made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self._app(scope, receive, send)

    def leave(self) -> None:
        """End all streams, for a server that was told to end: it would wait for them."""
        for parts in self._made:
            if parts.tail is not None:
                parts.tail.end()


def studio(settings: StudioSettings) -> Studio:
    """The application that the settings describe."""
    static = StaticFiles()
    made: list[Parts] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.enter_context(reporting(settings, VERSION, "studio"))
            made.append(await stack.enter_async_context(assembled(settings, static)))
            stack.callback(made.clear)
            telemetry.emit("studio.started", address=settings.address, env=settings.env, version=VERSION)
            yield
            telemetry.emit("studio.stopped")

    templates, cookies = Templates(static, settings=settings), Cookies(settings)

    async def not_found(request: Request, error: Exception) -> Response:
        # Also for an address that takes forms alone and that somebody opened: 405, same words.
        assert isinstance(error, HTTPException)
        values = {"person": None, "path": request.url.path, "status": error.status_code, "sentence": NOT_HERE, "way_out": None,
                  "request_id": "", "theme": theme_of(request), "form_token": str, "now": 0.0,
                  "unknown": cookies.session in request.cookies}  # fmt: skip
        return HTMLResponse(templates.render("refused.html", values), error.status_code, error.headers)

    async def development(scope: Scope, receive: Receive, send: Send) -> None:
        served = made[0].development
        assert served is not None, "the embedded identity is served here"
        await served(scope, receive, send)

    routes: list[BaseRoute] = [Route(page.path, endpoint(page, lambda: made[0]), methods=[page.method]) for page in PAGES]
    routes.append(Route("/static/{path:path}", static.serve))
    if settings.identity == LOCAL:
        routes.append(Mount("/dev", development))
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: not_found, 405: not_found})
    policy = content_security_policy(settings, realtime_origins(settings), image_origins(settings))
    return Studio(Guard(app, settings, policy), made)


def production() -> Studio:
    """The Studio that the environment describes. SettingsError with every mistake."""
    settings = read_settings(os.environ)
    telemetry.start(settings)
    return studio(settings)
