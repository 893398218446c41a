"""Whether the Studio answers, and its database."""
from __future__ import annotations

from starlette.responses import Response

from myjoe.version import VERSION
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

pages = Pages()


@pages.get("/health", Who.VISITOR, reads="select 1 as here")
async def show(visit: Visit) -> Response:
    """For whoever watches: 503 comes by itself where the database is away."""
    return visit.json({"ready": bool(visit.rows), "version": VERSION})
