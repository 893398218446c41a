"""What waits for a browser: in its order, not without end, and for one reader."""
from __future__ import annotations

import asyncio

import pytest

from myjoe_studio.live.mailbox import WAITING_MAX, Mailbox


def test_waiting_ends_with_a_text_or_with_time() -> None:
    async def play() -> list[str | None]:
        mailbox = Mailbox()
        nothing = await mailbox.take(0.001)
        asyncio.get_running_loop().call_soon(mailbox.put, "a")
        return [nothing, await mailbox.take(30), await mailbox.take(0.001)]

    assert asyncio.run(play()) == [None, "a", None]


def test_what_came_before_is_taken_in_its_order_and_too_much_is_dropped() -> None:
    async def play() -> list[str | None]:
        mailbox = Mailbox()
        for number in range(WAITING_MAX + 5):
            mailbox.put(str(number))
        return [await mailbox.take(0.001) for _ in range(WAITING_MAX + 1)]

    assert asyncio.run(play()) == [*map(str, range(WAITING_MAX)), None]


def test_a_reader_that_is_stopped_leaves_what_comes_for_the_next() -> None:
    async def play() -> str | None:
        mailbox = Mailbox()
        reader = asyncio.create_task(mailbox.take(30))
        await asyncio.sleep(0)
        mailbox.put("a")
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        return await mailbox.take(0.001)

    assert asyncio.run(play()) == "a"
