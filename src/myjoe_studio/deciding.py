"""What changes something: one function of the database a call, asked as the service. The functions
decide; here they are only called.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from myjoe.database.acting import as_admin, as_service
from myjoe.database.protocol import Params, Row
from myjoe.database.statements import statements
from myjoe_studio.reading import PATIENCE_SECONDS, Connections


class Decider:
    """Calls the database's functions by the names of their statements in `decisions.sql`. Raises
    DatabaseUnreachableError, and psycopg.Error for what asking again would not change.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._statements = statements("myjoe_studio", "decisions.sql")

    async def __call__(self, name: str, /, **values: Any) -> Any:
        """The single value of the single row that the statement gives; lists and mappings go in as
        JSON.
        """
        async with self._connections.one() as connection:
            [(answer,)] = await as_service(connection).rows(self._statements[name], _written(values), patience_seconds=PATIENCE_SECONDS)
        return answer

    async def as_admin(self, admin: UUID, name: str, /, **values: Any) -> Any:
        """The same in an admin's name, who is then on record."""
        async with self._connections.one() as connection:
            database = as_admin(connection, admin)
            [(answer,)] = await database.rows(self._statements[name], _written(values), patience_seconds=PATIENCE_SECONDS)
        return answer


class ServiceDatabase:
    """The pool as a `Database`, asked as the service: for the rules that all processes share. A
    connection is held for the statement alone, and not between two of them.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def rows(self, sql: str, params: Params = (), *, patience_seconds: float = PATIENCE_SECONDS) -> list[Row]:
        """See `Database`."""
        async with self._connections.one() as connection:
            return await as_service(connection).rows(sql, params, patience_seconds=patience_seconds)

    async def records(self, sql: str, params: Params = (), *, patience_seconds: float = PATIENCE_SECONDS) -> list[dict[str, Any]]:
        """See `Database`."""
        async with self._connections.one() as connection:
            return await as_service(connection).records(sql, params, patience_seconds=patience_seconds)


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Jsonb(value) if isinstance(value, Mapping | list) else value for name, value in values.items()}
