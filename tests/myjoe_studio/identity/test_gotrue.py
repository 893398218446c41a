"""The contract of an identity service, as the Studio relies on it: the embedded one and Supabase's
own (lite) answer the same client alike.
"""
from __future__ import annotations

import asyncio
import re
import secrets
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from myjoe.database.server import Server
from myjoe.settings.variables import Secret
from myjoe_studio.identity.errors import IdentityAwayError, IdentityRefusedError
from myjoe_studio.identity.gotrue import GoTrue
from myjoe_studio.identity.local import Development
from myjoe_studio.rendering import Templates
from myjoe_studio.sessions import SessionOverError
from myjoe_studio.settings import StudioSettings
from myjoe_studio.static_files import StaticFiles
from tests.database import support
from tests.support import lite
from tests.support.accounts import PASSWORD, new_address

NEW = "another battery horse"
Found = TypeVar("Found")


@dataclass
class Stage:
    """An identity service with a mailbox."""

    name: str
    opened: Callable[[], Any]
    mails: Callable[[str], list[str]]
    google: str = ""

    def ask(self, work: Callable[[GoTrue], Awaitable[Found]]) -> Found:
        """What a client is told."""
        async def asked() -> Found:
            identity, close = self.opened()
            try:
                return await work(identity)
            finally:
                await close()

        return asyncio.run(asked())

    def refused(self, work: Callable[[GoTrue], Awaitable[Any]]) -> str:
        """Why a client is refused."""
        with pytest.raises(IdentityRefusedError) as caught:
            self.ask(work)
        return caught.value.code

    def person(self) -> str:
        """Somebody with a confirmed address."""
        email = new_address()
        self.ask(lambda identity: identity.sign_up(email, PASSWORD))
        self.ask(lambda identity: identity.verify("signup", self.mails(email)[0]))
        return email


@contextmanager
def embedded(server: Server, folder: Path) -> Iterator[Stage]:
    name = f"identity_{secrets.token_hex(4)}"
    support.make_database(server, name, "template_myjoe")
    settings = StudioSettings(home=folder, secret=Secret("5" * 64), database_url=Secret(server.url(name)), google="on")
    boxes: list[Development] = []

    def opened() -> tuple[GoTrue, Callable[[], Awaitable[None]]]:
        development = Development(settings, Templates(StaticFiles(), settings=settings))
        boxes.append(development)
        return development.identity, development.close

    def mails(email: str) -> list[str]:
        sent = [mail for box in reversed(boxes) for mail in box.mailbox if mail.to == email]
        return [parse_qs(urlsplit(mail.link).query)["token_hash"][0] for mail in sent]

    try:
        yield Stage("local", opened, mails)
    finally:
        support.drop_database(server, name)


@contextmanager
def supabase() -> Iterator[Stage]:
    with lite.running(confirmations=True) as project:
        def opened() -> tuple[GoTrue, Callable[[], Awaitable[None]]]:
            identity = GoTrue(f"{project.url}/auth/v1", Secret(lite.PUBLISHABLE_KEY), shared_secret=project.jwt_secret)
            return identity, identity.close

        def mails(email: str) -> list[str]:
            found = re.findall(rf"To: {re.escape(email)}\n(?:.*\n)*?.*?/auth/v1/verify\?token=([^&\s]+)", project.log.read_text())
            return list(reversed(found))

        yield Stage("lite", opened, mails)


