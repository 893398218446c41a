"""A person's account in a real browser, through all of its pages."""
from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.accounts import PASSWORD, link_for, new_address, signed_up
from tests.support.browser import Visitors, sideways
from tests.support.studio import Site


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_the_first_page_to_a_trial(site: Site, visitors: Visitors, script: bool) -> None:
    email = new_address()
    page = visitors(script=script, width=360)
    page.goto("/")
    page.locator("header").get_by_role("link", name="Start free").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(link_for(site, email))
    page.get_by_role("button", name="Confirm my address").click()
    page.wait_for_url("**/studio")
    page.get_by_role("button", name="Try 10 pages for nothing").click()
    expect(page.locator("header")).to_contain_text("10 credits")
    assert sideways(page) == 0 and visitors.complaints == []


def test_a_session_that_ends_while_one_writes(site: Site, visitors: Visitors) -> None:
    email = new_address()
    client = signed_up(site, email)
    page = visitors()
    page.context.add_cookies([{"name": "myjoe", "value": client.cookies["myjoe"], "url": site.address}])
    page.goto("/account")
    page.get_by_label("What we call you").fill("Ada “the Great” <Byron>")
    site.database.run("delete from private.studio_sessions")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What you had written is kept.")).to_be_visible()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url("**/account?done=name")
    expect(page.get_by_label("What we call you")).to_have_value("Ada “the Great” <Byron>")
    # The browser itself notes the answer 401; nothing else is wrong.
    assert [complaint for complaint in visitors.complaints if "401" not in complaint] == []


def test_a_book_that_was_described_is_not_lost_either(site: Site, visitors: Visitors) -> None:
    email = new_address()
    client = signed_up(site, email)
    site.database.one("select private.begin_trial(id) from auth.users where email = %s", email)
    page = visitors()
    page.context.add_cookies([{"name": "myjoe", "value": client.cookies["myjoe"], "url": site.address}])
    page.goto("/studio")
    page.get_by_label("What is the book about?").fill("A cat\n\nand an owl")
    page.get_by_role("spinbutton").fill("3")
    site.database.run("delete from private.studio_sessions")
    page.get_by_role("button", name="Plan the book").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("3 pages: 3 credits.")).to_be_visible(timeout=30_000)
    assert site.database.one("select request ->> 'description' from public.drafts") == "A cat\n\nand an owl"


def test_google_and_back(site: Site, visitors: Visitors) -> None:
    page = visitors()
    page.goto("/sign-in?next=/account")
    page.get_by_role("link", name="Sign in with Google").click()
    page.get_by_role("button", name="Do not tell").click()
    expect(page.get_by_text("Signing in with Google was declined")).to_be_visible()
    page.goto("/sign-in?next=/account")
    page.get_by_role("link", name="Sign in with Google").click()
    page.get_by_label("Who are you?").fill("ada@example.com")
    page.get_by_role("button", name="Tell My Joe").click()
    page.wait_for_url("**/account")
    expect(page.locator("main").get_by_text("ada@example.com")).to_be_visible()
    assert visitors.complaints == []


def test_who_signed_out_is_out_also_by_the_back_button(site: Site, visitors: Visitors) -> None:
    user = site.database.user()
    site.database.run("update public.profiles set display_name = 'Ada Byron' where id = %s", user)
    page = visitors(user)
    page.goto("/account")
    expect(page.get_by_label("What we call you")).to_have_value("Ada Byron")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(f"{site.address}/")
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Ada Byron" not in page.content()
