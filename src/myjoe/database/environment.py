"""Whose database it is: written into it once, so that processes of another
environment refuse it.
"""
from __future__ import annotations

import psycopg

from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import RequestError, SettingsError
from myjoe.settings.shared import DEVELOPMENT


def mark(url: str, environment: str) -> None:
    """Say that the database at `url` belongs to this environment. RequestError if it belongs to
    another already.
    """
    with psycopg.connect(url, prepare_threshold=None, connect_timeout=10) as connection:
        try:
            connection.execute(statements("myjoe.database")["mark_environment"], {"environment": environment})
        except psycopg.errors.InvalidParameterValue as error:
            raise RequestError(str(error).splitlines()[0]) from error


async def check_environment(env: str, database: Database, *, patience_seconds: float = 60.0) -> str | None:
    """What the database is marked as; SettingsError if that is another environment than `env`."""
    [(marked,)] = await database.rows(statements("myjoe.database")["marked_environment"], patience_seconds=patience_seconds)
    require_environment(env, marked)
    return str(marked) if marked else None


def require_environment(env: str, marked: str | None) -> None:
    """Staging works on a database marked as staging, production on one marked as production;
    development also takes an unmarked one. SettingsError for all others.
    """
    if marked is None and env != DEVELOPMENT:
        raise SettingsError([f"the database is marked as nobody's; mark it once with `myjoe db mark {env}`, or set DATABASE_URL right"])
    if marked is not None and marked != env:
        raise SettingsError([f"MYJOE_ENV is {env}, but the database is marked as {marked}"])
