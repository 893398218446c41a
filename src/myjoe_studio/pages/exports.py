"""Exports: a book or a ZIP of a run's pages, bound by the worker, for no credits."""
from __future__ import annotations

from starlette.responses import Response

from myjoe.database.statements import statements
from myjoe.errors import FileMissingError
from myjoe_studio.governing import decided
from myjoe_studio.pages.run_pages import named
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "exports.sql")
ENDS = {"zip": "zip", "book": "pdf"}


@pages.post("/runs/{run:uuid}/export", Who.USER)
async def request(visit: Visit) -> Response:
    """Have what is ready bound. The same pages again are bound already."""
    run, kind = visit.request.path_params["run"], await visit.field("kind")
    if kind not in ENDS:
        raise RefusalError(422, "Choose the book or the ZIP.", way_out=("Back to the book", f"/runs/{run}"))
    answer = await decided(visit, "request_export", run=run, kind=kind, way_out=("Back to the book", f"/runs/{run}"))
    return visit.go(f"/exports/{answer['export_id']}")


@pages.get("/exports/{export:uuid}", Who.USER, reads=SQL["export"])
async def show(visit: Visit) -> Response:
    """Whether it is bound, and once it is, the link to it."""
    export = visit.row
    if visit.wants_json:
        return visit.json({"state": export["state"]})
    return visit.page("export.html", export=export)


@pages.get("/exports/{export:uuid}/file", Who.USER, reads=SQL["export"])
async def file(visit: Visit) -> Response:
    """The file itself, under a name that a person would give."""
    export = visit.row
    if export["file"] is None:
        raise RefusalError(404, NOT_HERE)
    try:
        answer = visit.go(await visit.parts.files.link(export["file"], f"{named(export['title'])}.{ENDS[export['kind']]}"))
    except FileMissingError as error:
        raise RefusalError(404, "This file is not there any more.", way_out=("Back to the book", f"/runs/{export['run_id']}")) from error
    answer.status_code = 302
    return answer
