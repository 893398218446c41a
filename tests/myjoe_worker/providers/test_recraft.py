"""Recraft: what it draws, what it says it has cost, and what is booked where its answer is lost."""
from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from myjoe.errors import (
    ImageRefusedError,
    JobError,
    OperatorError,
    ProviderAccountError,
    ProviderAnswerError,
    ProviderBusyError,
    ProviderOutError,
    ProviderRefusedError,
    ProviderTimeoutError,
)
from myjoe_worker.providers.images import size_px
from myjoe_worker.providers.protocol import DrawingOrder, Picture
from myjoe_worker.providers.recraft import MODELS, SIZES_PX, Recraft
from tests.support.meters import RecordingMeter, order
from tests.support.peers import Fault, RecraftPeer, cut, drop, hang, html, pictures, refuse
from tests.support.peers.recraft import CREDITS


def draw(
    peer: RecraftPeer, meter: RecordingMeter, model: str = "recraftv4_1_utility", *,
    wanted: DrawingOrder | None = None, style: str = "", seconds: float = 5.0,
) -> Picture:  # fmt: skip
    async def drawing() -> Picture:
        recraft = Recraft(RecraftPeer.key, peer.url, style=style, call_seconds=seconds)
        try:
            return await recraft.draw(wanted or order(), model, meter)
        finally:
            await recraft.close()

    return asyncio.run(drawing())


def enlarge(peer: RecraftPeer, meter: RecordingMeter, content: bytes, media_type: str = "image/png") -> Picture:
    async def enlarging() -> Picture:
        recraft = Recraft(RecraftPeer.key, peer.url)
        try:
            return await recraft.enlarge(Picture(content, media_type, "recraft", "recraftv4_1", "p"), "crisp_upscale", meter)
        finally:
            await recraft.close()

    return asyncio.run(enlarging())


def raises(kind: type[JobError], call: object) -> JobError:
    with pytest.raises(kind) as caught:
        call()  # type: ignore[operator]
    return caught.value


# ── all is well ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", sorted(set(MODELS) & set(CREDITS)))
def test_every_model_is_asked_for_what_it_takes_and_its_price_is_booked(model: str) -> None:
    meter = RecordingMeter()
    with RecraftPeer() as peer:
        picture = draw(peer, meter, model)
        body = peer.last("draw").json
        assert peer.billed == [CREDITS[model]]
    assert picture.media_type == ("image/svg+xml" if MODELS[model].vector else "image/png")
    assert meter.entries == [("closed", picture.request_id, CREDITS[model] * 1000)]
    assert ("negative_prompt" in body) == MODELS[model].styles and "style" not in body and body["n"] == 1
    if not MODELS[model].vector and not MODELS[model].styles:
        assert size_px(picture.content) == tuple(int(side) for side in body["size"].split("x"))


def test_a_style_is_sent_to_those_that_know_styles() -> None:
    with RecraftPeer() as peer:
        draw(peer, RecordingMeter(), "recraftv3", style="vector_illustration/line_art")
        assert peer.last("draw").json["style"] == "vector_illustration/line_art"
        draw(peer, RecordingMeter(), "recraftv4_1", style="vector_illustration/line_art")
        assert "style" not in peer.last("draw").json


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(7.75, 10.25, "896x1216"), (8.5, 8.5, "1024x1024"), (10, 8, "1152x896"), (210, 297, "896x1280"), (9, 16, "768x1344")],
)
def test_the_nearest_size_is_taken(width: float, height: float, size: str) -> None:
    with RecraftPeer() as peer:
        draw(peer, RecordingMeter(), wanted=DrawingOrder("A cat", width, height, 1, "k"))
        assert peer.last("draw").json["size"] == size


def test_sizes_have_the_shapes_they_are_listed_under() -> None:
    for shape, (width, height) in SIZES_PX.items():
        wide, high = map(int, shape.split(":"))
        assert abs(width / height / (wide / high) - 1) < 0.04, shape


def test_an_answer_without_a_price_is_booked_by_the_list() -> None:
    meter = RecordingMeter()
    with RecraftPeer() as peer:
        peer.with_credits = False
        picture = draw(peer, meter)
    assert meter.entries == [("closed", picture.request_id, {"image": 1})]


@pytest.mark.parametrize("kind", ["webp", "grey", "svg_with_script"])
def test_what_comes_is_named_for_what_it_is(kind: str) -> None:
    with RecraftPeer() as peer:
        peer.pictures.append(kind)
        picture = draw(peer, RecordingMeter())
    assert picture.media_type == {"webp": "image/webp", "grey": "image/png", "svg_with_script": "image/svg+xml"}[kind]


