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


def test_all_is_there_to_be_taken_home(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    address = ordered(visitor, pages="2")
    work(site)
    for kind in ("book", "zip"):
        export = visitor.post(f"{address}/export", data={"kind": kind}).headers["location"]
        assert "is being bound" in visitor.get(export).text
        work(site)
        assert "is ready" in visitor.get(export).text
        link = visitor.get(f"{export}/file")
        assert link.status_code == 302
        got = visitor.get(link.headers["location"])
        print(got.headers, got.content[:20])
    for path in ("/gallery", "/projects", "/ask", "/runs", "/studio", address):
        assert visitor.get(path).status_code == 200, path
    job = visitor.get(f"{address}/state").json()["pages"][0]["picture"]
    page = visitor.get(f"{address}/pages/{job}")
    assert page.status_code == 200
    for kind in ("svg", "png", "pdf", "thumbnail"):
        link = visitor.get(f"{address}/pages/{job}.{kind}?save")
        got = visitor.get(link.headers["location"])
        print(kind, got.status_code, got.headers)
