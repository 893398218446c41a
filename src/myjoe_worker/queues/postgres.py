"""The queue as a lease table: claims scan the queue's order, and everything else is a fenced
function.
"""
from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from myjoe import telemetry
from myjoe.database.connection import RetryingConnection
from myjoe.database.statements import statements
from myjoe.errors import DatabaseUnreachableError
from myjoe_worker.job import Job, Pause, Result

# Characters of a reason that are kept with a job. What a person needs stands at its beginning.
REASON_CHARS_MAX = 2000


def heed_notice(message: str, detail: str) -> None:
    """Log what a claim tells beside the jobs: whose leases it has taken back."""
    if message == "myjoe: reclaimed":
        told = json.loads(detail)  # what a newer schema says beside these is passed over
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
        # The last claim, until its jobs are in hand.
        self._unanswered: str | None = None

    async def claim(self, jobs_max: int, *, per_user_max: int | None = None) -> Sequence[Job]:
        """See `queues.Queue`."""
        await self._hand_back_unanswered()
        # A name for this claim alone: if its answer is lost and the connection asks again, it gets
        # the same jobs.
        claim = self._unanswered = f"{self._worker}#{secrets.token_hex(4)}"
        try:
            rows = await self._ask(
                "claim", claim=claim, by_messages=self.by_messages, jobs_max=jobs_max, lease_seconds=self._lease_seconds,
                per_user_max=per_user_max, yielding=True,
            )  # fmt: skip
            jobs = [_job(*row) for row in rows]
        except DatabaseUnreachableError:
            raise  # nobody knows whether it was made; the next claim begins with handing back
        except Exception:
            await self._hand_back_unanswered()
            raise
        self._unanswered = None
        return jobs

    async def next_due(self) -> float | None:
        """See `queues.Queue`."""
        [(seconds,)] = await self._ask("next_due")
        return None if seconds is None else float(seconds)

    async def complete(self, job: Job, result: Result | None) -> bool:
        """See `queues.Queue`."""
        made = None if result is None else Jsonb(result.to_mapping())
        return bool(await self._ask("complete", job=job.id, token=job.lease_token, result=made))

    async def fail(
        self, job: Job, error: str, kind: str, *, for_good: bool = False, retry_after_seconds: float | None = None
    ) -> str:
        """See `queues.Queue`."""
        [(outcome,)] = await self._ask(
            "fail", job=job.id, token=job.lease_token, error=error[:REASON_CHARS_MAX], kind=kind, for_good=for_good,
            retry_after_seconds=retry_after_seconds,
        )
        return str(outcome)

    async def snooze(self, job: Job, after_seconds: float, reason: str, kind: str) -> str:
        """See `queues.Queue`."""
        [(outcome,)] = await self._ask(
            "snooze", job=job.id, token=job.lease_token, after_seconds=after_seconds, reason=reason[:REASON_CHARS_MAX], kind=kind
        )
        return str(outcome)

    async def release(self, jobs: Sequence[Job]) -> None:
        """See `queues.Queue`."""
        if jobs:
            await self._ask("release", jobs=[job.id for job in jobs], tokens=[job.lease_token for job in jobs])

    async def _hand_back_unanswered(self) -> None:
        if self._unanswered is not None:
            await self._ask("release_claim", claim=self._unanswered)
            self._unanswered = None

    async def _ask(self, name: str, *, yielding: bool = False, **values: Any) -> list[tuple[Any, ...]]:
        return await self._connection.rows(statements("myjoe_worker.queues")[name], values, yielding=yielding)


def _job(
    job: UUID, token: int, kind: str, payload: str, operations: Sequence[str], user: UUID, run: UUID | None, attempts: int,
    attempts_max: int, cogs_max: int | None, paused: str | None,
) -> Job:  # fmt: skip
    """The job of a row. One whose payload cannot be read has a fault, and dies of it like any other
    that cannot be made.
    """
    content, fault = _payload(payload)
    return Job(job, token, kind, content, tuple(operations), user, run, attempts, attempts_max, cogs_max, fault, _paused(paused))


def _payload(text: str) -> tuple[Mapping[str, Any], str | None]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:  # thousands of digits, or of lists in each other
        return {}, f"the payload cannot be read: {error}"
    return (content, None) if isinstance(content, dict) else ({}, "the payload is no JSON object")


def _paused(text: str | None) -> Mapping[str, Pause]:
    """Who is paused. What a newer schema says beside that, or otherwise, is passed over."""
    told = json.loads(text or "{}")
    pauses = [(what, pause) for what, pause in told.items() if isinstance(pause, dict)] if isinstance(told, dict) else []
    return {
        what: Pause(pause["seconds"], pause["kind"], pause["reason"]) for what, pause in pauses
        if isinstance(pause.get("seconds"), int | float) and isinstance(pause.get("kind"), str) and isinstance(pause.get("reason"), str)
    }  # fmt: skip
