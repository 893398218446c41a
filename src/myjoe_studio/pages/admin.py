"""What who runs the product looks at: the queue, what fails, what pages cost, open events of
Stripe, and the record of all that was done by hand.
"""
from __future__ import annotations

from starlette.responses import Response

from myjoe.database.statements import statements
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

SQL = statements("myjoe_studio.pages", "admin.sql")
RECORDS_PER_PAGE = 50

pages = Pages()


@pages.get("/admin", Who.ADMIN, reads=SQL["overview"], query=("done",))
async def overview(visit: Visit) -> Response:
    """All at a glance; what needs somebody stands first."""
    return visit.page("admin_overview.html", **visit.row, done=visit.request.query_params.get("done", ""))


@pages.get("/admin/record", Who.ADMIN, reads=SQL["record"], query=("before",))
async def record(visit: Visit) -> Response:
    """Every act of every admin, the latest first."""
    older = visit.rows[-1]["id"] if len(visit.rows) == RECORDS_PER_PAGE else None
    return visit.page("admin_record.html", acts=visit.rows, older=older)


@pages.get("/admin/users", Who.ADMIN, reads=SQL["users"], query=("part",))
async def users(visit: Visit) -> Response:
    """Users found by a part of their address."""
    return visit.page("admin_users.html", found=visit.rows, part=visit.request.query_params.get("part", ""), looked=None, user=None)
