"""`RetryingConnection`: one connection to the database that comes back by itself, and statements
that are asked again until they are answered.

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
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg.types.json import Jsonb

from myjoe import telemetry
from myjoe.database.acting import Actor
from myjoe.database.protocol import Params, Row
from myjoe.errors import DatabaseUnreachableError
from myjoe.texts import washed, washed_json

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

# What passes by itself and left nothing done: 40001 serialization failure, 40P01 deadlock, and two
# limits that an operator may have set for the login or the database, 57014 statement_timeout and
# 55P03 lock_timeout.
CONFLICTS = ("40001", "40P01", "57014", "55P03")
# What a new connection may mend: 08 connection, 53 out of something, 57P shutting down or starting
# up, 25006 a server that only reads.
TROUBLES = ("08", "53", "57P", "25006")


@dataclass(frozen=True)
class _Result:
    """What a statement returned: the names of its columns, and its rows."""

    names: tuple[str, ...]
    rows: list[Row]


class RetryingConnection:
    """A `Database`: a connection for one statement at a time. It is made when it is first used.

    Callers that come while a statement runs wait for their turn.
    """

    def __init__(
        self, url: str, *, name: str = "myjoe", statement_seconds: float = STATEMENT_SECONDS,
        notice: Callable[[str, str], None] | None = None,
    ) -> None:  # fmt: skip
        """`name` is what the server calls this connection; `statement_seconds` is how long one try
        may take; `notice` is told of the database's notices: message and detail.
        """
        self._notice = notice
        self._url = url
        self._name = name
        self._statement_seconds = statement_seconds
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._lock = asyncio.Lock()
        self._away_since: float | None = None
        # After a try that failed: the next pause, and when the next try may be made, whose ever.
        self._pause = PAUSE_FIRST_SECONDS
        self._not_before = 0.0
        # Callers that wait, or ask, and go before those that yield.
        self._pressing = 0

    async def rows(
        self, sql: str, params: Params = (), *, patience_seconds: float = 60.0, actor: Actor | None = None, yielding: bool = False
    ) -> list[Row]:
        """The rows of one statement, none if it has none. It is committed when this returns, and
        must be one that may be repeated. `actor` is in whose name it is asked, by default the
        login's. After an outage one that is `yielding` is asked behind all others: what was done
        meanwhile is told before more is asked for.

        Raises DatabaseUnreachableError when `patience_seconds` are over, waiting for other
        statements of this connection included, and psycopg.Error at once for what asking again
        would not change.
        """
        return (await self._answer(sql, params, patience_seconds, actor, yielding)).rows

    async def records(
        self, sql: str, params: Params = (), *, patience_seconds: float = 60.0, actor: Actor | None = None
    ) -> list[dict[str, Any]]:
        """The rows of one statement by the names of their columns; otherwise as `rows`."""
        answer = await self._answer(sql, params, patience_seconds, actor)
        return [dict(zip(answer.names, row, strict=True)) for row in answer.rows]

    async def _answer(
        self, sql: str, params: Params, patience_seconds: float, actor: Actor | None, yielding: bool = False
    ) -> _Result:
        deadline = time.monotonic() + patience_seconds
        trouble: BaseException | None = None
        self._pressing += not yielding
        try:
            while (left := deadline - time.monotonic()) > 0:
                try:
                    async with asyncio.timeout(left):
                        await self._lock.acquire()
                except TimeoutError:
                    break
                try:
                    # Whoever has the turn waits for the time of the next try, so that many who wait
                    # ask a struggling server no oftener than one.
                    await asyncio.sleep(max(min(self._not_before, deadline) - time.monotonic(), 0))
                    if yielding and self._pressing and self._away_since is not None:
                        continue  # to the end of the queue
                    if (left := deadline - time.monotonic()) > 0:
                        answer = await self._try(sql, params, left, actor)
                        self._is_back()
                        return answer
                except psycopg.Error as error:
                    if not self._may_pass(error):
                        raise
                    trouble = error
                    self._not_before = time.monotonic() + self._pause * random.uniform(0.5, 1.0)
                    self._pause = min(2 * self._pause, PAUSE_LAST_SECONDS)
                    if error.sqlstate not in CONFLICTS:
                        self._is_away(error)
                finally:
                    self._lock.release()
        finally:
            self._pressing -= not yielding
        said = f": {' '.join(str(trouble).split())}" if trouble else ""
        raise DatabaseUnreachableError(f"the database did not answer within {patience_seconds:g} s{said}") from trouble

    async def open(self) -> None:
        """Connect now, once: for a person who waits. Raises psycopg.Error if that fails."""
        async with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = self._heeding(await connect(self._url, self._name))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection, if there is one; the next statement makes another."""
        async with self._lock:
            await self._drop()

    async def _try(self, sql: str, params: Params, seconds: float, actor: Actor | None) -> _Result:
        connection = self._connection
        if connection is None or connection.closed:
            self._connection = None
            connection = self._connection = self._heeding(await connect(self._url, self._name, seconds))
        timer = asyncio.get_running_loop().call_later(min(seconds, self._statement_seconds), hang_up, connection)
        try:
            values = _fit(params)
            cursor = await (connection.execute(sql, values or None) if actor is None else execute_as(connection, actor, sql, values))
            names = tuple(column.name for column in cursor.description or ())
            return _Result(names, await cursor.fetchall() if names else [])
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

    def _heeding(self, connection: psycopg.AsyncConnection[Row]) -> psycopg.AsyncConnection[Row]:
        if (notice := self._notice) is not None:
            connection.add_notice_handler(lambda said: notice(said.message_primary or "", said.message_detail or ""))
        return connection

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
        self._pause, self._not_before = PAUSE_FIRST_SECONDS, 0.0
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
    # The encoding is ours, whatever the login, the database or the environment says: in some,
    # texts would come as bytes.
    options: dict[str, Any] = {"application_name": name, "connect_timeout": CONNECT_SECONDS, "client_encoding": "UTF8", **KEEPALIVE}
    try:
        # libpq's own limit counts whole seconds, from 2 on; a lease renewer may have less left.
        async with asyncio.timeout(seconds):
            return await psycopg.AsyncConnection.connect(url, autocommit=True, prepare_threshold=None, **options)
    except TimeoutError:
        raise psycopg.OperationalError(f"connecting took longer than {seconds:g} s") from None


