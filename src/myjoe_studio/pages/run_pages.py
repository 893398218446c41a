"""One page of a run: its files, and what may be done with it."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from myjoe.errors import FileMissingError
from myjoe_studio.governing import asked, decided
from myjoe_studio.pages.runs import SQL
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

pages = Pages()
# Which file of a page lies behind which end of an address.
KINDS = {"svg": "svg", "png": "png", "pdf": "pdf", "thumbnail": "thumbnail"}
# How long a browser may keep where a thumbnail lies, in seconds: a little shorter than the link
# holds.
THUMBNAIL_SECONDS = 240


@pages.get("/runs/{run:uuid}/pages/{job:uuid}", Who.USER, reads=SQL["page"])
async def show(visit: Visit) -> Response:
    """The page at its largest, its files, and what may be done with it."""
    return visit.page("page.html", page=visit.row, run=visit.request.path_params["run"], job=str(visit.request.path_params["job"]))


@pages.get("/runs/{run:uuid}/pages/{job:uuid}.{kind}", Who.USER, reads=SQL["page"])
async def file(visit: Visit) -> Response:
    """The file itself, by a link that is good for five minutes."""
    kind, files = visit.request.path_params["kind"], visit.row["files"] or {}
    if kind not in KINDS or KINDS[kind] not in files:
        raise RefusalError(404, NOT_HERE)
    save_as = f"{file_name(visit.row)}.{kind}" if "save" in visit.request.query_params else ""
    try:
        answer = visit.go(await visit.parts.files.link(files[KINDS[kind]], save_as))
    except FileMissingError as error:
        raise RefusalError(404, "This file is not there any more.") from error
    answer.status_code = 302
    if not save_as:
        answer.headers["cache-control"] = f"private, max-age={THUMBNAIL_SECONDS}"
    return answer


@pages.post("/runs/{run:uuid}/pages/{job:uuid}/cancel", Who.USER)
async def cancel(visit: Visit) -> Response:
    """Stop one page; it is refunded."""
    run, job = (visit.request.path_params[name] for name in ("run", "job"))
    await asked(visit, "cancel_jobs", run=run, job=job)
    return _back(visit, run)


@pages.post("/runs/{run:uuid}/pages/{job:uuid}/retry", Who.USER, token=True, reads=SQL["page"])
async def retry(visit: Visit) -> Response:
    """Draw one page again, once for each job that it had."""
    run = visit.request.path_params["run"]
    here = f"/runs/{run}"
    key = f"retry:{visit.row['job_id']}"
    await decided(visit, "redraw_pages", run=run, key=key, pages=[visit.row["page"]], agreed=None, way_out=("Back to the book", here))
    return _back(visit, run)


@pages.post("/runs/{run:uuid}/pages/{job:uuid}/lock", Who.USER, reads=SQL["page"])
async def lock(visit: Visit) -> Response:
    """Lock a page, or with the field `locked` empty unlock it."""
    run = visit.request.path_params["run"]
    await visit.parts.decide("lock_page", user=visit.person.id, run=run, page=visit.row["page"], locked=bool(await visit.field("locked")))
    return _back(visit, run)


@pages.post("/runs/{run:uuid}/pages/{job:uuid}/edited", Who.USER, reads=SQL["page"])
async def mark_edited(visit: Visit) -> Response:
    """Say that one has changed a drawing by hand, or with the field `edited` empty that not: what
    shops ask about AI is answered by it.
    """
    run, job = (visit.request.path_params[name] for name in ("run", "job"))
    edited = bool(await visit.field("edited"))
    await visit.parts.decide("mark_edited", user=visit.person.id, run=run, page=visit.row["page"], edited=edited)
    return visit.go(f"/runs/{run}/pages/{job}")


@pages.post("/runs/{run:uuid}/redraw", Who.USER, token=True, reads=SQL["run"])
async def redraw(visit: Visit) -> Response:
    """Draw pages again for the price that was shown."""
    run = visit.request.path_params["run"]
    numbers = {int(number) for number in re.findall(r"[0-9]{1,6}", await visit.field("pages", chars_max=4000))}
    await decided(
        visit, "redraw_pages", run=run, key=await visit.key(), pages=sorted(numbers), agreed=await visit.number("agreed"),
        way_out=("Back to the book", f"/runs/{run}"),
    )  # fmt: skip
    return visit.go(f"/runs/{run}")


def _back(visit: Visit, run: Any) -> Response:
    return visit.json({"done": True}) if visit.wants_json else visit.go(f"/runs/{run}")


def file_name(page: Mapping[str, Any]) -> str:
    """A name for a page's files that a person would give: 03-the-owl-at-night."""
    return f"{page['page']:02}-{named(page['title'])}"


def named(title: str | None) -> str:
    """A title as a file's name: the-owl-at-night."""
    return "-".join(re.findall(r"[a-z0-9]+", (title or "").lower()))[:80].strip("-") or "book"
