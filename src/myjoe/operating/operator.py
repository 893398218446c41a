"""`Operator`: what a person asks and does by hand. It looks at jobs, runs and dead jobs, tries one
of the dead again, and stops a run.

Looking and requeuing act as the admin, who reads everything and changes nothing but by functions
that leave a record; cancelling acts as the service. The record names the login, or the admin.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg

from myjoe.database.acting import ADMIN, SERVICE, Connection, as_admin, as_service
from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import RequestError
from myjoe.formatting import span

SQL = statements("myjoe.operating")
STATES = ("waiting", "postponed", "in progress", "completed", "failed", "cancelled")

# A worker is heard of with each heartbeat, every 15 s by default. Of one that holds jobs and is
# silent for longer than this, in seconds, something is to be said.
SILENT_SECONDS_MAX = 45.0
# Kinds of failures that an operator mends; their reasons begin with whose trouble it is.
OPERATORS_KINDS = ("account", "operator", "storage")

# How long the database may take to answer, in seconds. A person waits for it.
PATIENCE_SECONDS = 10.0

Row = dict[str, Any]


class Operator:
    """An operator at a database. Raises RequestError for what the operator got wrong, with a
    sentence that helps.

    `admin` is who is on record for what is done; by default it is the connection's login.
    """

    def __init__(self, connection: Connection, admin: UUID | None = None) -> None:
        self._admin = as_admin(connection, admin)
        self._service = as_service(connection)

    async def jobs(self, state: str | None = None, user: str | None = None, count: int = 30, per_user_max: int = 2) -> list[Row]:
        """The jobs that changed last, the latest first, each with `why` it waits. `per_user_max` is
        how many of a user's may run at once: a worker's setting, which the database does not know.
        """
        rows = await self._rows("jobs", self._admin, state=state, user=user, count=count)
        return [{**row, "why": why_waiting(row, per_user_max)} for row in rows]

    async def run(self, of: str) -> tuple[Row, list[Row]]:
        """A run and its pages; `of` is the beginning of its id or of one of its jobs'."""
        found = await self._find(of)
        if found["id"] is None:
            raise RequestError(f"job {found['job_id']} belongs to no run")
        [run] = await self._rows("run", self._admin, id=found["id"])
        return run, await self._rows("pages", self._admin, id=found["id"])

    async def dead(self, *, requeued_too: bool = False, count: int = 100) -> list[Row]:
        """Jobs that failed for good and were not tried again, the latest first."""
        return await self._rows("dead", self._admin, all=requeued_too, count=count)

    async def account(self, user: UUID) -> Row:
        """A user's credits, in halves: the balance, what was given, burned and refunded, and what
        the ledger's rows come to.
        """
        [row] = await self._rows("account", self._admin, user=user)
        return row

    async def requeue(self, job: str, reason: str) -> UUID:
        """Try a dead job once more, as a new one that is paid anew; its id."""
        found = await self._find(job)
        if found["job_id"] is None:
            raise RequestError(f"{found['id']} is a run; one dead job at a time is requeued")
        [row] = await self._rows("requeue", self._admin, job=found["job_id"], reason=reason)
        new: UUID = row["admin_requeue"]
        return new

    async def release(self, worker: str, reason: str) -> tuple[str, int, float]:
        """Give back what a worker holds, which is known to be dead: its whole name, how many jobs
        there were, and for how many seconds nothing was heard of it. `worker` is its name, or the
        beginning of it.
        """
        names = [row["worker"] for row in await self._rows("holders", self._admin)]
        found = [name for name in names if name == worker] or [name for name in names if worker and name.startswith(worker)]
        if not found:
            raise RequestError(f"no worker {worker!r} holds a job; {_listed(names)}")
        if len(found) > 1:
            raise RequestError(f"several workers begin with {worker!r}: {', '.join(found)}")
        [row] = await self._rows("release_worker", self._admin, worker=found[0], reason=reason)
        return found[0], row["jobs"], row["silent_seconds"]

    async def cancel(self, of: str) -> tuple[int, int]:
        """Stop a run, or one job: how many were cancelled at once, and how many that run were asked
        to stop.
        """
        found = await self._find(of)
        [row] = await self._rows("cancel", self._service, user=found["user_id"], run=found["id"], job=found["job_id"])
        return row["cancelled"], row["requested"]

    async def _find(self, prefix: str) -> Row:
        """The one run or job whose id begins so: its run as `id`, its user, and its job if it is
        one.
        """
        if not re.fullmatch(r"[0-9a-f-]{4,36}", prefix.lower()):
            raise RequestError(f"{prefix!r} is no id: give at least its first four characters")
        found = [row for name in ("find_runs", "find_jobs") for row in await self._rows(name, self._admin, prefix=prefix.lower())]
        if not found:
            raise RequestError(f"there is no run and no job {prefix}")
        if len(found) > 1:
            raise RequestError(f"several ids begin with {prefix}: give more of it")
        return found[0]

    async def _rows(self, name: str, database: Database, **values: Any) -> list[Row]:
        try:
            return await database.records(SQL[name], values, patience_seconds=PATIENCE_SECONDS)
        except psycopg.errors.InsufficientPrivilege as error:
            role = ADMIN if database is self._admin else SERVICE
            raise RequestError(f"this login may not act as {role}: have the role granted to it ({_first_line(error)})") from error
        except (psycopg.errors.InvalidParameterValue, psycopg.errors.CheckViolation) as error:
            raise RequestError(_refusal(error)) from error


def _listed(names: list[str]) -> str:
    return f"those who do: {', '.join(names)}" if names else "nobody does"


def why_waiting(row: Mapping[str, Any], per_user_max: int) -> str:
    """Why a job of `Operator.jobs` is not done yet, in a sentence; empty for one that has ended.

    `per_user_max` is how many jobs of one user may run at once.
    """
    if row["state"] == "in progress":
        free = "now" if row["free_seconds"] <= 0 else f"in {span(row['free_seconds'])}"
        return f"{row['worker']} holds it, silent for {span(row['silent_seconds'])}, free {free}"
    if row["state"] == "postponed":
        whose = (row["last_error"] or "").partition(": ")[0] if row["error_kind"] in OPERATORS_KINDS else ""
        return f"comes back in {span(row['due_seconds'])}" + (f", for an operator to mend {whose}" if whose else "")
    if row["state"] != "waiting":
        return ""
    if row["user_running"] >= per_user_max:
        limit = f"its user's limit: {row['user_running']} of {per_user_max} run"
        if row["user_silent_seconds"] <= SILENT_SECONDS_MAX:
            return limit
        return f"{limit}; {row['user_worker']} is silent for {span(row['user_silent_seconds'])}, free in {span(row['user_free_seconds'])}"
    return "its turn has not come"


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0]


def _refusal(error: psycopg.Error) -> str:
    """What the database says to a mistake, in our words where its own are about columns."""
    if error.diag.constraint_name == "admin_actions_reason_check":
        return "a reason of three letters or more is kept with what is done by hand: give one with --reason"
    if error.diag.constraint_name == "credit_accounts_balance_half_check":
        return "the user has too few credits to pay for the page anew"
    return _first_line(error)
