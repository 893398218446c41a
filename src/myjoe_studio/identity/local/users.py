"""The users of the embedded GoTrue: their passwords, links and sessions in the schema auth."""
from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from myjoe.database.connection import RetryingConnection
from myjoe.database.statements import statements
from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.identity.local.passwords import fits, hashed

# How long a mail's link is good, in seconds.
LINK_SECONDS = 3600
# A refresh token that was used up is taken once more within so many seconds: two tabs may have
# asked at the same time. Later it is taken for a stolen one, and its session ends.
REUSE_SECONDS = 10
# Which links answer to which name, as GoTrue has it.
KINDS = {"signup": ["signup"], "magiclink": ["magiclink"], "recovery": ["recovery"], "email": ["signup", "magiclink"]}
SQL = statements("myjoe_studio.identity.local")


@dataclass(frozen=True)
class User:
    """A user as GoTrue knows one."""

    id: UUID
    email: str
    encrypted_password: str | None
    confirmed: bool
    created_at: Any


class Users:
    """Asks the database as its owner."""

    def __init__(self, connection: RetryingConnection) -> None:
        self._connection = connection

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await self._connection.records(SQL[name], values, patience_seconds=4.0)

    async def are_here(self) -> bool:
        """Whether the database has what this needs."""
        [row] = await self._rows("are_here")
        return bool(row["here"])

    async def by_email(self, email: str) -> User | None:
        """Who has this address."""
        return _user(await self._rows("user_by_email", email=email))

    async def by_session(self, session: UUID) -> User | None:
        """Who has this session."""
        return _user(await self._rows("user_by_session", session=session))

    async def new(self, email: str, password: str | None, *, confirmed: bool = False, provider: str = "email") -> User | None:
        """A new user; None if there is one."""
        kept = await asyncio.to_thread(hashed, password) if password is not None else None
        return _user(await self._rows("new_user", email=email, password=kept, confirmed=confirmed, provider=provider))

    async def confirm(self, user: UUID, *, drop_password: bool = False) -> User:
        """The address was proved; a password from before that may be dropped."""
        found = _user(await self._rows("confirm", user=user, drop_password=drop_password))
        assert found is not None
        return found

    async def has_password(self, user: User | None, password: str) -> bool:
        """Whether it is the user's; takes as long where there is no user."""
        return await asyncio.to_thread(fits, password, user.encrypted_password if user else None)

    async def set_password(self, user: UUID, password: str) -> None:
        """A new password."""
        await self._rows("set_password", user=user, password=await asyncio.to_thread(hashed, password))

    # ── links ─────────────────────────────────────────────────────────────────────────────────────
    async def new_link(self, user: UUID, kind: str) -> str:
        """The token of a link for a mail; the database has its hash."""
        token = secrets.token_urlsafe(32)
        await self._rows("new_link", user=user, kind=kind, hash=_hash(token))
        return token

    async def take_link(self, kind: str, token: str) -> User:
        """Whose link it is, which is then used up, and whose address is proved."""
        rows = await self._rows("take_link", kinds=KINDS.get(kind, []), hash=_hash(token), seconds=LINK_SECONDS)
        if not rows:
            raise IdentityRefusedError("otp_expired", "Email link is invalid or has expired")
        return await self.confirm(rows[0]["user_id"])

    # ── sessions ──────────────────────────────────────────────────────────────────────────────────
    async def new_session(self, user: UUID) -> UUID:
        """A session of the user's."""
        [row] = await self._rows("new_session", user=user)
        session: UUID = row["id"]
        return session

    async def new_token(self, session: UUID) -> str:
        """A refresh token for it."""
        token = secrets.token_urlsafe(24)
        await self._rows("new_token", session=session, token=_hash(token))
        return token

    async def use_token(self, token: str) -> tuple[User, UUID]:
        """Whose refresh token it is, and of which session; it is then used up."""
        rows = await self._rows("user_by_token", token=_hash(token))
        if not rows:
            raise IdentityRefusedError("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
        row: Mapping[str, Any] = rows[0]
        if row["revoked"] and row["used_seconds_ago"] > REUSE_SECONDS:
            await self._rows("end_session", session=row["session"])
            raise IdentityRefusedError("refresh_token_already_used", "Invalid Refresh Token: Already Used")
        await self._rows("revoke_token", token=_hash(token))
        return User(*(row[name] for name in ("id", "email", "encrypted_password", "confirmed", "created_at"))), row["session"]

    async def end_sessions(self, user: UUID, *, but: UUID | None = None) -> None:
        """End all of a user's sessions, or all but one."""
        await self._rows("end_sessions", user=user, but=but)

    async def end_session(self, session: UUID) -> None:
        """End one session."""
        await self._rows("end_session", session=session)


def _user(rows: list[dict[str, Any]]) -> User | None:
    return User(**rows[0]) if rows else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
