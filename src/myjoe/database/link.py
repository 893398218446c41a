"""One connection to the database that comes back by itself, and statements that are asked again
until they are answered.

Every statement of the worker is one call that may be made twice: it is fenced by a lease's token or
keyed by what it books. So whatever is in doubt, a broken connection, a server that falls over, a
deadlock, is asked again, until the caller's patience ends.
"""
from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg

from myjoe import telemetry
from myjoe.errors import DatabaseUnreachableError

# Waits between two tries, in seconds: doubled each time from the first to the last, and drawn
# between half of that and all of it. Shorter finds a restarted server sooner; longer spares one
# that is struggling.
PAUSE_FIRST_SECONDS = 0.02
PAUSE_LAST_SECONDS = 0.5
# Longest a try may take, in seconds: connecting, and then the statement. Longer waits for slow
# answers; shorter notices sooner that a connection is dead though nobody closed it. The slowest of
# our statements takes milliseconds.
CONNECT_SECONDS = 10
STATEMENT_SECONDS = 20.0
# The system notices a dead peer by itself, after so many seconds of silence or of data that nobody
# acknowledged.
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}

# What passes by itself and left nothing done: 40001 serialization failure, 40P01 deadlock.
CONFLICTS = ("40001", "40P01")
# What a new connection may mend: 08 connection, 53 out of something, 57P shutting down or starting
# up, 25006 a server that only reads.
TROUBLES = ("08", "53", "57P", "25006")

Row = tuple[Any, ...]


class Link:
    """A connection for one statement at a time; who comes meanwhile waits. It is made when it is
    first used.
    """

    def __init__(self, url: str, *, name: str = "myjoe", statement_seconds: float = STATEMENT_SECONDS) -> None:
        """`name` is what the server calls this connection; `statement_seconds` is how long one try
        may take.
        """
        self._url = url
        self._name = name
        self._statement_seconds = statement_seconds
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._lock = asyncio.Lock()
        self._away_since: float | None = None

    async def rows(
        self, sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, patience_seconds: float = 60.0
    ) -> list[Row]:
        """The rows of one statement, none if it has none. It is committed when this returns, and
        must be one that may be repeated.

        Raises DatabaseUnreachableError when `patience_seconds` are over, waiting for other
        statements of this link included, and psycopg.Error at once for what asking again would not
        change.
        """
        deadline = time.monotonic() + patience_seconds
        trouble: BaseException | None = None
        pause = PAUSE_FIRST_SECONDS
        try:
            async with asyncio.timeout(patience_seconds):
                await self._lock.acquire()
        except TimeoutError:
            raise DatabaseUnreachableError(f"the database did not answer others within {patience_seconds:g} s") from None
        try:
            while (left := deadline - time.monotonic()) > 0:
                try:
                    rows = await self._try(sql, params, left)
                    self._is_back()
                    return rows
                except psycopg.Error as error:
                    if not self._may_pass(error):
                        raise
                    trouble = error
                    if error.sqlstate not in CONFLICTS:
                        self._is_away(error)
                await asyncio.sleep(min(pause * random.uniform(0.5, 1.0), max(deadline - time.monotonic(), 0)))
                pause = min(2 * pause, PAUSE_LAST_SECONDS)
        finally:
            self._lock.release()
        said = f": {' '.join(str(trouble).split())}" if trouble else ""
        raise DatabaseUnreachableError(f"the database did not answer within {patience_seconds:g} s{said}") from trouble

    async def close(self) -> None:
        """Close the connection, if there is one; the next statement makes another."""
        async with self._lock:
            await self._drop()

    async def _try(self, sql: str, params: Sequence[Any] | Mapping[str, Any], seconds: float) -> list[Row]:
        connection = self._connection
        if connection is None or connection.closed:
            self._connection = None
            connection = self._connection = await connect(self._url, self._name, seconds)
        timer = asyncio.get_running_loop().call_later(min(seconds, self._statement_seconds), hang_up, connection)
        try:
            cursor = await connection.execute(sql, params or None)
            return await cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            # One that is broken is no use, nor one to a server that says it cannot serve.
            if connection.closed or (error.sqlstate or "").startswith(TROUBLES):
                await self._drop()
            raise
        except BaseException:
            # Stopped in the middle: nobody knows what the connection is about to say.
            await self._drop()
            raise
        finally:
            timer.cancel()

    def _may_pass(self, error: psycopg.Error) -> bool:
        """Whether the same statement may succeed later: there is no connection at present, or what
        went wrong passes.
        """
        # A connection string that makes no sense is a ProgrammingError.
        return error.sqlstate in CONFLICTS or self._connection is None and not isinstance(error, psycopg.ProgrammingError)

    def _is_away(self, error: psycopg.Error) -> None:
        """Say so, once until it is back."""
        if self._away_since is None:
            self._away_since = time.monotonic()
            telemetry.emit("database.lost", name=self._name, error=error)

    def _is_back(self) -> None:
        if self._away_since is not None:
            telemetry.emit("database.back", name=self._name, seconds=time.monotonic() - self._away_since)
            self._away_since = None

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


async def connect(url: str, name: str, seconds: float = CONNECT_SECONDS) -> psycopg.AsyncConnection[Row]:
    """A connection that works through any pooler: nothing prepared, each statement a transaction of
    its own.

    `seconds` is how long that may take, CONNECT_SECONDS at most.
    """
    options: dict[str, Any] = {"application_name": name, "connect_timeout": CONNECT_SECONDS, **KEEPALIVE}
    try:
        # libpq's own limit counts whole seconds, from 2 on; a heart may have less left.
        async with asyncio.timeout(seconds):
            return await psycopg.AsyncConnection.connect(url, autocommit=True, prepare_threshold=None, **options)
    except TimeoutError:
        raise psycopg.OperationalError(f"connecting took longer than {seconds:g} s") from None


def hang_up(connection: psycopg.AsyncConnection[Any]) -> None:
    """Shut a connection's socket, so that whoever waits for its answer is told at once that it is
    broken.

    Cancelling the wait instead would send a cancel request and wait for the server again, which is
    the one that does not answer.
    """
    # Suppressed: it is closed already.
    with suppress(OSError, psycopg.OperationalError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as twin:
        twin.shutdown(socket.SHUT_RDWR)
