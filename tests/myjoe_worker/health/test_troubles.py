"""What pages wait for an operator for: told once when it begins, and once when it ends."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from myjoe import telemetry
from myjoe.database.connection import RetryingConnection
from myjoe.errors import DatabaseUnreachableError
from myjoe_worker.health.troubles import AFTER_SECONDS, UNHEARD_SECONDS, UNMET_TIMES, OperatorTroubles, say_once
from tests.database.support import Database

EMPTY = "openai: the account is empty"


class Told:
    """Troubles that hear of events, and what they say of them, at times of ours."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.troubles = OperatorTroubles(lambda: self.seconds)
        self.said: list[tuple[Any, ...]] = []

    def hear(self, event: str, fields: Any) -> None:
        if event.startswith("trouble."):
            self.said.append((event, fields["provider"], fields["kind"]))

    def snoozed(self, job: str, provider: str | None = "openai", kind: str = "account", reason: str = EMPTY) -> None:
        self.tell("job.snoozed", job=job, provider=provider, kind=kind, error=reason, after_seconds=300.0)

    def tell(self, event: str, **fields: Any) -> None:
        self.troubles(event, fields)


BEGAN, ENDED = ("trouble.began", "openai", "account"), ("trouble.ended", "openai", "account")


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    end = telemetry.subscribe(told.hear)
    yield told
    end()


def test_it_begins_once_however_many_pages_meet_it(told: Told) -> None:
    for job in "abcab":
        told.snoozed(job)
    [trouble] = told.troubles.standing()
    assert (told.said, trouble.waiting) == ([BEGAN], 3)


def test_its_reason_is_the_latest(told: Told) -> None:
    told.snoozed("a")
    told.snoozed("b", reason="openai: does not accept the key (status 401)")
    assert [trouble.reason for trouble in told.troubles.standing()] == ["openai: does not accept the key (status 401)"]


def test_a_busy_provider_is_no_operator_s_affair(told: Told) -> None:
    told.snoozed("a", provider=None, kind="busy")
    assert told.troubles.standing() == [] and told.said == []


def test_each_provider_and_kind_is_a_trouble_of_its_own(told: Told) -> None:
    told.snoozed("a")
    told.snoozed("b", "storage", "storage", "storage: status 403")
    told.snoozed("c", "openai", "operator", "openai: there is no price")
    assert len(told.troubles.standing()) == len(told.said) == 3
    told.tell("cost.booked", job="a", provider="openai", kind="measured", micro_usd=100)
    assert told.said[3:] == [ENDED]
    told.tell("page.stored", job="b", files=4)
    assert [(trouble.provider, trouble.kind) for trouble in told.troubles.standing()] == [("openai", "operator")]
    told.tell("job.completed", job="c", seconds=1.0)
    assert told.troubles.standing() == [] and set(told.troubles.known().values()) == {False}


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("cost.booked", {"job": "other", "provider": "openai", "kind": "measured"}), ("job.completed", {"job": "other"}),
        ("cost.booked", {"job": "a", "provider": "openai", "kind": "estimated"}),
        ("cost.booked", {"job": "a", "provider": "replicate", "kind": "measured"}), ("provider.called", {"job": "a", "provider": "openai"}),
        ("page.stored", {"job": "a"}), ("job.started", {"job": "a"}),
    ],
)  # fmt: skip
def test_what_says_nothing_of_it_does_not_end_it(told: Told, event: str, fields: dict[str, Any]) -> None:
    told.snoozed("a")
    told.tell(event, **fields)
    assert told.said == [BEGAN]


@pytest.mark.parametrize("event", ["job.failed", "job.cancelled", "job.retried"])
def test_it_ends_when_the_last_page_waits_no_more(told: Told, event: str) -> None:
    told.snoozed("a")
    told.snoozed("b")
    told.tell(event, job="a")
    assert told.said == [BEGAN]
    told.tell(event, job="b")
    assert told.said == [BEGAN, ENDED]


def test_one_that_is_not_met_again_ends_and_one_that_is_stands(told: Told) -> None:
    told.snoozed("a")
    told.seconds += 300
    told.snoozed("a")
    told.seconds += UNMET_TIMES * 300
    told.tell("loop.turned", held=0)
    assert told.said == [BEGAN]
    told.seconds += 1
    told.tell("loop.turned", held=0)
    assert told.said == [BEGAN, ENDED]
    told.snoozed("a")
    assert told.said == [BEGAN, ENDED, BEGAN]


