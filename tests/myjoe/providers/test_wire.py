"""The wire: what a client sends of itself, how much it reads, and what the log says of a call."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from myjoe import telemetry
from myjoe.errors import ProviderAnswerError, ProviderBusyError
from myjoe.providers.wire import client, logged, request_id_of
from tests.support.peers import ReplicatePeer, huge, packed, redirect, refuse


@pytest.fixture
def events() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    heard: list[tuple[str, dict[str, Any]]] = []
    forget = telemetry.subscribe(lambda event, fields: heard.append((event, dict(fields))))
    yield heard
    forget()


def got(peer: ReplicatePeer, bytes_max: int = 1000, key: str = ReplicatePeer.key) -> httpx2.Response:
    async def asking() -> httpx2.Response:
        async with client("replicate", peer.url, key, bytes_max) as one:
            return await one.get("account")

    return asyncio.run(asking())


def test_a_request_carries_the_key_our_name_and_no_wish_for_packing() -> None:
    with ReplicatePeer() as peer:
        assert got(peer).status_code == 200
        headers = peer.last("account").headers
    assert headers["authorization"] == f"Bearer {ReplicatePeer.key}"
    assert headers["accept-encoding"] == "identity" and headers["user-agent"] == "myjoe-worker"


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_an_answer_is_read_up_to_its_bound(size: int, fits: bool) -> None:
    with ReplicatePeer() as peer:
        peer.script("account", refuse(200, b"x" * size))
        if fits:
            assert len(got(peer).content) == size
        else:
            with pytest.raises(ProviderAnswerError, match="larger than 1000 bytes"):
                got(peer)


def test_nothing_is_unpacked_and_nothing_followed() -> None:
    with ReplicatePeer() as peer:
        peer.script("account", packed(), redirect(f"{peer.origin}/elsewhere"), huge(5000))
        with pytest.raises(ProviderAnswerError, match="packs its answer"):
            got(peer)
        assert got(peer).status_code in (301, 302, 303, 307, 308)
        assert [request.route for request in peer.received] == ["account", "account"]


def test_a_request_id_is_bounded_and_may_be_missing() -> None:
    assert request_id_of({"x-request-id": "r" * 500}) == "r" * 128 and request_id_of({}) == ""


def test_a_call_is_one_line_however_it_ends(events: list[tuple[str, dict[str, Any]]]) -> None:
    with logged("x", "POST images") as call:
        call.status, call.request_id = 200, "r1"
    with logged("x", "GET predictions/ID"):
        pass
    with pytest.raises(ProviderBusyError), logged("x", "POST images"):
        raise ProviderBusyError("later")
    with pytest.raises(asyncio.CancelledError), logged("x", "POST images"):
        raise asyncio.CancelledError
    assert [(event, fields.get("kind"), fields["status"]) for event, fields in events] == [
        ("provider.called", None, 200), ("provider.polled", None, 0), ("provider.failed", "busy", 0), ("provider.failed", "cancelled", 0),
    ]  # fmt: skip
    assert events[0][1]["request_id"] == "r1" and all(fields["seconds"] >= 0 for _, fields in events)


def test_an_error_of_ours_is_no_call_of_the_provider_s(events: list[tuple[str, dict[str, Any]]]) -> None:
    with pytest.raises(ZeroDivisionError), logged("x", "POST images"):
        raise ZeroDivisionError
    assert events == []
