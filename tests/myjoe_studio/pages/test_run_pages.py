"""One page of a run: its files, and what may be done with it."""
from __future__ import annotations

from typing import Any

import httpx2
import pytest

from myjoe_studio.pages.run_pages import file_name
from tests.support.studio import Site
from tests.support.working import hidden, ordered, planned, work


def cards(visitor: httpx2.Client, address: str) -> list[dict[str, Any]]:
    return list(visitor.get(f"{address}/state").json()["pages"])




def test_each_file_is_behind_a_link_that_is_good_for_five_minutes(site: Site) -> None:
    visitor, stranger = site.visitor(site.database.user(credits_half=20)), site.visitor()
    address = ordered(visitor, pages="1")
    work(site)
    job = cards(visitor, address)[0]["picture"]
    page = visitor.get(f"{address}/pages/{job}").text
    begins = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "thumbnail": b"\x89PNG"}
    for kind, begin in begins.items():
        link = visitor.get(f"{address}/pages/{job}.{kind}")
        assert link.status_code == 302
        assert stranger.get(link.headers["location"]).content.startswith(begin), "whoever has the link may read"
        assert kind == "thumbnail" or f"/pages/{job}.{kind}?save" in page
    saved = stranger.get(visitor.get(f"{address}/pages/{job}.pdf?save").headers["location"])
    assert saved.headers["content-disposition"].startswith('attachment; filename="01-a-cat-')
    for kind in ("gif", "svg/../../x"):
        assert visitor.get(f"{address}/pages/{job}.{kind}").status_code == 404
    other = site.visitor(site.database.user())
    assert [other.get(f"{address}/pages/{job}{end}").status_code for end in ("", ".svg", ".thumbnail")] == [404] * 3


def test_a_file_that_is_gone_says_so(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    address = ordered(visitor, pages="1")
    work(site)
    for path in site.settings.storage_folder.rglob("page.svg"):
        path.unlink()
    answer = visitor.get(f"{address}/pages/{cards(visitor, address)[0]['picture']}.svg")
    assert answer.status_code == 404 and "This file is not there any more." in answer.text


def test_one_page_is_stopped(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor)
    job = cards(visitor, address)[1]["job"]
    assert "Stop this page" in visitor.get(f"{address}/pages/{job}").text
    assert visitor.post(f"{address}/pages/{job}/cancel").headers["location"] == address
    assert [card["state"] for card in cards(visitor, address)] == ["waiting", "cancelled", "waiting"]
    assert site.database.balance(user) == 16
    site.database.check_books()


def test_one_page_is_drawn_again_once_however_often_it_is_clicked(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor, pages="2")
    work(site)
    site.database.advance(60)
    first = cards(visitor, address)[0]["picture"]
    page = visitor.get(f"{address}/pages/{first}").text
    assert "Draw it again (1 credit)" in page
    token = {"form_token": hidden(page, "form_token")}
    for _ in range(3):
        visitor.post(f"{address}/pages/{first}/retry", data=token)
    assert site.database.balance(user) == 14
    assert cards(visitor, address)[0]["state"] == "waiting"
    work(site)
    newest = cards(visitor, address)[0]["picture"]
    assert newest != first
    assert f'href="{address}/pages/{newest}"' in visitor.get(f"{address}/pages/{first}").text, "the older drawing names the newest"
    assert visitor.get(f"{address}/pages/{first}.svg").status_code == 302
    site.database.check_books()


def test_an_older_picture_outlives_a_redraw_that_fails(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor, pages="1")
    work(site)
    site.database.advance(60)
    before = cards(visitor, address)[0]["picture"]
    token = {"form_token": hidden(visitor.get(f"{address}/pages/{before}").text, "form_token")}
    visitor.post(f"{address}/pages/{before}/retry", data=token)
    site.database.fail(site.database.claim()[0], for_good=True)
    [card] = cards(visitor, address)
    assert (card["picture"], card["state"]) == (before, "ready")
    assert "the new drawing was not made, and refunded" in visitor.get(address).text
    assert site.database.balance(user) == 18
    site.database.check_books()


def test_a_locked_page_is_left_alone(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor, pages="2")
    work(site)
    site.database.advance(60)
    kept = cards(visitor, address)[0]["picture"]
    page = f"{address}/pages/{kept}"
    assert "Lock this page" in visitor.get(page).text
    assert visitor.post(f"{page}/lock", data={"locked": "on"}).headers["location"] == address
    locked = visitor.get(page).text
    assert "Unlock" in locked and "Draw it again" not in locked
    asked = visitor.get(f"{address}/redraw?which=all").text
    assert "Draw 1 page again?" in asked
    form = {name: hidden(asked, name) for name in ("form_token", "key", "pages", "agreed")}
    visitor.post(f"{address}/redraw", data=form)
    work(site)
    assert cards(visitor, address)[0]["picture"] == kept
    assert site.database.balance(user) == 14
    refused = visitor.post(f"{page}/retry", data={"form_token": form["form_token"]})
    assert refused.status_code == 409 and "or are locked" in refused.text and f'href="{address}"' in refused.text
    visitor.post(f"{page}/lock", data={"locked": ""})
    assert "Lock this page" in visitor.get(page).text


def test_nobody_acts_on_a_page_of_somebody_else(lasting_site: Site) -> None:
    owner, other = (lasting_site.visitor(lasting_site.database.user(credits_half=20)) for _ in range(2))
    address = ordered(owner)
    job = cards(owner, address)[0]["job"]
    token = {"form_token": hidden(other.get(planned(other)).text, "form_token")}
    other.post(f"{address}/pages/{job}/cancel")
    assert [other.post(f"{address}/pages/{job}/{act}", data=token).status_code for act in ("retry", "lock")] == [404, 404]
    assert [card["state"] for card in cards(owner, address)] == ["waiting"] * 3


@pytest.mark.parametrize(
    ("title", "name"),
    [("The Owl, at Night!", "03-the-owl-at-night"), ("", "03-book"), (None, "03-book"), ("Über Größe", "03-ber-gr-e"),
     ("a" * 300, f"03-{'a' * 80}")],
)  # fmt: skip
def test_files_have_names_that_a_person_would_give(title: str | None, name: str) -> None:
    assert file_name({"page": 3, "title": title}) == name
