"""The studio of a user: where a book begins."""
from __future__ import annotations

from tests.support.studio import Site
from tests.support.working import described, ordered


def test_who_is_new_is_told_how_to_begin(site: Site) -> None:
    user = site.database.user(credits_half=231)
    page = site.visitor(user).get("/studio")
    assert page.status_code == 200
    assert "115.5 credits" in page.text
    assert "Describe your first book." in page.text and "Planning costs nothing; you see the price before you pay." in page.text


def test_a_visitor_signs_in_first_and_comes_back(site: Site) -> None:
    answer = site.visitor().get("/studio?tab=new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fstudio%3Ftab%3Dnew")


def test_what_the_plan_lacks_is_shown_off_with_its_reason(site: Site) -> None:
    lite = site.visitor(site.database.user("lite")).get("/studio").text
    assert "Comes with Max." in lite and "Comes with Pro and Max." in lite
    assert lite.count(" disabled") == 2
    assert site.visitor(site.database.user("max")).get("/studio").text.count(" disabled") == 0
    none = site.visitor(site.database.user(None)).get("/studio").text
    assert none.count(" disabled") == 3 and "You have no plan." in none and 'href="/billing"' in none


def test_who_has_confirmed_their_address_may_try_ten_pages(site: Site) -> None:
    user = site.database.user(None)
    site.database.run("update auth.users set email_confirmed_at = private.clock()")
    client = site.visitor(user)
    offered = client.get("/studio").text
    assert "Try 10 pages for nothing" in offered and 'value="24"' in offered
    assert site.database.one("select private.begin_trial(%s)", user)["accepted"]
    trying = client.get("/studio").text
    assert "Try 10 pages" not in trying and "10 credits" in trying and 'value="10"' in trying


def test_what_is_switched_off_says_so(site: Site) -> None:
    site.database.run("update public.operations set switched_off = true where code = 'fix_upscale'")
    page = site.visitor(site.database.user()).get("/studio").text
    assert page.count(" disabled") == 1 and "Switched off just now." in page


def test_drafts_that_were_not_ordered_are_there_to_go_on_with(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    ordered(visitor)
    draft = described(visitor, description="Foxes <at> sea").headers["location"]
    page = visitor.get("/studio").text
    assert "Foxes &lt;at&gt; sea" in page and f'href="{draft}"' in page and "being planned" in page
    assert "Describe a book." in page
    assert page.count('class="cover"') == 1