async def execute_as(
    connection: psycopg.AsyncConnection[Row], actor: Actor, sql: str, params: Params = ()
) -> psycopg.AsyncCursor[Row]:
    """A statement in the actor's name, as a transaction of its own, in one round trip: one message
    of several statements, which the server takes in turn and stops at the first that fails. After
    an error there is a second round trip, which rolls back.

    The values are written into the message by libpq's own quoting, as the protocol knows parameters
    for single statements only. It is not psycopg's pipeline: that ends with a Flush behind its
    Sync, and a transaction pooler that has its answer by then lends the next server to a client
    that wants nothing, for good.
    """
    cursor = psycopg.AsyncClientCursor(connection)
    names = [cursor.mogrify(statement, _fit(values)) for statement, values in actor.statements()]
    asked = cursor.mogrify(sql, params) if params else sql
    try:
        await cursor.execute(f"begin; {'; '.join(names)}; {asked}\n; commit".encode())
    except psycopg.Error:
        if not connection.closed:
            await connection.rollback()
        raise
    for _ in ("begin", *names):
        cursor.nextset()
    return cursor


def _fit(params: Params) -> Params:
    """The values as PostgreSQL takes them: here, and nowhere else, texts of others are washed."""
    if isinstance(params, Mapping):
        return {name: _fit_value(value) for name, value in params.items()}
    return [_fit_value(value) for value in params]


def _fit_value(value: Any) -> Any:
    if isinstance(value, str):
        return washed(value)
    if isinstance(value, Jsonb):
        return Jsonb(value.obj, dumps=washed_json)
    return [_fit_value(item) for item in value] if isinstance(value, list | tuple) else value


def hang_up(connection: psycopg.AsyncConnection[Any]) -> None:
    """Shut a connection's socket, so that whoever waits for its answer is told at once that it is
    broken.

    Cancelling the wait instead would send a cancel request and wait for the server again, which is
    the one that does not answer.
    """
    # Suppressed: it is closed already.
    with suppress(OSError, psycopg.OperationalError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as twin:
        twin.shutdown(socket.SHUT_RDWR)
