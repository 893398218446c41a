"""Answers up to a size, as they come."""
from __future__ import annotations

import asyncio

import httpx2
import pytest

from myjoe.capped import HEADERS, CappedTransport
from tests.support.peers import ReplicatePeer, packed, refuse


class TooMuchError(Exception):
    """What the tests' client raises."""


def got(peer: ReplicatePeer) -> httpx2.Response:
    async def asking() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=CappedTransport("it", 1000, TooMuchError), headers=HEADERS) as client:
            return await client.get(f"{peer.url}/account")

    return asyncio.run(asking())


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False), (5_000_000, False)])
def test_an_answer_is_read_up_to_its_bound(size: int, fits: bool) -> None:
    with ReplicatePeer() as peer:
        peer.script("account", refuse(200, b"x" * size))
        if fits:
            assert len(got(peer).content) == size
        else:
            with pytest.raises(TooMuchError, match="it's answer is larger than 1000 bytes"):
                got(peer)
        assert peer.last("account").headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("named", ["gzip", "br", "zstd", "deflate", "GZIP", "gzip, identity"])
def test_nothing_is_unpacked(named: str) -> None:
    with ReplicatePeer() as peer:
        peer.script("account", packed() if named == "gzip" else refuse(200, b"x", **{"Content-Encoding": named}))
        with pytest.raises(TooMuchError, match="it packs its answer"):
            got(peer)


@pytest.mark.parametrize("named", ["identity", "aws-chunked", ""])
def test_what_is_only_called_something_is_read(named: str) -> None:
    with ReplicatePeer() as peer:
        peer.script("account", refuse(200, b"x", **{"Content-Encoding": named}))
        assert got(peer).content == b"x"
