"""What a status, a header or a broken connection means for a job."""
from __future__ import annotations

import asyncio
import email.utils

import pytest

from myjoe.errors import (
    ImageRefusedError,
    OperatorError,
    ProviderAccountError,
    ProviderAnswerError,
    ProviderBusyError,
    ProviderError,
    ProviderRefusedError,
    ProviderTimeoutError,
    RetryableError,
    SnoozeError,
)
from myjoe.providers.http import RETRY_AFTER_SECONDS_MAX, Files, Http, readable, retry_after_seconds, status_error, transport_error
from tests.support.peers import Fault, ReplicatePeer, cut, drop, hang, html, huge, packed, redirect, refuse

NOW = 1_764_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "300"}, 300.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": email.utils.formatdate(NOW + 90, usegmt=True)}, 90.0),
        ({"retry-after": email.utils.formatdate(NOW - 90, usegmt=True)}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, RETRY_AFTER_SECONDS_MAX),
        ({"retry-after": "soon"}, None),
    ],
)
def test_a_pause_is_read_in_every_form_and_bounded(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, "bad size", ProviderRefusedError), (422, "no prompt", ProviderRefusedError), (401, "", ProviderAccountError),
        (403, "", ProviderAccountError), (402, "", ProviderAccountError), (404, "", OperatorError), (408, "", ProviderError),
        (409, "", ProviderError), (429, "", ProviderBusyError), (429, '{"code":"insufficient_quota"}', ProviderAccountError),
        (400, '{"code":"not_enough_credits"}', ProviderAccountError), (500, "", ProviderError), (502, "", ProviderTimeoutError),
        (504, "", ProviderTimeoutError), (524, "", ProviderTimeoutError), (302, "", ProviderError),
    ],
)  # fmt: skip
def test_a_status_decides_what_becomes_of_the_job(status: int, words: str, kind: type[Exception]) -> None:
    assert type(status_error("x", status, {}, words)) is kind


def test_a_busy_provider_says_how_long_in_a_header_or_in_words() -> None:
    header = status_error("x", 429, {"retry-after": "300"}, "")
    words = status_error("x", 429, {}, '{"detail": "Request was throttled. Your rate limit resets in ~12s."}')
    away = status_error("x", 503, {"retry-after": "45"}, "")
    assert [error.after_seconds for error in (header, words, away) if isinstance(error, SnoozeError)] == [300.0, 12.0, 45.0]
    later = status_error("x", 500, {"retry-after": "45"}, "")
    assert isinstance(later, RetryableError) and later.retry_after_seconds == 45.0


def test_words_for_people_hold_no_key_and_no_page() -> None:
    assert readable('{"error": {"message": "bad\\n size", "code": "x"}}') == "bad size"
    assert readable("key sk-123 is wrong", "sk-123") == "key … is wrong"
    assert readable("<html><body>502</body></html>") == "no reason given"
    assert len(readable("x" * 10_000)) == 300


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
        (drop(), ProviderTimeoutError), (hang(), ProviderTimeoutError), (redirect("https://example.org/"), ProviderError),
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


def test_an_error_of_our_own_is_not_taken_for_the_networks() -> None:
    assert isinstance(transport_error("x", TimeoutError(), 3.0), ProviderTimeoutError)


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
