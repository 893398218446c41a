"""Slots at providers."""
from __future__ import annotations

import asyncio

from myjoe_worker.limits import Limits


def most_at_once(limits: Limits, provider: str, calls: int) -> int:
    now = most = 0

    async def call() -> None:
        nonlocal now, most
        async with limits.slot(provider):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    async def play() -> None:
        await asyncio.gather(*(call() for _ in range(calls)))

    asyncio.run(play())
    return most


def test_a_provider_gets_no_more_calls_at_once_than_it_has_seats() -> None:
    assert most_at_once(Limits({"recraft": 2, "replicate": 1}), "recraft", 7) == 2


def test_a_provider_that_is_not_named_gets_as_many_as_there_are() -> None:
    assert most_at_once(Limits({"recraft": 2}), "openai", 7) == 7


def test_a_seat_is_free_again_after_a_failure() -> None:
    limits = Limits({"recraft": 1})

    async def play() -> None:
        for _ in range(3):
            try:
                async with asyncio.timeout(20), limits.slot("recraft"):
                    raise ValueError
            except ValueError:
                continue

    asyncio.run(play())
