"""From settings to a worker: all parts made, connected to each other, and taken apart again. No
decision is made here.
"""
from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from json import dumps
from typing import Any

from myjoe import telemetry
from myjoe.costs.booking import Costs
from myjoe.database.link import Link
from myjoe.errors import DatabaseUnreachableError
from myjoe.providers.protocol import Artist, Judge, Upscaler
from myjoe.settings.shared import Settings, check_environment
from myjoe.storage.folder import FolderStorage
from myjoe.storage.protocol import Storage
from myjoe.storage.s3 import S3Storage
from myjoe.storage.supabase import SupabaseStorage
from myjoe_worker.guarding import guard_costs
from myjoe_worker.health.dashboard import Dashboard
from myjoe_worker.health.http import Answer, Route, serving
from myjoe_worker.health.monitor import Watch
from myjoe_worker.imaging.processes import Workshop
from myjoe_worker.job import Job, Result
from myjoe_worker.leases.lease import Heart, Lease
from myjoe_worker.limits import Limits
from myjoe_worker.page_pipeline import Studio, make_page
from myjoe_worker.providers.registry import real_providers
from myjoe_worker.queues.listening import Listener
from myjoe_worker.queues.pgmq import PgmqQueue
from myjoe_worker.queues.postgres import PostgresQueue
from myjoe_worker.queues.queue import Queue
from myjoe_worker.sketching.sketch import SketchArtist, SketchUpscaler
from myjoe_worker.worker import Worker

VERSION = version("myjoe")
# A heartbeat that takes longer than this share of the lease is tried over another connection.
HEARTBEAT_SHARE_MAX = 0.25


async def run_worker(settings: Settings, *, once: bool = False) -> None:
    """Work until SIGTERM or SIGINT; with `once`, until there is nothing to do. Raises SettingsError
    for a database of others.

    A database that does not answer yet is waited for, but not with `once`.
    """
    loop, starting = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: starting and starting.cancel())
    try:
        async with assembled(settings, patient=not once) as worker:
            with worker.leaving_on_signals():
                await worker.run(once=once)
    except asyncio.CancelledError:
        return  # told to leave before there was a job to finish


@asynccontextmanager
async def assembled(settings: Settings, *, patient: bool = False) -> AsyncIterator[Worker]:
    """A worker that is ready to run. What it was made of is closed behind the block. `patient`
    waits for the database for ever.
    """
    async with AsyncExitStack() as stack:
        watch = Watch(settings, VERSION)
        stack.callback(telemetry.subscribe(watch))
        if settings.health_address is not None:
            await stack.enter_async_context(serving(settings.health_address, await _pages(stack, settings, watch)))

        link = await _opened(stack, Link(settings.database_url.reveal(), name=settings.worker_name))
        while True:
            try:
                await check_database(settings, link)
                break
            except DatabaseUnreachableError as error:
                if not patient:
                    raise
                telemetry.emit("loop.failed", error=error)

        listener = Listener(settings.listen_url.reveal(), name=f"{settings.worker_name} listens")
        await listener.start()
        stack.push_async_callback(listener.stop)

        costs = Costs(link)
        studio = await make_studio(stack, settings, costs)
        stack.push_async_callback(costs.flush)

        heart = make_heart(settings, lambda: listener.works)
        heart.start()
        stack.push_async_callback(asyncio.to_thread, heart.close)

        guard = asyncio.create_task(guard_costs(link, lambda: watch.claimed))
        stack.callback(guard.cancel)

        telemetry.emit(
            "worker.started", worker=settings.worker_name, env=settings.env, queue=settings.queue, concurrency=settings.concurrency,
            version=VERSION,
        )  # fmt: skip
        yield Worker(settings, make_queue(settings, link), _handler(studio), heart, listener)
        telemetry.emit("worker.stopped")


async def check_database(settings: Settings, link: Link) -> str | None:
    """Whose environment's the database is marked as; SettingsError if it is another's."""
    [(marked,)] = await link.rows("select private.environment()")
    check_environment(settings.env, marked)
    return str(marked) if marked else None


