"""The users of the embedded GoTrue, in the database."""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from myjoe.database.connection import RetryingConnection
from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.identity.local.users import LINK_SECONDS, REUSE_SECONDS, Users
from tests.database import support

Found = TypeVar("Found")


def asked(database: support.Database, work: Callable[[Users], Awaitable[Found]]) -> Found:
    async def ask() -> Found:
        connection = RetryingConnection(database.server.url(database.name))
        try:
            return await work(Users(connection))
        finally:
            await connection.close()

    return asyncio.run(ask())


def person(database: support.Database, *, confirmed: bool = True) -> uuid.UUID:
    user = asked(database, lambda users: users.new(f"{uuid.uuid4()}@example.com", None, confirmed=confirmed))
    assert user is not None
    return user.id


def refused(database: support.Database, work: Callable[[Users], Awaitable[object]]) -> str:
    with pytest.raises(IdentityRefusedError) as caught:
        asked(database, work)
    return caught.value.code


def test_a_user_has_a_profile_an_account_and_no_readable_password(newest: support.Database) -> None:
    user = asked(newest, lambda users: users.new("joe@example.com", "correct horse"))
    assert user is not None and not user.confirmed and "correct" not in str(user.encrypted_password)
    assert newest.one("select count(*) from public.credit_accounts where user_id = %s", user.id) == 1
    assert asked(newest, lambda users: users.new("joe@example.com", "other")) is None
    assert asked(newest, lambda users: users.has_password(user, "correct horse"))
    assert asked(newest, lambda users: users.by_email("joe@example.com")) == user
    assert asked(newest, lambda users: users.by_email("other@example.com")) is None


def test_a_link_is_good_once_for_its_kind_and_for_an_hour(newest: support.Database) -> None:
    user = person(newest, confirmed=False)
    tokens = [asked(newest, lambda users: users.new_link(user, "signup")) for _ in range(3)]
    assert newest.one("select count(*) from auth.one_time_tokens where token_hash = %s", tokens[0]) == 0, "the database has hashes alone"
    assert refused(newest, lambda users: users.take_link("recovery", tokens[0])) == "otp_expired"
    taken = asked(newest, lambda users: users.take_link("signup", tokens[0]))
    assert taken.id == user and taken.confirmed
    assert refused(newest, lambda users: users.take_link("signup", tokens[0])) == "otp_expired"
    newest.advance(LINK_SECONDS - 1)
    assert asked(newest, lambda users: users.take_link("email", tokens[1])).id == user
    newest.advance(1)
    assert refused(newest, lambda users: users.take_link("signup", tokens[2])) == "otp_expired"


def test_a_refresh_token_is_used_up_and_a_stolen_one_ends_the_session(newest: support.Database) -> None:
    user = person(newest)
    session = asked(newest, lambda users: users.new_session(user))
    token = asked(newest, lambda users: users.new_token(session))
    assert asked(newest, lambda users: users.use_token(token))[1] == session
    # Two tabs at once.
    newest.advance(REUSE_SECONDS)
    assert asked(newest, lambda users: users.use_token(token))[1] == session
    newest.advance(1)
    assert refused(newest, lambda users: users.use_token(token)) == "refresh_token_already_used"
    assert asked(newest, lambda users: users.by_session(session)) is None
    assert refused(newest, lambda users: users.use_token(token)) == "refresh_token_not_found"


def test_sessions_end_alone_or_together(newest: support.Database) -> None:
    user = person(newest)
    first, second, third = (asked(newest, lambda users: users.new_session(user)) for _ in range(3))
    asked(newest, lambda users: users.end_session(first))
    asked(newest, lambda users: users.end_sessions(user, but=second))
    assert [asked(newest, lambda users, one=one: users.by_session(one)) is None for one in (first, second, third)] == [True, False, True]
    asked(newest, lambda users: users.end_sessions(user))
    assert asked(newest, lambda users: users.by_session(second)) is None


def test_somebody_who_was_erased_is_nobody(newest: support.Database) -> None:
    user = person(newest)
    session = asked(newest, lambda users: users.new_session(user))
    newest.run("update auth.users set deleted_at = now() where id = %s", user)
    assert asked(newest, lambda users: users.by_session(session)) is None
