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
from json import dumps
from typing import Any

from myjoe import telemetry
from myjoe.costs.booking import Costs
from myjoe.database.connection import RetryingConnection
from myjoe.database.environment import check_environment
from myjoe.database.statements import statements
from myjoe.errors import DatabaseUnreachableError
from myjoe.storage.opening import open_storage
from myjoe.storage.protocol import Storage
from myjoe.version import VERSION
from myjoe_worker.customers import Customers
from myjoe_worker.erasing import erase_user
from myjoe_worker.exporting import Shelf, bind_export
from myjoe_worker.guarding import guard_costs, tell_providers
from myjoe_worker.health.dashboard import Dashboard
from myjoe_worker.health.http import Handler, HttpResponse, serving
from myjoe_worker.health.monitor import HealthMonitor
from myjoe_worker.health.troubles import say_once
from myjoe_worker.imaging.processes import ImageProcesses
from myjoe_worker.job import Job, Result
from myjoe_worker.judging.protocol import Judge
from myjoe_worker.leases.clock import Clock, SystemClock
from myjoe_worker.leases.lease import Lease
from myjoe_worker.leases.renewing import LeaseRenewer
from myjoe_worker.limits import Limits
from myjoe_worker.page_pipeline import PageServices, make_page
from myjoe_worker.pauses import Pauses
from myjoe_worker.providers.protocol import Artist, Upscaler
from myjoe_worker.queues.listening import Listener
from myjoe_worker.queues.pgmq import PgmqQueue
from myjoe_worker.queues.postgres import PostgresQueue, heed_notice
from myjoe_worker.queues.queue import Queue
from myjoe_worker.registry import real_providers
from myjoe_worker.settings import WorkerSettings
from myjoe_worker.sketching.sketch import SketchArtist, SketchUpscaler
from myjoe_worker.worker import Worker

TROUBLES = statements("myjoe_worker.health")["operator_troubles"]
# A heartbeat that takes longer than this share of the lease is tried over another connection.
HEARTBEAT_SHARE_MAX = 0.25


async def run_worker(settings: WorkerSettings, *, once: bool = False) -> None:
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
async def assembled(settings: WorkerSettings, *, patient: bool = False) -> AsyncIterator[Worker]:
    """A worker that is ready to run. What it was made of is closed behind the block. `patient`
    waits for the database for ever.
    """
    async with AsyncExitStack() as stack:
        monitor = HealthMonitor(settings, VERSION)
        stack.callback(telemetry.subscribe(monitor))
        if settings.health_address is not None:
            await stack.enter_async_context(serving(settings.health_address, await _pages(stack, settings, monitor)))

        connection = await _opened(
            stack, RetryingConnection(settings.database_url.reveal(), name=settings.worker_name, notice=heed_notice)
        )
        while True:
            try:
                await check_environment(settings.env, connection)
                break
            except DatabaseUnreachableError as error:
                if not patient:
                    raise
                telemetry.emit("loop.failed", error=error)

        listener = Listener(settings.listen_url.reveal(), name=f"{settings.worker_name} listens")
        await listener.start()
        stack.push_async_callback(listener.stop)

        costs = Costs(connection)
        services = await make_page_services(stack, settings, costs, connection)
        stack.push_async_callback(costs.flush)

        clock = SystemClock()
        renewer = make_renewer(settings, clock, lambda: listener.works)
        renewer.start()
        stack.push_async_callback(asyncio.to_thread, renewer.close)

        has = ["*"] if services.offline else sorted(settings.given_keys())
        stack.push_async_callback(tell_providers, connection, settings.worker_name, None)
        for task in (
            guard_costs(connection, lambda: monitor.claimed), tell_providers(connection, settings.worker_name, has),
            say_once(connection, monitor.operator),
        ):  # fmt: skip
            stack.callback(asyncio.create_task(task).cancel)
        await asyncio.sleep(0)  # they have begun: what is found here is said once
        monitor.operator.find([(whose, kind, reason, pages) for whose, kind, reason, pages in await connection.rows(TROUBLES)])

        telemetry.emit(
            "worker.started", worker=settings.worker_name, env=settings.env, queue=settings.queue, concurrency=settings.concurrency,
            version=VERSION,
        )  # fmt: skip
        handler = _handler(services, Shelf(services.storage, connection, await _customers(stack, settings)))
        yield Worker(settings, make_queue(settings, connection), handler, renewer, listener, clock)
        telemetry.emit("worker.stopped")