# ── the parts ─────────────────────────────────────────────────────────────────────────────────────


def make_queue(settings: Settings, link: Link) -> Queue:
    """The queue of the kind that the settings name."""
    kind = PgmqQueue if settings.queue == "pgmq" else PostgresQueue
    return kind(link, settings.worker_name, settings.lease_seconds)


def make_heart(settings: Settings, hears_cancels: Callable[[], bool]) -> Heart:
    """The heart, on a connection of its own, which it makes when it holds a lease."""
    patience = HEARTBEAT_SHARE_MAX * settings.lease_seconds

    def connect() -> Link:
        return Link(settings.database_url.reveal(), name=f"{settings.worker_name} heart", statement_seconds=patience)

    return Heart(
        connect, lease_seconds=settings.lease_seconds, heartbeat_seconds=settings.heartbeat_seconds, hears_cancels=hears_cancels
    )


def make_storage(settings: Settings) -> FolderStorage | SupabaseStorage | S3Storage:
    """Where pages go."""
    if settings.storage == "supabase":
        return SupabaseStorage(settings.supabase_url, settings.supabase_secret_key.reveal(), settings.bucket)
    if settings.storage == "s3":
        return S3Storage(
            settings.s3_endpoint_url, settings.s3_region, settings.bucket, settings.s3_access_key_id.reveal(),
            settings.s3_secret_access_key.reveal(),
        )  # fmt: skip
    return FolderStorage(settings.storage_folder)


@dataclass(frozen=True)
class _Adapters:
    """Who draws, enlarges and judges, by the names of routes."""

    artists: Mapping[str, Artist]
    upscalers: Mapping[str, Upscaler]
    judges: Mapping[str, Judge]


async def make_studio(stack: AsyncExitStack, settings: Settings, costs: Costs) -> Studio:
    """All that a page passes through; closed with the stack."""
    # Native work is done on as many children as there are processors; more would only take turns.
    workshop = Workshop(min(settings.concurrency, os.cpu_count() or 1))
    stack.push_async_callback(workshop.close)
    storage: Storage = await _opened(stack, make_storage(settings))
    offline = settings.providers == "sketch"
    adapters: Any
    if offline:
        adapters = _Adapters({"sketch": SketchArtist(workshop)}, {"sketch": SketchUpscaler(workshop)}, {})
    else:
        adapters = await _opened(stack, real_providers(settings))
    return Studio(
        artists=adapters.artists, upscalers=adapters.upscalers, judges=adapters.judges, workshop=workshop, storage=storage, costs=costs,
        seats=Limits(settings.concurrency_per_provider), offline=offline,
    )  # fmt: skip


def _handler(studio: Studio) -> Callable[[Job, Lease], Awaitable[Result]]:
    async def handle(job: Job, lease: Lease) -> Result:
        return await make_page(job, lease, studio)

    return handle


async def _pages(stack: AsyncExitStack, settings: Settings, watch: Watch) -> Mapping[str, Route]:
    # A connection of its own, made when somebody first looks: no claim waits behind the dashboard's
    # figures.
    link = await _opened(stack, Link(settings.database_url.reveal(), name=f"{settings.worker_name} dashboard"))
    dashboard = Dashboard(link, watch)

    async def page() -> Answer:
        return Answer(200, "text/html", await dashboard.page())

    async def health() -> Answer:
        state = watch.health()
        return Answer(200 if state["live"] and state["ready"] else 503, "application/json", dumps(state))

    async def live() -> Answer:
        return Answer(200, "text/plain", "live\n") if watch.health()["live"] else Answer(503, "text/plain", "the loop hangs\n")

    async def metrics() -> Answer:
        return Answer(200, "text/plain; version=0.0.4", watch.metrics() + await dashboard.metrics())

    return {"/": page, "/health": health, "/health/live": live, "/metrics": metrics}


async def _opened(stack: AsyncExitStack, part: Any) -> Any:
    """`part`, which is closed with the stack."""
    stack.push_async_callback(part.close)
    return part
