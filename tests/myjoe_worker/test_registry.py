"""The names by which routes find providers, and what is logged of their calls."""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from myjoe import telemetry
from myjoe.errors import ProviderAccountError, ProviderError
from myjoe.settings.variables import Secret
from myjoe_worker.providers.recraft import Recraft
from myjoe_worker.registry import Providers, real_providers
from myjoe_worker.settings import WorkerSettings
from tests.support.meters import RecordingMeter, order
from tests.support.peers import OpenAIPeer, RecraftPeer, ReplicatePeer, pictures, refuse


def settings_for(openai: OpenAIPeer, replicate: ReplicatePeer, recraft: RecraftPeer, key: str = OpenAIPeer.key) -> WorkerSettings:
    return replace(
        WorkerSettings(), openai_api_key=Secret(key), openai_base_url=openai.url, replicate_api_token=Secret(key),
        replicate_base_url=replicate.url, recraft_api_key=Secret(key), recraft_base_url=recraft.url,
        replicate_upscaler_version="a" * 64,
    )  # fmt: skip


def test_every_name_leads_to_somebody_who_does_it() -> None:
    async def everything(providers: Providers) -> None:
        drawn = await providers.artists["replicate"].draw(order(), "flux-schnell", RecordingMeter())
        await providers.artists["recraft"].draw(order(), "recraftv4_1_flash", RecordingMeter())
        await providers.upscalers["recraft"].enlarge(drawn, "crisp_upscale", RecordingMeter())
        await providers.upscalers["replicate"].enlarge(drawn, "real-esrgan", RecordingMeter())
        opinion = await providers.judges["openai"].look(pictures.png(544, 768), "A cat", "kids", "gpt-6-luna", RecordingMeter())
        book = await providers.brains["openai"].plan("Cats", "kids", 3, "gpt-6-luna", RecordingMeter())
        assert opinion.accepted and len(book.pages) == 3
        assert set(await providers.check()) == {"openai", "replicate", "recraft"}
        await providers.close()

    with OpenAIPeer() as openai, ReplicatePeer() as replicate, RecraftPeer() as recraft:
        asyncio.run(everything(real_providers(settings_for(openai, replicate, recraft))))
        assert len(replicate.billed) == 2 and len(recraft.billed) == 2 and len(openai.billed) == 2


def test_wrong_keys_are_named_all_at_once() -> None:
    async def check(providers: Providers) -> Mapping[str, object]:
        found = await providers.check()
        await providers.close()
        return found

    with OpenAIPeer() as openai, ReplicatePeer() as replicate, RecraftPeer() as recraft:
        found = asyncio.run(check(real_providers(settings_for(openai, replicate, recraft, "wrong"))))
    assert {name: type(error) for name, error in found.items()} == dict.fromkeys(("openai", "replicate", "recraft"), ProviderAccountError)


@pytest.mark.parametrize("given", [{"openai"}, {"replicate"}, {"recraft"}, {"openai", "recraft"}, set()])
def test_who_has_no_key_is_absent_in_every_part(given: set[str]) -> None:
    fields = {"openai": "openai_api_key", "replicate": "replicate_api_token", "recraft": "recraft_api_key"}
    settings = WorkerSettings(**{fields[name]: Secret("k") for name in given})  # type: ignore[arg-type]

    async def look() -> None:
        there = real_providers(settings)
        assert set(there.apis) == given and set(settings.given_keys()) == given
        assert set(there.artists) == set(there.upscalers) == given - {"openai"}
        assert set(there.judges) == set(there.brains) == given & {"openai"}
        await there.close()

    asyncio.run(look())


def test_each_call_is_logged_with_its_request_id_and_without_prompt_or_key() -> None:
    events: list[tuple[str, Mapping[str, Any]]] = []
    end = telemetry.subscribe(lambda event, fields: events.append((event, fields)))

    async def calls(recraft: Recraft) -> None:
        await recraft.draw(order("A very secret hedgehog"), "recraftv4_1", RecordingMeter())
        with pytest.raises(ProviderError):
            await recraft.draw(order("A very secret hedgehog"), "recraftv4_1", RecordingMeter())
        await recraft.close()

    try:
        with RecraftPeer() as peer:
            peer.script("draw", refuse(200, peer_answer()), refuse(500, {"message": "oops"}))
            asyncio.run(calls(Recraft(RecraftPeer.key, peer.url)))
    finally:
        end()
    called, failed = [(event, fields) for event, fields in events if fields.get("provider") == "recraft"]
    assert called[0] == "provider.called" and called[1]["call"] == "POST images/generations" and called[1]["status"] == 200
    assert failed[0] == "provider.failed" and failed[1]["status"] == 500 and failed[1]["kind"] == "provider"
    assert all(fields["request_id"].startswith("req-") and fields["seconds"] >= 0 for _, fields in (called, failed))
    assert "hedgehog" not in repr(events) and RecraftPeer.key not in repr(events)


def peer_answer() -> object:
    import base64

    return {"created": 1, "credits": 35, "data": [{"image_id": "i", "b64_json": base64.b64encode(pictures.png(64, 64)).decode()}]}
