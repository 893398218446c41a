"""A person's account."""
from __future__ import annotations

from tests.support.accounts import PASSWORD, new_address, sign_in, signed_up
from tests.support.forms import send
from tests.support.studio import Site

NEW = "another battery horse"


def test_a_name_is_kept_and_taken_back(lasting_site: Site) -> None:
    client = lasting_site.visitor(lasting_site.database.user())
    answer = send(client, client.get("/account"), "/account/name", name="  Joe   Doe ")
    assert answer.headers["location"] == "/account?done=name"
    page = client.get("/account?done=name")
    assert "Your name is saved." in page.text and 'value="Joe Doe"' in page.text
    send(client, page, "/account/name", name="")
    assert "Joe Doe" not in client.get("/account").text


def test_a_name_that_is_too_long(lasting_site: Site) -> None:
    client = lasting_site.visitor(lasting_site.database.user())
    page = send(client, client.get("/account"), "/account/name", name="J" * 81)
    assert page.status_code == 422
    assert "80 letters are the most." in page.text


def test_a_name_is_text_and_nothing_else(lasting_site: Site) -> None:
    client = lasting_site.visitor(lasting_site.database.user())
    send(client, client.get("/account"), "/account/name", name="<script>alert(1)</script>")
    assert "<script>alert" not in client.get("/account").text


def test_another_password_for_who_knows_the_present_one(lasting_site: Site) -> None:
    email = new_address()
    client = signed_up(lasting_site, email)
    elsewhere = lasting_site.visitor()
    sign_in(elsewhere, email)
    before = client.cookies["myjoe"]
    answer = send(client, client.get("/account"), "/account/password", present_password=PASSWORD, new_password=NEW)
    assert answer.headers["location"] == "/account?done=password"
    assert "Your password is changed." in client.get("/account?done=password").text
    assert client.cookies["myjoe"] != before
    assert elsewhere.get("/account").status_code == 303
    assert sign_in(lasting_site.visitor(), email, PASSWORD).status_code == 422
    assert sign_in(lasting_site.visitor(), email, NEW).status_code == 303


def test_who_does_not_know_it_changes_nothing(lasting_site: Site) -> None:
    email = new_address()
    client = signed_up(lasting_site, email)
    page = send(client, client.get("/account"), "/account/password", present_password="a wild guess", new_password=NEW)
    assert page.status_code == 422
    assert "That is not your current password." in page.text and NEW not in page.text
    assert sign_in(lasting_site.visitor(), email).status_code == 303


def test_a_new_password_that_is_not_taken(lasting_site: Site) -> None:
    email = new_address()
    client = signed_up(lasting_site, email)
    short = send(client, client.get("/account"), "/account/password", present_password=PASSWORD, new_password="short")
    assert (short.status_code, "Take 10 characters or more." in short.text) == (422, True)
    same = send(client, client.get("/account"), "/account/password", present_password=PASSWORD, new_password=PASSWORD)
    assert (same.status_code, "That is the password that you have." in same.text) == (422, True)


def test_present_passwords_cannot_be_guessed_at_length(site: Site) -> None:
    client = signed_up(site, new_address())
    page = client.get("/account")
    guesses = [
        send(client, page, "/account/password", present_password=f"guess {number}", new_password=NEW).status_code for number in range(11)
    ]
    assert guesses == [422] * 10 + [429]


def test_signed_out_everywhere(lasting_site: Site) -> None:
    email = new_address()
    client, elsewhere = signed_up(lasting_site, email), lasting_site.visitor()
    sign_in(elsewhere, email)
    answer = send(client, client.get("/account"), "/account/sessions/end")
    assert answer.headers["location"] == "/sign-in?said=everywhere"
    assert [one.get("/account").status_code for one in (client, elsewhere)] == [303, 303]
    database = lasting_site.database
    assert database.one("select count(*) from auth.sessions s join auth.users u on u.id = s.user_id where u.email = %s", email) == 0


def test_signed_out_everywhere_though_the_identity_service_has_forgotten_us(lasting_site: Site) -> None:
    client = lasting_site.visitor(lasting_site.database.user())
    assert send(client, client.get("/account"), "/account/sessions/end").headers["location"] == "/sign-in?said=everywhere"
    assert client.get("/account").status_code == 303


def test_money_and_passwords_ask_for_the_token_of_our_page(lasting_site: Site) -> None:
    client = lasting_site.visitor(lasting_site.database.user())
    page = client.get("/account")
    for action in ("/account/password", "/account/sessions/end"):
        assert send(client, page, action, form_token="made up").status_code == 403
