"""Light or dark, as a person likes it."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.routing import Pages, Who
from myjoe_studio.theming import COOKIE, THEMES
from myjoe_studio.visiting import RefusalError, Visit, safe_next

pages = Pages()


@pages.post("/theme", Who.VISITOR)
async def choose(visit: Visit) -> Response:
    """Keep the choice, and show the page again that it was made on."""
    theme = await visit.field("theme")
    if theme not in THEMES:
        raise RefusalError(422, "A page is light or dark, or follows your system.")
    response = visit.go(safe_next(await visit.field("next", chars_max=500), "/"))
    if theme:
        visit.parts.cookies.set(response, COOKIE, theme)
    else:
        visit.parts.cookies.drop(response, COOKIE)
    return response
