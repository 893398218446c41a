"""Moderation: limits of our own by audience, every text looked at, no consent from silence."""
from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from myjoe.errors import ProviderAnswerError
from myjoe.providers.moderation import LIMITS, LIMITS_ADULTS, MAY_BE_MISSING, TEXTS_PER_CALL, Moderation
from myjoe.providers.openai import OpenAI
from tests.support.meters import RecordingMeter
from tests.support.peers import OpenAIPeer, refuse


def objections(
    peer: OpenAIPeer, texts: Sequence[str], audience: str = "kids", meter: RecordingMeter | None = None
) -> list[list[str]]:
    async def asking() -> list[list[str]]:
        openai = OpenAI(OpenAIPeer.key, peer.url)
        try:
            return await Moderation(openai).objections(texts, audience, meter or RecordingMeter())
        finally:
            await openai.close()

    return asyncio.run(asking())


def test_what_is_harmless_meets_no_objection_and_costs_nothing() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        assert objections(peer, ["a cat", "a dog"], meter=meter) == [[], []]
        assert peer.count("moderations") == 1 and peer.billed == {}
    assert list(meter.settled.values()) == [0]


@pytest.mark.parametrize(
    ("category", "score", "audience", "refused"),
    [
        ("violence", 0.45, "kids", True), ("violence", 0.30, "kids", False), ("violence", 0.45, "adults", False),
        ("sexual", 0.12, "toddlers", True), ("sexual", 0.12, "adults", False), ("sexual/minors", 0.03, "adults", True),
        ("self-harm", 0.2, "adults", True), ("violence", 0.6, "adults", True), ("violence", 0.4, "kids", True),
        ("violence", 0.399, "kids", False),
    ],
)  # fmt: skip
def test_it_is_stricter_for_children_than_its_own_flag(category: str, score: float, audience: str, refused: bool) -> None:
    """At 0.5 the model flags a text itself, which is enough for grown-ups as well."""
    with OpenAIPeer() as peer:
        peer.flags["dragon"] = (category, score)
        [harmless, found] = objections(peer, ["a cat", "a dragon"], audience)
    assert harmless == [] and bool(found) == refused


def test_objections_are_said_in_words() -> None:
    with OpenAIPeer() as peer:
        peer.flags["dragon"] = ("violence/graphic", 0.9)
        assert objections(peer, ["a dragon"]) == [["violence graphic"]]
        peer.flags["dragon"] = ("violence", 0.6)
        assert objections(peer, ["a dragon"], "adults") == [["flagged"]]


def test_a_long_list_is_asked_in_parts_and_answered_in_order() -> None:
    texts = [f"page {number}" for number in range(2 * TEXTS_PER_CALL + 1)]
    with OpenAIPeer() as peer:
        peer.flags[f"page {TEXTS_PER_CALL + 1}"] = ("violence", 0.9)
        found = objections(peer, texts)
        assert [len(request.json["input"]) for request in peer.received] == [TEXTS_PER_CALL, TEXTS_PER_CALL, 1]
    assert [number for number, words in enumerate(found) if words] == [TEXTS_PER_CALL + 1] and len(found) == len(texts)


def test_nothing_to_ask_is_not_asked() -> None:
    with OpenAIPeer() as peer:
        assert objections(peer, []) == [] and peer.received == []


@pytest.mark.parametrize("category", ["violence", "sexual/minors", "self-harm/intent"])
def test_a_score_that_is_missing_is_no_consent(category: str) -> None:
    with OpenAIPeer() as peer:
        peer.missing_scores.add(category)
        with pytest.raises(ProviderAnswerError, match=f"no score for {category.replace('/', '_').replace('-', '_')}"):
            objections(peer, ["a cat"])


def test_fewer_results_than_texts_are_no_consent() -> None:
    with OpenAIPeer() as peer:
        peer.script("moderations", refuse(200, {"id": "m", "model": "m", "results": []}))
        with pytest.raises(ProviderAnswerError, match="moderation"):
            objections(peer, ["a cat"])


def test_an_older_model_may_lack_the_newer_categories() -> None:
    with OpenAIPeer() as peer:
        peer.missing_scores |= {name.replace("_", "/") for name in MAY_BE_MISSING}
        assert objections(peer, ["a cat"]) == [[]]


def test_the_limits_of_both_are_for_the_same_categories_and_never_stricter_for_grown_ups() -> None:
    assert set(LIMITS) == set(LIMITS_ADULTS) >= MAY_BE_MISSING
    assert all(0 < LIMITS[category] <= LIMITS_ADULTS[category] < 1 for category in LIMITS)
