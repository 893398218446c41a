"""The judge that has eyes."""
from __future__ import annotations

import asyncio
import json

import pytest

from myjoe.errors import ImageRefusedError, ProviderAnswerError
from myjoe.providers.openai import OpenAI
from myjoe_worker.judging.openai_judge import CHECKS, OUTPUT_TOKENS_MAX, OpenAIJudge
from myjoe_worker.judging.protocol import Opinion
from tests.support.meters import RecordingMeter
from tests.support.peers import OpenAIPeer, pictures

THUMBNAIL = pictures.png(544, 768)


def look(peer: OpenAIPeer, meter: RecordingMeter, thumbnail: bytes = THUMBNAIL) -> Opinion:
    async def looking() -> Opinion:
        openai = OpenAI(OpenAIPeer.key, peer.url)
        try:
            return await OpenAIJudge(openai).look(thumbnail, "A hedgehog in boots", "kids", "gpt-6-luna", meter)
        finally:
            await openai.close()

    return asyncio.run(looking())


def test_a_good_page_passes() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        opinion = look(peer, meter)
        body = peer.last("responses").json
        assert opinion.accepted and not opinion.reasons and opinion.measured["steampunk"] is False
        assert set(meter.settled) == set(peer.billed) == {opinion.measured["request_id"]}
    assert body["max_output_tokens"] == OUTPUT_TOKENS_MAX == 100
    assert json.loads(body["input"][0]["content"][0]["text"]) == {"asked_for": "A hedgehog in boots", "audience": "kids"}


@pytest.mark.parametrize("check", CHECKS)
def test_each_question_alone_can_refuse_a_page_with_a_sentence(check: str) -> None:
    with OpenAIPeer() as peer:
        peer.verdicts.append({check: not CHECKS[check].passes})
        opinion = look(peer, RecordingMeter())
    assert not opinion.accepted and list(opinion.reasons) == [CHECKS[check].reason]


def test_a_judge_that_will_not_look_refuses_the_page() -> None:
    with OpenAIPeer() as peer:
        peer.shapes.append("refusal")
        opinion = look(peer, RecordingMeter())
    assert not opinion.accepted and opinion.measured["refused"] is True


@pytest.mark.parametrize(
    "text",
    ["yes", "{}", json.dumps(dict.fromkeys(CHECKS, "true")), json.dumps({**dict.fromkeys(CHECKS, True), "other": True}),
     json.dumps(dict.fromkeys(list(CHECKS)[1:], False))],
)  # fmt: skip
def test_an_answer_that_is_no_list_of_yes_and_no_passes_nothing(text: str) -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.texts.append(text)
        with pytest.raises(ProviderAnswerError):
            look(peer, meter)
    assert meter.words == ["closed"]


@pytest.mark.parametrize("thumbnail", [pictures.png(544, 769), pictures.jpeg(64, 64), b""], ids=["large", "jpeg", "nothing"])
def test_only_small_copies_are_sent(thumbnail: bytes) -> None:
    with OpenAIPeer() as peer:
        with pytest.raises(ImageRefusedError):
            look(peer, RecordingMeter(), thumbnail)
        assert peer.received == []


def test_the_longest_answer_fits_into_its_bound() -> None:
    longest = json.dumps(dict.fromkeys(CHECKS, False), separators=(",", ":"))
    assert len(longest) / 2.2 < OUTPUT_TOKENS_MAX  # JSON of short words runs at more than two characters a token
