"""Runs, from the list of all to the pages of one."""
from __future__ import annotations

import uuid

from tests.support.studio import Site
from tests.support.working import form_of, hidden, ordered, planned, run_id, work


def fail_all(site: Site) -> None:
    """All pages that wait fail for good."""
    while held := site.database.claim():
        assert site.database.fail(held[0], for_good=True) == "failed"


def test_who_has_no_book_is_told_how_to_begin(lasting_site: Site) -> None:
    page = lasting_site.visitor(lasting_site.database.user()).get("/runs").text
    assert "There is no book yet." in page and 'href="/studio"' in page


def test_a_book_comes_page_by_page_and_is_paid_once(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor)
    page = visitor.get(address).text
    assert "0 of 3 pages are ready. 0 are being drawn, 3 wait." in page and page.count(">waiting<") == 3
    held = site.database.claim()
    page = visitor.get(address).text
    assert page.count(">drawing<") == 1 and "1 is being drawn, 2 wait." in page
    site.database.release(*held)
    work(site)
    page = visitor.get(address).text
    assert "All 3 pages are ready." in page and page.count(">ready<") == 3 and page.count(".thumbnail") == 3
    assert site.database.balance(user) == 14
    assert ">ready</span>" in visitor.get("/runs").text
    site.database.check_books()


def test_the_state_says_once_what_has_changed(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    address = f"{ordered(visitor)}/state"
    first = visitor.get(address)
    assert first.json()["count"]["waiting"] == 3
    tag = {"if-none-match": first.headers["etag"]}
    same = visitor.get(address, headers=tag)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    site.database.claim()
    changed = visitor.get(address, headers=tag)
    assert changed.status_code == 200 and changed.json()["count"]["drawing"] == 1


def test_a_book_is_stopped_after_a_question_and_what_was_not_drawn_is_refunded(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor)
    held = site.database.claim()
    asked = visitor.get(f"{address}/stop").text
    assert "Stop?" in asked and "2 waiting pages are refunded at once; 1 being drawn is stopped and refunded." in asked
    assert [visitor.post(f"{address}/cancel").headers["location"] for _ in range(2)] == [address] * 2
    page = visitor.get(address).text
    assert page.count("cancelled, refunded") == 2 and page.count(">stopping<") == 1
    assert site.database.balance(user) == 18
    site.database.release(*held)
    assert site.database.balance(user) == 20
    assert "3 were not made, and their credits are back." in visitor.get(address).text
    assert "Nothing is being drawn any more." in visitor.get(f"{address}/stop").text
    site.database.check_books()


def test_what_failed_is_tried_again_for_its_price(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor)
    fail_all(site)
    page = visitor.get(address).text
    assert page.count("failed, refunded") == 3 and f"{address}/redraw?which=failed" in page
    assert site.database.balance(user) == 20
    site.database.advance(60)
    asked = visitor.get(f"{address}/redraw?which=failed").text
    assert "Draw 3 pages again?" in asked and "3 pages: 3 credits." in asked and "You have 10; 7 would be left." in asked
    form = {name: hidden(asked, name) for name in ("form_token", "key", "pages", "agreed")}
    assert [visitor.post(f"{address}/redraw", data=form).headers["location"] for _ in range(2)] == [address] * 2
    assert site.database.balance(user) == 14
    work(site)
    assert "All 3 pages are ready." in visitor.get(address).text
    assert site.database.balance(user) == 14
    site.database.check_books()


def test_redrawing_without_credits_says_so_and_one_way_out(site: Site) -> None:
    user = site.database.user(credits_half=6)
    visitor = site.visitor(user)
    address = ordered(visitor)
    work(site)
    site.database.advance(60)
    asked = visitor.get(f"{address}/redraw?which=all").text
    assert "This needs 3 credits, and you have 0." in asked and 'href="/billing"' in asked and "Draw again for" not in asked


def test_a_book_of_somebody_else_is_not_there(lasting_site: Site) -> None:
    owner, other = (lasting_site.visitor(lasting_site.database.user(credits_half=20)) for _ in range(2))
    address = ordered(owner)
    for end in ("", "/state", "/stop", "/redraw"):
        assert other.get(address + end).status_code == 404, end
    other.post(f"{address}/cancel")
    assert owner.get(f"{address}/state").json()["count"]["waiting"] == 3
    assert run_id(address).hex not in other.get("/runs").text.replace("-", "")
    assert owner.get(f"/runs/{uuid.uuid4()}").status_code == 404
    token = hidden(other.get(planned(other)).text, "form_token")
    redrawn = other.post(f"{address}/redraw", data={"form_token": token, "key": "12345678", "pages": "1", "agreed": "2"})
    assert redrawn.status_code == 404
    assert form_of(other.get(planned(other)).text)["form_token"] != token


def test_older_books_are_a_page_further(site: Site) -> None:
    user = site.database.user(credits_half=200)
    for number in range(26):
        site.database.advance(1)
        site.database.submit_manifest(user, f"k{number}", {"title": f"Book {number}", "pages": [{"operations": ["raster"], "prompt": "a"}]})
    visitor = site.visitor(user)
    first = visitor.get("/runs").text
    assert first.count('class="cover"') == 24 and ">Book 25<" in first and ">Book 1<" not in first
    older = first.split('href="/runs?before=')[1].split('"')[0]
    second = visitor.get(f"/runs?before={older}").text
    assert second.count('class="cover"') == 2 and ">Book 1<" in second and ">Book 0<" in second
