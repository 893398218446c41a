"""The Flux models: each is told the page's shape, a seed and what it must not do."""
from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from myjoe.errors import OperatorError
from myjoe_worker.providers.flux import CUSTOM_PX_MAX, CUSTOM_PX_MIN, MODELS, SHAPES, Flux
from myjoe_worker.providers.images import size_px
from myjoe_worker.providers.line_art import LINE_ART
from myjoe_worker.providers.protocol import DrawingOrder, Picture
from tests.support.meters import RecordingMeter, order
from tests.support.peers import ReplicatePeer
from tests.support.replicate import fails, replicate


def draw(peer: ReplicatePeer, meter: RecordingMeter, model: str = "flux-schnell", wanted: DrawingOrder | None = None) -> Picture:
    async def drawing() -> Picture:
        async with replicate(peer) as api:
            return await Flux(api).draw(wanted or order(), model, meter)

    return asyncio.run(drawing())


@pytest.mark.parametrize("model", MODELS)
def test_every_model_draws_a_png_in_the_pages_shape(model: str) -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        picture = draw(peer, meter, model)
        request = peer.last("create")
        assert (picture.media_type, picture.provider, picture.model) == ("image/png", "replicate", model)
        width, height = size_px(picture.content) or (0, 0)
        assert abs(width / height - 7.75 / 10.25) < 0.05
        assert meter.entries == [("opened", picture.request_id, {"image": 1}), ("closed", picture.request_id, {"image": 1})]
        assert peer.billed == {picture.request_id: 1}
    inputs = request.json["input"]
    assert inputs["output_format"] == "png" and inputs["seed"] == 7 and inputs["prompt"].startswith("A hedgehog")
    assert "prefer" not in request.headers and request.headers["cancel-after"] == "10m"


def test_a_seed_is_never_the_one_that_means_none() -> None:
    async def drawing(peer: ReplicatePeer, seed: int) -> int:
        async with replicate(peer) as api:
            await Flux(api).draw(order(seed=seed), "flux-schnell", RecordingMeter())
        return peer.last("create").json["input"]["seed"]

    with ReplicatePeer() as peer:
        seeds = [asyncio.run(drawing(peer, seed)) for seed in (0, 2**31 - 1, 2**31, 2**63)]
    assert all(1 <= seed < 2**31 for seed in seeds)


def test_an_unknown_model_is_an_operators_business() -> None:
    with ReplicatePeer() as peer:
        fails(lambda: draw(peer, RecordingMeter(), "flux-9"), OperatorError, "flux-schnell")
        assert peer.received == []


@pytest.mark.parametrize("model", MODELS)
def test_it_is_told_in_words_of_its_own_that_this_is_line_art(model: str) -> None:
    with ReplicatePeer() as peer:
        draw(peer, RecordingMeter(), model)
        inputs = peer.last("create").json["input"]
    assert inputs["prompt"].endswith(f"{LINE_ART}.")
    assert inputs.get("go_fast", False) is False and inputs.get("prompt_upsampling", False) is False


@pytest.mark.parametrize(("width", "height", "shape"), [(8.5, 11, "3:4"), (1, 1, "1:1"), (11, 8.5, "4:3"), (1, 9, "9:21"), (16, 9, "16:9")])
def test_a_shape_is_one_of_the_list(width: float, height: float, shape: str) -> None:
    assert shape in SHAPES
    with ReplicatePeer() as peer:
        draw(peer, RecordingMeter(), wanted=replace(order(), width=width, height=height))
        assert peer.last("create").json["input"]["aspect_ratio"] == shape


@pytest.mark.parametrize(("width", "height"), [(7.75, 10.25), (1, 1), (100, 1), (1, 3)])
def test_a_size_of_ones_own_is_within_bounds_and_a_multiple_of_32(width: float, height: float) -> None:
    with ReplicatePeer() as peer:
        draw(peer, RecordingMeter(), "flux-1.1-pro", replace(order(), width=width, height=height))
        inputs = peer.last("create").json["input"]
    sides = inputs["width"], inputs["height"]
    assert inputs["aspect_ratio"] == "custom" and max(sides) == CUSTOM_PX_MAX and min(sides) >= CUSTOM_PX_MIN
    assert all(side % 32 == 0 for side in sides)
