"""What My Joe is, for who comes for the first time, and what it costs."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

pages = Pages()


@pages.get("/", Who.VISITOR)
async def show(visit: Visit) -> Response:
    """The first page. The identity service sends who denied Google's consent to it."""
    if error := visit.request.query_params.get("error"):
        return visit.go("/sign-in?said=" + ("access_denied" if error == "access_denied" else "google"))
    return visit.page("landing.html")
