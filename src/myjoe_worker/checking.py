"""`myjoe worker check`: every setting and connection, before a job is taken. Costs nothing, and
leaves nothing behind.
"""
from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg

from myjoe.costs.booking import Costs
from myjoe.database.connection import RetryingConnection
from myjoe.database.environment import check_environment
from myjoe.database.migrating import migrations
from myjoe.database.statements import statements
from myjoe.errors import MyJoeError
from myjoe.ordering.page_order import PageOrder
from myjoe.storage.opening import open_storage
from myjoe_worker.health.http import unavailable
from myjoe_worker.imaging.finishing import finish_page
from myjoe_worker.imaging.processes import ImageProcesses
from myjoe_worker.queues.listening import Listener
from myjoe_worker.registry import Providers, real_providers
from myjoe_worker.settings import KEYS, WorkerSettings
from myjoe_worker.sketching.sketch import draw

SQL = statements("myjoe_worker")
# How long the database may take to answer, in seconds. A worker waits longer; a person at a
# terminal does not.
PATIENCE_SECONDS = 10.0
# How often it is said that something is still being looked at, in seconds.
WORD_SECONDS = 2.0
# A page that every part has to get through.
SAMPLE = PageOrder(page=1, operations=("raster",), prompt="a cat in a garden")

# How the sentence on a database begins of which nothing else can be asked.
UNMIGRATED = "it was never migrated"
OK, FAIL, NOTE = "ok", "FAIL", "note"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is (OK, FAIL, or NOTE for what works less well than it could), and
    a sentence.
    """

    what: str
    verdict: str
    sentence: str


class _DegradedError(Exception):
    """Works less well than it could."""


async def check(settings: WorkerSettings, looking: Callable[[str, float], object] = lambda what, seconds: None) -> AsyncIterator[Finding]:
    """Look at one thing after the other. What cannot be looked at because of an earlier failure is
    left out. `looking` is told what is looked at, and for how many seconds, every few of them.
    """
    async def _finding(what: str, look: Awaitable[str]) -> Finding:
        return await _told(what, look, looking)

    async with AsyncExitStack() as stack:
        connection = RetryingConnection(settings.database_url.reveal(), name="myjoe check")
        stack.push_async_callback(connection.close)
        found = await _finding("database", _database(connection))
        yield found
        if found.verdict == OK:
            found = await _finding("migrations", _migrations(connection))
            yield found
        if found.verdict != FAIL or found.what == "migrations" and not found.sentence.startswith(UNMIGRATED):
            yield await _finding("environment", _environment(settings, connection))
            yield await _finding("rights", _rights(connection))
            yield await _finding("queue", _queue(settings, connection))
            yield await _finding("routes", _routes(settings, connection))
        yield await _finding("listen", _listen(settings))
        yield await _finding("storage", _storage(settings))
        yield await _finding("images", _image_processes())
        for name, check_one in _providers(settings, stack):
            yield await _finding(name, check_one())
        yield await _finding("health", _health(settings))
        yield await _finding("sentry", _sentry(settings))


async def _told(what: str, look: Awaitable[str], looking: Callable[[str, float], object]) -> Finding:
    """What is found, with a word every now and then while it is looked for."""
    began, finding = time.monotonic(), asyncio.ensure_future(_found(what, look))
    try:
        looking(what, 0.0)
        while not (await asyncio.wait({finding}, timeout=WORD_SECONDS))[0]:
            looking(what, time.monotonic() - began)
    finally:
        finding.cancel()
    return finding.result()


async def _found(what: str, look: Awaitable[str]) -> Finding:
    try:
        return Finding(what, OK, await look)
    except _DegradedError as degraded:
        return Finding(what, NOTE, str(degraded))
    except Exception as error:
        # Whatever it is: a check that ends in a traceback has not said what the other checks would
        # have.
        kind = "" if isinstance(error, MyJoeError) else f"{type(error).__name__}: "
        return Finding(what, FAIL, f"{kind}{' '.join(str(error).split())}")


# ── the database ──────────────────────────────────────────────────────────────────────────────────


async def _database(connection: RetryingConnection) -> str:
    [(version, user)] = await connection.rows(SQL["server"], patience_seconds=PATIENCE_SECONDS)
    began = time.monotonic()
    await connection.rows(SQL["round_trip"])
    return f"PostgreSQL {version.split()[0]} as {user}, {(time.monotonic() - began) * 1000:.1f} ms there and back"


async def _migrations(connection: RetryingConnection) -> str:
    try:
        rows = await connection.rows(SQL["applied_migrations"])
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        rows = []  # where nothing was ever migrated, nothing is recorded either
    applied, ours = {version for (version,) in rows}, [migration.version for migration in migrations()]
    if not applied:
        raise MyJoeError(f"{UNMIGRATED}, none of {len(ours)} migrations is there: run `myjoe db migrate`")
    if missing := [version for version in ours if version not in applied]:
        raise MyJoeError(f"{len(missing)} of {len(ours)} are missing, from {missing[0]} on: run `myjoe db migrate`")
    if len(applied) > len(ours):
        raise _DegradedError(f"all {len(ours)} of ours are there, and {len(applied) - len(ours)} of a newer version")
    return f"all {len(ours)} are there"


async def _environment(settings: WorkerSettings, connection: RetryingConnection) -> str:
    marked = await check_environment(settings.env, connection)
    return f"{settings.env}; the database is marked as {marked or 'nobody'}'s"


async def _rights(connection: RetryingConnection) -> str:
    rows = await connection.rows(SQL["forbidden_functions"])
    if rows:
        raise MyJoeError(f"this login may not call {', '.join(name for (name,) in rows[:5])}: it needs the role service_role")
    return "all functions of the service may be called"


async def _queue(settings: WorkerSettings, connection: RetryingConnection) -> str:
    if settings.queue == "pgmq":
        if not await connection.rows(SQL["pgmq_schema"]):
            raise MyJoeError("the database has no pgmq: enable Queues, or set MYJOE_QUEUE=table")
    rows = await connection.rows(SQL["queue_depth"])
    depth = {state.replace("_", " "): jobs for state, jobs in rows}
    return f"{settings.queue}; " + (", ".join(f"{jobs} {state}" for state, jobs in depth.items()) or "nothing waits")


async def _routes(settings: WorkerSettings, connection: RetryingConnection) -> str:
    """Whether this worker has whoever the database's routes name, at prices that are known."""
    costs, routes = Costs(connection), await connection.rows(statements("myjoe.costs")["routes"])
    if settings.providers == "sketch":
        return f"{len(routes)} steps, all of them done by sketch here"
    known = real_providers(settings)
    try:
        by_step: Mapping[str, Mapping[str, Any]] = {
            "raster": known.artists, "upscale": known.upscalers, "judge": known.judges, "brain": known.brains
        }  # fmt: skip
        absent: dict[str, str] = {}
        for operation, step, provider, model, units in routes:
            if provider in KEYS and provider not in settings.given_keys():
                absent[operation] = KEYS[provider]
                continue
            if provider not in by_step.get(step, {}):
                raise MyJoeError(f"nobody here does the step {step} of {operation} as {provider}")
            await costs.route(operation, step)
            costs.price(provider, model, units)
    finally:
        await known.close()
    if absent:
        off = ", ".join(f"{operation} (no {name})" for operation, name in sorted(absent.items()))
        raise _DegradedError(f"not done here: {off}; what no worker does is switched off")
    return f"{len(routes)} steps, each with a provider and a price"


