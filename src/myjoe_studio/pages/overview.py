"""The studio of a user: what they have, and where a book begins."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

pages = Pages()


@pages.get("/studio", Who.USER)
async def show(visit: Visit) -> Response:
    """Where a user arrives."""
    return visit.page("studio.html")
