"""The queue with pgmq in between: messages say whose turn it is, and the jobs'
rows stay the truth.
"""
from __future__ import annotations

from collections.abc import Sequence

from myjoe.database.connection import RetryingConnection
from myjoe_worker.job import Job
from myjoe_worker.queues.postgres import PostgresQueue


class PgmqQueue(PostgresQueue):
    """See `queues.Queue`. Takes jobs by message, and hands them in as the lease table does; both
    kinds may work side by side.
    """

    by_messages = True

    def __init__(self, connection: RetryingConnection, worker: str, lease_seconds: float) -> None:
        super().__init__(connection, worker, lease_seconds)
        self._opened = False

    async def claim(self, jobs_max: int, *, per_user_max: int | None = None) -> Sequence[Job]:
        """See `queues.Queue`. The first claim makes the queue; psycopg.errors.FeatureNotSupported
        where pgmq is not installed.
        """
        if not self._opened:
            await self._ask("open_messages")
            self._opened = True
        return await super().claim(jobs_max, per_user_max=per_user_max)
