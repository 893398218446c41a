"""A mail again."""
from __future__ import annotations

from tests.support.accounts import has_mail, new_address, signed_up
from tests.support.forms import send
from tests.support.studio import Site


def test_who_has_no_account_is_told_the_same(lasting_site: Site) -> None:
    known, unknown = new_address(), new_address()
    signed_up(lasting_site, known)
    client = lasting_site.visitor()
    pages = [send(client, client.get("/forgot"), "/forgot", email=email) for email in (known, unknown)]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].text.replace(known, "") == pages[1].text.replace(unknown, "")
    assert has_mail(lasting_site, known) and not has_mail(lasting_site, unknown)


def test_an_address_that_is_none(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    page = send(client, client.get("/forgot"), "/forgot", email="joe")
    assert page.status_code == 422
    assert "That is no e-mail address." in page.text and 'value="joe"' in page.text


def test_a_user_finds_their_address_there(lasting_site: Site) -> None:
    email = new_address()
    assert f'value="{email}"' in signed_up(lasting_site, email).get("/forgot").text
