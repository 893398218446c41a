"""The queue, as the worker sees it. Two kinds behind one seam: the lease table (`postgres`), and
`pgmq`.

At least once a job is run, at most once its result is accepted: every write carries the lease's
token, and the answer says whose job it still was. Only the database's clock decides. All methods
may be called again after a broken connection: a replay changes nothing.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from myjoe_worker.job import Job, Result


class Queue(Protocol):
    """Where jobs come from and go back to. Methods raise DatabaseUnreachableError when the database
    stays away for too long.
    """

    async def claim(self, jobs_max: int, *, per_user_max: int | None = None) -> Sequence[Job]:
        """Lease up to `jobs_max` jobs, the most urgent first and users in turn; also does the
        housekeeping that is due.
        """

    async def next_due(self) -> float | None:
        """Seconds until the next postponed job may be tried or the next lease runs out, whoever's;
        None if there is neither.
        """

    async def complete(self, job: Job, result: Result | None) -> bool:
        """Hand in a result. False: the job was somebody else's, and the result is not kept."""

    async def fail(
        self, job: Job, error: str, kind: str, *, for_good: bool = False, retry_after_seconds: float | None = None
    ) -> str:
        """The attempt failed. Answers "retried", "failed" (for good, refunded), "cancelled" or
        "lost".
        """

    async def snooze(self, job: Job, after_seconds: float, reason: str, kind: str) -> str:
        """Nothing was tried. Answers "snoozed", "failed" (it was put off for too long), "cancelled"
        or "lost".
        """

    async def release(self, jobs: Sequence[Job]) -> None:
        """Hand back jobs: the worker leaves, or has stopped them as their user asked. The attempt
        does not count.
        """
