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
    [(values,)] = database.root.execute(SQL["figures"], {"per_user_max": 2}).fetchall()
    return dict(values)


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
    assert values["workers"] == [{"worker": "w2", "jobs": 1, "silent_seconds": 0, "free_seconds": 300}]


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
        assert connection.execute(SQL["figures"], {"per_user_max": 2}).fetchone() is not None


def test_whose_trouble_pages_wait_for_is_counted_over_all_workers(newest: Database) -> None:
    newest.submit(newest.user(credits_half=20), pages=4)
    for held, kind, reason in zip(newest.claim(4), ("account", "account", "operator", "busy"), (
        "openai: does not accept the key (status 401)", "openai: the account is empty", "myjoe: nobody does the step judge of raster",
        "openai asks to come back later",
    ), strict=True):  # fmt: skip
        newest.rows("select private.snooze_job(%s, %s, 300, %s, %s)", *held, reason, kind)
        newest.advance(1)
    [openai, own] = sorted(figures(newest)["needs_operator"], key=lambda row: str(row["kind"]))
    assert (openai["provider"], openai["kind"], openai["pages"]) == ("openai", "account", 2)
    assert openai["reason"] == "openai: the account is empty", "the latest"
    assert (own["provider"], own["kind"], own["pages"]) == ("myjoe", "operator", 1)
    newest.advance(400)
    held = newest.claim(4)
    assert figures(newest)["needs_operator"] == [], "they are tried again"
    # One that failed otherwise since then waits for nobody, whatever its last snooze said.
    newest.fail(held[0])
    assert figures(newest)["needs_operator"] == []


def test_who_is_silent_and_whom_that_holds_up_is_told(newest: Database) -> None:
    newest.submit(newest.user(credits_half=20), pages=4)
    newest.claim(2, "w1#a", lease_seconds=90, per_user_max=2)
    newest.advance(60)
    values = figures(newest)
    assert values["workers"] == [{"worker": "w1", "jobs": 2, "silent_seconds": 60, "free_seconds": 30}] and values["users_at_limit"] == 1
    words = Tree(html(values, 0.0, "", monitor().health())).words
    assert "nothing was heard of w1 for 60 s: its 2 jobs run again in 30 s, or at once by `myjoe release w1`" in words
    told = {(sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(metrics(values)) for sample in family.samples}  # fmt: skip
    assert (told["myjoe_lease_holder_jobs", "w1"], told["myjoe_lease_holder_silent_seconds", "w1"]) == (2, 60)
    assert told["myjoe_lease_holder_free_seconds", "w1"] == 30 and told["myjoe_users_at_their_limit",] == 1


def test_health_asks_how_many_wait_only_while_an_operator_is_needed(shared: Database) -> None:
    answering, watched = Answering({**figures(shared), "needs_operator": bad_day()["needs_operator"]}), monitor()
    dashboard = Dashboard(answering, watched)
    assert asyncio.run(dashboard.health())["needs_operator"] == [] and answering.asked == 0
    watched("job.snoozed", {"job": "a", "provider": "recraft", "kind": "account", "error": "recraft: the account is empty"})
    health = asyncio.run(dashboard.health())
    assert health["ready"] and health["degraded"] == ["recraft: the account is empty; 7 pages wait for it"] and answering.asked == 1
    answering.away = True
    assert asyncio.run(Dashboard(answering, watched).health())["degraded"] == ["recraft: the account is empty; 1 page waits for it"]


def test_an_operator_who_is_needed_is_told_so_at_the_top(shared: Database) -> None:
    calm, watched = figures(shared), monitor()
    assert "healthy" in Tree(html(calm, 0.0, "", watched.health())).words
    others = {**calm, "needs_operator": bad_day()["needs_operator"]}
    words = Tree(html(others, 0.0, "", watched.health())).words
    assert "needs you" in words and "recraft: the account is empty; 7 pages wait for it" in words and "healthy" not in words
    watched("job.snoozed", {"job": "a", "provider": "storage", "kind": "storage", "error": "storage: status 403"})
    words = Tree(html(calm, 0.0, "", watched.health())).words
    assert "needs you" in words and words.count("storage: status 403; 1 page waits for it") == 1


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
    assert values["myjoe_spent_micro_usd_24h",] == 12_340_000 and values["myjoe_pages_waiting_for_operator", "recraft", "account"] == 7
