"""Those who plan and answer in words, by the names that routes give them, made from the settings.
Who plans offline is not here.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myjoe.providers.brain import OpenAIBrain
from myjoe.providers.joe_knows import JoeKnows
from myjoe.providers.moderation import Moderation
from myjoe.providers.openai import OpenAI
from myjoe.providers.protocol import Brain
from myjoe.settings.shared import Settings


@dataclass(frozen=True)
class TextProviders:
    """Who plans books and answers questions. They raise OperatorError when their key is missing."""

    openai: OpenAI
    brains: Mapping[str, Brain]
    joe: JoeKnows
    moderation: Moderation

    async def close(self) -> None:
        """Let all connections go."""
        await self.openai.close()


def text_providers(settings: Settings) -> TextProviders:
    """The providers as the settings have them."""
    openai = OpenAI(settings.openai_api_key.reveal(), settings.openai_base_url)
    moderation = Moderation(openai)
    return TextProviders(openai, {"openai": OpenAIBrain(openai, moderation)}, JoeKnows(openai, moderation), moderation)
