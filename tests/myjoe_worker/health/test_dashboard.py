"""The dashboard: what the database says, and for how long it is believed."""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from myjoe.errors import DatabaseUnreachableError
from myjoe_worker.health.dashboard import PERSON_SECONDS, SCRAPER_SECONDS, SQL, Dashboard, metrics
from myjoe_worker.health.dashboard_page import html
from tests.database.support import Database
from tests.myjoe_worker.health.samples import Tree, bad_day, monitor


class Answering:
    """A database that answers with the same figures, or does not."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values, self.asked, self.away = values, 0, False

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[tuple[Any, ...]]:
        self.asked += 1
        if self.away:
            raise DatabaseUnreachableError("the database did not answer within 4 s")
        return [(self.values,)]


def figures(database: Database) -> dict[str, Any]:
    values: dict[str, Any] = database.one(SQL["figures"])
    return values


# ── what the database says ────────────────────────────────────────────────────────────────────────


def test_an_empty_database_has_figures_and_a_page(shared: Database) -> None:
    values = figures(shared)
    assert values["hours"] == [{"completed": 0, "failed": 0}] * 24
    assert (values["workers"], values["failures"], values["spent_micro_usd"]) == ([], [], 0)
    words = Tree(html(values, 3.0, "", monitor().health())).words
    assert "None in the last 24 hours" in words and "None holds a job" in words


def test_figures_are_those_of_the_database(database: Database) -> None:
    user = database.user(credits_half=100)
    database.submit(user, pages=6)
    [first, second, third] = database.claim(3, "w1")
    database.book(first[0], 3000)
    database.complete(first)
    database.fail(second, for_good=True)
    database.fail(third)
    database.advance(30)
    database.claim(1, "w2")
    values = figures(database)
    assert {state: (row["jobs"], row["oldest_seconds"]) for state, row in values["queue"].items() if state != "postponed"} == {
        "waiting": (2, 30), "in_progress": (1, 0), "completed": (1, 30), "failed": (1, 30)
    }  # fmt: skip
    assert values["queue"]["postponed"]["jobs"] == 1
    assert values["hours"][23] == {"completed": 1, "failed": 1} and values["spent_micro_usd"] == 3000
    assert values["failures"] == [{"kind": "provider", "jobs": 2, "dead": 1, "seconds": 30}]
    assert values["workers"] == [{"worker": "w2", "jobs": 1, "beat_seconds": 0}]


def test_hours_end_now_and_begin_a_day_ago(newest: Database) -> None:
    user = newest.user(credits_half=100)
    newest.submit(user, pages=3)
    for hours in (0, 23, 1):
        newest.advance(hours * 3600)
        newest.complete(*newest.claim())
    # The first ended 24 hours ago, which is out; the others one hour ago and now.
    assert [k for k, hour in enumerate(figures(newest)["hours"]) if hour["completed"]] == [22, 23]


def test_the_worker_s_role_may_ask(newest: Database) -> None:
    with newest.connect() as connection:
        connection.execute("set role service_role")
        assert connection.execute(SQL["figures"]).fetchone() is not None


# ── how it is remembered ──────────────────────────────────────────────────────────────────────────


def test_the_database_is_asked_when_somebody_looks_and_then_rarely(shared: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    answering, moment = Answering(figures(shared)), [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: moment[0])
    dashboard = Dashboard(answering, monitor())
    assert answering.asked == 0

    async def look() -> None:
        await asyncio.gather(*(dashboard.page() for _ in range(20)))
        await dashboard.metrics()

    asyncio.run(look())
    assert answering.asked == 1
    moment[0] += PERSON_SECONDS + 0.1
    asyncio.run(dashboard.metrics())
    assert answering.asked == 1
    asyncio.run(look())
    assert answering.asked == 2
    # For a scraper that comes every 15 s, no more than twice a minute.
    answering.asked = 0
    for _ in range(40):
        moment[0] += 15
        asyncio.run(dashboard.metrics())
    assert answering.asked <= 20 and SCRAPER_SECONDS < 30


def test_while_the_database_is_away_the_last_figures_are_shown_with_their_age(shared: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    answering, moment = Answering(figures(shared)), [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: moment[0])
    dashboard = Dashboard(answering, monitor())
    answering.away = True
    assert "has not answered yet" in Tree(asyncio.run(dashboard.page())).words
    assert asyncio.run(dashboard.metrics()) == ""
    answering.away = False
    asyncio.run(dashboard.page())
    moment[0] += 100
    answering.away = True
    words = Tree(asyncio.run(dashboard.page())).words
    assert "as of 100 s ago" in words and "did not answer within 4 s" in words
    assert asyncio.run(dashboard.metrics()) == ""


def test_figures_are_metrics_too() -> None:
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics(bad_day()))
        for sample in family.samples
    }
    assert values["myjoe_queue_jobs", "waiting"] == 12345 and values["myjoe_queue_jobs", "completed"] == 0
    assert values["myjoe_queue_oldest_seconds", "waiting"] == 7300 and values["myjoe_failed_attempts", "<script>"] == 5
    assert values["myjoe_cogs_mean_micro_usd", "raster"] == 42000 and values["myjoe_operation_off", "raster"] == 1
    assert values["myjoe_spent_micro_usd_24h",] == 12_340_000
