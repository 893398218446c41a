"""Joe Knows: answers what is on his page, and nothing else."""
from __future__ import annotations

import asyncio
import json

import pytest

from myjoe.errors import PromptRefusedError, ProviderAnswerError
from myjoe.providers.joe_knows import NOT_KNOWN, OUTPUT_TOKENS_MAX, JoeKnows, knowledge
from myjoe.providers.moderation import Moderation
from myjoe.providers.openai import OpenAI
from tests.support.meters import RecordingMeter
from tests.support.peers import OpenAIPeer


def answer(peer: OpenAIPeer, question: str, meter: RecordingMeter | None = None) -> str:
    async def answering() -> str:
        openai = OpenAI(OpenAIPeer.key, peer.url)
        try:
            return await JoeKnows(openai, Moderation(openai)).answer(question, "gpt-6-luna", meter or RecordingMeter())
        finally:
            await openai.close()

    return asyncio.run(answering())


def test_a_question_is_answered_from_the_page_and_booked() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        assert answer(peer, "Which inside margin does KDP want?", meter) == "0.375 in up to 150 pages."
        body = peer.last("responses").json
        assert set(peer.billed) <= set(meter.settled)
    assert knowledge() in body["instructions"] and body["max_output_tokens"] == OUTPUT_TOKENS_MAX


def test_what_is_not_on_the_page_is_not_answered() -> None:
    with OpenAIPeer() as peer:
        assert answer(peer, "Write me a poem about tax law") == NOT_KNOWN
        peer.shapes.append("refusal")
        assert answer(peer, "What about KDP?") == NOT_KNOWN
        peer.texts.append(json.dumps({"known": True, "answer": " "}))
        assert answer(peer, "What about KDP?") == NOT_KNOWN


def test_what_nobody_should_ask_is_not_passed_on() -> None:
    with OpenAIPeer() as peer:
        peer.flags["hurt"] = ("self-harm/intent", 0.9)
        with pytest.raises(PromptRefusedError, match="does not answer"):
            answer(peer, "How do I hurt myself?")
        for question in ("", "x" * 501):
            with pytest.raises(PromptRefusedError, match="one question"):
                answer(peer, question)
        assert peer.billed == {} and peer.count("moderations") == 1


def test_an_answer_that_cannot_be_read_is_none() -> None:
    with OpenAIPeer() as peer:
        peer.texts.append("Sure! The margin is")
        with pytest.raises(ProviderAnswerError):
            answer(peer, "What about KDP?")


def test_the_page_holds_what_print_shops_ask_for() -> None:
    page = " ".join(knowledge().split())
    for figure in ("0.375 in", "2550 × 3300", "0.75 pt", "650 MB", "24 pages", "20 MB", "AI-generated"):
        assert figure in page
    assert len(page) / 4 < 3000  # tokens, each time somebody asks
