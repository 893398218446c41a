"""The embedded GoTrue's REST, where it goes beyond what the contract with Supabase tells."""
from __future__ import annotations

import httpx2
import pytest

from tests.support.accounts import PASSWORD, link_for, new_address
from tests.support.forms import send
from tests.support.studio import Site

BASE = "/dev/auth/v1"


def post(site: Site, path: str, content: object) -> httpx2.Response:
    client = site.visitor()
    return client.post(f"{BASE}{path}", content=content) if isinstance(content, bytes) else client.post(f"{BASE}{path}", json=content)


@pytest.mark.parametrize(
    ("path", "content", "status", "code"),
    [
        ("/signup", b"{no json", 400, "bad_json"), ("/signup", {}, 422, "validation_failed"), ("/signup", [], 422, "validation_failed"),
        ("/signup", {"email": "a@b.c", "password": ""}, 422, "weak_password"), ("/token", {}, 400, "invalid_credentials"),
        ("/token?grant_type=password", {"email": "a@b.c"}, 400, "invalid_credentials"),
        ("/token?grant_type=refresh_token", {}, 400, "refresh_token_not_found"),
        ("/token?grant_type=pkce", {}, 404, "flow_state_not_found"),
        ("/verify", {"type": "signup"}, 403, "otp_expired"), ("/recover", {"email": "joe"}, 422, "validation_failed"),
        ("/resend", {}, 422, "validation_failed"), ("/logout", {}, 403, "bad_jwt"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_as_gotrue_names_it(lasting_site: Site, path: str, content: object, status: int, code: str) -> None:
    answer = post(lasting_site, path, content)
    assert (answer.status_code, answer.json()["error_code"], answer.json()["code"]) == (status, code, code)


def test_a_link_is_also_one_of_the_kind_that_supabases_templates_name(lasting_site: Site) -> None:
    email = new_address()
    client = lasting_site.visitor()
    send(client, client.get("/sign-up"), "/sign-up", email=email, password=PASSWORD)
    link = link_for(lasting_site, email).replace("type=signup", "type=email")
    assert send(client, client.get(link), "/auth/confirm").headers["location"] == "/studio"


def test_nobody_is_sent_back_to_another_site(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    query = {"provider": "google", "code_challenge": "c", "code_challenge_method": "s256", "redirect_to": "https://evil.example/"}
    there = client.get(f"{BASE}/authorize", params=query)
    back = send(client, client.get(there.headers["location"]), "/dev/google", email="x@example.com")
    assert back.headers["location"].startswith(f"{lasting_site.address}/?code=")


def test_there_is_google_by_pkce_and_nothing_else(lasting_site: Site) -> None:
    for query in ({"provider": "github"}, {"provider": "google"}, {"provider": "google", "code_challenge_method": "plain"}):
        assert lasting_site.visitor().get(f"{BASE}/authorize", params=query).status_code == 422


def test_a_verifier_that_is_another_browsers_is_refused(lasting_site: Site) -> None:
    client = lasting_site.visitor()
    there = client.get(client.get("/auth/google").headers["location"])
    back = send(client, client.get(there.headers["location"]), "/dev/google", email=new_address())
    code = back.headers["location"].rpartition("code=")[2]
    answer = post(lasting_site, "/token?grant_type=pkce", {"auth_code": code, "code_verifier": "another"})
    assert answer.json()["error_code"] == "bad_code_verifier"
