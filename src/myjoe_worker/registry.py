"""The real providers by the names that routes give them, made from the settings. What draws offline
is not here.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from myjoe.errors import JobError
from myjoe.providers.openai import OpenAI
from myjoe.providers.protocol import Brain
from myjoe.providers.registry import text_providers
from myjoe_worker.judging.openai_judge import OpenAIJudge
from myjoe_worker.judging.protocol import Judge
from myjoe_worker.providers.flux import Flux
from myjoe_worker.providers.protocol import Artist, Upscaler
from myjoe_worker.providers.recraft import Recraft
from myjoe_worker.providers.replicate import Replicate
from myjoe_worker.providers.upscaler import RealEsrgan
from myjoe_worker.settings import WorkerSettings

T = TypeVar("T")


@dataclass(frozen=True)
class Providers:
    """Everybody outside who does something for us, and for whom there is a key."""

    artists: Mapping[str, Artist]
    upscalers: Mapping[str, Upscaler]
    judges: Mapping[str, Judge]
    brains: Mapping[str, Brain]
    apis: Mapping[str, OpenAI | Replicate | Recraft]

    async def check(self) -> Mapping[str, str | JobError]:
        """For each API a sentence on its key, or the error that jobs would meet; costs nothing."""
        found: dict[str, str | JobError] = {}
        for name, api in self.apis.items():
            try:
                found[name] = await api.check()
            except JobError as error:
                found[name] = error
        return found

    async def close(self) -> None:
        """Let all connections go."""
        for api in self.apis.values():
            await api.close()


def real_providers(settings: WorkerSettings) -> Providers:
    """The providers for which there are keys; the others are absent."""
    text = text_providers(settings)
    replicate = Replicate(settings.replicate_api_token.reveal(), settings.replicate_base_url)
    recraft = Recraft(settings.recraft_api_key.reveal(), settings.recraft_base_url, style=settings.recraft_style)
    given = settings.given_keys()

    def there(adapters: Mapping[str, T]) -> dict[str, T]:
        return {name: adapter for name, adapter in adapters.items() if name in given}

    return Providers(
        artists=there({"replicate": Flux(replicate), "recraft": recraft}),
        upscalers=there({"replicate": RealEsrgan(replicate, settings.replicate_upscaler_version), "recraft": recraft}),
        judges=there({"openai": OpenAIJudge(text.openai)}),
        brains=there(text.brains),
        apis=there({"openai": text.openai, "replicate": replicate, "recraft": recraft}),
    )
