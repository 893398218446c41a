"""Asking a provider's API: every broken answer is one of our errors, and no key is quoted."""
from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

from myjoe.errors import (
    OperatorError,
    ProviderAccountError,
    ProviderAnswerError,
    ProviderError,
    ProviderTimeoutError,
)
from myjoe.providers.http import Http, Reply
from tests.support.peers import Fault, ReplicatePeer, cut, drop, hang, html, huge, packed, redirect, refuse


async def ask(peer: ReplicatePeer, *, key: str = ReplicatePeer.key, seconds: float = 60.0, bytes_max: int = 10_000) -> object:
    http = Http("replicate", peer.url, key, bytes_max=bytes_max, timeout_seconds=seconds)
    try:
        return await http.json("GET", "account")
    finally:
        await http.close()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (cut(), ProviderAnswerError), (html(), ProviderAnswerError), (huge(20_000), ProviderAnswerError), (packed(), ProviderAnswerError),
        (drop(), ProviderTimeoutError), (hang(), ProviderTimeoutError), (redirect("https://example.org/"), OperatorError),
        (refuse(200, ["a list"]), ProviderAnswerError), (refuse(200, b"[" * 100_000), ProviderAnswerError),
    ],
    ids=["cut", "html", "huge", "packed", "drop", "hang", "redirect", "list", "deep"],
)  # fmt: skip
def test_a_broken_answer_is_one_of_our_errors(fault: Fault, kind: type[Exception]) -> None:
    with ReplicatePeer() as peer:
        peer.script("account", fault)
        with pytest.raises(kind) as caught:
            asyncio.run(ask(peer, seconds=fault.patience_seconds, bytes_max=10_000 if fault != refuse(200, b"[" * 100_000) else 1_000_000))
    assert type(caught.value) is kind


def test_nobody_there_is_no_lost_answer() -> None:
    with ReplicatePeer() as peer:
        pass  # it has left, and its port is closed
    with pytest.raises(ProviderError, match="cannot be reached") as caught:
        asyncio.run(ask(peer))
    assert not isinstance(caught.value, ProviderTimeoutError)


def test_a_wrong_key_is_an_operators_business_and_never_quoted() -> None:
    with ReplicatePeer() as peer:
        with pytest.raises(ProviderAccountError) as caught:
            asyncio.run(ask(peer, key="a-wrong-key"))
        assert "a-wrong-key" not in str(caught.value)
        with pytest.raises(OperatorError, match="no key"):
            asyncio.run(ask(peer, key=""))
        assert peer.count("account") == 1


class Account(BaseModel):
    """What an answer should be."""

    username: str
    credits: int


def test_a_reply_is_read_as_what_it_should_be_or_refused_by_the_names_of_its_fields() -> None:
    assert Reply("x", 200, {"username": "joe", "credits": 3, "more": 1}, "r1").read(Account) == Account(username="joe", credits=3)
    with pytest.raises(ProviderAnswerError, match=r"^x's answer is not what it should be, in credits, username$") as caught:
        Reply("x", 200, {"username": ["a secret"], "credits": "many"}, "r1").read(Account)
    assert caught.value.__cause__ is None and "secret" not in str(caught.value)


def test_a_status_that_is_expected_is_an_answer() -> None:
    async def asking(peer: ReplicatePeer) -> Reply:
        http = Http("replicate", peer.url, ReplicatePeer.key, bytes_max=10_000, timeout_seconds=60.0)
        try:
            return await http.json("GET", "account", expected=(404,))
        finally:
            await http.close()

    with ReplicatePeer() as peer:
        peer.script("account", refuse(404, {"detail": "gone"}))
        reply = asyncio.run(asking(peer))
    assert (reply.status, reply.data) == (404, {"detail": "gone"})
