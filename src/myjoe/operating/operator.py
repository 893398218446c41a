"""What an operator does by hand: look at jobs, runs and the dead, try a dead one again, stop a run.

Looking and requeuing act as `myjoe_admin`, which reads everything and changes nothing but by
functions that leave a record; cancelling acts as the service. Both are put on for one transaction,
so a transaction pooler may stand between, and the record names the login.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from myjoe.errors import RequestError

ADMIN, SERVICE = "myjoe_admin", "service_role"
STATES = ("waiting", "postponed", "in progress", "completed", "failed", "cancelled")
# How much of an id tables show, in characters: enough to be the only one among many thousands.
ID_CHARS = 8

Row = dict[str, Any]


class Desk:
    """An operator at a database. Raises RequestError for what the operator got wrong, with a
    sentence that helps.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def jobs(self, state: str | None = None, user: str | None = None, count: int = 30) -> list[Row]:
        """The jobs that changed last, the latest first."""
        return self._rows("jobs", ADMIN, state=state, user=user, count=count)

    def run(self, of: str) -> tuple[Row, list[Row]]:
        """A run and its pages; `of` is the beginning of its id or of one of its jobs'."""
        found = self._find(of)
        if found["id"] is None:
            raise RequestError(f"job {found['job_id']} belongs to no run")
        [run] = self._rows("run", ADMIN, id=found["id"])
        return run, self._rows("pages", ADMIN, id=found["id"])

    def dead(self, *, requeued_too: bool = False, count: int = 100) -> list[Row]:
        """Jobs that failed for good and were not tried again, the latest first."""
        return self._rows("dead", ADMIN, all=requeued_too, count=count)

    def account(self, user: UUID) -> Row:
        """A user's credits, in halves: the balance, what was given, burned and refunded, and what
        the ledger's rows come to.
        """
        [row] = self._rows("account", ADMIN, user=user)
        return row

    def requeue(self, job: str, reason: str) -> UUID:
        """Try a dead job once more, as a new one that is paid anew; its id."""
        found = self._find(job)
        if found["job_id"] is None:
            raise RequestError(f"{found['id']} is a run; one dead job at a time is requeued")
        [row] = self._rows("requeue", ADMIN, job=found["job_id"], reason=reason)
        new: UUID = row["admin_requeue"]
        return new

    def cancel(self, of: str) -> tuple[int, int]:
        """Stop a run, or one job: how many were cancelled at once, and how many that run were asked
        to stop.
        """
        found = self._find(of)
        [row] = self._rows("cancel", SERVICE, user=found["user_id"], run=found["id"], job=found["job_id"])
        return row["cancelled"], row["requested"]

    def _find(self, prefix: str) -> Row:
        """The one run or job whose id begins so: its run as `id`, its user, and its job if it is
        one.
        """
        if not re.fullmatch(r"[0-9a-f-]{4,36}", prefix.lower()):
            raise RequestError(f"{prefix!r} is no id: give at least its first four characters")
        found = [row for name in ("find_runs", "find_jobs") for row in self._rows(name, ADMIN, prefix=prefix.lower())]
        if not found:
            raise RequestError(f"there is no run and no job {prefix}")
        if len(found) > 1:
            raise RequestError(f"several ids begin with {prefix}: give more of it")
        return found[0]

    def _rows(self, name: str, role: str, **values: Any) -> list[Row]:
        try:
            with psycopg.connect(self._url, row_factory=dict_row, prepare_threshold=None, connect_timeout=10) as connection:
                connection.execute(f"set local role {role}")
                return connection.execute(statements()[name], values).fetchall()
        except psycopg.errors.InsufficientPrivilege as error:
            raise RequestError(f"this login may not act as {role}: have the role granted to it ({_first_line(error)})") from error
        except (psycopg.errors.InvalidParameterValue, psycopg.errors.CheckViolation) as error:
            raise RequestError(_refusal(error)) from error


@cache
def statements() -> Mapping[str, str]:
    """The statements of queries.sql by their names."""
    text = (resources.files(__package__) / "queries.sql").read_text()
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0]


def _refusal(error: psycopg.Error) -> str:
    """What the database says to a mistake, in our words where its own are about columns."""
    if error.diag.constraint_name == "admin_actions_reason_check":
        return "a reason of three letters or more is kept with what is done by hand: give one with --reason"
    if error.diag.constraint_name == "credit_accounts_balance_half_check":
        return "the user has too few credits to pay for the page anew"
    return _first_line(error)
