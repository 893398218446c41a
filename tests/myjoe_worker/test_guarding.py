"""The guard is asked while pages are made, and what it does is said."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from myjoe import telemetry
from myjoe.errors import DatabaseUnreachableError
from myjoe_worker.guarding import SQL, guard_costs, tell_providers
from tests.database.support import Database
from tests.database.test_guard import MOST, spend


@pytest.fixture
def events() -> Iterator[list[tuple[str, Mapping[str, Any]]]]:
    seen: list[tuple[str, Mapping[str, Any]]] = []
    end = telemetry.subscribe(lambda event, fields: seen.append((event, dict(fields))))
    yield seen
    end()


class Guarded:
    """A database whose guard answers what it is told to, and jobs that are claimed as told."""

    def __init__(self, *answers: list[tuple[Any, ...]] | Exception) -> None:
        self.answers, self.asked, self.claimed = list(answers), 0, 0

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[tuple[Any, ...]]:
        self.asked += 1
        self.claimed += len(self.answers) > 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def guard(self, claimed: int) -> None:
        async def run() -> None:
            guarding = asyncio.create_task(guard_costs(self, lambda: self.claimed, 0.01))
            await asyncio.sleep(0.05)
            self.claimed += claimed
            async with asyncio.timeout(60):
                while claimed and self.answers:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)  # for more that it might ask
            guarding.cancel()

        asyncio.run(run())


def test_without_jobs_nothing_is_asked() -> None:
    database = Guarded()
    database.guard(claimed=0)
    assert database.asked == 0


def test_after_jobs_it_is_asked_and_only_what_it_did_is_said(events: list[tuple[str, Mapping[str, Any]]]) -> None:
    database = Guarded([("raster", "red", "fallback"), ("vector", "green", None)])
    database.guard(claimed=3)
    assert database.asked == 1
    assert events == [("guard.acted", {"operation": "raster", "level": "red", "action": "fallback"})]


def test_a_look_that_fails_is_said_and_the_next_is_taken(events: list[tuple[str, Mapping[str, Any]]]) -> None:
    database = Guarded(DatabaseUnreachableError("away"), [("raster", "red", "off")])
    database.guard(claimed=1)
    assert database.asked == 2 and [event for event, _ in events] == ["guard.failed", "guard.acted"]


def test_the_statement_is_the_database_s(newest: Database) -> None:
    spend(newest, MOST)
    assert ("raster", "red", "fallback") in newest.rows(SQL["guard_costs"])


# ── which providers a worker has ──────────────────────────────────────────────────────────────────


def tell(database: Guarded, providers: list[str] | None, rounds_seconds: float = 0.05) -> None:
    async def run() -> None:
        telling = asyncio.create_task(tell_providers(database, "w1", providers, 0.01))
        await asyncio.sleep(rounds_seconds)
        telling.cancel()

    asyncio.run(run())


def test_what_is_switched_because_of_keys_is_said_loudly(events: list[tuple[str, Mapping[str, Any]]]) -> None:
    tell(Guarded([("raster", "off", "no worker has a key for replicate")], DatabaseUnreachableError("away"), *[[]] * 50), ["openai"])
    assert events[0] == (
        "operation.switched", {"operation": "raster", "action": "off", "reason": "no worker has a key for replicate"}
    )
    assert events[1][0] == "guard.failed" and len(events) == 2


def test_a_worker_that_leaves_says_so_once() -> None:
    database = Guarded([], [])
    tell(database, None)
    assert database.asked == 1


def test_the_database_takes_what_is_told(newest: Database) -> None:
    for providers, actions in ((["recraft"], ["off"] * 3), (["*"], ["on"] * 3), (None, [])):
        rows = newest.root.execute(SQL["tell_providers"], {"worker": "w1", "providers": providers}).fetchall()
        assert [action for _, action, _ in rows] == actions
    assert newest.rows("select * from private.worker_providers") == []
