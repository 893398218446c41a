"""Which identity service the settings name."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from myjoe_studio.identity.gotrue import GoTrue
from myjoe_studio.rendering import Templates
from myjoe_studio.settings import LOCAL, StudioSettings


@dataclass(frozen=True)
class Opened:
    """The client, and in development what is served below `/dev`."""

    identity: GoTrue
    development: ASGIApp | None


@asynccontextmanager
async def open_identity(settings: StudioSettings, templates: Templates) -> AsyncIterator[Opened]:
    """The service for as long as the block runs."""
    if settings.identity == LOCAL:
        # Not there outside development.
        from myjoe_studio.identity.local import Development

        development = Development(settings, templates)
        try:
            await development.check()
            yield Opened(development.identity, development.app)
        finally:
            await development.close()
        return
    identity = GoTrue(
        f"{settings.supabase_url}/auth/v1", settings.publishable_key, shared_secret=settings.supabase_jwt_secret.reveal()
    )
    try:
        yield Opened(identity, None)
    finally:
        await identity.close()
