"""The stream: who hears what, and that nobody asks for nobody."""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from myjoe.errors import DatabaseUnreachableError
from myjoe_studio.live import tail as tailing
from myjoe_studio.live.tail import WAITING_MAX, Tail


class Messages:
    """A database in which messages lie, and that counts questions."""

    def __init__(self) -> None:
        self.rows_now: list[tuple[UUID, str, dict[str, Any]]] = []
        self.asked = 0
        self.away = False

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[Any]:
        self.asked += 1
        if self.away:
            raise DatabaseUnreachableError("away")
        return list(self.rows_now)

    async def records(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[dict[str, Any]]:
        raise AssertionError("nobody asks so")

    def tell(self, topic: str, run: str) -> None:
        self.rows_now.append((uuid.uuid4(), topic, {"run_id": run, "status": "pending", "job_ids": ["not", "for", "browsers"]}))


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tailing, "ASK_SECONDS", 0.001)


async def heard(stream: AsyncIterator[str]) -> str:
    """The data of the next event."""
    async with asyncio.timeout(30):
        while not (text := await anext(stream)).startswith("event: run\n"):
            assert text == ": ping\n\n"
    return text.removeprefix("event: run\ndata: ").removesuffix("\n\n")


def test_each_hears_what_is_theirs_once() -> None:
    async def play() -> None:
        messages = Messages()
        tail = Tail(messages)
        a, b = tail._heard("user:a"), tail._heard("user:b")
        await anext(a), await anext(b)
        messages.tell("user:a", "1")
        messages.tell("user:b", "2")
        messages.tell("user:a", "3")
        assert [await heard(a), await heard(b), await heard(a)] == [
            '{"run_id": "1", "status": "pending"}', '{"run_id": "2", "status": "pending"}', '{"run_id": "3", "status": "pending"}',
        ]  # fmt: skip
        late = tail._heard("user:a")
        await anext(late)
        assert [await heard(late), await heard(late)] == ['{"run_id": "1", "status": "pending"}', '{"run_id": "3", "status": "pending"}']
        for one in (a, b, late):
            await one.aclose()  # type: ignore[attr-defined]
        await tail.close()

    asyncio.run(play())


def test_one_question_for_all_and_none_for_nobody() -> None:
    async def play() -> None:
        messages = Messages()
        tail = Tail(messages)
        streams = [tail._heard(f"user:{number}") for number in range(50)]
        for one in streams:
            await anext(one)
        asking = tail._asking
        assert asking is not None
        for one in streams:
            await one.aclose()  # type: ignore[attr-defined]
        async with asyncio.timeout(30):
            await asking
        asked = messages.asked
        await asyncio.sleep(0.02)
        assert messages.asked == asked
        again = tail._heard("user:1")
        await anext(again)
        messages.tell("user:1", "1")
        assert "1" in await heard(again)
        await tail.close()

    asyncio.run(play())


def test_it_outlives_a_database_that_is_away_and_drops_what_nobody_reads() -> None:
    async def play() -> None:
        messages = Messages()
        messages.away = True
        tail = Tail(messages)
        stream = tail._heard("user:a")
        await anext(stream)
        while messages.asked < 3:
            await asyncio.sleep(0.001)
        for number in range(WAITING_MAX + 5):
            messages.tell("user:a", str(number))
        messages.away = False
        assert '"0"' in await heard(stream)
        [mailbox] = tail._listeners["user:a"]
        assert len(mailbox._texts) <= WAITING_MAX
        await tail.close()

    asyncio.run(play())


def test_a_stream_ends_before_a_platform_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tailing, "STREAM_SECONDS_MAX", 0.01)

    async def play() -> list[str]:
        tail = Tail(Messages())
        told = [event async for event in tail._heard("user:a")]
        await tail.close()
        assert tail._listeners == {}
        return told

    first, *rest = asyncio.run(play())
    assert first == "retry: 1000\n: here\n\n" and rest == [": ping\n\n"]


def test_a_sign_of_life_comes_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tailing, "PING_SECONDS", 0.001)

    async def play() -> list[str]:
        tail = Tail(Messages())
        stream = tail._heard("user:a")
        told = [await anext(stream) for _ in range(4)]
        await stream.aclose()  # type: ignore[attr-defined]
        await tail.close()
        return told[1:]

    assert asyncio.run(play()) == [": ping\n\n"] * 3


def test_a_server_that_leaves_ends_all_streams_at_once() -> None:
    async def play() -> None:
        tail = Tail(Messages())
        streams = [tail._heard(f"user:{number}") for number in range(3)]
        for one in streams:
            await anext(one)
        tail.end()
        async with asyncio.timeout(30):
            assert [[text async for text in one] for one in streams] == [[]] * 3
        await tail.close()

    asyncio.run(play())
