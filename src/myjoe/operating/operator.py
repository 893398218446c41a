"""`Operator`: what a person asks and does by hand. It looks at jobs, runs and dead jobs, tries one
of the dead again, and stops a run.

Looking and requeuing act as the admin, who reads everything and changes nothing but by functions
that leave a record; cancelling acts as the service. The record names the login, or the admin.
"""
from __future__ import annotations

import re
import secrets
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
NO_REASON = "a reason of three letters or more is kept with what is done by hand: give one with --reason"
# How an operation may be switched.
SWITCHES = ("on", "off", "first", "fallback")
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

    async def users(self, part: str | None = None, count: int = 30) -> list[Row]:
        """Users whose address holds `part` or whose id begins with it, the latest first; all of
        them without.
        """
        return await self._rows("users", self._admin, part=part, count=count)

    async def ledger(self, user: str, count: int = 30) -> tuple[Row, list[Row]]:
        """A user as `users` tells of them, and the last rows of their ledger."""
        account = await self._user(user)
        return account, await self._rows("ledger", self._admin, user=account["user_id"], count=count)

    async def adjust(self, user: str, half: int, reason: str, request: str | None = None) -> tuple[bool, Row]:
        """Give a user so many half credits, or take them if it is negative. Whether they were
        booked, and the user then. The same `request` again changes nothing; by default each is a
        new one.
        """
        account = await self._user(user)
        values = {"user": account["user_id"], "half": half, "reason": reason, "request": request or f"by hand {secrets.token_hex(8)}"}
        [row] = await self._rows("adjust", self._admin, **values)
        return row["booked"], await self._user(str(account["user_id"]))

    async def operations(self) -> list[Row]:
        """What can be done to a page, by whom at present, and how that is switched."""
        return await self._rows("operations", self._admin)

    async def switch(self, operation: str, to: str, reason: str) -> Row:
        """Switch an operation: `on` or `off`, or on by its `first` provider or its `fallback`. How
        it is then.
        """
        known = {row["operation"]: row for row in await self.operations()}
        if operation not in known:
            raise RequestError(f"there is no operation {operation!r}; there are {', '.join(known)}")
        if to == "fallback" and not known[operation]["has_fallback"]:
            raise RequestError(f"{operation} has no fallback")
        fallback = {"first": False, "fallback": True}.get(to, known[operation]["uses_fallback"])
        await self._rows("switch", self._admin, operation=operation, off=to == "off", fallback=fallback, reason=reason)
        return next(row for row in await self.operations() if row["operation"] == operation)

    async def files(self, of: str) -> tuple[Row, list[Row], list[Row]]:
        """A run, its pages with their files, and what was bound of it; `of` as in `run`."""
        run, pages = await self.run(of)
        return run, pages, await self._rows("bound", self._admin, id=run["id"])

    async def pictures(self, of: str) -> tuple[Row, list[Row]]:
        """A run, and the newest picture of each of its pages that has one; `of` as in `run`."""
        run, _ = await self.run(of)
        return run, await self._rows("pictures", self._admin, id=run["id"])

    async def requeue(
        self, of: str | None, reason: str, *, kind: str | None = None, user: str | None = None
    ) -> tuple[list[tuple[UUID, UUID]], list[tuple[UUID, str]]]:
        """Try dead jobs once more, each as a new one that is paid anew: the one whose id begins
        with `of`, or those of the run, or all, of this `kind` and `user` where they are given. Each
        with what takes its place, and those that cannot be tried, with a sentence.
        """
        if of is not None and (found := await self._find(of))["job_id"] is not None:
            jobs = [found["job_id"]]
        else:
            run = None if of is None else found["id"]
            rows = await self._rows("dead_of", self._admin, run=run, kind=kind, user=user and user.lower())
            jobs = [row["id"] for row in rows]
            if not jobs:
                raise RequestError("no dead job is like that, of those that were not tried again")
        done: list[tuple[UUID, UUID]] = []
        refused: list[tuple[UUID, str]] = []
        for job in jobs:
            try:
                [row] = await self._rows("requeue", self._admin, job=job, reason=reason)
                done.append((job, row["admin_requeue"]))
            except RequestError as error:
                if error.__cause__ is not None and getattr(error.__cause__, "sqlstate", "") == "42501" or str(error) == NO_REASON:
                    raise  # it would be the same for all
                refused.append((job, str(error)))
        return done, refused

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

    async def _user(self, of: str) -> Row:
        """The one user of this address, or whose id begins so."""
        found = [row for row in await self.users(of) if row["email"] == of.lower() or str(row["user_id"]).startswith(of.lower())]
        if not found:
            raise RequestError(f"there is no user {of}: give an address, or the beginning of an id as `myjoe users` shows them")
        if len(found) > 1:
            raise RequestError(f"several users' ids begin with {of}: give more of it")
        return found[0]

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
        except (psycopg.errors.InvalidParameterValue, psycopg.errors.CheckViolation, psycopg.errors.UniqueViolation) as error:
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
        return NO_REASON
    if error.diag.constraint_name == "credit_accounts_balance_half_check":
        return "the user has too few credits for that"
    return _first_line(error)