# ── the parts ─────────────────────────────────────────────────────────────────────────────────────


def make_queue(settings: WorkerSettings, connection: RetryingConnection) -> Queue:
    """The queue of the kind that the settings name."""
    kind = PgmqQueue if settings.queue == "pgmq" else PostgresQueue
    return kind(connection, settings.worker_name, settings.lease_seconds)


def make_renewer(settings: WorkerSettings, clock: Clock, hears_cancels: Callable[[], bool]) -> LeaseRenewer:
    """The lease renewer, on a connection of its own, which it makes when it holds a lease."""
    patience = HEARTBEAT_SHARE_MAX * settings.lease_seconds

    def connect() -> RetryingConnection:
        return RetryingConnection(settings.database_url.reveal(), name=f"{settings.worker_name} leases", statement_seconds=patience)

    return LeaseRenewer(
        connect, lease_seconds=settings.lease_seconds, heartbeat_seconds=settings.heartbeat_seconds, clock=clock,
        hears_cancels=hears_cancels,
    )  # fmt: skip


@dataclass(frozen=True)
class _Adapters:
    """Who draws, enlarges and judges, by the names of routes."""

    artists: Mapping[str, Artist]
    upscalers: Mapping[str, Upscaler]
    judges: Mapping[str, Judge]


async def make_page_services(
    stack: AsyncExitStack, settings: WorkerSettings, costs: Costs, connection: RetryingConnection
) -> PageServices:
    """All that a page passes through; closed with the stack."""
    # Native work is done on as many children as there are processors; more would only take turns.
    processes = ImageProcesses(min(settings.concurrency, os.cpu_count() or 1))
    stack.push_async_callback(processes.close)
    storage: Storage = await _opened(stack, open_storage(settings))
    offline = settings.providers == "sketch"
    adapters: Any
    if offline:
        adapters = _Adapters({"sketch": SketchArtist(processes)}, {"sketch": SketchUpscaler(processes)}, {})
    else:
        adapters = await _opened(stack, real_providers(settings))
    return PageServices(
        artists=adapters.artists, upscalers=adapters.upscalers, judges=adapters.judges, processes=processes, storage=storage, costs=costs,
        database=connection, pauses=Pauses(connection), slots=Limits(settings.concurrency_per_provider), offline=offline,
    )  # fmt: skip


async def _customers(stack: AsyncExitStack, settings: WorkerSettings) -> Customers | None:
    key = settings.stripe_secret_key.reveal()
    return await _opened(stack, Customers(settings.stripe_base_url, key)) if key else None


def _handler(services: PageServices, shelf: Shelf) -> Callable[[Job, Lease], Awaitable[Result | None]]:
    others = {"bind": bind_export, "erase": erase_user}  # what is no page leaves no generation

    async def handle(job: Job, lease: Lease) -> Result | None:
        if other := others.get(job.type):
            async with services.pauses.minding_storage(job, services.storage):
                await other(job, lease, shelf)
            return None
        return await make_page(job, lease, services)

    return handle


async def _pages(stack: AsyncExitStack, settings: WorkerSettings, monitor: HealthMonitor) -> Mapping[str, Handler]:
    # A connection of its own, made when somebody first looks: no claim waits behind the dashboard's
    # figures.
    connection = await _opened(stack, RetryingConnection(settings.database_url.reveal(), name=f"{settings.worker_name} dashboard"))
    dashboard = Dashboard(connection, monitor)

    async def page() -> HttpResponse:
        return HttpResponse(200, "text/html", await dashboard.page())

    async def health() -> HttpResponse:
        state = await dashboard.health()
        return HttpResponse(200 if state["live"] and state["ready"] else 503, "application/json", dumps(state))

    async def live() -> HttpResponse:
        if monitor.health()["live"]:
            return HttpResponse(200, "text/plain", "live\n")
        return HttpResponse(503, "text/plain", "the loop hangs\n")

    async def metrics() -> HttpResponse:
        return HttpResponse(200, "text/plain; version=0.0.4", monitor.metrics() + await dashboard.metrics())

    return {"/": page, "/health": health, "/health/live": live, "/metrics": metrics}


async def _opened(stack: AsyncExitStack, part: Any) -> Any:
    """`part`, which is closed with the stack."""
    stack.push_async_callback(part.close)
    return part
