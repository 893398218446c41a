"""The dashboard: queue, throughput, failures and costs of the whole factory, and how this worker
is, on one page that reloads itself.

One statement asks the database, at most every few seconds and only when somebody looks. The page is
self-contained: no script, no font and no picture from elsewhere.
"""
from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import DatabaseUnreachableError
from myjoe_worker.health.dashboard_page import html
from myjoe_worker.health.metrics import MetricsText
from myjoe_worker.health.monitor import HealthMonitor

# How old the figures may be, in seconds: for a person who watches, and for a scraper, which comes
# by itself, however often: for it the database is asked no more than twice a minute.
PERSON_SECONDS, SCRAPER_SECONDS = 5.0, 29.0
# How long the database may take, in seconds, before the page says that it does not answer.
PATIENCE_SECONDS = 4.0

STATES = ("waiting", "in_progress", "postponed", "completed", "failed", "cancelled")
SQL = statements("myjoe_worker.health")


@dataclass(frozen=True)
class Figures:
    """What the database said, and how long ago; `trouble` is why there is nothing newer."""

    values: Mapping[str, Any] | None
    age_seconds: float
    trouble: str = ""


class Dashboard:
    """Asks the database, remembers the answer for a while, and shows it."""

    def __init__(self, database: Database, monitor: HealthMonitor) -> None:
        self._database = database
        self._monitor = monitor
        self._values: Mapping[str, Any] | None = None
        self._asked_at = float("-inf")
        self._trouble = ""
        self._asking = asyncio.Lock()

    async def figures(self, seconds_max: float) -> Figures:
        """Figures no older than that, if the database answers."""
        async with self._asking:
            if time.monotonic() - self._asked_at > seconds_max:
                try:
                    [(self._values,)] = await self._database.rows(
                        SQL["figures"], {"per_user_max": self._monitor.settings.concurrency_per_user}, patience_seconds=PATIENCE_SECONDS
                    )
                    self._asked_at, self._trouble = time.monotonic(), ""
                    self._monitor.operator.hear({(row["provider"], row["kind"]) for row in self._values["needs_operator"]})
                except DatabaseUnreachableError as error:
                    self._trouble = str(error)
        return Figures(self._values, time.monotonic() - self._asked_at, self._trouble)

    async def page(self) -> str:
        """The page as HTML."""
        figures = await self.figures(PERSON_SECONDS)
        return html(figures.values, figures.age_seconds, figures.trouble, self._monitor.health(waiting(figures)))

    async def health(self) -> dict[str, Any]:
        """What /health answers. The database is asked only while pages wait for an operator: for
        how many they are, all workers' together.
        """
        if not self._monitor.operator.standing():
            return self._monitor.health()
        return self._monitor.health(waiting(await self.figures(PERSON_SECONDS)))

    async def metrics(self) -> str:
        """The queue and the costs in Prometheus' text format; nothing while the database does not
        answer.
        """
        figures = await self.figures(SCRAPER_SECONDS)
        return metrics(figures.values) if figures.values is not None and not figures.trouble else ""


def waiting(figures: Figures) -> dict[tuple[str, str], int] | None:
    """How many pages wait for an operator, by whose trouble it is and its kind; None if the
    database has not said.
    """
    if figures.values is None or figures.trouble:
        return None
    return {(row["provider"], row["kind"]): row["pages"] for row in figures.values["needs_operator"]}


def metrics(values: Mapping[str, Any]) -> str:
    """The figures in Prometheus' text format."""
    text, queue = MetricsText(), values["queue"]
    text.add("myjoe_queue_jobs", "gauge", "Jobs by state; ended ones of the last 24 hours.", [
        ({"state": state}, queue.get(state, {}).get("jobs", 0)) for state in STATES
    ])  # fmt: skip
    text.add("myjoe_queue_oldest_seconds", "gauge", "Age of the oldest job in a state.", [
        ({"state": state}, queue.get(state, {}).get("oldest_seconds", 0)) for state in ("waiting", "in_progress")
    ])  # fmt: skip
    text.add("myjoe_failed_attempts", "gauge", "Jobs whose last attempt failed, last 24 hours.", [
        ({"kind": row["kind"]}, row["jobs"]) for row in values["failures"]
    ])  # fmt: skip
    text.add("myjoe_cogs_mean_micro_usd", "gauge", "What a job has cost, the mean over the guard's window.", [
        ({"operation": row["operation"]}, row["mean_micro_usd"]) for row in values["costs"]
    ])  # fmt: skip
    text.add("myjoe_cogs_max_micro_usd", "gauge", "What a job may cost.", [
        ({"operation": row["operation"]}, row["max_micro_usd"]) for row in values["costs"]
    ])  # fmt: skip
    text.add("myjoe_operation_off", "gauge", "Whether an operation is switched off.", [
        ({"operation": row["operation"]}, int(row["switched_off"])) for row in values["costs"]
    ])  # fmt: skip
    text.add("myjoe_pages_waiting_for_operator", "gauge", "Pages that wait for an operator, by whose trouble it is.", [
        ({"provider": row["provider"], "kind": row["kind"]}, row["pages"]) for row in values["needs_operator"]
    ])  # fmt: skip
    for name, what, column in (
        ("jobs", "How many jobs a worker holds.", "jobs"),
        ("silent_seconds", "Since a worker that holds jobs was last heard of.", "silent_seconds"),
        ("free_seconds", "Until the last lease of a worker ends, if it is not renewed.", "free_seconds"),
    ):
        text.add(f"myjoe_lease_holder_{name}", "gauge", what, [({"worker": row["worker"]}, row[column]) for row in values["workers"]])
    text.add("myjoe_users_at_their_limit", "gauge", "Users whose pages wait because as many of theirs run as may.", [
        ({}, values["users_at_limit"])
    ])  # fmt: skip
    text.add("myjoe_spent_micro_usd_24h", "gauge", "What providers charged, last 24 hours.", [({}, values["spent_micro_usd"])])
    text.add("myjoe_oldest_snapshot_seconds", "gauge", "Age of the oldest transaction that holds back vacuum.", [
        ({}, values["snapshot_seconds"])
    ])  # fmt: skip
    return text.text()