def test_what_the_database_tells_of_at_the_start_stands_until_something_passes(told: Told) -> None:
    told.troubles.find([("openai", "account", "openai: the account is empty", 40), ("myjoe", "operator", "myjoe: nobody does it", 2)])
    assert [trouble.waiting for trouble in told.troubles.standing()] == [2, 40]
    told.tell("job.completed", job="any")
    assert len(told.troubles.standing()) == 2, "whose pages they are is not known"
    told.tell("cost.booked", job="any", provider="openai", kind="measured")
    assert told.said[2:] == [ENDED]
    told.seconds += UNMET_TIMES * AFTER_SECONDS + 1
    told.tell("loop.turned", held=0)
    assert told.troubles.standing() == []


def test_a_page_that_meets_what_was_found_is_counted_from_then_on(told: Told) -> None:
    told.troubles.find([("openai", "account", "openai: the account is empty", 40)])
    told.snoozed("a")
    assert [trouble.waiting for trouble in told.troubles.standing()] == [1] and told.said == [BEGAN]


def test_one_that_others_got_past_ends_when_the_database_tells_of_none_for_a_while(told: Told) -> None:
    told.snoozed("a")
    for seconds, heard in ((0, set()), (50, {("openai", "account")}), (50, set()), (50, {("replicate", "account")})):
        told.seconds += seconds
        told.troubles.hear(heard)
    assert told.said == [BEGAN]
    told.snoozed("a")  # it was only being tried again
    for seconds in (30, 50):
        told.seconds += seconds
        told.troubles.hear(set())
    assert told.said == [BEGAN]
    told.seconds += UNHEARD_SECONDS
    told.troubles.hear(set())
    assert told.said == [BEGAN, ENDED]


def test_a_pause_that_ends_ends_what_it_was_for(told: Told) -> None:
    told.snoozed("a")
    told.snoozed("b", kind="operator", reason="openai: there is no price")
    told.tell("pause.ended", provider="replicate", seconds=10.0)
    assert ENDED not in told.said
    told.tell("pause.ended", provider="openai", seconds=10.0)
    assert told.said[2:] == [ENDED]


class Counted:
    """A connection that counts its answers."""

    def __init__(self, connection: RetryingConnection) -> None:
        self._connection = connection
        self.answers = 0

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[Any]:
        rows = await self._connection.rows(sql, params, patience_seconds=patience_seconds)
        self.answers += 1
        return rows


def test_of_several_workers_one_says_that_it_began_and_one_that_it_ended(newest: Database) -> None:
    newest.one("select private.begin_trouble('replicate', 'account')")  # by a worker that is gone
    said: list[tuple[Any, ...]] = []
    end = telemetry.subscribe(lambda event, fields: said.append((event, fields.get("provider"))))

    async def run() -> None:
        workers = [OperatorTroubles() for _ in range(3)]
        async with AsyncExitStack() as stack:
            for troubles in workers:
                connection = Counted(await stack.enter_async_context(RetryingConnection(newest.server.url(newest.name))))
                stack.callback(asyncio.create_task(say_once(connection, troubles)).cancel)
                async with asyncio.timeout(60):  # it has ended what nobody was left to end
                    while not connection.answers:
                        await asyncio.sleep(0.01)

            async def until(count: int) -> None:
                async with asyncio.timeout(60):
                    while len(said) < count:
                        await asyncio.sleep(0.01)
                for troubles in workers:  # all have been asked
                    troubles("job.snoozed", {"provider": "storage", "kind": f"mark {count}", "error": "storage: a mark", "job": "x"})
                async with asyncio.timeout(60):
                    while len(said) < count + 1:
                        await asyncio.sleep(0.01)
                await asyncio.sleep(0.05)

            await until(1)
            met = {"provider": "openai", "kind": "account", "error": EMPTY, "after_seconds": 300.0}
            for number, troubles in enumerate(workers):
                troubles("job.snoozed", {**met, "job": str(number)})
            await until(3)
            for number, troubles in enumerate(workers):
                troubles("cost.booked", {"job": str(number), "provider": "openai", "kind": "measured"})
            await until(5)
            # Over for one, and met again by another, for which it stood.
            workers[0]("job.snoozed", {**met, "job": "0"})
            await until(7)

    asyncio.run(run())
    end()
    mark = ("trouble.began", "storage")
    assert said == [("trouble.ended", "replicate"), mark, ("trouble.began", "openai"), mark, ("trouble.ended", "openai"), mark,
                    ("trouble.began", "openai"), mark]  # fmt: skip


def test_while_the_database_does_not_answer_everybody_says_it(told: Told) -> None:
    class Away:
        async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[Any]:
            raise DatabaseUnreachableError("it is away")

    async def run() -> None:
        saying = asyncio.create_task(say_once(Away(), told.troubles))
        await asyncio.sleep(0)
        told.snoozed("a")
        async with asyncio.timeout(60):
            while not told.said:
                await asyncio.sleep(0)
        saying.cancel()

    asyncio.run(run())
    assert told.said == [BEGAN]
