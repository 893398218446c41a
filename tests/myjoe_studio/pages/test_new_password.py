"""Choosing a password after a mail's link."""
from __future__ import annotations

import httpx2

from tests.support.accounts import PASSWORD, link_for, new_address, sign_in, signed_up
from tests.support.forms import send
from tests.support.studio import Site

NEW = "another battery horse"


def recovering(site: Site, email: str) -> httpx2.Client:
    """A browser whose person has pressed the mail's button."""
    client = site.visitor()
    send(client, client.get("/forgot"), "/forgot", email=email)
    answer = send(client, client.get(link_for(site, email)), "/auth/confirm")
    assert answer.headers["location"] == "/new-password"
    return client


def test_the_new_one_is_good_and_the_old_one_is_not(lasting_site: Site) -> None:
    email = new_address()
    elsewhere = signed_up(lasting_site, email)
    client = recovering(lasting_site, email)
    done = send(client, client.get("/new-password"), "/new-password", password=NEW)
    assert (done.status_code, done.headers["location"]) == (303, "/studio")
    assert client.get("/studio").status_code == 200
    assert elsewhere.get("/studio").status_code == 303, "who was signed in elsewhere is so no longer"
    assert sign_in(lasting_site.visitor(), email, PASSWORD).status_code == 422
    assert sign_in(lasting_site.visitor(), email, NEW).status_code == 303


def test_a_password_that_is_not_taken(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = recovering(lasting_site, email)
    page = send(client, client.get("/new-password"), "/new-password", password="short")
    assert page.status_code == 422
    assert "Take 10 characters or more." in page.text
    assert send(client, page, "/new-password", password=NEW).status_code == 303


def test_the_same_one_again_is_what_they_wanted(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = recovering(lasting_site, email)
    assert send(client, client.get("/new-password"), "/new-password", password=PASSWORD).status_code == 303


def test_without_the_mails_link_nobody_chooses_one(lasting_site: Site) -> None:
    email, other = new_address(), new_address()
    client = signed_up(lasting_site, email)
    refused = client.get("/new-password")
    assert refused.status_code == 403
    assert "has to follow the mail" in refused.text and 'href="/forgot"' in refused.text
    # Nor with that of somebody else.
    signed_up(lasting_site, other)
    cookie = recovering(lasting_site, other).cookies["myjoe-choosing"]
    client.cookies.set("myjoe-choosing", cookie)
    assert client.get("/new-password").status_code == 403


def test_it_can_be_chosen_once(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = recovering(lasting_site, email)
    page = client.get("/new-password")
    send(client, page, "/new-password", password=NEW)
    assert send(client, page, "/new-password", password="a third battery horse").status_code == 403


def test_a_visitor_signs_in_first(lasting_site: Site) -> None:
    assert lasting_site.visitor().get("/new-password").headers["location"].startswith("/sign-in")


def test_a_session_that_the_identity_service_has_ended_ends_here_too(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = recovering(lasting_site, email)
    page = client.get("/new-password")
    lasting_site.database.run("delete from auth.sessions where user_id = (select id from auth.users where email = %s)", email)
    asked = send(client, page, "/new-password", password=NEW)
    assert asked.status_code == 401
    assert "Please sign in again." in asked.text and "myjoe" not in client.cookies
    assert send(client, asked, "/sign-in", email=email, password=PASSWORD).status_code == 200
    assert client.get("/studio").status_code == 200
