"""Real-ESRGAN: what is enlarged, what is not, and that it is billed by the second."""
from __future__ import annotations

import asyncio

import pytest

from myjoe.errors import JobError, OperatorError, ProviderBusyError, ProviderError, ProviderRefusedError
from myjoe_worker.providers.images import size_px
from myjoe_worker.providers.protocol import Picture
from myjoe_worker.providers.upscaler import RealEsrgan
from tests.support.meters import RecordingMeter
from tests.support.peers import ReplicatePeer, pictures
from tests.support.replicate import fails, replicate

VERSION = "f" * 64


def enlarge(
    peer: ReplicatePeer, meter: RecordingMeter, content: bytes, version: str = VERSION, media_type: str = "image/png"
) -> Picture:
    async def enlarging() -> Picture:
        async with replicate(peer) as api:
            return await RealEsrgan(api, version).enlarge(Picture(content, media_type, "replicate", "flux-dev", "p"), "real-esrgan", meter)

    return asyncio.run(enlarging())


def test_real_esrgan_enlarges_fourfold_and_is_billed_by_the_second() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        picture = enlarge(peer, meter, pictures.png(256, 320))
        body = peer.last("create").json
        assert peer.billed == {picture.request_id: 1.25}
    assert body["version"] == VERSION and body["input"]["image"].startswith("data:image/png;base64,")
    assert size_px(picture.content) == (832 * 4, 1216 * 4)
    assert meter.settled == {picture.request_id: {"second": 1.25}}


def test_a_picture_too_large_for_a_request_is_sent_ahead() -> None:
    content = pictures.large_png()
    assert len(content) > 256_000
    with ReplicatePeer() as peer:
        enlarge(peer, RecordingMeter(), content)
        assert list(peer.uploads.values()) == [content]
        assert peer.last("create").json["input"]["image"] in peer.uploads


def test_an_svg_has_no_size_to_enlarge() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        assert enlarge(peer, meter, pictures.SVG, media_type="image/svg+xml").content == pictures.SVG
        assert peer.received == [] and meter.entries == []


@pytest.mark.parametrize(
    ("outcome", "kind", "seconds"),
    [("failed", ProviderError, 1.25), ("canceled", ProviderError, 1.25), ("aborted", ProviderBusyError, 0.0)],
)
def test_a_run_that_fails_costs_the_seconds_it_ran(outcome: str, kind: type[JobError], seconds: float) -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.outcomes.append(outcome)
        fails(lambda: enlarge(peer, meter, pictures.png(64, 64)), kind)
    assert meter.settled == {meter.opened_id: {"second": seconds}}


def test_the_upscaler_needs_a_pinned_version_and_a_picture_it_can_hold() -> None:
    with ReplicatePeer() as peer:
        fails(lambda: enlarge(peer, RecordingMeter(), pictures.png(64, 64), "latest"), OperatorError, "REPLICATE_UPSCALER_VERSION")
        fails(lambda: enlarge(peer, RecordingMeter(), pictures.png(2000, 1100)), ProviderRefusedError, "two megapixels")
        fails(lambda: enlarge(peer, RecordingMeter(), b"GIF89a"), ProviderRefusedError)
        assert peer.received == []


def test_another_upscaler_is_an_operators_business() -> None:
    async def enlarging(peer: ReplicatePeer) -> Picture:
        async with replicate(peer) as api:
            picture = Picture(pictures.png(64, 64), "image/png", "replicate", "flux-dev", "p")
            return await RealEsrgan(api, VERSION).enlarge(picture, "clarity", RecordingMeter())

    with ReplicatePeer() as peer:
        fails(lambda: asyncio.run(enlarging(peer)), OperatorError, "real-esrgan")
        assert peer.received == []
