"""The dashboard: what the database says, and how the page shows it, whatever it is."""
from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from myjoe.errors import DatabaseUnreachableError
from myjoe_worker.health.dashboard import PERSON_SECONDS, SCRAPER_SECONDS, SQL, Dashboard, metrics
from myjoe_worker.health.dashboard_page import dollars, html, span
from myjoe_worker.health.monitor import HealthMonitor
from myjoe_worker.settings import WorkerSettings
from tests.database.support import Database

VOID = {"meta", "rect", "line", "br"}


class Tree(HTMLParser):
    """Reads HTML strictly: every element is closed, in order; `text` is what a person sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.addresses: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += f" {data}"

    @property
    def words(self) -> str:
        return " ".join(self.text.replace("\xa0", " ").split())


class Answering:
    """A database that answers with the same figures, or does not."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values, self.asked, self.away = values, 0, False

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[tuple[Any, ...]]:
        self.asked += 1
        if self.away:
            raise DatabaseUnreachableError("the database did not answer within 4 s")
        return [(self.values,)]


def monitor() -> HealthMonitor:
    monitor = HealthMonitor(WorkerSettings(worker_name="w<1>"), "1.2.3")
    monitor("loop.turned", {})
    monitor("listen.works", {})
    return monitor


def figures(database: Database) -> dict[str, Any]:
    values: dict[str, Any] = database.one(SQL["figures"])
    return values


def seen(values: Mapping[str, Any] | None, trouble: str = "", health: Mapping[str, Any] | None = None) -> Tree:
    return Tree(html(values, 3.0, trouble, health or monitor().health()))


# ── what the database says ────────────────────────────────────────────────────────────────────────


def test_an_empty_database_has_figures_and_a_page(shared: Database) -> None:
    values = figures(shared)
    assert values["hours"] == [{"completed": 0, "failed": 0}] * 24
    assert (values["workers"], values["failures"], values["spent_micro_usd"]) == ([], [], 0)
    assert "None in the last 24 hours" in seen(values).words and "None holds a job" in seen(values).words


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


# ── how it is shown ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def full() -> dict[str, Any]:
    """Figures of a bad day."""
    cost = {"jobs": 40, "mean_micro_usd": 42000, "target_micro_usd": 35994, "max_micro_usd": 44992, "share_of_max": 0.93, "level": "red",
            "switched_off": True, "uses_fallback": True}  # fmt: skip
    return {
        "queue": {"waiting": {"jobs": 12345, "oldest_seconds": 7300}, "failed": {"jobs": 3, "oldest_seconds": 60}},
        "hours": [{"completed": k, "failed": k % 3} for k in range(24)],
        "failures": [{"kind": "<script>", "jobs": 5, "dead": 3, "seconds": 40}],
        "costs": [{"operation": "raster", **cost}, {"operation": "vector", **cost, "level": "unknown", "jobs": 2, "switched_off": False}],
        "spent_micro_usd": 12_340_000, "workers": [], "snapshot_seconds": 9000,
    }  # fmt: skip


def test_a_bad_day_is_plain_to_see(full: dict[str, Any]) -> None:
    words = seen(full).words
    for said in (
        "12,345 waiting", "oldest 2 h", "3 failed", "$12.34 spent", "raster is switched off", "a transaction has been open for 2 h",
        "jobs are waiting, and no worker takes them", "93 % of the limit", "2 jobs, too few to judge", "target $0.0360", "at most 25",
    ):  # fmt: skip
        assert said in words, said


def test_names_are_escaped_and_nothing_is_loaded_from_elsewhere(full: dict[str, Any]) -> None:
    page = html(full, 3.0, "<b>", monitor().health())
    assert "<script" not in page and "&lt;script&gt;" in page and "w&lt;1&gt;" in page and "&lt;b&gt;" in page
    assert Tree(page).addresses == [] and "url(" not in page and "@import" not in page
    assert 'name="viewport"' in page and "prefers-color-scheme:dark" in page and re.search('http-equiv="refresh" content="\\d+"', page)


def test_the_pill_says_how_this_worker_is(full: dict[str, Any]) -> None:
    health = monitor().health()
    assert "healthy" in seen(full, health=health).words
    assert "polling only" in seen(full, health={**health, "degraded": ["LISTEN does not work"]}).words
    words = seen(full, health={**health, "ready": False, "troubles": ["the loop does not come round"]}).words
    assert "not ready" in words and "the loop does not come round" in words


def test_figures_are_metrics_too(full: dict[str, Any]) -> None:
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics(full))
        for sample in family.samples
    }
    assert values["myjoe_queue_jobs", "waiting"] == 12345 and values["myjoe_queue_jobs", "completed"] == 0
    assert values["myjoe_queue_oldest_seconds", "waiting"] == 7300 and values["myjoe_failed_attempts", "<script>"] == 5
    assert values["myjoe_cogs_mean_micro_usd", "raster"] == 42000 and values["myjoe_operation_off", "raster"] == 1
    assert values["myjoe_spent_micro_usd_24h",] == 12_340_000


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "never"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (3 * 86400, "3 d"), (-0.4, "0 s")]
)
def test_spans(seconds: float | None, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(("micro", "words"), [(0, "$0.00"), (1200, "$0.0012"), (999_999, "$1.0000"), (1234567, "$1.23")])
def test_dollars(micro: int, words: str) -> None:
    assert dollars(micro) == words
