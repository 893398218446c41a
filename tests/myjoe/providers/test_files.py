"""A provider's files are fetched from where it keeps them, and from nowhere else."""
from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from myjoe.errors import ImageRefusedError, JobError, ProviderAnswerError, ProviderError, ProviderTimeoutError
from myjoe.providers.files import Files
from tests.support.peers import Fault, ReplicatePeer, drop, hang, redirect, refuse


@pytest.mark.parametrize(
    "url",
    [
        "http://replicate.delivery/a.png", "https://evil.example/a.png", "https://replicate.delivery.evil.example/a.png",
        "https://user@replicate.delivery/a.png", "file:///etc/passwd", "https://169.254.169.254/latest", "ftp://replicate.delivery/a",
        "https://notreplicate.delivery/a.png", "",
    ],
)  # fmt: skip
def test_files_are_fetched_from_where_the_provider_keeps_them_only(url: str) -> None:
    files = Files("replicate", ("replicate.delivery",), "https://api.replicate.com/v1", bytes_max=100, timeout_seconds=1.0)
    with pytest.raises(ImageRefusedError, match="where it keeps none"):
        asyncio.run(files.fetch(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://[::1", "https://replicate.delivery:99999/a.png", "https://replicate.delivery:x/a.png", "https://]/",
        "https://replicate.delivery/\x00a.png", "https://replicate.delivery/\x7f", "https://a\ud800.replicate.delivery/a.png",
        f"https://{'a' * 300}.replicate.delivery/a.png", f"https://replicate.delivery/{'a' * 100_000}",
        "https://-\u2028.replicate.delivery/",
        "https://xn--\u00e9.replicate.delivery/a.png", "https://..replicate.delivery/a.png", "https://replicate.delivery\\@evil.example/",
        "https://\U0010ffff.replicate.delivery/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_a_picture_refused(url: str) -> None:
    files = Files("replicate", ("replicate.delivery",), "https://api.replicate.com/v1", bytes_max=100, timeout_seconds=1.0)
    with pytest.raises((ImageRefusedError, ProviderError)) as caught:
        asyncio.run(files.fetch(url))
    assert isinstance(caught.value, ImageRefusedError) or "cannot be reached" in str(caught.value)


def test_a_file_that_moves_elsewhere_is_not_followed() -> None:
    async def fetch(peer: ReplicatePeer) -> bytes | None:
        files = Files("replicate", (), peer.url, bytes_max=100, timeout_seconds=60.0)
        try:
            return await files.fetch(f"{peer.origin}/files/x/0.png")
        finally:
            await files.close()

    with ReplicatePeer() as peer:
        peer.script("file", redirect(f"{peer.origin}/files/y/0.png"))
        with pytest.raises(ProviderError, match="status 302"):
            asyncio.run(fetch(peer))
        assert peer.count("file") == 1
        assert "authorization" not in peer.last("file").headers


def fetched(
    fault: Fault | None, *, seconds: float = 60.0, origin: Callable[[ReplicatePeer], str] = lambda peer: peer.origin
) -> bytes | None:
    """What comes of a file at the provider whose answer is this."""

    async def fetch(peer: ReplicatePeer) -> bytes | None:
        files = Files("replicate", (), peer.url, bytes_max=10_000, timeout_seconds=seconds)
        try:
            return await files.fetch(f"{origin(peer)}/files/x/0.png")
        finally:
            await files.close()

    with ReplicatePeer() as peer:
        if fault is not None:
            peer.script("file", fault)
        return asyncio.run(fetch(peer))


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_is_not_there_any_more_is_none(status: int) -> None:
    assert fetched(refuse(status, b"<Error/>")) is None


def test_what_is_there_comes_whole_and_without_a_key() -> None:
    assert fetched(refuse(200, b"\x89PNG")) == b"\x89PNG"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (refuse(500), ProviderError), (refuse(200, b"x" * 20_000), ProviderAnswerError),
        (refuse(200, b"x", **{"Content-Encoding": "gzip"}), ProviderAnswerError), (drop(), ProviderTimeoutError),
    ],
    ids=["500", "huge", "packed", "drop"],
)
def test_what_goes_wrong_is_one_of_our_errors(fault: Fault, kind: type[JobError]) -> None:
    with pytest.raises(kind) as caught:
        fetched(fault)
    assert type(caught.value) is kind


def test_a_file_that_does_not_come_is_given_up_on() -> None:
    with pytest.raises(ProviderTimeoutError):
        fetched(hang(), seconds=0.3)


def test_the_provider_s_own_origin_is_its_scheme_host_and_port() -> None:
    with pytest.raises(ImageRefusedError, match="where it keeps none"):
        fetched(None, origin=lambda peer: peer.origin.replace("http://", "https://"))
    with pytest.raises(ImageRefusedError, match="where it keeps none"):
        fetched(None, origin=lambda peer: "http://127.0.0.1:9")
