"""Who answers; `pages/test_asking.py` has it with a real model's peer."""
from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from myjoe.costs.routes import StepRoute
from myjoe.errors import OperatorError
from myjoe_studio import joe
from myjoe_studio.joe import Joe


class Costs:
    """The costs' book, with or without a route for the brain."""

    def __init__(self, route: StepRoute | None) -> None:
        self._route = route

    async def route(self, operation: str, step: str) -> StepRoute | None:
        assert (operation, step) == ("brain", "brain")
        return self._route

    def price(self, *_: Any) -> int:
        return 1

    async def book(self, cost: Any) -> None:
        pass


class Knows:
    """Says which model it was asked to use, or nothing at all."""

    def __init__(self, seconds: float = 0) -> None:
        self._seconds = seconds

    async def answer(self, question: str, model: str, meter: Any) -> str:
        await asyncio.sleep(self._seconds)
        return f"{question} {model}"


def ask(costs: Any, knows: Any) -> str:
    return asyncio.run(Joe(knows, costs).answer(uuid4(), "why?"))


def test_he_uses_the_brains_model() -> None:
    assert ask(Costs(StepRoute("brain", "brain", "openai", "gpt-6", {})), Knows()) == "why? gpt-6"


def test_without_a_route_he_is_not_set_up() -> None:
    with pytest.raises(OperatorError, match="no route"):
        ask(Costs(None), Knows())


def test_he_does_not_think_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joe, "ANSWER_SECONDS_MAX", 0.01)
    with pytest.raises(TimeoutError):
        ask(Costs(StepRoute("brain", "brain", "openai", "gpt-6", {"input_token": 1})), Knows(60))
