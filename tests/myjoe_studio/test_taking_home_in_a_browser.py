"""A finished book taken home in a real browser: bound for a printer, followed, downloaded; what is
not ready is understood and changed; and nobody else gets at it.
"""
from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Visitors, sideways
from tests.support.studio import Site
from tests.support.working import drawn, work


@pytest.fixture(autouse=True)
def _nobody_complains(visitors: Visitors) -> Iterator[None]:
    yield
    assert [one for one in visitors.complaints if "status of 404" not in one] == []


def all_pictures_are_there(page: Page) -> bool:
    for picture in page.locator("main img").all():
        picture.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('main img')].every(i => i.complete)")
    return bool(page.evaluate("[...document.querySelectorAll('main img')].every(i => i.naturalWidth > 0)"))


def test_a_book_goes_to_the_printer(site: Site, visitors: Visitors) -> None:
    user = site.database.user(credits_half=40)
    page = visitors(user, width=390, height=800)
    page.goto(drawn(site, user, 9))
    page.get_by_role("link", name="For a printer or a shop").click()
    page.get_by_label("Author", exact=True).fill("Ada Byron")
    page.get_by_label("Who prints it?").select_option("kdp")
    page.get_by_role("button", name="Bind interior and cover").click()
    page.wait_for_url("**/exports/*")
    bar = page.get_by_role("progressbar", name="Pages that are placed and measured")
    expect(bar).to_have_js_property("value", 0)
    [held] = site.database.claim()
    site.database.one("select private.note_binding(%s, %s, 4)", *held)
    expect(bar).to_have_js_property("value", 4)
    site.database.release(held)
    work(site)
    expect(page.get_by_role("heading", name="Your book is ready.")).to_be_visible(timeout=30_000)
    assert all_pictures_are_there(page) and sideways(page) == 0
    for name in ("Interior", "Cover"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).first.click()
        assert download.value.suggested_filename == f"squares-{name.lower()}.pdf"
    expect(page.get_by_text("AI-generated content: text no; images yes (all images); translations no.")).to_be_visible()


def test_what_is_not_ready_is_seen_and_changed_without_script(site: Site, visitors: Visitors) -> None:
    user = site.database.user(credits_half=40)
    page = visitors(user, script=False)
    page.goto(f"{drawn(site, user, 6)}/export")
    page.get_by_label("Who prints it?").select_option("lulu")
    page.get_by_role("button", name="Bind interior and cover").click()
    work(site)
    page.reload()
    expect(page.get_by_role("heading", name="Your book is not ready for print yet.")).to_be_visible()
    expect(page.get_by_text("18 pages are fewer than the 32 of Lulu")).to_be_visible()
    page.get_by_role("link", name="Change the order").click()
    page.get_by_label("Who prints it?").select_option("ingramspark")
    page.get_by_role("button", name="Bind interior and cover").click()
    work(site)
    page.reload()
    expect(page.get_by_role("heading", name="Your book is ready.")).to_be_visible()
    expect(page.get_by_text("18 pages for IngramSpark, paperback")).to_be_visible()


def test_an_order_says_how_it_is_to_be_printed(site: Site, visitors: Visitors) -> None:
    user = site.database.user(credits_half=40)
    page = visitors(user)
    page.goto("/studio")
    page.get_by_label("What is the book about?").fill("A cat and an owl in the garden")
    page.get_by_role("spinbutton").fill("1")
    page.get_by_text("To be printed and sold").click()
    page.get_by_label("Who prints it?").select_option("lulu")
    page.get_by_label("Trim, the finished size").select_option("8x10")
    page.get_by_label("Bleed").check()
    page.get_by_label("Author").fill("Ada Byron")
    page.get_by_role("button", name="Plan the book").click()
    page.get_by_role("button", name="Order for 1 credit").click()
    page.wait_for_url("**/runs/*")
    order = site.database.one("select manifest #> '{book,print}' from public.runs where user_id = %s", user)
    assert order == {"printer": "lulu", "trim": "8x10", "bleed": True, "single_sided": True, "author": "Ada Byron"}


def test_nobody_else_gets_at_it(site: Site, visitors: Visitors) -> None:
    database = site.database
    owner, other, admin = database.user(credits_half=40), database.user(), database.user()
    database.run("insert into public.admins (user_id, appointed_by, reason) values (%s, 'tests', 'for tests')", admin)
    run = drawn(site, owner, 1)
    export = site.visitor(owner).post(f"{run}/export", data={"kind": "print"}).headers["location"]
    work(site)
    for who in (None, other, admin):
        page = visitors(who)
        for address in (f"{run}/export", export, f"{export}/file", f"{export}/files/report.json"):
            page.goto(address)
            if who is None:
                expect(page).to_have_url(f"{site.address}/sign-in?next={address.replace('/', '%2F')}")
            else:
                expect(page.get_by_text("There is no such page.")).to_be_visible()
