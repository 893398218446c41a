"""A new account."""
from __future__ import annotations

import pytest

from tests.support.accounts import PASSWORD, has_mail, link_for, new_address, sign_in, signed_up
from tests.support.forms import send
from tests.support.studio import Site


def test_a_new_person_confirms_the_address_by_a_button_and_is_in(lasting_site: Site) -> None:
    email = new_address()
    client = lasting_site.visitor()
    page = send(client, client.get("/sign-up"), "/sign-up", email=email, password=PASSWORD)
    assert page.status_code == 200
    assert "We have sent a mail to" in page.text and email in page.text
    link = link_for(lasting_site, email)
    # Opened by a program that looks for dangerous mail, it does nothing.
    assert lasting_site.visitor().get(link).status_code == 200
    button = client.get(link)
    assert "Confirm my address" in button.text
    answer = send(client, button, "/auth/confirm")
    assert answer.headers["location"] == "/studio"
    assert client.get("/studio").status_code == 200


def test_who_has_an_account_is_told_the_same(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    known = send(client, client.get("/sign-up"), "/sign-up", email=email, password="another password")
    other = new_address()
    unknown = send(client, client.get("/sign-up"), "/sign-up", email=other, password="another password")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(email, "") == unknown.text.replace(other, "")
    # And the password is still the first one.
    assert sign_in(lasting_site.visitor(), email, "another password").status_code == 422


@pytest.mark.parametrize(("password", "sentence"), [("short", "Take 10 characters or more."), ("ä" * 40, "That is too long")])
def test_a_password_that_is_not_taken(lasting_site: Site, password: str, sentence: str) -> None:
    client = lasting_site.visitor()
    email = new_address()
    page = send(client, client.get("/sign-up"), "/sign-up", email=email, password=password)
    assert page.status_code == 422
    assert sentence in page.text and f'value="{email}"' in page.text and password not in page.text
    assert not has_mail(lasting_site, email)


def test_an_address_that_is_none(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    page = send(client, client.get("/sign-up"), "/sign-up", email="joe at home", password=PASSWORD)
    assert page.status_code == 422
    assert "That is no e-mail address." in page.text


def test_not_everybody_can_be_sent_mails_without_end(site: Site) -> None:
    client = site.visitor()
    email = new_address()
    answers = [send(client, client.get("/forgot"), "/forgot", email=email) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert "Try again in" in answers[-1].text and int(answers[-1].headers["retry-after"]) > 0


def test_who_is_signed_in_has_no_use_for_it(lasting_site: Site) -> None:
    user = lasting_site.database.user()
    assert lasting_site.visitor(user).get("/sign-up").headers["location"] == "/studio"
