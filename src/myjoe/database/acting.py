"""In whose name the database is asked: as a user, whose rows row-level security guards; as an
admin, who reads everything and changes nothing but by functions that leave a record; or as the
service.

Role and claims are set for one transaction, as PostgREST sets them, so a transaction pooler may
stand between. The login has to be a member of the role.
"""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from myjoe.database.protocol import Database, Params, Row

USER, ADMIN, SERVICE = "authenticated", "myjoe_admin", "service_role"


@dataclass(frozen=True)
class Actor:
    """A role, and the claims that policies and records read (`auth.uid()`, `auth.jwt()`)."""

    role: str
    claims: Mapping[str, str]

    def statement(self) -> tuple[str, tuple[str, str]]:
        """What puts them on until the transaction ends."""
        claims = json.dumps({**self.claims, "role": self.role})
        return "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)", (self.role, claims)


class Connection(Protocol):
    """What can ask in somebody's name: `connection.RetryingConnection`."""

    async def rows(self, sql: str, params: Params = (), *, patience_seconds: float = 60.0, actor: Actor | None = None) -> list[Row]:
        """See `Database`."""

    async def records(
        self, sql: str, params: Params = (), *, patience_seconds: float = 60.0, actor: Actor | None = None
    ) -> list[dict[str, Any]]:
        """See `Database`."""


def as_user(connection: Connection, user: UUID) -> Database:
    """The database as this user sees it: row-level security is the guard."""
    return _Acting(connection, Actor(USER, {"sub": str(user)}))


def as_admin(connection: Connection, admin: UUID | None = None) -> Database:
    """The database as an admin sees it; what is done is on record under `admin`, or the login."""
    return _Acting(connection, Actor(ADMIN, {"sub": str(admin)} if admin else {}))


def as_service(connection: Connection) -> Database:
    """The database as the product's own processes see it."""
    return _Acting(connection, Actor(SERVICE, {}))


class _Acting:
    """A connection that asks everything in one name."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor

    async def rows(self, sql: str, params: Params = (), *, patience_seconds: float = 60.0) -> list[Row]:
        """See `Database`."""
        return await self._connection.rows(sql, params, patience_seconds=patience_seconds, actor=self._actor)

    async def records(self, sql: str, params: Params = (), *, patience_seconds: float = 60.0) -> list[dict[str, Any]]:
        """See `Database`."""
        return await self._connection.records(sql, params, patience_seconds=patience_seconds, actor=self._actor)
