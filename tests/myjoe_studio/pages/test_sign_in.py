"""Signing in and out."""
from __future__ import annotations

import pytest

from tests.support.accounts import PASSWORD, new_address, sign_in, signed_up
from tests.support.forms import forms_of, send
from tests.support.studio import Site


def test_in_and_out(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    answer = sign_in(client, email.upper())
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio")
    cookie = answer.headers.get_list("set-cookie")[-1]
    assert cookie.startswith("myjoe=") and "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert client.get("/studio").status_code == 200
    out = client.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert client.get("/studio").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("known", [True, False])
def test_who_does_not_know_the_password_learns_nothing(lasting_site: Site, known: bool) -> None:
    email = new_address()
    if known:
        signed_up(lasting_site, email)
    page = sign_in(lasting_site.visitor(), email, "not the password")
    assert page.status_code == 422
    assert "Address and password do not fit." in page.text
    assert f'value="{email}"' in page.text and "not the password" not in page.text


def test_blanks_belong_to_a_password(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email, " between blanks ")
    assert sign_in(lasting_site.visitor(), email, "between blanks").status_code == 422
    assert sign_in(lasting_site.visitor(), email, " between blanks ").status_code == 303


def test_an_address_that_is_not_confirmed_gets_its_mail_again(lasting_site: Site) -> None:
    email = new_address()
    client = lasting_site.visitor()
    send(client, client.get("/sign-up"), "/sign-up", email=email, password=PASSWORD)
    page = sign_in(client, email)
    assert page.status_code == 422
    assert "not confirmed yet" in page.text
    mails = lasting_site.visitor().get("/dev/mail").text
    assert mails.count(f"To {email} ") == 2


@pytest.mark.parametrize("going", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"])
def test_nobody_is_sent_to_another_site(lasting_site: Site, going: str) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    page = client.get("/sign-in", params={"next": going})
    assert "evil" not in page.text and "alert" not in page.text
    answer = send(client, page, "/sign-in", email=email, password=PASSWORD, next=going)
    assert answer.headers["location"] == "/studio"
    assert client.get("/sign-in", params={"next": going}).headers["location"] == "/studio"


def test_one_comes_back_to_where_one_was_going(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    asked = client.get("/studio?tab=new")
    answer = send(client, client.get(asked.headers["location"]), "/sign-in", email=email, password=PASSWORD)
    assert answer.headers["location"] == "/studio?tab=new"


def test_a_form_that_was_sent_too_late_is_kept_and_sent_on_by_a_click(lasting_site: Site) -> None:
    email = new_address()
    client = signed_up(lasting_site, email)
    page = client.get("/account")
    lasting_site.database.run("delete from private.studio_sessions")
    asked = send(client, page, "/account/name", name="Joe <b>\n\"")
    assert asked.status_code == 401
    assert "What you had written is kept." in asked.text
    wrong = send(client, asked, "/sign-in", email=email, password="not the password")
    assert wrong.status_code == 422
    kept = send(client, wrong, "/sign-in", email=email, password=PASSWORD)
    assert kept.status_code == 200
    assert forms_of(kept)["/account/name"]["name"] == "Joe <b>\n\""
    assert lasting_site.database.rows("select display_name from public.profiles where display_name is not null") == []
    assert send(client, kept, "/account/name").status_code == 303
    assert lasting_site.database.rows("select display_name from public.profiles where display_name is not null") == [('Joe <b> "',)]


def test_a_kept_form_that_we_did_not_keep_is_refused(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    answer = send(client, client.get("/sign-in"), "/sign-in", email=email, password=PASSWORD, kept="bm9uZSBvZiBvdXJz")
    assert answer.status_code == 422


def test_a_script_is_told_to_sign_in(lasting_site: Site) -> None:
    answer = lasting_site.visitor().get("/studio", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["sign_in"]) == (401, "/sign-in")


def test_a_session_that_somebody_planted_is_worth_nothing(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    planted = "planted-by-somebody-else"
    client = lasting_site.visitor()
    client.cookies.set("myjoe", planted)
    answer = sign_in(client, email)
    new = answer.headers.get_list("set-cookie")[-1].split(";")[0]
    assert answer.status_code == 303 and planted not in new
    thief = lasting_site.visitor()
    thief.cookies.set("myjoe", planted)
    assert thief.get("/studio").status_code == 303


def test_a_session_that_was_there_ends_with_a_new_one(lasting_site: Site) -> None:
    first, second = new_address(), new_address()
    client = signed_up(lasting_site, first)
    before = client.cookies["myjoe"]
    signed_up(lasting_site, second)
    page = lasting_site.visitor().get("/forgot")
    send(client, client.get("/forgot"), "/forgot", email=second)
    assert page.status_code == 200
    from tests.support.accounts import link_for

    button = client.get(link_for(lasting_site, second))
    assert f"You are signed in as {first}" in button.text
    send(client, button, "/auth/confirm")
    assert second in client.get("/new-password").text
    thief = lasting_site.visitor()
    thief.cookies.set("myjoe", before)
    assert thief.get("/studio").status_code == 303


def test_without_the_token_of_our_page_nobody_is_signed_in(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    page = client.get("/sign-in")
    client.cookies.clear()
    assert send(client, page, "/sign-in", email=email, password=PASSWORD).status_code == 403
    other = lasting_site.visitor()
    other.headers["sec-fetch-site"] = "cross-site"
    assert send(other, page, "/sign-in", email=email, password=PASSWORD).status_code == 403


def test_passwords_cannot_be_guessed_at_length(site: Site) -> None:
    email = new_address()
    signed_up(site, email)
    client = site.visitor()
    answers = [sign_in(client, email, f"guess number {number}") for number in range(10)]
    assert [answer.status_code for answer in answers] == [422] * 10
    refused = sign_in(client, email)
    assert refused.status_code == 429
    assert "Try again in 15 minutes." in refused.text or "Try again in" in refused.text
    site.database.advance(16 * 60)
    assert sign_in(client, email).status_code == 303


def test_what_brought_somebody_here_is_said(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    assert "Google was not allowed" in client.get("/sign-in?said=access_denied").text
    assert "signed out everywhere" in client.get("/sign-in?said=everywhere").text
    assert "<script>" not in client.get("/sign-in?said=<script>").text
