"""In whose name the database is asked: as a user, whose rows row-level security guards; as an
admin, who reads everything and changes nothing but by functions that leave a record; or as the
service.

Role and claims are set for one transaction, as PostgREST sets them, so a transaction pooler may
stand between. The login has to be a member of the role.
"""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from myjoe.database.protocol import Database, Params, Row

USER, ADMIN, SERVICE = "authenticated", "myjoe_admin", "service_role"


class Actor(Protocol):
    """Somebody in whose name a statement is asked."""

    def statements(self) -> Sequence[tuple[str, Sequence[object]]]:
        """What makes the transaction theirs until it ends: statements with their values."""


@dataclass(frozen=True)
class RoleActor:
    """A role, and the claims that policies and records read (`auth.uid()`, `auth.jwt()`)."""

    role: str
    claims: Mapping[str, str]

    def statements(self) -> Sequence[tuple[str, Sequence[object]]]:
        """Role and claims, in one statement."""
        claims = json.dumps({**self.claims, "role": self.role})
        return [("select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)", (self.role, claims))]


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
    return _Acting(connection, RoleActor(USER, {"sub": str(user)}))


def as_admin(connection: Connection, admin: UUID | None = None) -> Database:
    """The database as an admin sees it; what is done is on record under `admin`, or the login."""
    return _Acting(connection, RoleActor(ADMIN, {"sub": str(admin)} if admin else {}))


def as_service(connection: Connection) -> Database:
    """The database as the product's own processes see it."""
    return _Acting(connection, RoleActor(SERVICE, {}))


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
