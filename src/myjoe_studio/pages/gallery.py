"""The gallery: every page that was drawn for a user, the newest first."""
from __future__ import annotations

from starlette.responses import Response

from myjoe.database.statements import statements
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "gallery.sql")
# How many pictures stand on a page; the statement asks for one more.
PICTURES_A_PAGE = 48


@pages.get("/gallery", Who.USER, reads=SQL["gallery"], query=("before",))
async def show(visit: Visit) -> Response:
    """All pages."""
    more = visit.rows[PICTURES_A_PAGE - 1]["drawn_at"] if len(visit.rows) > PICTURES_A_PAGE else None
    return visit.page("gallery.html", pictures=visit.rows[:PICTURES_A_PAGE], more=more)
