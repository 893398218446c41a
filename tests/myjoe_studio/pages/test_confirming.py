"""The links of our mails."""
from __future__ import annotations

import asyncio

import pytest

from myjoe_studio.identity.local import one_time_link
from tests.support.accounts import PASSWORD, link_for, new_address, signed_up
from tests.support.forms import send
from tests.support.studio import Site


def waiting(site: Site) -> str:
    """Somebody who signed up; the mail's link."""
    email = new_address()
    client = site.visitor()
    send(client, client.get("/sign-up"), "/sign-up", email=email, password=PASSWORD)
    return link_for(site, email)


def test_a_link_is_good_once(lasting_site: Site) -> None:
    link = waiting(lasting_site)
    client, later = lasting_site.visitor(), lasting_site.visitor()
    pages = client.get(link), later.get(link)
    assert send(client, pages[0], "/auth/confirm").headers["location"] == "/studio"
    over = send(later, pages[1], "/auth/confirm")
    assert over.status_code == 422
    assert "This link has been used or is older than an hour." in over.text
    assert 'href="/forgot?mail=signup"' in over.text


def test_a_link_is_good_for_an_hour(site: Site) -> None:
    link = waiting(site)
    client = site.visitor()
    page = client.get(link)
    site.database.advance(3601)
    assert send(client, page, "/auth/confirm").status_code == 422


def test_the_mail_can_be_sent_again(lasting_site: Site) -> None:
    email = new_address()
    client = lasting_site.visitor()
    send(client, client.get("/sign-up"), "/sign-up", email=email, password=PASSWORD)
    first = link_for(lasting_site, email)
    page = send(client, client.get("/forgot?mail=signup"), "/forgot", email=email)
    assert "We have sent a mail to" in page.text
    second = link_for(lasting_site, email)
    assert second != first
    assert send(client, client.get(second), "/auth/confirm").headers["location"] == "/studio"


@pytest.mark.parametrize("query", ["", "?type=signup", "?token_hash=abc", "?type=other&token_hash=abc", "?type=signup&token_hash="])
def test_what_is_no_link_of_ours_is_over(lasting_site: Site, query: str) -> None:
    page = lasting_site.visitor().get(f"/auth/confirm{query}")
    assert page.status_code == 422
    assert "This link has been used" in page.text


def test_a_made_up_token_signs_nobody_in(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    page = client.get("/auth/confirm?type=signup&token_hash=" + "a" * 43)
    assert page.status_code == 200
    assert send(client, page, "/auth/confirm").status_code == 422
    assert client.get("/studio").status_code == 303


def test_a_link_of_one_kind_is_none_of_another(lasting_site: Site) -> None:
    link = waiting(lasting_site)
    client = lasting_site.visitor()
    page = client.get(link)
    assert send(client, page, "/auth/confirm", type="recovery").status_code == 422
    assert send(client, page, "/auth/confirm", type="email").headers["location"] == "/studio"


def test_links_cannot_be_guessed_at_length(site: Site) -> None:
    client = site.visitor()
    page = client.get("/auth/confirm?type=signup&token_hash=" + "a" * 43)
    answers = [send(client, page, "/auth/confirm", token_hash=f"{number:043}").status_code for number in range(31)]
    assert answers == [422] * 30 + [429]


def test_the_link_that_the_command_prints_signs_joe_in(site: Site) -> None:
    link = asyncio.run(one_time_link(site.settings))
    assert link.startswith(f"{site.address}/auth/confirm?")
    client = site.visitor()
    page = client.get(link)
    assert "Sign in" in page.text
    assert send(client, page, "/auth/confirm").headers["location"] == "/studio"
    assert "joe@example.com" in client.get("/account").text
    # Who has an account is signed in to that one.
    again = asyncio.run(one_time_link(site.settings))
    send(client, client.get(again), "/auth/confirm")
    assert site.database.one("select count(*) from auth.users") == 1


def test_a_confirmed_person_is_not_asked_twice(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    send(client, client.get("/forgot?mail=signup"), "/forgot", email=email)
    assert lasting_site.visitor().get("/dev/mail").text.count(f"To {email} ") == 1
