"""Signing in with Google, by the fake one that stands behind the embedded identity."""
from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.database import support
from tests.support.accounts import PASSWORD, new_address, sign_in, signed_up
from tests.support.forms import send
from tests.support.studio import Site, serving


def to_google(site: Site, client: httpx2.Client, start: str = "/auth/google") -> httpx2.Response:
    """Google's page, as a browser comes to it."""
    out = client.get(start)
    assert out.status_code == 303
    there = client.get(out.headers["location"])
    assert there.status_code == 302
    return client.get(there.headers["location"])


def path_of(answer: httpx2.Response) -> str:
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def test_out_and_back_and_in(lasting_site: Site) -> None:
    email = new_address()
    client = lasting_site.visitor()
    back = send(client, to_google(lasting_site, client, "/auth/google?next=/account"), "/dev/google", email=email)
    done = client.get(path_of(back))
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert email in client.get("/account").text


def test_the_same_address_is_the_same_account(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    client.get(path_of(send(client, to_google(lasting_site, client), "/dev/google", email=email)))
    assert client.get("/studio").status_code == 200
    assert lasting_site.database.one("select count(*) from auth.users where email = %s", email) == 1
    assert sign_in(lasting_site.visitor(), email).status_code == 303


def test_a_password_that_a_stranger_chose_for_the_address_is_dropped(lasting_site: Site) -> None:
    email = new_address()
    stranger = lasting_site.visitor()
    send(stranger, stranger.get("/sign-up"), "/sign-up", email=email, password=PASSWORD)
    client = lasting_site.visitor()
    client.get(path_of(send(client, to_google(lasting_site, client), "/dev/google", email=email)))
    assert client.get("/studio").status_code == 200
    assert sign_in(stranger, email).status_code == 422


def test_a_consent_that_was_denied_comes_back_to_the_root_which_says_so(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    back = send(client, to_google(lasting_site, client), "/dev/google", email="x@example.com", deny="yes")
    assert path_of(back) == "/?error=access_denied"
    assert "Signing in with Google was declined" in client.get(path_of(back)).text
    # Supabase itself may send them to where they would have come back to.
    said = client.get("/auth/callback?error=access_denied")
    assert said.headers["location"] == "/sign-in?said=access_denied"
    assert "Google was not allowed to tell us who you are" in client.get(said.headers["location"]).text


def test_a_code_is_worth_nothing_in_another_browser(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    back = path_of(send(client, to_google(lasting_site, client), "/dev/google", email=new_address()))
    victim = lasting_site.visitor()
    to_google(lasting_site, victim)
    for browser in (lasting_site.visitor(), victim):
        answer = browser.get(back)
        assert answer.headers["location"] == "/sign-in?said=google"
        assert browser.get("/studio").status_code == 303


def test_where_it_is_off_there_is_none(newest: support.Database, tmp_path: Path) -> None:
    with serving(newest, tmp_path, google="off") as site:
        client = site.visitor()
        assert client.get("/auth/google").status_code == 404
        assert "Google" not in client.get("/sign-in").text
