"""Who looks at what users write; `pages/test_storyboards.py` has it on the way to an order."""
from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from myjoe_studio import moderating
from myjoe_studio.moderating import Moderator


class Moderation:
    """Objects to what it was told to."""

    def __init__(self, bad: dict[str, list[str]], seconds: float = 0) -> None:
        self.bad, self.seconds, self.model = bad, seconds, "a model"

    async def objections(self, texts: list[str], audience: str, meter: Any) -> list[list[str]]:
        await asyncio.sleep(self.seconds)
        return [self.bad.get(text, []) for text in texts]


class Costs:
    """Prices nothing."""

    def price(self, *_: Any) -> int:
        return 0

    async def book(self, cost: Any) -> None:
        pass


def look(moderation: Any, texts: list[str]) -> tuple[int, str] | None:
    costs: Any = Costs()
    return asyncio.run(Moderator(moderation, costs).objection(uuid4(), texts, "kids"))


def test_the_first_bad_text_is_named() -> None:
    bad = {"b": ["violence", "hate"], "c": ["sexual"]}
    assert look(Moderation(bad), ["a", "b", "c"]) == (1, "violence, hate")
    assert look(Moderation(bad), ["a"]) is None


def test_who_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moderating, "LOOK_SECONDS_MAX", 0.01)
    with pytest.raises(TimeoutError):
        look(Moderation({}, seconds=60), ["a"])
