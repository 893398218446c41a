"""OpenAI through its own SDK: one bounded question, one answer, and what it has cost. Brain, judge
and Joe Knows ask through here.

The SDK never retries for us, since attempts, costs and leases are the queue's. What an answer has
cost is booked before it is read: the SDK's own parsing loses the usage of answers that were cut.

The SDK is imported where there is a key: it takes as long as all else that a worker imports.
"""
from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import httpx2

from myjoe.errors import (
    JobError,
    OperatorError,
    ProviderAccountError,
    ProviderAnswerError,
    ProviderBusyError,
    ProviderError,
    ProviderRefusedError,
)
from myjoe.providers.http_errors import maybe_billed, readable, status_error, transport_error
from myjoe.providers.protocol import Meter
from myjoe.providers.wire import Call, client, logged, request_id_of

if TYPE_CHECKING:
    import openai
    from openai.types import ModerationCreateResponse
    from openai.types.responses import Response

# Answers are bounded in tokens, a few kilobytes each.
ANSWER_BYTES_MAX = 4_000_000
# Seconds for one answer of at most a few thousand tokens. The SDK would wait ten minutes.
CALL_SECONDS = 120.0
# Visible answers only: thinking counts as output too, and could use up the bound and leave nothing.
REASONING_EFFORT = "none"
# English runs at four characters a token, other languages and JSON at two or more; an estimate that
# is booked only if the answer is lost.
CHARACTERS_PER_TOKEN = 2.5
# A picture at detail "low", in tokens, by the governor's reckoning of a thousand for the judge.
IMAGE_TOKENS = 800
# What one call of the moderation endpoint costs; long stated to be free. Should that change, it
# becomes a row of provider_prices.
MODERATION_MICRO_USD = 0
# Tokens of one answer that are believed; more is no count, and the estimate is booked.
TOKENS_MAX = 10_000_000
# How a response that failed can be told from one that will always fail.
RETRYABLE_CODES = frozenset({"server_error", "rate_limit_exceeded", "vector_store_timeout"})


@dataclass(frozen=True)
class Said:
    """An answer: its text, or why the model refuses to give one; and under which id
    it was booked.
    """

    text: str
    refusal: str | None
    request_id: str


@dataclass(frozen=True)
class Question:
    """One question to a model.

    instructions       what it is to do, by us
    content            what it is to do it with, by others: text, or the parts of the Responses API
    schema             of the JSON it has to answer with, strict; `name` names it
    output_tokens_max  all that it may say
    seconds_max        how long it may take, in seconds, where that is less than for any call
    """

    instructions: str
    content: str | Sequence[Mapping[str, Any]]
    name: str
    schema: Mapping[str, Any]
    output_tokens_max: int
    user_hash: str = ""
    seconds_max: float = inf

    @property
    def units_estimate(self) -> Mapping[str, float]:
        """The most that it may use."""
        parts = [{"type": "input_text", "text": self.content}] if isinstance(self.content, str) else self.content
        characters = len(self.instructions) + len(str(self.schema)) + sum(len(part.get("text", "")) for part in parts)
        images = sum(part["type"] == "input_image" for part in parts)
        return {"input_token": int(characters / CHARACTERS_PER_TOKEN) + images * IMAGE_TOKENS, "output_token": self.output_tokens_max}


