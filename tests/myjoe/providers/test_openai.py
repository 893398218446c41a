"""The one way to OpenAI: what is booked, and what each kind of answer and failure means."""
from __future__ import annotations

import asyncio

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
)
from myjoe.providers.openai import OpenAI, Question, Said
from tests.support.meters import RecordingMeter
from tests.support.peers import Fault, OpenAIPeer, cut, drop, hang, html, huge, refuse

SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["known", "answer"],
    "properties": {"known": {"type": "boolean"}, "answer": {"type": "string"}},
}  # fmt: skip
QUESTION = Question("Answer.", "What is the margin?", "joe_answer", SCHEMA, 400, user_hash="u1")
# What the peer counts for each answer: 1200 tokens in, of them 200 from the cache and 100 written
# to it.
INPUT = {"input_token": 900, "cached_input_token": 200, "cache_write_token": 100}


def ask(peer: OpenAIPeer, meter: RecordingMeter, *, model: str = "gpt-6-luna", key: str = OpenAIPeer.key, seconds: float = 5.0) -> Said:
    async def asking() -> Said:
        openai = OpenAI(key, peer.url, call_seconds=seconds)
        try:
            return await openai.ask(QUESTION, model, meter)
        finally:
            await openai.close()

    return asyncio.run(asking())


def raises(kind: type[JobError], call: object) -> JobError:
    with pytest.raises(kind) as caught:
        call()  # type: ignore[operator]
    return caught.value


def test_an_answer_is_bounded_not_kept_and_booked_by_its_tokens() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        said = ask(peer, meter)
        request = peer.last("responses")
        assert said.refusal is None and "0.375" in said.text
        assert meter.entries == [("closed", said.request_id, {**INPUT, "output_token": peer.billed[said.request_id]["output_tokens"]})]
    body = request.json
    assert body["store"] is False and body["max_output_tokens"] == 400 and body["truncation"] == "disabled"
    assert body["safety_identifier"] == "u1" and body["reasoning"] == {"effort": "none"}
    assert body["text"]["format"] == {"type": "json_schema", "name": "joe_answer", "strict": True, "schema": SCHEMA}


def test_what_a_model_mutters_while_working_is_not_its_answer() -> None:
    with OpenAIPeer() as peer:
        peer.shapes.append("phases")
        said = ask(peer, RecordingMeter())
    assert said.text.startswith("{") and "Let me look" not in said.text


@pytest.mark.parametrize("shape", ["refusal", "content_filter"])
def test_a_refusal_is_an_answer_and_paid_for(shape: str) -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.shapes.append(shape)
        said = ask(peer, meter)
        assert said.refusal and said.text == "" and set(meter.settled) == set(peer.billed)


def test_an_answer_that_was_cut_is_booked_before_it_is_refused() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.shapes.append("incomplete")
        error = raises(ProviderAnswerError, lambda: ask(peer, meter))
    assert "max_output_tokens" in str(error)
    assert list(meter.settled.values()) == [{**INPUT, "output_token": 400}]


def test_an_answer_without_usage_counts_as_the_estimate() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.shapes.append("no_usage")
        ask(peer, meter)
    assert list(meter.settled.values()) == [QUESTION.units_estimate]
    assert QUESTION.units_estimate["output_token"] == 400


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("server_error", ProviderError), ("rate_limit_exceeded", ProviderBusyError), ("invalid_prompt", ProviderRefusedError),
        ("image_content_policy_violation", ProviderRefusedError), ("a_new_code", ProviderRefusedError),
    ],
)  # fmt: skip
def test_a_response_that_failed_with_status_200_is_a_failure_and_costs_nothing(code: str, kind: type[JobError]) -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.shapes.append(f"failed:{code}")
        assert type(raises(kind, lambda: ask(peer, meter))) is kind
    assert list(meter.settled.values()) == [{}]


