"""What a status, a header or a broken connection means for a job: every failure of a provider as
one of our errors, which hold no key and nothing but a line of the provider's own words.
"""
from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2

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
from myjoe.providers.protocol import Meter
from myjoe.retry_after import bounded, retry_after_seconds

# How long to stay away where a provider is busy and does not say how long, in seconds. A guess: its
# rates are counted by the minute.
BUSY_SECONDS = 30.0
# A shorter pause after a failure is taken for none, in seconds, and the queue's own backoff holds.
PAUSE_SECONDS_MIN = 5.0
# Characters of a provider's own words that go into an error, for a person to read.
WORDS_MAX = 300
# So long it may take to keep what a call has brought, in seconds. Longer has a job wait longer for
# a worker that is dead; shorter buys again what a slow storage was about to take.
KEEPING_SECONDS = 10.0
# What a gateway answers when it has lost patience with the machine behind it, which may have done
# the work. 524 is Cloudflare's.
GATEWAY_GAVE_UP = frozenset({502, 504, 524})
# How providers say that the account is empty, under whatever status they choose.
EMPTY_ACCOUNT = re.compile(
    r"insufficient[_ ](?:quota|credits?|balance|funds)|(?:not[_ ]enough|out[_ ]of)[_ ]credits?|credit balance is |billing[_ ]\w*[_ ]?limit"
    r"|billing[_ ]not[_ ]active|exceeded your current quota|payment[_ ](?:required|method)", re.IGNORECASE
)
# And that it is not the request but the key, or whoever holds it. A request has keys and tokens of
# its own, so that bare ones tell nothing.
_KEY = r"(?:api|access|auth\w*|bearer)[_ -]?(?:key|token)"
REFUSED_ACCOUNT = re.compile(
    rf"(?:invalid|incorrect|expired|revoked|unknown|malformed|missing)[_ ](?:{_KEY}|credentials)"
    rf"|{_KEY}[_ ](?:is[_ ]|has[_ ]been[_ ]|not[_ ])?(?:invalid|incorrect|expired|revoked|valid|found)"
    r"|account[_ ](?:is[_ ]|has[_ ]been[_ ])?(?:deactivated|suspended|disabled|closed|not[_ ]active)", re.IGNORECASE
)
# What an address answers that is not, or is no longer, that of the service: the operator's to set.
ELSEWHERE = frozenset({404, 405, 407, 410, 421, 426, 451})
# Replicate states its pause in words only.
PAUSE_IN_WORDS = re.compile(r"resets in ~?(\d+(?:\.\d+)?) ?s", re.IGNORECASE)


def status_error(provider: str, status: int, headers: Mapping[str, str], words: str, key: str = "") -> JobError:
    """What an HTTP status means for a job."""
    said = readable(words, key)
    if status == 402 or (status in (400, 403, 429) and EMPTY_ACCOUNT.search(words)):
        return ProviderAccountError(f"{provider}: the account is empty")
    if status in (401, 403) or (status in (400, 429) and REFUSED_ACCOUNT.search(words)):
        return ProviderAccountError(f"{provider} does not accept the key (status {status})")
    if status in ELSEWHERE:
        return OperatorError(f"{provider} knows no such model or address: {said}")
    pause = retry_after_seconds(headers)
    if status == 429 or (status == 503 and pause is not None):
        if pause is None and (in_words := PAUSE_IN_WORDS.search(words)):
            pause = bounded(float(in_words.group(1)))
        return ProviderBusyError(f"{provider} asks to come back later", BUSY_SECONDS if pause is None else pause)
    # An attempt that failed is not made again at once because somebody says 0: there are three.
    pause = None if pause is not None and pause < PAUSE_SECONDS_MIN else pause
    if status in GATEWAY_GAVE_UP:
        return ProviderTimeoutError(f"{provider}'s gateway gave up (status {status})", pause)
    if status >= 500:
        return ProviderOutError(f"{provider} failed with status {status}", pause)
    if status in (408, 409, 425):
        return ProviderError(f"{provider} failed with status {status}", pause)
    if status >= 400:
        return ProviderRefusedError(f"{provider} refuses with status {status}: {said}")
    return OperatorError(f"{provider} sends us elsewhere (status {status})")


def transport_error(provider: str, error: Exception, timeout_seconds: float) -> JobError:
    """What a request without an answer means: whether the provider can have heard it decides."""
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)):
        return ProviderOutError(f"{provider} cannot be reached ({type(error).__name__})")
    if isinstance(error, (httpx2.TimeoutException, TimeoutError)):
        return ProviderTimeoutError(f"{provider} did not answer within {timeout_seconds:g} s")
    return ProviderTimeoutError(f"{provider} broke the connection before its answer was whole ({type(error).__name__})")


def readable(words: str, key: str = "") -> str:
    """A provider's words on one line and without our key: from the JSON it sends if there is one,
    never the whole of a page.
    """
    try:
        data = json.loads(words)
    except (ValueError, RecursionError):
        data = None
    while isinstance(data, dict):
        data = next((data[name] for name in ("detail", "message", "error", "title", "code") if data.get(name)), None)
    said = " ".join((data if isinstance(data, str) else words if not words.lstrip().startswith(("<", "{", "[")) else "").split())
    said = said.replace(key, "…") if key else said
    return said[:WORDS_MAX] or "no reason given"


@asynccontextmanager
async def maybe_billed(meter: Meter, units: Mapping[str, float], seconds: float) -> AsyncIterator[float]:
    """Around a request that costs money and has no id yet: noted before, and booked as the estimate
    where its answer is lost, or whoever asked is.

    `seconds` is the most that the request may take, from here on; inside, what is left of them.
    """
    began = time.monotonic()
    await meter.intended(units, seconds + KEEPING_SECONDS)
    left = seconds - (time.monotonic() - began)
    try:
        if left < seconds / 2:
            # Whoever takes the job over waits for us no longer than was noted.
            raise ProviderOutError("nobody was asked, as noting the call took too long")
        yield left
    except (ProviderTimeoutError, ProviderAnswerError):
        await meter.unknown(units)
        raise
    except JobError:
        await meter.withdrawn()
        raise