class OpenAI:
    """The API, as far as we need it: responses and moderations."""

    def __init__(self, key: str, base_url: str, *, call_seconds: float = CALL_SECONDS) -> None:
        self._key = key
        self._call_seconds = call_seconds
        # Without a key nothing is ever sent: `_logged` refuses.
        self._sdk: Any = _sdk(key, base_url, call_seconds) if key else None

    async def ask(self, question: Question, model: str, meter: Meter) -> Said:
        """The answer. ProviderAnswerError where it was cut; what it has cost is booked in
        any case.
        """
        seconds = min(self._call_seconds, question.seconds_max)
        async with maybe_billed(meter, question.units_estimate, seconds) as left:
            response = await self._respond(question, model, left)
        await meter.closed(response.id, units_used(response, question))
        try:
            return said(response)
        except (AttributeError, TypeError):  # the SDK checks nothing of what it hands on
            raise ProviderAnswerError("openai's answer is no response") from None

    async def moderate(self, texts: Sequence[str], model: str, meter: Meter) -> ModerationCreateResponse:
        """One result for each text. It costs nothing, which is booked as such."""
        with self._logged("POST moderations") as call:
            from openai.types import ModerationCreateResponse

            answer = await self._call(call, self._sdk.moderations.create(model=model, input=list(texts)))
        if not isinstance(answer, ModerationCreateResponse) or not isinstance(answer.results, list) or len(answer.results) != len(texts):
            raise ProviderAnswerError("openai's moderation did not answer for every text")
        await meter.closed(answer.id, micro_usd=MODERATION_MICRO_USD)
        return answer

    async def check(self) -> str:
        """A sentence on the key, by a call that costs nothing. Raises the error that a job would
        meet.
        """
        with self._logged("GET models") as call:
            await self._call(call, self._sdk.models.list())
        return "the key is accepted"

    async def close(self) -> None:
        """Let the connections go."""
        if self._sdk is not None:
            await self._sdk.close()

    async def _respond(self, question: Question, model: str, seconds: float) -> Response:
        content = [{"type": "input_text", "text": question.content}] if isinstance(question.content, str) else list(question.content)
        body: dict[str, Any] = {
            "model": model, "instructions": question.instructions, "input": [{"role": "user", "content": content}],
            "max_output_tokens": question.output_tokens_max, "reasoning": {"effort": REASONING_EFFORT},
            "store": False, "truncation": "disabled",
            "text": {"format": {"type": "json_schema", "name": question.name, "schema": dict(question.schema), "strict": True}},
        }  # fmt: skip
        if question.user_hash:
            body["safety_identifier"] = question.user_hash
        with self._logged("POST responses") as call:
            from openai.types.responses import Response

            response = await self._call(call, self._sdk.responses.create(**body), seconds)
            if not isinstance(response, Response) or not isinstance(response.id, str) or not isinstance(response.output, list):
                raise ProviderAnswerError("openai's answer is no response")
            return response

    def _logged(self, name: str) -> Any:
        if not self._key:
            raise OperatorError("there is no key for openai")
        return logged("openai", name)

    async def _call(self, call: Call, request: Any, seconds: float | None = None) -> Any:
        import openai

        seconds = self._call_seconds if seconds is None else seconds
        try:
            async with asyncio.timeout(seconds):
                answer = await request
        except openai.APIStatusError as error:
            call.status, call.request_id = error.status_code, request_id_of(error.response.headers)
            raise api_error(error, self._key) from None
        except openai.APIConnectionError as error:
            cause = error.__cause__
            raise transport_error("openai", cause if isinstance(cause, Exception) else error, seconds) from None
        except TimeoutError as error:
            raise transport_error("openai", error, seconds) from None
        except (ValueError, RecursionError, openai.APIResponseValidationError):
            raise ProviderAnswerError("openai's answer is no JSON, or was cut") from None
        call.status, call.request_id = 200, getattr(answer, "_request_id", None) or ""
        return answer


def _sdk(key: str, base_url: str, call_seconds: float) -> openai.AsyncOpenAI:
    from openai import AsyncOpenAI

    return AsyncOpenAI(
        api_key=key, base_url=base_url, max_retries=0, timeout=httpx2.Timeout(call_seconds),
        http_client=client("openai", base_url, "", ANSWER_BYTES_MAX),
    )  # fmt: skip


def api_error(error: openai.APIStatusError, key: str) -> JobError:
    """What a status of the API means for a job."""
    if error.code in ("insufficient_quota", "billing_hard_limit_reached"):
        return ProviderAccountError("openai: the account is empty")
    body = error.body if isinstance(error.body, Mapping) else {}
    return status_error("openai", error.status_code, error.response.headers, str(body.get("message") or error.response.text), key)


def units_used(response: Response, question: Question) -> Mapping[str, float]:
    """Tokens by what is paid for them, thinking among the output.

    Where none are stated, a failure is not billed, and an answer counts as the estimate.
    """
    usage = response.usage
    read, written_out = (getattr(usage, name, None) for name in ("input_tokens", "output_tokens"))
    if not _counted(read) or not _counted(written_out):
        return {} if response.status == "failed" else question.units_estimate
    details = getattr(usage, "input_tokens_details", None)
    cached, written = (_count(getattr(details, name, None)) for name in ("cached_tokens", "cache_write_tokens"))
    units = {"input_token": max(_count(read) - cached - written, 0), "output_token": _count(written_out)}
    return units | {name: count for name, count in (("cached_input_token", cached), ("cache_write_token", written)) if count}


def _counted(count: object) -> bool:
    return isinstance(count, int) and 0 <= count <= TOKENS_MAX


def _count(count: object) -> int:
    return count if isinstance(count, int) and _counted(count) else 0


def said(response: Response) -> Said:
    """What the model says in the end: without what it mutters while working, and never a part of an
    answer.
    """
    if response.status == "failed":
        code = response.error.code if response.error else "server_error"
        words = readable(response.error.message if response.error else "")
        if code == "rate_limit_exceeded":
            raise ProviderBusyError(f"openai asks to come back later: {words}")
        raise (ProviderError if code in RETRYABLE_CODES else ProviderRefusedError)(f"openai failed with {code}: {words}")
    reason = response.incomplete_details.reason if response.incomplete_details else None
    if response.status == "incomplete" and reason == "content_filter":
        return Said("", "the content filter stopped the answer", response.id)
    if response.status != "completed":
        raise ProviderAnswerError(f"openai's answer is {response.status}" + (f" ({reason})" if reason else ""))
    parts = [
        part
        for item in response.output
        if item.type == "message" and getattr(item, "phase", None) in (None, "final_answer")
        for part in item.content
    ]
    refusal = next((part.refusal for part in parts if part.type == "refusal"), None)
    return Said("".join(part.text for part in parts if part.type == "output_text"), refusal, response.id)
