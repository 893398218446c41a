"""Who plans and answers, made from the settings."""
from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from myjoe.errors import OperatorError
from myjoe.providers.registry import TextProviders, text_providers
from myjoe.settings.shared import Settings
from myjoe.settings.variables import Secret
from tests.support.meters import RecordingMeter
from tests.support.peers import OpenAIPeer


async def everything(providers: TextProviders) -> None:
    book = await providers.brains["openai"].plan("Cats", "kids", 3, "gpt-6-luna", RecordingMeter())
    assert len(book.pages) == 3
    assert await providers.joe.answer("What about KDP?", "gpt-6-luna", RecordingMeter())
    await providers.close()


def test_who_plans_and_who_answers_do_it() -> None:
    with OpenAIPeer() as openai:
        settings = replace(Settings(), openai_api_key=Secret(openai.key), openai_base_url=openai.url)
        asyncio.run(everything(text_providers(settings)))


def test_without_a_key_the_operator_is_told() -> None:
    with pytest.raises(OperatorError):
        asyncio.run(everything(text_providers(Settings())))


def test_who_moderates_is_there_for_others_too() -> None:
    async def look(providers: TextProviders) -> list[list[str]]:
        try:
            return await providers.moderation.objections(["a fox", "a bomb"], "kids", RecordingMeter())
        finally:
            await providers.close()

    with OpenAIPeer() as openai:
        openai.flags["bomb"] = ("illicit/violent", 0.9)
        settings = replace(Settings(), openai_api_key=Secret(openai.key), openai_base_url=openai.url)
        assert asyncio.run(look(text_providers(settings))) == [[], ["illicit violent"]]
