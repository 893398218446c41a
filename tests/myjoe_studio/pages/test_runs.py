"""Runs, from the list of all to the pages of one."""
from __future__ import annotations

from tests.support.studio import Site
from tests.support.working import ordered, work


def test_a_book_comes_page_by_page_and_is_paid_once(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor)
    page = visitor.get(address).text
    assert "0 of 3 pages are ready" in page and page.count(">waiting<") == 3
    work(site)
    page = visitor.get(address).text
    assert "All 3 pages are ready." in page and page.count(">ready<") == 3
    assert visitor.get(f"{address}/state").json()["drawn"] == 3
    assert site.database.balance(user) == 14
    site.database.check_books()
