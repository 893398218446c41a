"""Our own queue in the comparison under faults: the worker's whole loop, as `myjoe worker` runs it,
with the same job as the others'. See `fault_contenders`.
"""
from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace

import psycopg
from psycopg.types.json import Jsonb

from benchmarks.fault_contenders import ATTEMPTS_MAX, CONCURRENCY, SILENCE_SECONDS, Payload, act, main
from myjoe import telemetry
from myjoe.database.connection import RetryingConnection
from myjoe.database.migrating import migrate
from myjoe_worker.job import Job
from myjoe_worker.leases.clock import SystemClock
from myjoe_worker.leases.lease import Lease
from myjoe_worker.leases.renewing import LeaseRenewer
from myjoe_worker.queues.listening import Listener
from myjoe_worker.queues.postgres import PostgresQueue
from myjoe_worker.settings import WorkerSettings
from myjoe_worker.worker import Worker

USER = uuid.UUID("00000000-0000-4000-8000-000000000001")  # the seed's


class Ours:
    """See `fault_contenders`: three modes."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def install(self) -> None:
        migrate(self.url, seed=True)

    async def add(self, payloads: Sequence[Payload]) -> None:
        jobs = Jsonb([{"payload": payload, "max_attempts": ATTEMPTS_MAX} for payload in payloads])
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("select private.enqueue_jobs(%s, null, 'page', %s)", (USER, jobs))

    async def work(self) -> None:
        async def handler(job: Job, lease: Lease) -> None:
            await lease.check()  # as before every side effect: the claim is on the disk
            await act(job.payload)

        settings = replace(
            WorkerSettings(), concurrency=CONCURRENCY, concurrency_per_user=64, lease_seconds=SILENCE_SECONDS,
            heartbeat_seconds=SILENCE_SECONDS / 4, poll_seconds=1.0,
        )  # fmt: skip
        telemetry.start(settings)
        connection, listener, clock = RetryingConnection(self.url), Listener(self.url), SystemClock()
        renewer = LeaseRenewer(
            lambda: RetryingConnection(self.url, statement_seconds=settings.lease_seconds / 4), lease_seconds=settings.lease_seconds,
            heartbeat_seconds=settings.heartbeat_seconds, clock=clock, hears_cancels=lambda: listener.works,
        )  # fmt: skip
        renewer.start()
        await listener.start()
        queue = PostgresQueue(connection, settings.worker_name, settings.lease_seconds)
        await Worker(settings, queue, handler, renewer, listener, clock).run()


if __name__ == "__main__":
    main(Ours(os.environ["FAULTS_URL"]), *sys.argv[1:])