ERROR = {"error": {"message": "no", "type": "t", "param": None, "code": None}}
QUOTA = {"error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}}


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (refuse(429, ERROR, **{"Retry-After": "7"}), ProviderBusyError, []),
        (refuse(429, ERROR, **{"Retry-After": "300"}), ProviderBusyError, []),
        (refuse(429, ERROR, **{"Retry-After": "Mon, 01 Jan 2029 00:00:00 GMT"}), ProviderBusyError, []),
        (refuse(429, QUOTA), ProviderAccountError, []),
        (refuse(400, ERROR), ProviderRefusedError, []),
        (refuse(403, ERROR), ProviderAccountError, []),
        (refuse(404, ERROR), OperatorError, []),
        (refuse(500, ERROR), ProviderOutError, []),
        (refuse(504, ERROR), ProviderTimeoutError, ["unknown"]),
        (cut(), ProviderAnswerError, ["unknown"]),
        (html(), ProviderAnswerError, ["unknown"]),
        (huge(5_000_000), ProviderAnswerError, ["unknown"]),
        (refuse(200, {"id": 3}), ProviderAnswerError, ["unknown"]),
        (drop(after_work=True), ProviderTimeoutError, ["unknown"]),
        (hang(after_work=True), ProviderTimeoutError, ["unknown"]),
    ],
    ids=["busy", "busy long", "busy date", "quota", "400", "403", "404", "500", "504", "cut", "html", "huge", "odd", "drop", "hang"],
)
def test_a_failure_is_asked_once_and_booked_only_where_it_may_be_billed(fault: Fault, kind: type[JobError], words: list[str]) -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.script("responses", fault)
        error = raises(kind, lambda: ask(peer, meter, seconds=fault.patience_seconds))
        assert type(error) is kind and peer.count("responses") == 1
        if isinstance(error, ProviderBusyError):
            assert fault.reply is not None
            asked = fault.reply.headers["Retry-After"]
            assert error.after_seconds == (float(asked) if asked.isdigit() else 3600.0)
    assert meter.words == words


def _message(content: object) -> list[object]:
    return [{"type": "message", "role": "assistant", "content": content}]


@pytest.mark.parametrize("output", [
    _message([{"type": "output_text", "text": None}]), _message(None), _message([None]), _message("x"), [None], [7],
])  # fmt: skip
@pytest.mark.parametrize("usage", [None, {"input_tokens": "x"}, {"input_tokens": 10**30, "output_tokens": 1}, "many"])
def test_an_answer_of_any_shape_is_booked_and_one_of_our_errors(output: object, usage: object) -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        answer = {"id": "resp_1", "object": "response", "status": "completed", "output": output, "usage": usage}
        peer.script("responses", refuse(200, answer))
        raises(ProviderAnswerError, lambda: ask(peer, meter))
    assert meter.words in (["closed"], ["unknown"]), "once"


def test_nobody_there_is_no_lost_answer() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        pass
    error = raises(ProviderError, lambda: ask(peer, meter))
    assert not isinstance(error, ProviderTimeoutError) and meter.entries == []


def test_keys_are_an_operators_business_and_never_quoted() -> None:
    with OpenAIPeer() as peer:
        error = raises(ProviderAccountError, lambda: ask(peer, RecordingMeter(), key="sk-secret"))
        assert "secret" not in str(error) and "key-*" not in str(error)
        raises(OperatorError, lambda: ask(peer, RecordingMeter(), key=""))
        raises(OperatorError, lambda: ask(peer, RecordingMeter(), model="gpt-4o"))
        assert peer.count("responses") == 2 and peer.billed == {}


def test_the_key_can_be_checked_for_nothing() -> None:
    async def check(peer: OpenAIPeer, key: str) -> str:
        openai = OpenAI(key, peer.url)
        try:
            return await openai.check()
        finally:
            await openai.close()

    with OpenAIPeer() as peer:
        assert asyncio.run(check(peer, OpenAIPeer.key)) == "the key is accepted"
        raises(ProviderAccountError, lambda: asyncio.run(check(peer, "wrong")))
        assert peer.billed == {}
