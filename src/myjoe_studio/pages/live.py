"""Being told: a stream of what changes of a user's own runs, and a ticket for Supabase's."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.live.ticket import realtime_address
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

pages = Pages()


@pages.get("/live", Who.USER)
async def stream(visit: Visit) -> Response:
    """Server-sent events: that a run changed, and which."""
    if visit.parts.tail is None:
        raise RefusalError(404, NOT_HERE)
    return visit.parts.tail.stream(visit.person.id)


@pages.post("/live/ticket", Who.USER)
async def ticket(visit: Visit) -> Response:
    """What a browser needs to hear of its runs from Supabase Realtime; it keeps it in memory."""
    if visit.parts.settings.live != "realtime":
        raise RefusalError(404, NOT_HERE)
    tokens = await visit.parts.sessions.tokens(visit.request, visit.person.id)
    topic = f"realtime:user:{visit.person.id}"
    return visit.json({"address": realtime_address(visit.parts.settings), "topic": topic, "token": tokens.access})
