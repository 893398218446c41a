"""Runs: all of a user's books, and one with its pages as they come."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from myjoe.database.statements import statements
from myjoe.formatting import counted
from myjoe_studio.governing import asked, notice
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "runs.sql")
# How many runs a page of them shows; the statement asks for one more.
RUNS_A_PAGE = 24
# What a person reads of a job's state; one that a newer version has is not over, and waits. Nothing
# is paid for a page that was not drawn.
STATES = {"pending": "waiting", "in_progress": "drawing", "completed": "ready", "failed": "failed", "cancelled": "cancelled"}
LABELS = {"waiting": "waiting", "drawing": "drawing", "ready": "ready", "failed": "failed, refunded", "cancelled": "cancelled, refunded",
          "stopping": "stopping"}  # fmt: skip


@pages.get("/runs", Who.USER, reads=SQL["runs"], query=("before", "project"))
async def show_all(visit: Visit) -> Response:
    """All books, the newest first."""
    runs = visit.rows[:RUNS_A_PAGE]
    more = runs[-1]["created_at"] if len(visit.rows) > RUNS_A_PAGE else None
    return visit.page("runs.html", runs=runs, more=more)


@pages.get("/runs/{run:uuid}", Who.USER, reads=SQL["run"])
async def show(visit: Visit) -> Response:
    """One book: its pages in their order, live."""
    return visit.page("run.html", run=visit.row, state=state_of(visit.row), live=visit.parts.settings.live)


@pages.get("/runs/{run:uuid}/state", Who.USER, reads=SQL["run"])
async def state(visit: Visit) -> Response:
    """How the pages are, for the script of the page; 304 where nothing has changed."""
    now = state_of(visit.row)
    tag = f'W/"{hashlib.sha256(json.dumps(now, sort_keys=True).encode()).hexdigest()[:20]}"'
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    answer = visit.json(now)
    answer.headers["etag"] = tag
    return answer


@pages.get("/runs/{run:uuid}/stop", Who.USER, reads=SQL["run"])
async def ask_to_stop(visit: Visit) -> Response:
    """What stopping would do, and the button that does it."""
    return visit.page("stop.html", run=visit.row, state=state_of(visit.row))


@pages.post("/runs/{run:uuid}/cancel", Who.USER)
async def cancel(visit: Visit) -> Response:
    """Stop what is not drawn yet; it is refunded."""
    run = visit.request.path_params["run"]
    await asked(visit, "cancel_jobs", run=run, job=None)
    return visit.go(f"/runs/{run}")


@pages.get("/runs/{run:uuid}/redraw", Who.USER, reads=SQL["run"])
async def ask_to_redraw(visit: Visit) -> Response:
    """What drawing again would cost: the pages that failed, or all that are not locked."""
    which = wanted(visit.row, visit.request.query_params.get("which", "failed"))
    answer = notice(await asked(visit, "quote_redraw", run=visit.row["id"], pages=which))
    return visit.page("redraw.html", run=visit.row, which=which, quote=answer, key=f"redraw:{visit.row['id']}:{_drawn(visit.row)}")


def wanted(run: Mapping[str, Any], which: str) -> list[int]:
    """The numbers of pages to draw again: "all" that nobody locked, or those that "failed"."""
    states = ("completed", "failed", "cancelled") if which == "all" else ("failed", "cancelled")
    return [page["page"] for page in run["pages"] if page["status"] in states and not page["locked"]]


def _drawn(run: Mapping[str, Any]) -> str:
    """Names which jobs the pages have: a form that was sent names the same, one after that
    another.
    """
    return hashlib.sha256("".join(page["job_id"] for page in run["pages"]).encode()).hexdigest()[:24]


def state_of(run: Mapping[str, Any]) -> dict[str, Any]:
    """How a run is: its pages by number, counts, and a sentence."""
    cards = [_card(page) for page in run["pages"]]
    count = {name: sum(card["state"] == name for card in cards) for name in LABELS}
    drawn = sum(card["picture"] is not None for card in cards)
    open_pages = count["waiting"] + count["drawing"] + count["stopping"]
    return {"pages": cards, "count": count, "drawn": drawn, "open": open_pages, "sentence": _sentence(len(cards), drawn, count, open_pages)}


def _card(page: Mapping[str, Any]) -> dict[str, Any]:
    told = STATES.get(page["status"], "waiting")
    state = "stopping" if page["stopping"] else told
    label = LABELS[state]
    if page["picture_job_id"] and state in ("failed", "cancelled"):
        label = f"ready; the new drawing was {'not made' if state == 'failed' else 'stopped'}, and refunded"
        state = "ready"
    return {"page": page["page"], "title": page["title"] or f"Page {page['page']}", "state": state, "label": label, "job": page["job_id"],
            "picture": page["picture_job_id"], "locked": page["locked"], "again": told in ("failed", "cancelled"),
            "credits_half": page["credits_half"]}  # fmt: skip


def _sentence(total: int, drawn: int, count: Mapping[str, int], open_pages: int) -> str:
    if open_pages:
        going = [counted(count["drawing"], "is being drawn", "are being drawn"), counted(count["waiting"], "waits", "wait")]
        return f"{counted(drawn, f'of {total} pages is', f'of {total} pages are')} ready. {', '.join(going)}."
    missing = count["failed"] + count["cancelled"]
    if missing:
        gone = "1 was not made, and its credits are back" if missing == 1 else f"{missing} were not made, and their credits are back"
        return f"{counted(drawn, f'of {total} pages is', f'of {total} pages are')} ready. {gone}."
    return f"All {total} pages are ready." if total > 1 else "The page is ready."