@pytest.fixture(scope="module", params=["local", "lite"])
def stage(request: pytest.FixtureRequest, servers: Callable[[int], Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if request.param == "local":
        with embedded(servers(18), tmp_path_factory.mktemp("identity")) as made:
            yield made
    else:
        with supabase() as made:
            yield made


# ── signing up ────────────────────────────────────────────────────────────────────────────────────
def test_who_signs_up_confirms_and_is_signed_in(stage: Stage) -> None:
    email = new_address()
    stage.ask(lambda identity: identity.sign_up(email, PASSWORD))
    assert stage.refused(lambda identity: identity.sign_in(email, PASSWORD)) == "email_not_confirmed"
    [token] = stage.mails(email)
    signed_in = stage.ask(lambda identity: identity.verify("signup", token))
    assert signed_in.email == email
    assert stage.ask(lambda identity: identity.sign_in(email, PASSWORD)).user == signed_in.user
    assert stage.refused(lambda identity: identity.verify("signup", token)) == "otp_expired"


def test_who_has_an_account_is_answered_like_everybody(stage: Stage) -> None:
    email = stage.person()
    before = len(stage.mails(email))
    stage.ask(lambda identity: identity.sign_up(email, NEW))
    assert len(stage.mails(email)) == before
    assert stage.refused(lambda identity: identity.sign_in(email, NEW)) == "invalid_credentials"


def test_a_password_that_is_too_short(stage: Stage) -> None:
    assert stage.refused(lambda identity: identity.sign_up(new_address(), "short")) == "weak_password"


def test_no_address_at_all(stage: Stage) -> None:
    assert stage.refused(lambda identity: identity.sign_up("joe at home", PASSWORD)) == "validation_failed"


def test_the_mail_again(stage: Stage) -> None:
    email = new_address()
    stage.ask(lambda identity: identity.resend(email))
    assert stage.mails(email) == []
    stage.ask(lambda identity: identity.sign_up(email, PASSWORD))
    # Too soon for some, which nobody is told.
    stage.ask(lambda identity: identity.resend(email))
    assert stage.mails(email)


# ── signing in ────────────────────────────────────────────────────────────────────────────────────
def test_a_wrong_password_and_a_wrong_address_are_refused_alike(stage: Stage) -> None:
    email = stage.person()
    assert stage.refused(lambda identity: identity.sign_in(email, NEW)) == "invalid_credentials"
    assert stage.refused(lambda identity: identity.sign_in(new_address(), NEW)) == "invalid_credentials"


def test_capitals_are_the_same_address(stage: Stage) -> None:
    email = stage.person()
    assert stage.ask(lambda identity: identity.sign_in(email.upper(), PASSWORD)).email == email


def test_a_made_up_link_is_over(stage: Stage) -> None:
    for kind in ("signup", "recovery", "magiclink"):
        assert stage.refused(lambda identity, kind=kind: identity.verify(kind, secrets.token_hex(28))) == "otp_expired"


def test_an_unknown_kind_of_link_is_refused(stage: Stage) -> None:
    assert stage.refused(lambda identity: identity.verify("nonsense", secrets.token_hex(28))) in ("validation_failed", "otp_expired")


def test_tokens_say_who_it_is_and_for_how_long(stage: Stage) -> None:
    email = stage.person()
    signed_in = stage.ask(lambda identity: identity.sign_in(email, PASSWORD))
    user = stage.ask(lambda identity: identity.user(signed_in.tokens.access))
    assert (uuid.UUID(user["id"]), user["email"]) == (signed_in.user, email)
    assert signed_in.tokens.access_until > 1_700_000_000


# ── refreshing ────────────────────────────────────────────────────────────────────────────────────
def test_new_tokens_for_old(stage: Stage) -> None:
    email = stage.person()
    old = stage.ask(lambda identity: identity.sign_in(email, PASSWORD)).tokens
    new = stage.ask(lambda identity: identity.refresh(old.refresh))
    assert new.refresh != old.refresh
    assert stage.ask(lambda identity: identity.user(new.access))["email"] == email


def test_a_made_up_refresh_token_is_a_session_that_is_over(stage: Stage) -> None:
    with pytest.raises(SessionOverError):
        stage.ask(lambda identity: identity.refresh("made-up"))


# ── passwords ─────────────────────────────────────────────────────────────────────────────────────
def test_a_forgotten_password(stage: Stage) -> None:
    email = stage.person()
    stage.ask(lambda identity: identity.recover(new_address()))
    stage.ask(lambda identity: identity.recover(email))
    token = stage.mails(email)[0]
    signed_in = stage.ask(lambda identity: identity.verify("recovery", token))
    stage.ask(lambda identity: identity.set_password(signed_in.tokens.access, NEW))
    assert stage.refused(lambda identity: identity.sign_in(email, PASSWORD)) == "invalid_credentials"
    assert stage.ask(lambda identity: identity.sign_in(email, NEW)).user == signed_in.user
    assert stage.refused(lambda identity: identity.verify("recovery", token)) == "otp_expired"


def test_the_same_password_again_and_one_that_is_too_short(stage: Stage) -> None:
    email = stage.person()
    access = stage.ask(lambda identity: identity.sign_in(email, PASSWORD)).tokens.access
    assert stage.refused(lambda identity: identity.set_password(access, PASSWORD)) == "same_password"
    assert stage.refused(lambda identity: identity.set_password(access, "short")) == "weak_password"


# ── signing out ───────────────────────────────────────────────────────────────────────────────────
def test_signed_out_everywhere_no_refresh_token_is_good(stage: Stage) -> None:
    email = stage.person()
    sessions = [stage.ask(lambda identity: identity.sign_in(email, PASSWORD)).tokens for _ in range(2)]
    stage.ask(lambda identity: identity.sign_out_everywhere(sessions[0].access))
    for tokens in sessions:
        with pytest.raises(SessionOverError):
            stage.ask(lambda identity, tokens=tokens: identity.refresh(tokens.refresh))
        with pytest.raises(SessionOverError):
            stage.ask(lambda identity, tokens=tokens: identity.user(tokens.access))


def test_a_made_up_access_token_is_a_session_that_is_over(stage: Stage) -> None:
    for work in (lambda identity: identity.user("made.up.token"), lambda identity: identity.set_password("made.up.token", NEW)):
        with pytest.raises(SessionOverError):
            stage.ask(work)


# ── Google ────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_that_nobody_gave_is_refused(stage: Stage) -> None:
    assert stage.refused(lambda identity: identity.exchange(str(uuid.uuid4()), "v" * 43)) == "flow_state_not_found"


def test_a_browser_is_sent_to_google_and_asked_to_come_back_here(stage: Stage) -> None:
    async def address(identity: GoTrue) -> str:
        return identity.google_address("http://127.0.0.1:8000/auth/callback", "v" * 43)

    asked = parse_qs(urlsplit(stage.ask(address)).query)
    assert asked["provider"] == ["google"] and asked["code_challenge_method"] == ["s256"]
    assert asked["redirect_to"] == ["http://127.0.0.1:8000/auth/callback"] and "v" * 43 not in str(asked)


# ── where the service fails ───────────────────────────────────────────────────────────────────────
def failing(answer: httpx2.Response | Exception) -> GoTrue:
    def handle(_request: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return GoTrue("https://project.example/auth/v1", Secret("sb_publishable"), transport=httpx2.MockTransport(handle))


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.ConnectError("refused"), httpx2.ReadTimeout("slow"), httpx2.Response(500, json={"msg": "boom"}),
        httpx2.Response(200, text="<html>"), httpx2.Response(200, json=[]), httpx2.Response(200, json={}), httpx2.Response(302),
        httpx2.Response(404, text="no such project"), httpx2.Response(401, json={"message": "Invalid API key"}),
        httpx2.Response(429, json={"code": "over_request_rate_limit"}),
        httpx2.Response(200, json={"access_token": "not.a.token", "refresh_token": "r"}),
    ],
    ids=["refused", "slow", "500", "no json", "no object", "no token", "elsewhere", "not found", "our key", "busy", "no token of theirs"],
)  # fmt: skip
def test_a_service_that_fails_is_away(answer: httpx2.Response | Exception) -> None:
    with pytest.raises(IdentityAwayError):
        asyncio.run(failing(answer).sign_in("joe@example.com", PASSWORD))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "otp_expired", "message": "m"}, "otp_expired"), ({"code": 403, "error_code": "otp_expired", "msg": "m"}, "otp_expired"),
        ({"error": "invalid_grant", "error_description": "m"}, "invalid_grant"), ({"code": 403}, "status_403"),
    ],
)  # fmt: skip
def test_reasons_are_found_in_old_answers_and_new(body: dict[str, Any], code: str) -> None:
    with pytest.raises(IdentityRefusedError) as caught:
        asyncio.run(failing(httpx2.Response(403, json=body)).verify("signup", "t"))
    assert caught.value.code == code


def test_asking_for_mails_too_soon_is_told_to_nobody() -> None:
    identity = failing(httpx2.Response(429, json={"code": "over_email_send_rate_limit", "message": "after 59 seconds"}))
    asyncio.run(identity.recover("joe@example.com"))
