"""What a status, a header or a broken connection means for a job."""
from __future__ import annotations

import asyncio

import httpx2
import pytest

from myjoe.errors import (
    JobError,
    OperatorError,
    ProviderAccountError,
    ProviderAnswerError,
    ProviderBusyError,
    ProviderError,
    ProviderOutError,
    ProviderRefusedError,
    ProviderTimeoutError,
    RetryableError,
    SnoozeError,
)
from myjoe.providers.http_errors import maybe_billed, readable, status_error, transport_error
from myjoe.retry_after import RETRY_AFTER_SECONDS_MAX
from tests.support.meters import RecordingMeter


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, "bad size", ProviderRefusedError), (422, "no prompt", ProviderRefusedError), (401, "", ProviderAccountError),
        (403, "", ProviderAccountError), (402, "", ProviderAccountError), (404, "", OperatorError), (408, "", ProviderError),
        (409, "", ProviderError), (429, "", ProviderBusyError), (429, '{"code":"insufficient_quota"}', ProviderAccountError),
        (400, '{"code":"not_enough_credits"}', ProviderAccountError), (500, "", ProviderOutError), (502, "", ProviderTimeoutError),
        (504, "", ProviderTimeoutError), (524, "", ProviderTimeoutError), (302, "", OperatorError),
        (405, "", OperatorError), (410, "This version is gone", OperatorError), (407, "", OperatorError),
        (400, '{"error": {"code": "billing_hard_limit_reached"}}', ProviderAccountError),
        (429, "Your account is not active, please check your billing details", ProviderAccountError),
        (400, "API key not valid. Please pass a valid API key.", ProviderAccountError),
        (400, '{"code": "invalid_api_key"}', ProviderAccountError), (400, "Your credit balance is too low", ProviderAccountError),
        (400, "The access token is expired", ProviderAccountError),
        (400, "the prompt speaks of a lost key, an account and a token", ProviderRefusedError),
        (400, "unknown key: 'seed'", ProviderRefusedError), (400, "invalid token at line 3: expected a string", ProviderRefusedError),
        (400, "missing key 'prompt'", ProviderRefusedError),
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


@pytest.mark.parametrize("said", ["0", "-3", "0.5", "nan", "soon", "Wed, 25 Nov 2020 00:00:00 GMT"])
def test_a_failure_with_no_pause_worth_the_name_is_left_to_the_queue_s_backoff(said: str) -> None:
    for status in (500, 502, 409):
        error = status_error("x", status, {"retry-after": said}, "")
        assert isinstance(error, RetryableError) and error.retry_after_seconds is None


def test_a_pause_in_words_has_a_ceiling_too() -> None:
    said = status_error("x", 429, {}, f"Your rate limit resets in ~{'9' * 500}s.")
    assert isinstance(said, SnoozeError) and said.after_seconds == RETRY_AFTER_SECONDS_MAX


def test_words_for_people_hold_no_key_and_no_page() -> None:
    assert readable('{"error": {"message": "bad\\n size", "code": "x"}}') == "bad size"
    assert readable("key sk-123 is wrong", "sk-123") == "key … is wrong"
    assert readable("<html><body>502</body></html>") == "no reason given"
    assert len(readable("x" * 10_000)) == 300


def test_an_error_of_our_own_is_not_taken_for_the_networks() -> None:
    assert isinstance(transport_error("x", TimeoutError(), 3.0), ProviderTimeoutError)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ConnectError("no"), ProviderOutError), (httpx2.ConnectTimeout("no"), ProviderOutError),
        (httpx2.PoolTimeout("no"), ProviderOutError),
        (httpx2.UnsupportedProtocol("no"), ProviderOutError), (httpx2.ReadTimeout("no"), ProviderTimeoutError),
        (httpx2.ReadError("no"), ProviderTimeoutError), (httpx2.RemoteProtocolError("no"), ProviderTimeoutError),
        (httpx2.WriteError("no"), ProviderTimeoutError),
    ],
)  # fmt: skip
def test_whether_the_provider_can_have_heard_it_decides(error: Exception, kind: type[JobError]) -> None:
    found = transport_error("x", error, 3.0)
    assert type(found) is kind and "no" not in str(found).split()


@pytest.mark.parametrize(("error", "words", "notes"), [
    (ProviderTimeoutError("lost"), ["unknown"], []), (ProviderAnswerError("cut"), ["unknown"], []),
    (ProviderError("500"), [], ["withdrawn"]), (ProviderRefusedError("400"), [], ["withdrawn"]), (None, [], []),
])  # fmt: skip
def test_only_an_answer_that_was_lost_may_have_been_billed(error: JobError | None, words: list[str], notes: list[str]) -> None:
    meter = RecordingMeter()

    async def asking() -> None:
        async with maybe_billed(meter, {"image": 1}, 60.0) as left:
            assert 50 < left <= 60
            assert meter.notes == ["intended"], "noted before it is made"
            if error is not None:
                raise error

    if error is None:
        asyncio.run(asking())
    else:
        with pytest.raises(type(error)):
            asyncio.run(asking())
    assert meter.words == words and meter.notes == ["intended", *notes]
