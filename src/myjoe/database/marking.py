"""Whose database it is: written into it once, so that a worker of another
environment refuses it.
"""
from __future__ import annotations

import psycopg

from myjoe.errors import RequestError


def mark(url: str, environment: str) -> None:
    """Say that the database at `url` belongs to this environment. RequestError if it belongs to
    another already.
    """
    with psycopg.connect(url, prepare_threshold=None, connect_timeout=10) as connection:
        try:
            connection.execute("select private.mark_environment(%s)", (environment,))
        except psycopg.errors.InvalidParameterValue as error:
            raise RequestError(str(error).splitlines()[0]) from error
