"""A session's tokens: kept sealed, refreshed by one caller at a time, and over when the identity
service says so.
"""
from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from starlette.requests import Request
from starlette.responses import Response

from myjoe.errors import DatabaseUnreachableError
from myjoe.settings.variables import Secret
from myjoe_studio import sessions as module
from myjoe_studio.deciding import Decider
from myjoe_studio.reading import Connections
from myjoe_studio.sealing import Sealer
from myjoe_studio.sessions import Cookies, SessionOverError, Sessions, Tokens, hash_of
from myjoe_studio.settings import StudioSettings
from tests.database import support
from tests.support.studio import SECRET

Found = TypeVar("Found")


@dataclass
class Identity:
    """Gives new tokens, each refresh token once."""

    seconds: float = 0.0
    over: bool = False
    refreshed: list[str] = field(default_factory=list)

    async def refresh(self, token: str) -> Tokens:
        self.refreshed.append(token)
        await asyncio.sleep(self.seconds)
        if self.over:
            raise SessionOverError("revoked")
        return Tokens(f"access {len(self.refreshed)}", f"refresh {len(self.refreshed)}", time.time() + 3600 * 24 * 365)


def request(token: str = "") -> Request:
    headers = [(b"cookie", f"myjoe={token}".encode()), (b"user-agent", b"tests")]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


def asked(database: support.Database, identity: Identity, work: Callable[[Sessions], Awaitable[Found]]) -> Found:
    async def run() -> Found:
        pool = Connections(database.server.url(database.name), 4)
        try:
            return await work(Sessions(Decider(pool), Sealer(Secret(SECRET)), Cookies(StudioSettings()), identity.refresh))
        finally:
            await pool.close()

    return asyncio.run(run())


def begun(database: support.Database, user: uuid.UUID, *, seconds: float) -> str:
    """A session whose access token holds for so many seconds more; its token."""
    tokens = Tokens("access 0", "refresh 0", database.now().timestamp() + seconds)
    return asked(database, Identity(), lambda sessions: sessions.begin(request(), user, tokens, None))


def test_fresh_tokens_are_as_they_were_given_and_lie_sealed(newest: support.Database) -> None:
    user, identity = newest.user(), Identity()
    token = begun(newest, user, seconds=61)
    assert asked(newest, identity, lambda sessions: sessions.tokens(request(token), user)).access == "access 0"
    assert identity.refreshed == []
    [(kept_hash, sealed, device)] = newest.rows("select token_hash, sealed, device from private.studio_sessions")
    assert kept_hash == hash_of(token) and b"access" not in sealed and device == "tests"


def test_tokens_that_run_out_are_refreshed_once_by_whoever_asks_first(newest: support.Database) -> None:
    user, identity = newest.user(), Identity(seconds=0.3)
    token = begun(newest, user, seconds=59)

    async def all_at_once(sessions: Sessions) -> list[Tokens]:
        return await asyncio.gather(*(sessions.tokens(request(token), user) for _ in range(8)))

    found = asked(newest, identity, all_at_once)
    assert identity.refreshed == ["refresh 0"]
    assert {tokens.access for tokens in found} == {"access 1"}


def test_who_refreshes_and_never_comes_back_is_replaced(newest: support.Database) -> None:
    user, identity = newest.user(), Identity()
    token = begun(newest, user, seconds=0)
    assert newest.one("select private.session_tokens(%s)", hash_of(token))["mine"]
    newest.advance(11)
    assert asked(newest, identity, lambda sessions: sessions.tokens(request(token), user)).access == "access 1"


def test_nobody_waits_for_ever(newest: support.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKS", 3)
    user, identity = newest.user(), Identity()
    token = begun(newest, user, seconds=0)
    newest.one("select private.session_tokens(%s)", hash_of(token))
    with pytest.raises(DatabaseUnreachableError):
        asked(newest, identity, lambda sessions: sessions.tokens(request(token), user))
    assert identity.refreshed == []


def test_a_session_that_the_identity_service_ended_ends_here_too(newest: support.Database) -> None:
    user = newest.user()
    token = begun(newest, user, seconds=0)
    with pytest.raises(SessionOverError):
        asked(newest, Identity(over=True), lambda sessions: sessions.tokens(request(token), user))
    assert newest.rows("select 1 from private.studio_sessions") == []


def test_tokens_that_another_secret_sealed_are_a_session_that_is_over(newest: support.Database) -> None:
    user = newest.user()
    token = begun(newest, user, seconds=99)
    newest.run("update private.studio_sessions set sealed = %s", Sealer(Secret("6" * 64)).seal("sessions", {}))
    with pytest.raises(SessionOverError):
        asked(newest, Identity(), lambda sessions: sessions.tokens(request(token), user))
    assert newest.rows("select 1 from private.studio_sessions") == []


def test_no_session_no_tokens(newest: support.Database) -> None:
    user = newest.user()
    for one in (request(), request("made up")):
        with pytest.raises(SessionOverError):
            asked(newest, Identity(), lambda sessions, one=one: sessions.tokens(one, user))  # type: ignore[misc]


def test_sessions_end_alone_the_others_or_all(newest: support.Database) -> None:
    user, other = newest.user(), newest.user()
    mine, second, third, theirs = (begun(newest, whose, seconds=99) for whose in (user, user, user, other))
    left = "select count(*) from private.studio_sessions where user_id = %s"
    response = Response()
    asked(newest, Identity(), lambda sessions: sessions.end(request(theirs), response, user))
    assert newest.one(left, other) == 1, "nobody ends another's"
    asked(newest, Identity(), lambda sessions: sessions.end(request(third), response, user))
    assert newest.one(left, user) == 2
    assert 'myjoe=""' in response.headers["set-cookie"] and "Max-Age=0" in response.headers["set-cookie"]
    assert asked(newest, Identity(), lambda sessions: sessions.end_others(request(mine), user)) == 1
    assert newest.rows("select token_hash from private.studio_sessions where user_id = %s", user) == [(hash_of(mine),)]
    assert second != mine
    assert asked(newest, Identity(), lambda sessions: sessions.end_all(response, user)) == 1
    assert newest.one(left, other) == 1


def test_a_new_session_takes_the_place_of_the_browsers_old_one(newest: support.Database) -> None:
    user, other = newest.user(), newest.user()
    old = begun(newest, other, seconds=99)
    tokens = Tokens("a", "r", time.time())
    new = asked(newest, Identity(), lambda sessions: sessions.begin(request(old), user, tokens, other))
    assert newest.rows("select token_hash, user_id from private.studio_sessions") == [(hash_of(new), user)]


def test_by_https_cookies_are_this_hosts_alone() -> None:
    cookies = Cookies(StudioSettings(address="https://myjoe.example"))
    response = Response()
    for name in (cookies.session, cookies.form, cookies.google, cookies.choosing):
        assert name.startswith("__Host-")
        cookies.set(response, name, "v")
    for header in response.headers.getlist("set-cookie"):
        assert all(word in header for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/")) and "Domain" not in header
