"""A visit: what comes in is bounded, what goes out is a sentence, and nobody is sent astray."""
from __future__ import annotations

import base64
import time
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.settings.variables import Secret
from myjoe_studio import visiting
from myjoe_studio.sealing import Sealer
from myjoe_studio.visiting import safe_next
from tests.database import support
from tests.support.accounts import PASSWORD, new_address, sign_in, signed_up
from tests.support.forms import forms_of, send
from tests.support.studio import SECRET, Site, serving


@pytest.mark.parametrize("address", ["/", "/studio", "/runs/1?page=2", "/a/b#c", "/%2F%2Fevil.example"])
def test_paths_of_ours_are_gone_to(address: str) -> None:
    assert safe_next(address) == address


@pytest.mark.parametrize(
    "address",
    ["", None, "studio", "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
     "/\n/evil.example", " //evil.example", "/a\\b", "javascript:alert(1)", "/" + "a" * 500, "/\u2028", "/\x00"],
)  # fmt: skip
def test_everything_else_is_not(address: str | None) -> None:
    assert safe_next(address) == "/studio"
    assert safe_next(address, "") == ""


@given(st.text(alphabet="/\\.:@ht\t\n%2Fevil\u00a0", max_size=20))
def test_no_address_leads_a_browser_away(address: str) -> None:
    found = safe_next(address)
    # As a browser reads it: without tabs and line breaks, and with every backslash a slash.
    read = "".join(one for one in found if one not in "\t\r\n").replace("\\", "/")
    assert read.startswith("/") and not read.startswith("//")


def test_a_body_that_is_too_large_is_refused(lasting_site: Site) -> None:
    user = lasting_site.database.user()
    answer = lasting_site.visitor(user).post("/account/name", data={"name": "J" * 1_100_000})
    assert answer.status_code == 413
    assert "larger than we take here" in answer.text


def test_a_file_is_no_text_and_control_characters_are_dropped(lasting_site: Site) -> None:
    user = lasting_site.database.user()
    client = lasting_site.visitor(user)
    assert client.post("/account/name", files={"name": ("a.txt", b"Joe", "text/plain")}).status_code == 422
    assert client.post("/account/name", data={"name": "J\x00o\x1be"}).status_code == 303
    assert lasting_site.database.one("select display_name from public.profiles where id = %s", user) == "Joe"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=%", b"=&=&", b"%ff=%ff"])
def test_nonsense_is_no_error_of_ours(lasting_site: Site, body: bytes) -> None:
    client = lasting_site.visitor(lasting_site.database.user())
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/account/name", content=body, headers=headers).status_code < 500
    broken = client.post("/account/name", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    assert broken.status_code < 500


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://project.invalid"])
def test_with_the_identity_service_away_a_sentence_says_so(newest: support.Database, tmp_path: Path, url: str) -> None:
    with serving(newest, tmp_path, identity="supabase", supabase_url=url, publishable_key=Secret("sb_publishable")) as site:
        client = site.visitor()
        answer = sign_in(client, "joe@example.com")
        assert answer.status_code == 503
        assert "We cannot sign anybody in just now." in answer.text and "sb_publishable" not in answer.text
        assert send(client, client.get("/forgot"), "/forgot", email="joe@example.com").status_code == 503


def test_what_nobody_foresaw_is_noted_and_told_without_its_details(
    lasting_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a detail with a secret in it")

    monkeypatch.setattr(visiting.Visit, "page", broken)
    answer = lasting_site.visitor().get("/sign-in", headers={"x-request-id": "request-12345"})
    assert answer.status_code == 500
    assert "Something went wrong on our side." in answer.text and "request-12345" in answer.text and "secret in it" not in answer.text
    assert lasting_site.crashes == ["GET /sign-in: RuntimeError: a detail with a secret in it"]
    lasting_site.crashes.clear()


def test_a_forms_token_holds_over_a_failed_try_and_not_for_another_browser(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    failed = sign_in(client, email, "not the password")
    assert send(client, failed, "/sign-in", email=email, password=PASSWORD).status_code == 303
    other = lasting_site.visitor()
    other.get("/sign-in")
    refused = send(other, failed, "/sign-in", email=email, password=PASSWORD)
    assert refused.status_code == 403
    assert "was open for too long" in refused.text


def kept(path: str, until: float, **fields: str) -> str:
    """A form as it is kept."""
    sealed = Sealer(Secret(SECRET)).seal("kept forms", {"path": path, "fields": list(fields.items()), "until": until})
    return base64.urlsafe_b64encode(sealed).decode()


def test_a_form_waits_an_hour_for_its_person(lasting_site: Site) -> None:
    email = new_address()
    signed_up(lasting_site, email)
    client = lasting_site.visitor()
    page = client.get("/sign-in")
    late = kept("/account/name", time.time() - 1, name="Joe")
    assert send(client, page, "/sign-in", email=email, password=PASSWORD, kept=late).status_code == 422
    good = kept("/account/name", time.time() + 1800, name="Joe")
    assert "Send it now" in send(client, page, "/sign-in", email=email, password=PASSWORD, kept=good).text


def test_a_kept_form_shows_nothing_of_what_is_in_it_and_keeps_no_password(lasting_site: Site) -> None:
    client = signed_up(lasting_site, new_address())
    page = client.get("/account")
    lasting_site.database.run("delete from private.studio_sessions")
    asked = send(client, page, "/account/password", present_password=PASSWORD, new_password="another battery horse")
    sealed = base64.urlsafe_b64decode(forms_of(asked)["/sign-in"]["kept"])
    opened = Sealer(Secret(SECRET)).unseal("kept forms", sealed)
    assert PASSWORD not in asked.text
    assert (opened["path"], [name for name, _ in opened["fields"]]) == ("/account/password", ["username"])


def test_who_comes_is_who_connects_unless_the_platform_tells(newest: support.Database, tmp_path: Path) -> None:
    def tries(client: httpx2.Client, address: str) -> list[int]:
        client.headers["x-real-ip"] = address
        page = client.get("/auth/confirm?type=signup&token_hash=abc")
        return [send(client, page, "/auth/confirm").status_code for _ in range(16)]

    # What anybody may write into a header counts for nothing.
    with serving(newest, tmp_path) as site:
        assert tries(site.visitor(), "192.0.2.1") + tries(site.visitor(), "192.0.2.2") == [422] * 30 + [429] * 2
    newest.run("delete from private.rates")
    # What our platform writes does. Of IPv6 the first half is one customer's.
    with serving(newest, tmp_path, client_header="x-real-ip") as site:
        assert tries(site.visitor(), "192.0.2.1") + tries(site.visitor(), "192.0.2.2") == [422] * 32
        assert tries(site.visitor(), "2001:db8:1:2::1") + tries(site.visitor(), "2001:db8:1:2:3:4:5:6") == [422] * 30 + [429] * 2
        assert tries(site.visitor(), "2001:db8:1:3::1")[0] == 422
        assert tries(site.visitor(), "no address at all")[0] == 422
