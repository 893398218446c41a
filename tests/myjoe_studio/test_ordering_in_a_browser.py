"""A book in a real browser: described, planned, edited, ordered, watched, and taken home; and what
a person does that no program would.
"""
from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Visitors, sideways
from tests.support.studio import Site
from tests.support.working import ordered, planned, work


@pytest.fixture(autouse=True)
def _nobody_complains(visitors: Visitors) -> Iterator[None]:
    yield
    assert [one for one in visitors.complaints if "ERR_INTERNET_DISCONNECTED" not in one] == []


def describe(page: Page, text: str = "A cat and an owl in the garden") -> None:
    page.goto("/studio")
    page.get_by_label("What is the book about?").fill(text)
    page.get_by_role("spinbutton").fill("3")


def test_from_a_description_to_a_book(site: Site, visitors: Visitors) -> None:
    page = visitors(site.database.user(credits_half=40))
    describe(page)
    page.get_by_role("button", name="Plan the book").click()
    page.wait_for_url("**/drafts/*")
    expect(page.get_by_text("3 pages: 3 credits.")).to_be_visible()
    page.get_by_role("button", name="Order for 3 credits").click()
    page.wait_for_url("**/runs/*")
    expect(page.get_by_text("0 of 3 pages are ready.")).to_be_visible()
    work(site)
    expect(page.get_by_text("All 3 pages are ready.")).to_be_visible(timeout=30_000)
    assert page.locator(".sheet-thumb img").count() == 3
    while not page.evaluate("[...document.querySelectorAll('.sheet-thumb img')].every(i => i.complete && i.naturalHeight === 512)"):
        page.wait_for_timeout(50)
    page.get_by_role("button", name="All pages in one PDF").click()
    page.wait_for_url("**/exports/*")
    work(site)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the book").click(timeout=30_000)
    assert download.value.suggested_filename == "a-cat-and-an-owl-in-the-garden.pdf"


def test_without_script_all_of_it_goes_as_well(site: Site, visitors: Visitors) -> None:
    page = visitors(site.database.user(credits_half=40), script=False)
    describe(page)
    page.get_by_role("button", name="Plan the book").click()
    page.get_by_role("button", name="Plan it now").click()
    page.get_by_role("button", name="Move page 2 up").click()
    page.get_by_role("button", name="Drop page 3").click()
    page.get_by_role("button", name="Order for 2 credits").click()
    expect(page.get_by_text("0 of 2 pages are ready.")).to_be_visible()
    page.get_by_role("link", name="Stop").click()
    page.get_by_role("button", name="Stop the book").click()
    expect(page.get_by_text("2 were not made, and their credits are back.")).to_be_visible()


def test_a_triple_click_orders_once(site: Site, visitors: Visitors) -> None:
    user = site.database.user(credits_half=40)
    page = visitors(user)
    page.goto(planned(site.visitor(user)))
    page.get_by_role("button", name="Order for 3 credits").click(click_count=3)
    page.wait_for_url("**/runs/*")
    assert site.database.one("select count(*) from public.runs") == 1
    assert site.database.balance(user) == 34
    page.go_back()
    expect(page).to_have_url(page.url)
    page.wait_for_url("**/runs/*")


def test_pages_move_without_a_round_trip_and_the_price_follows(site: Site, visitors: Visitors) -> None:
    user = site.database.user(credits_half=40)
    page = visitors(user)
    page.goto(planned(site.visitor(user)))
    first = page.locator("textarea[name=page-prompt]").first.input_value()
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.get_by_role("button", name="Move page 1 down").click()
    assert page.locator("textarea[name=page-prompt]").nth(1).input_value() == first
    assert page.locator("#page-2").get_by_role("button", name="Move page 2 down").is_enabled()
    assert sent == []
    page.get_by_role("button", name="Drop page 3").click()
    expect(page.get_by_text("2 pages: 2 credits.")).to_be_visible()
    assert page.locator("textarea[name=page-prompt]").nth(1).input_value() == first


def test_what_was_written_offline_is_not_lost(site: Site, visitors: Visitors) -> None:
    page = visitors(site.database.user())
    describe(page, "Foxes at sea")
    page.context.set_offline(True)
    page.get_by_role("button", name="Plan the book").click()
    expect(page.get_by_role("alert")).to_contain_text("You are offline. Nothing was sent, and nothing is lost")
    assert page.get_by_label("What is the book about?").input_value() == "Foxes at sea"
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Plan the book").click()
    page.wait_for_url("**/drafts/*")


def test_a_run_that_is_watched_offline_comes_up_when_one_is_back(site: Site, visitors: Visitors) -> None:
    user = site.database.user(credits_half=40)
    page = visitors(user)
    page.goto(ordered(site.visitor(user), pages="2"))
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    work(site)
    page.context.set_offline(False)
    expect(page.get_by_text("All 2 pages are ready.")).to_be_visible(timeout=60_000)


def test_two_tabs_are_one_book(site: Site, visitors: Visitors) -> None:
    user = site.database.user(credits_half=40)
    first = visitors(user)
    second = first.context.new_page()
    address = planned(site.visitor(user))
    first.goto(address)
    second.goto(address)
    first.get_by_label("Title", exact=True).first.fill("The first tab")
    first.get_by_role("button", name="Keep changes").last.click()
    expect(first.get_by_role("heading", name="The first tab")).to_be_visible()
    second.get_by_label("Title", exact=True).first.fill("The second tab")
    second.get_by_role("button", name="Order for 3 credits").click()
    expect(second.get_by_text("changed in another window")).to_be_visible()
    second.get_by_role("button", name="Order for 3 credits").click()
    second.wait_for_url("**/runs/*")
    first.get_by_role("button", name="Order for 3 credits").click()
    first.wait_for_url("**/runs/*")
    assert first.url == second.url


def test_nothing_scrolls_sideways_on_a_narrow_phone_or_enlarged(site: Site, visitors: Visitors) -> None:
    user = site.database.user(credits_half=40)
    visitor = site.visitor(user)
    run, draft = ordered(visitor, pages="2"), planned(visitor, description="Owls")
    work(site)
    export = visitor.post(f"{run}/export", data={"kind": "zip"}).headers["location"]
    for page in (visitors(user, width=320), visitors(user, width=640, zoom=2.0)):
        for path in ("/studio", draft, "/runs", run, f"{run}/redraw?which=all", export, "/projects", "/gallery", "/ask"):
            page.goto(path)
            assert sideways(page) == 0, path
