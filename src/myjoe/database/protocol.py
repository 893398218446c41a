"""`Database`: what everybody who asks the database needs of it. `RetryingConnection` is one, and
`acting` makes others of it that ask in somebody's name.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]
Params = Sequence[Any] | Mapping[str, Any]


class Database(Protocol):
    """One statement at a time, each a transaction of its own, retried until it is answered."""

    async def rows(self, sql: str, params: Params = (), *, patience_seconds: float = 60.0) -> list[Row]:
        """The rows of one statement, none if it has none. It must be one that may be repeated.

        Raises DatabaseUnreachableError when `patience_seconds` are over, and psycopg.Error at once
        for what asking again would not change.
        """

    async def records(self, sql: str, params: Params = (), *, patience_seconds: float = 60.0) -> list[dict[str, Any]]:
        """The rows of one statement by the names of their columns; otherwise as `rows`."""
