"""What stands below `/dev`."""
from __future__ import annotations

import asyncio
from pathlib import Path

from myjoe_studio.identity.local import one_time_link
from tests.database import support
from tests.support.accounts import PASSWORD, new_address
from tests.support.forms import send
from tests.support.studio import Site, serving


def test_mails_are_shown_and_none_at_first(site: Site) -> None:
    client = site.visitor()
    assert "No mail yet." in client.get("/dev/mail").text
    email = new_address()
    send(client, client.get("/sign-up"), "/sign-up", email=email, password=PASSWORD)
    page = client.get("/dev/mail")
    assert f"To {email} " in page.text and "Confirm your address" in page.text


def test_nobody_comes_to_its_google_by_themselves(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    assert client.get("/dev/google?state=made-up").headers["location"].endswith("/?error=invalid_request")
    made_up = client.post("/dev/google", data={"state": "made-up", "email": "joe@example.com"})
    assert made_up.headers["location"].endswith("/?error=invalid_request")


def test_another_site_may_not_answer_for_google(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    client.headers["sec-fetch-site"] = "cross-site"
    assert client.post("/dev/google", data={"state": "s", "email": "joe@example.com"}).status_code == 403


def test_a_one_time_link_leaves_who_is_there_as_they_are(site: Site) -> None:
    user = site.database.one("insert into auth.users (email) values ('joe@example.com') returning id")
    asyncio.run(one_time_link(site.settings))
    assert site.database.rows("select id, encrypted_password from auth.users") == [(user, None)]


def test_with_supabase_there_is_nothing_below_dev(newest: support.Database, tmp_path: Path) -> None:
    with serving(newest, tmp_path, identity="supabase", supabase_url="https://project.example") as site:
        for path in ("/dev/mail", "/dev/google", "/dev/auth/v1/user"):
            assert site.visitor().get(path).status_code == 404
