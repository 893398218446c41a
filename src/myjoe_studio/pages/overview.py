"""The studio of a user: where a book begins. What their plan lacks is shown, off, with its
reason.
"""
from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from myjoe.database.statements import statements
from myjoe_studio.pages import printing
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "overview.sql")

AUDIENCES = (
    ("toddlers", "Toddlers", "One large thing on a page, very thick lines"),
    ("kids", "Children", "Simple scenes, bold lines"),
    ("teens", "Teens", "Detailed scenes, medium lines"),
    ("adults", "Adults", "Intricate pages, fine even lines"),
)
PAPERS = (("letter", "US Letter, 8.5 × 11 in"), ("a4", "A4, 210 × 297 mm"), ("square", "Square, 8.5 × 8.5 in"), ("8x10", "8 × 10 in"))
STYLES = ("", "Friendly storybook", "Bold and simple", "Mandalas and ornaments", "Repeating patterns", "Nature study", "Cosy scenes")
# What is in the form at first, and how many pages for who tries.
TRIAL_PAGES = "10"
FIRST = {"description": "", "pages": "24", "audience": "kids", "paper": "letter", "style": "", "wishes": "", "drawing": "raster",
         "enlarge": "", "project": "", **printing.FIRST}  # fmt: skip


@pages.get("/studio", Who.USER, reads=SQL["overview"])
async def show(visit: Visit) -> Response:
    """The form that describes a book."""
    pages = TRIAL_PAGES if visit.person.plan_status == "trialing" else FIRST["pages"]
    return describe(visit, {**FIRST, "pages": pages, "project": visit.request.query_params.get("project", "")})


def describe(
    visit: Visit, given: Mapping[str, Any], *, mistakes: Mapping[str, str] | None = None, key: str = "", status: int = 200
) -> Response:
    """The form with what was given, and what is wrong with it."""
    offers = {one["code"]: {**one, "off": _off(visit, one)} for one in visit.row["operations"]}
    return visit.page(
        "studio.html", status=status, given=given, mistakes=mistakes or {}, key=key or secrets.token_urlsafe(16), offers=offers,
        audiences=AUDIENCES, papers=PAPERS, styles=STYLES, projects=visit.row["projects"], drafts=visit.row["drafts"],
        printing=printing, first=visit.row["runs"] == 0, pages_max=visit.person.pages_per_run_max or 60,
    )  # fmt: skip


def _off(visit: Visit, operation: Mapping[str, Any]) -> str:
    """Why a user cannot have an operation; empty if they can."""
    if operation["switched_off"]:
        return "Switched off just now."
    if visit.person.operations is None:
        return "Comes with a plan."
    if operation["code"] not in visit.person.operations:
        return f"Comes with {' and '.join(operation['plans'] or ['no plan at present'])}."
    return ""
