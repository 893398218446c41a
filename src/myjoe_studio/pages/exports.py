"""Exports: a run taken home, bound by the worker, for no credits: for a printer, for a shop, as one
PDF, or as a ZIP of all files.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from myjoe.database.statements import statements
from myjoe.errors import FileMissingError
from myjoe_studio.governing import decided
from myjoe_studio.pages import printing
from myjoe_studio.pages.run_pages import named
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "exports.sql")
KINDS = ("zip", "book", "print", "shop")
# How long a browser may keep where a picture of an export lies, in seconds: a little shorter than
# the link holds.
PICTURE_SECONDS = 240


@pages.get("/runs/{run:uuid}/export", Who.USER, reads=SQL["taking"])
async def ask(visit: Visit) -> Response:
    """What a run may become, and for whom."""
    if not visit.row["drawn"]:
        raise RefusalError(409, "No page of this book has been drawn yet.", way_out=("Back to the book", f"/runs/{visit.row['id']}"))
    return _asked(visit, printing.as_given(visit.row))


@pages.post("/runs/{run:uuid}/export", Who.USER, reads=SQL["taking"])
async def request(visit: Visit) -> Response:
    """Have what is ready bound. The same pages in the same print are bound already."""
    run, kind = visit.row["id"], await visit.field("kind")
    back = ("Back to the book", f"/runs/{run}")
    if kind not in KINDS:
        raise RefusalError(422, "Choose what it is to be bound as.", way_out=back)
    wanted: dict[str, Any] = {}
    if kind in ("print", "shop"):
        given = {name: await visit.field(name) for name in (*printing.FIRST, "title")}
        if mistakes := printing.mistakes_in(given):
            return _asked(visit, {**printing.as_given(visit.row), **given}, mistakes, 422)
        wanted = printing.print_of(given)
        # A form's own words go before the order's, also where they were taken away.
        wanted |= {name: given[name] for name in ("title", "author")}
        wanted |= {name: "" for name in ("spine", "cover_size") if name not in wanted and name in (visit.row["print"] or {})}
        if kind == "shop":
            wanted = {name: wanted[name] for name in ("title", "author")}
    answer = await decided(visit, "request_binding", run=run, kind=kind, wanted=wanted, way_out=back)
    return visit.go(f"/exports/{answer['export_id']}")


def _asked(visit: Visit, given: Mapping[str, str], mistakes: Mapping[str, str] | None = None, status: int = 200) -> Response:
    return visit.page(
        "take_home.html", status=status, run=visit.row, given=given, mistakes=mistakes or {}, printing=printing,
        answers=printing.answers(visit.row["drawn"]),
    )  # fmt: skip


@pages.get("/exports/{export:uuid}", Who.USER, reads=SQL["export"])
async def show(visit: Visit) -> Response:
    """How far it is; and once it is bound, its files, and what a printer would say to them."""
    export = visit.row
    if visit.wants_json:
        return visit.json({"state": export["state"], "done": export["pages_done"], "of": export["page_count"]})
    told, drawn_by = export["report"].get("ai"), export["report"].get("drawn_by", {})
    return visit.page(
        "export.html", export=export, findings=printing.findings(export), printers=printing.IN_A_SENTENCE, trims=dict(printing.TRIMS),
        answers={**told, "drawn_by": drawn_by} if told else printing.answers(export["drawn"].values()),
    )  # fmt: skip


@pages.get("/exports/{export:uuid}/file", Who.USER, reads=SQL["export"])
async def file(visit: Visit) -> Response:
    """The book or the ZIP itself, under a name that a person would give."""
    export = visit.row
    if export["file"] is None:
        raise RefusalError(404, NOT_HERE)
    return await _linked(visit, export["file"], f"{named(export['title'])}.{export['file'].rpartition('.')[2]}")


@pages.get("/exports/{export:uuid}/files/{name}", Who.USER, reads=SQL["export"])
async def one_file(visit: Visit) -> Response:
    """One of its files; with `?save` to be kept, under a name that a person would give."""
    name = visit.request.path_params["name"]
    if name not in visit.row["files"]:
        raise RefusalError(404, NOT_HERE)
    save = "save" in visit.request.query_params
    answer = await _linked(visit, visit.row["files"][name]["key"], f"{named(visit.row['title'])}-{name}" if save else "")
    if not save:
        answer.headers["cache-control"] = f"private, max-age={PICTURE_SECONDS}"
    return answer


async def _linked(visit: Visit, key: str, save_as: str) -> Response:
    try:
        answer = visit.go(await visit.parts.files.link(key, save_as))
    except FileMissingError as error:
        way_out = ("Back to the book", f"/runs/{visit.row['run_id']}")
        raise RefusalError(404, "This file is not there any more.", way_out=way_out) from error
    answer.status_code = 302
    return answer
