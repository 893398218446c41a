"""The queue as a lease table: claims scan the queue's order, and everything else is a fenced
function.
"""
from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from myjoe import telemetry
from myjoe.database.connection import RetryingConnection
from myjoe.database.statements import statements
from myjoe_worker.job import Job, Result


def heed_notice(message: str, detail: str) -> None:
    """Log what a claim tells beside the jobs: whose leases it has taken back."""
    if message == "myjoe: reclaimed":
        told = json.loads(detail)
        telemetry.emit(
            "queue.reclaimed", worker=told["worker"], jobs=told["jobs"], silent_seconds=told["silent_seconds"], reason="its leases ran out"
        )


class PostgresQueue:
    """See `queues.Queue`. `worker` is who holds the leases, a name that no other process has;
    `lease_seconds` is how long they last.
    """

    by_messages = False

    def __init__(self, connection: RetryingConnection, worker: str, lease_seconds: float) -> None:
        self._connection = connection
        self._worker = worker
        self._lease_seconds = lease_seconds

    async def claim(self, jobs_max: int, *, per_user_max: int | None = None) -> Sequence[Job]:
        """See `queues.Queue`."""
        # A name for this claim alone: if its answer is lost and the connection asks again, it gets
        # the same jobs.
        claim = f"{self._worker}#{secrets.token_hex(4)}"
        rows = await self._ask(
            "claim", claim=claim, by_messages=self.by_messages, jobs_max=jobs_max, lease_seconds=self._lease_seconds,
            per_user_max=per_user_max,
        )  # fmt: skip
        return [
            Job(job, token, kind, payload, tuple(operations), user, run, attempts, attempts_max, cogs_max)
            for job, token, kind, payload, operations, user, run, attempts, attempts_max, cogs_max in rows
        ]

    async def next_due(self) -> float | None:
        """See `queues.Queue`."""
        [(seconds,)] = await self._ask("next_due")
        return None if seconds is None else float(seconds)

    async def complete(self, job: Job, result: Result | None) -> bool:
        """See `queues.Queue`."""
        made = None if result is None else json.dumps(result.to_mapping())
        return bool(await self._ask("complete", job=job.id, token=job.lease_token, result=made))

    async def fail(
        self, job: Job, error: str, kind: str, *, for_good: bool = False, retry_after_seconds: float | None = None
    ) -> str:
        """See `queues.Queue`."""
        [(outcome,)] = await self._ask(
            "fail", job=job.id, token=job.lease_token, error=error, kind=kind, for_good=for_good, retry_after_seconds=retry_after_seconds
        )
        return str(outcome)

    async def snooze(self, job: Job, after_seconds: float, reason: str, kind: str) -> str:
        """See `queues.Queue`."""
        [(outcome,)] = await self._ask(
            "snooze", job=job.id, token=job.lease_token, after_seconds=after_seconds, reason=reason, kind=kind
        )
        return str(outcome)

    async def release(self, jobs: Sequence[Job]) -> None:
        """See `queues.Queue`."""
        if jobs:
            await self._ask("release", jobs=[job.id for job in jobs], tokens=[job.lease_token for job in jobs])

    async def _ask(self, name: str, **values: Any) -> list[tuple[Any, ...]]:
        return await self._connection.rows(statements("myjoe_worker.queues")[name], values)