def test_crisp_upscale_keeps_the_drawing_and_costs_what_it_says() -> None:
    meter = RecordingMeter()
    small = pictures.png(256, 320)
    with RecraftPeer() as peer:
        picture = enlarge(peer, meter, small)
        assert size_px(picture.content) == (512, 640) and meter.entries == [("closed", picture.request_id, 4000)]
        assert enlarge(peer, meter, pictures.SVG, "image/svg+xml").content == pictures.SVG  # it has no size to enlarge
        assert peer.count("upscale") == 1


# ── what goes wrong ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (refuse(429, {"message": "rate limit"}, **{"Retry-After": "200"}), ProviderBusyError, []),
        (refuse(400, {"code": "not_enough_credits", "message": "top up"}), ProviderAccountError, []),
        (refuse(400, {"message": "prompt was flagged by moderation"}), ProviderRefusedError, []),
        (refuse(500), ProviderOutError, []),
        (refuse(504), ProviderTimeoutError, ["unknown"]),
        (cut(), ProviderAnswerError, ["unknown"]),
        (html(), ProviderAnswerError, ["unknown"]),
        (refuse(200, {"credits": -5, "data": []}), ProviderAnswerError, ["unknown"]),
        (refuse(200, {"credits": 5, "data": "x"}), ProviderAnswerError, ["unknown"]),
        (drop(after_work=True), ProviderTimeoutError, ["unknown"]),
        (hang(after_work=True), ProviderTimeoutError, ["unknown"]),
    ],
    ids=["429", "no credits", "moderated", "500", "504", "cut", "html", "odd price", "odd data", "drop", "hang"],
)
def test_a_failure_is_booked_only_where_it_may_be_billed(fault: Fault, kind: type[JobError], words: list[str]) -> None:
    meter = RecordingMeter()
    with RecraftPeer() as peer:
        peer.script("draw", fault)
        error = raises(kind, lambda: draw(peer, meter, seconds=fault.patience_seconds))
        assert type(error) is kind and peer.count("draw") == 1
    assert meter.words == words
    if isinstance(error, ProviderBusyError):
        assert error.after_seconds == 200.0


@pytest.mark.parametrize(
    ("kind", "error"),
    [("none", ProviderRefusedError), ("text", ImageRefusedError), ("html", ImageRefusedError), ("nothing", ImageRefusedError)],
)
def test_what_is_no_picture_is_paid_for_and_refused(kind: str, error: type[JobError]) -> None:
    meter = RecordingMeter()
    with RecraftPeer() as peer:
        peer.pictures.append(kind)
        raises(error, lambda: draw(peer, meter))
        assert list(meter.settled.values()) == [peer.billed[0] * 1000]


def test_a_stopped_job_stops_waiting_at_once() -> None:
    async def stopping(peer: RecraftPeer) -> None:
        recraft = Recraft(RecraftPeer.key, peer.url)
        task = asyncio.ensure_future(recraft.draw(order(), "recraftv4_1", RecordingMeter()))
        while not peer.count("draw"):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await recraft.close()

    with RecraftPeer() as peer:
        peer.script("draw", hang(3600))
        asyncio.run(asyncio.wait_for(stopping(peer), 60))


def test_prompts_and_pictures_beyond_the_limits_are_not_sent() -> None:
    wide = io.BytesIO()
    Image.new("1", (4097, 100)).save(wide, "PNG")
    many = io.BytesIO()
    Image.new("1", (4096, 4096)).save(many, "PNG")
    with RecraftPeer() as peer:
        long = order("word " * 200)
        raises(ProviderRefusedError, lambda: draw(peer, RecordingMeter(), "recraftv3", wanted=long))
        raises(OperatorError, lambda: draw(peer, RecordingMeter(), "recraftv9"))
        for content in (wide.getvalue(), many.getvalue(), pictures.png(16, 16), b"GIF89a", pictures.png() + b"\0" * 10_000_000):
            raises(ProviderRefusedError, lambda content=content: enlarge(peer, RecordingMeter(), content))
        assert peer.received == []
        draw(peer, RecordingMeter(), "recraftv4_1", wanted=long)


def test_the_key_can_be_checked_for_nothing() -> None:
    async def check(peer: RecraftPeer, key: str = RecraftPeer.key) -> str:
        recraft = Recraft(key, peer.url)
        try:
            return await recraft.check()
        finally:
            await recraft.close()

    with RecraftPeer() as peer:
        assert asyncio.run(check(peer)) == "the key is accepted; 12345 API units are left"
        raises(ProviderAccountError, lambda: asyncio.run(check(peer, "wrong")))
        peer.script("account", refuse(404, {"message": "no such route"}))
        assert "was not checked" in asyncio.run(check(peer))
        assert peer.billed == []
