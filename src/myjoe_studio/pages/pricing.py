"""What My Joe costs: plans and top-ups."""
from __future__ import annotations

from starlette.responses import Response

from myjoe_studio.pages.billing import SQL, new_intent
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

pages = Pages()


@pages.get("/pricing", Who.VISITOR, reads=SQL["pricing"])
async def show(visit: Visit) -> Response:
    """For everybody; who is signed in sees which plan is theirs."""
    read = visit.row
    return visit.page("pricing.html", plans=read["plans"], topups=read["topups"], intent=new_intent())