async def _listen(settings: WorkerSettings) -> str:
    listener = Listener(settings.listen_url.reveal(), name="myjoe check listens")
    try:
        if not await listener.start():
            raise _DegradedError(f"polling every {settings.poll_seconds:g} s serves; {listener.trouble}")
    finally:
        await listener.stop()
    return "notifications arrive"


# ── the rest ──────────────────────────────────────────────────────────────────────────────────────


async def _storage(settings: WorkerSettings) -> str:
    storage = open_storage(settings)
    try:
        await storage.check()
    finally:
        await storage.close()
    where = {"folder": str(settings.storage_folder), "supabase": f"bucket {settings.bucket} at {settings.supabase_url}",
             "s3": f"bucket {settings.bucket} at {settings.s3_endpoint_url or settings.s3_region}"}  # fmt: skip
    return f"{where[settings.storage]}: written, read and removed"


async def _image_processes() -> str:
    async with ImageProcesses(1) as processes:
        content = await processes.run(draw, SAMPLE.prompt, *SAMPLE.live_in, 1, False)
        began = time.monotonic()
        page = await processes.run(finish_page, content, "image/png", SAMPLE)
        return f"a page of {page.width_px} × {page.height_px} px finished and proved in {time.monotonic() - began:.1f} s"


def _providers(settings: WorkerSettings, stack: AsyncExitStack) -> list[tuple[str, Callable[[], Awaitable[str]]]]:
    if settings.providers == "sketch":
        return [("providers", _offline)]
    providers = real_providers(settings)
    stack.push_async_callback(providers.close)
    return [(name, partial(_keyed, name, providers)) for name in KEYS]


async def _keyed(name: str, providers: Providers) -> str:
    if name not in providers.apis:
        raise _DegradedError(f"absent: {KEYS[name]} is not given")
    return await providers.apis[name].check()


async def _offline() -> str:
    return "sketch draws offline: for demo and tests"


async def _health(settings: WorkerSettings) -> str:
    if settings.health_address is None:
        return "not asked for"
    host, port = settings.health_address
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            await asyncio.to_thread(door.bind, (host, port))
        except OSError as error:
            raise unavailable((host, port), error) from error
    return f"{host}:{port} is free"


async def _sentry(settings: WorkerSettings) -> str:
    if not settings.sentry_dsn:
        return "not asked for"
    raise _DegradedError("reports will be sent; whether they arrive is not checked, as that would be one")
