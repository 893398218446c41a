"""Projects: books that belong together. They can go; what was drawn stays."""
from __future__ import annotations

from starlette.responses import Response

from myjoe.database.statements import statements
from myjoe_studio.governing import asked
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "projects.sql")
NAME_CHARS_MAX = 120


@pages.get("/projects", Who.USER, reads=SQL["projects"])
async def show_all(visit: Visit) -> Response:
    """All projects, and a form for a new one."""
    return visit.page("projects.html", projects=visit.rows, name="", mistake="")


@pages.post("/projects", Who.USER, reads=SQL["projects"])
async def make(visit: Visit) -> Response:
    """A new project."""
    name = await visit.field("name", chars_max=NAME_CHARS_MAX)
    if not name:
        return visit.page("projects.html", status=422, projects=visit.rows, name="", mistake="Give it a name.")
    answer = await asked(visit, "make_project", name=name)
    return visit.go(f"/projects/{answer['project_id']}")


@pages.get("/projects/{project:uuid}", Who.USER, reads=SQL["project"])
async def show(visit: Visit) -> Response:
    """One project with its books."""
    return visit.page("project.html", project=visit.row, runs=visit.row["runs"], mistake="")


@pages.post("/projects/{project:uuid}", Who.USER, reads=SQL["project"])
async def change(visit: Visit) -> Response:
    """Rename it, or remove it: its books stay."""
    project, act = visit.row, await visit.field("act")
    if act == "remove":
        await _changed(visit, "remove_project")
        return visit.go("/projects")
    name = await visit.field("name", chars_max=NAME_CHARS_MAX)
    if not name:
        return visit.page("project.html", status=422, project=project, runs=project["runs"], mistake="Give it a name.")
    await _changed(visit, "rename_project", name=name)
    return visit.go(f"/projects/{project['id']}")


async def _changed(visit: Visit, name: str, /, **values: str) -> None:
    if not await visit.parts.decide(name, user=visit.person.id, project=visit.row["id"], **values):
        raise RefusalError(404, NOT_HERE)
