"""Projects: books that belong together."""
from __future__ import annotations

import pytest

from tests.support.studio import Site
from tests.support.working import ordered


def test_a_project_is_made_filled_renamed_and_removed_and_its_books_stay(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = visitor.post("/projects", data={"name": "Farm <animals>"}).headers["location"]
    empty = visitor.get(address).text
    assert "Farm &lt;animals&gt;" in empty and "There is no book in this project yet." in empty
    project = address.rsplit("/", 1)[1]
    assert f'value="{project}" selected' in visitor.get(f"/studio?project={project}").text
    run = ordered(visitor, project=project)
    assert f'href="{run}"' in visitor.get(address).text and f'href="{address}"' in visitor.get(run).text
    assert "1 book<" in visitor.get("/projects").text
    assert visitor.post(address, data={"act": "rename", "name": "Farm"}).headers["location"] == address
    assert "<h1>Farm</h1>" in visitor.get(address).text
    assert visitor.post(address, data={"act": "remove"}).headers["location"] == "/projects"
    assert visitor.get(address).status_code == 404
    assert visitor.get(run).status_code == 200


def test_who_has_none_gets_one_with_the_first_book(site: Site) -> None:
    user = site.database.user(credits_half=20)
    site.database.run("delete from public.projects")
    visitor = site.visitor(user)
    assert "There is no project yet." in visitor.get("/projects").text
    ordered(visitor)
    assert "My books" in visitor.get("/projects").text


@pytest.mark.parametrize("path", ["/projects", "own"])
def test_a_project_has_a_name(lasting_site: Site, path: str) -> None:
    user = lasting_site.database.user()
    visitor = lasting_site.visitor(user)
    address = f"/projects/{lasting_site.database.project(user)}" if path == "own" else path
    answer = visitor.post(address, data={"name": "   "})
    assert answer.status_code == 422 and "Give it a name." in answer.text
    assert visitor.post(address, data={"name": "x" * 121}).status_code == 422


def test_a_project_of_somebody_else_is_not_there(lasting_site: Site) -> None:
    owner = lasting_site.database.user()
    address = f"/projects/{lasting_site.database.project(owner)}"
    other = lasting_site.visitor(lasting_site.database.user(credits_half=20))
    assert other.get(address).status_code == 404
    assert [other.post(address, data=form).status_code for form in ({"name": "mine"}, {"act": "remove"})] == [404, 404]
    ordered(other, project=address.rsplit("/", 1)[1])
    assert lasting_site.database.one("select name from public.projects where user_id = %s", owner) == "Book"
    assert lasting_site.database.one("select count(*) from public.runs where project_id = %s", lasting_site.database.project(owner)) == 0
