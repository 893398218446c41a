"""A draft from its description to its storyboard: described, planned once, shown."""
from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.responses import Response

from myjoe.database.statements import statements
from myjoe.providers.protocol import DESCRIPTION_CHARACTERS_MAX
from myjoe.screening.screening import screen
from myjoe_studio.governing import asked, decided, notice
from myjoe_studio.pages import printing
from myjoe_studio.pages.overview import AUDIENCES, FIRST, PAPERS, STYLES, describe
from myjoe_studio.pages.overview import SQL as OVERVIEW
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "drafts.sql")
# Pages of the largest book, which the largest plan allows.
PAGES_MAX = 400
# Wishes beside a description, in characters; both together are within what the brain reads.
WISHES_CHARS_MAX = 1000
DESCRIPTION_CHARS_MAX = DESCRIPTION_CHARACTERS_MAX - WISHES_CHARS_MAX - 200


@pages.post("/drafts", Who.USER, reads=OVERVIEW["overview"])
async def begin(visit: Visit) -> Response:
    """A book is described: the same form twice makes one draft."""
    chars_max = {"description": DESCRIPTION_CHARS_MAX, "wishes": WISHES_CHARS_MAX}
    given = {name: await visit.field(name, chars_max=chars_max.get(name, 200)) for name in FIRST}
    key = await visit.key()
    request, mistakes = _request(given)
    if mistakes:
        return describe(visit, given, mistakes=mistakes, key=key, status=422)
    # Somebody who goes back, changes the description and sends it again means another book.
    content = hashlib.sha256(json.dumps(request).encode()).hexdigest()[:16]
    project = given["project"] if given["project"] in {one["id"] for one in visit.row["projects"]} else None
    answer = await decided(visit, "begin_draft", key=f"{key}:{content}", request=request, project=project)
    return visit.go(f"/drafts/{answer['draft_id']}")


@pages.get("/drafts/{draft:uuid}", Who.USER, reads=SQL["draft"])
async def show(visit: Visit) -> Response:
    """Where the draft is: being planned, a storyboard, or ordered already."""
    if visit.wants_json:
        return visit.json({"state": visit.row["state"]})
    return await draft_page(visit)


@pages.post("/drafts/{draft:uuid}/plan", Who.USER)
async def plan(visit: Visit) -> Response:
    """Plan it, in this request, unless another one does."""
    draft = visit.request.path_params["draft"]
    outcome = await visit.parts.planner.plan(visit.person.id, draft)
    if outcome is None:
        raise RefusalError(404, NOT_HERE)
    return visit.json(dict(outcome)) if visit.wants_json else visit.go(f"/drafts/{draft}")


async def draft_page(visit: Visit, *, said: str = "", kind: str = "warn", status: int = 200, **instead: Any) -> Response:
    """The page of the draft that the visit read; `instead` of what it read, what was sent."""
    draft = {**visit.row, **instead}
    if draft["state"] == "submitted":
        return visit.go(f"/runs/{draft['run_id']}")
    if draft["state"] != "planned":
        return visit.page("planning.html", draft=draft, said=said)
    quote = notice(await asked(visit, "quote_draft", draft=visit.request.path_params["draft"]))
    return visit.page(
        "storyboard.html", status=status, draft=draft, quote=quote, said=said, kind=kind, papers=dict(PAPERS),
        audiences={code: label for code, label, _ in AUDIENCES},
    )  # fmt: skip


def _request(given: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What is asked for, and what is wrong with it by the names of the fields."""
    mistakes = {name: finding.sentence for name in ("description", "wishes") if (finding := screen(given[name]))}
    if not given["description"]:
        mistakes["description"] = "Say in a few words what the book is about."
    if not (given["pages"].isascii() and given["pages"].isdigit() and 1 <= int(given["pages"][:6]) <= PAGES_MAX):
        mistakes["pages"] = f"A book has 1 to {PAGES_MAX} pages."
    choices: dict[str, Any] = {"audience": [code for code, *_ in AUDIENCES], "paper": dict(PAPERS), "style": STYLES,
                               "drawing": ("raster", "vector")}  # fmt: skip
    mistakes |= {name: "Choose one of these." for name, allowed in choices.items() if given[name] not in allowed}
    mistakes |= printing.mistakes_in(given)
    if mistakes:
        return {}, mistakes
    operations = [given["drawing"], *(["fix_upscale"] if given["enlarge"] else [])]
    kept = {name: given[name] for name in ("description", "audience", "paper", "style", "wishes")}
    # What a form of before the print was asked for leaves open has its default.
    return {**kept, "pages": int(given["pages"]), "operations": operations, "print": printing.print_of(given)}, {}
