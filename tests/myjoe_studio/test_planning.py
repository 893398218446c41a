"""Planning under a lease; `pages/test_drafts.py` has it with a real brain and database."""
from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from myjoe.errors import OperatorError, PromptRefusedError, ProviderError
from myjoe.ordering.planner import BookOrder
from myjoe.providers.protocol import BookPlan, PlannedPage
from myjoe_studio import planning
from myjoe_studio.planning import CANNOT_PLAN, DraftPlanner, book_of

REQUEST = {"description": "Foxes", "pages": 1, "audience": "kids", "paper": "a4", "style": "", "wishes": "", "operations": ["raster"]}


class Decisions:
    """What the database would say, and what it was told."""

    def __init__(self, **answers: Any) -> None:
        usual = {"plan_draft": {"token": 7, "request": REQUEST}, "finish_draft": True, "fail_draft": True, "keep_planning": True}
        self.answers = {**usual, **answers}
        self.told: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, name: str, **values: Any) -> Any:
        self.told.append((name, values))
        return self.answers[name]


class Brain:
    """A planner that does as it is told."""

    def __init__(self, error: Exception | None = None, seconds: float = 0) -> None:
        self.error, self.seconds = error, seconds

    async def plan_book(self, user: Any, key: str, book: BookOrder) -> BookPlan:
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return BookPlan("T", "s", [PlannedPage("One", "a fox")])


def plan(decisions: Decisions, brain: Brain) -> Any:
    planner: Any = brain
    decide: Any = decisions
    return asyncio.run(DraftPlanner(decide, planner).plan(uuid4(), uuid4()))


def test_a_plan_is_kept_under_its_token() -> None:
    decisions = Decisions()
    assert plan(decisions, Brain()) == {"state": "planned"}
    name, values = decisions.told[-1]
    assert (name, values["token"]) == ("finish_draft", 7)
    assert values["plan"] == {"title": "T", "style": "s", "pages": [{"title": "One", "prompt": "a fox"}]}


def test_one_that_was_taken_over_is_waited_for() -> None:
    assert plan(Decisions(finish_draft=False), Brain()) == {"wait_seconds": 1}


@pytest.mark.parametrize("answer", [None, {"state": "planned"}, {"wait_seconds": 9}])
def test_who_may_not_plan_asks_no_brain(answer: Any) -> None:
    assert plan(Decisions(plan_draft=answer), Brain(AssertionError("the brain was asked"))) == answer


@pytest.mark.parametrize(
    ("error", "state", "sentence", "for_good"),
    [
        (PromptRefusedError("We do not draw this."), "refused", "We do not draw this.", True),
        (ProviderError("500"), "failed", CANNOT_PLAN, False), (OperatorError("no key"), "failed", CANNOT_PLAN, False),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_kept_as_a_sentence(error: Exception, state: str, sentence: str, for_good: bool) -> None:
    decisions = Decisions()
    assert plan(decisions, Brain(error)) == {"state": state}
    name, values = decisions.told[-1]
    assert (name, values["sentence"], values["for_good"]) == ("fail_draft", sentence, for_good)


def test_a_brain_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PLAN_SECONDS_MAX", 0.01)
    assert plan(Decisions(), Brain(seconds=60)) == {"state": "failed"}


def test_a_long_planning_says_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "KEEP_SECONDS", 0.001)
    decisions = Decisions()
    plan(decisions, Brain(seconds=0.05))
    assert ("keep_planning", 7) in [(name, values.get("token")) for name, values in decisions.told]


def test_style_and_wishes_are_lines_for_the_brain() -> None:
    book = book_of({**REQUEST, "style": "Bold and simple", "wishes": "no trees"})
    assert book == BookOrder("Foxes\nStyle: Bold and simple\nWishes: no trees", 1, "kids", "a4", ("raster",))
    assert book_of(REQUEST).description == "Foxes"
