"""Replicate: a prediction's life, from asking to the file in hand. What is asked for is `flux`'s
and `upscaler`'s business.

A prediction is booked by its id before it is waited for, so that a worker that dies leaves a trace:
the next attempt asks after that prediction and pays for no other. It is settled only when the file
is here, or cannot be had any more.
"""
from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from myjoe.errors import (
    ImageRefusedError,
    JobError,
    ProviderBusyError,
    ProviderError,
    ProviderRefusedError,
    ProviderTimeoutError,
)
from myjoe.providers.files import Files
from myjoe.providers.http import Http
from myjoe.providers.http_errors import maybe_billed, readable
from myjoe.providers.protocol import Meter
from myjoe_worker.providers.images import picture
from myjoe_worker.providers.protocol import Picture

# Seconds for one call of the API, which answers at once. More waits longer for a dead connection.
CALL_SECONDS = 30.0
# Seconds that a prediction is waited for; then it is left alone, and the next attempt asks after
# it. A cold model takes minutes.
WAIT_SECONDS = 300.0
# When Replicate itself gives a prediction up. Longer than WAIT_SECONDS and a retry's first pause
# together.
CANCEL_AFTER = "10m"
# The first pause between two questions, its growth, and the longest, in seconds. The fastest model
# takes about a second.
POLL_SECONDS, POLL_GROWTH, POLL_SECONDS_MAX = 0.5, 1.5, 5.0
# Seconds for telling Replicate that nobody wants the prediction any more. Who cancels a job waits
# for this and should have it within a second; an answer that comes later is not missed, as the
# request was heard, and the estimate stays booked.
CANCEL_SECONDS = 0.8
# No model runs so long, in seconds; who says so is not believed, and billed by the estimate.
PREDICT_SECONDS_MAX = 24 * 3600.0
# How often a file is asked for before the attempt ends; it stays for an hour, and the next attempt
# asks again.
FETCHES_MAX = 3
# API answers hold addresses and logs, files hold pictures: 4 megapixels as PNG are 12 MB at the
# very most.
ANSWER_BYTES_MAX, FILE_BYTES_MAX = 1_000_000, 48_000_000
# Replicate takes data addresses of up to 256 KB.
DATA_URL_BYTES_MAX = 256_000
FILE_HOSTS = ("replicate.delivery",)

TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})
# How its models say that their safety checker refused.
REFUSED = re.compile(r"nsfw|sensitive|safety|moderat|flagged|content policy", re.IGNORECASE)


class Prediction(BaseModel):
    """What Replicate says about a prediction. Its published list of statuses lacks one that it
    sends, so any word is taken.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    status: str
    output: Any = None
    error: Any = None
    # What is not needed for certain is taken as it comes: an answer that cannot be read would leave
    # a drawing that was paid for.
    metrics: Any = None
    started_at: Any = None

    @property
    def files(self) -> list[str]:
        """The addresses of what was made: some models say a list, some a single one. Flagged
        pictures are missing without a word.
        """
        output = self.output if isinstance(self.output, list) else [self.output]
        return [url for url in output if isinstance(url, str)]

    @property
    def predict_seconds(self) -> float | None:
        """How long the model ran, without queue and cold start."""
        seconds = self.metrics.get("predict_time") if isinstance(self.metrics, Mapping) else None
        return float(seconds) if isinstance(seconds, (int, float)) and 0 <= seconds <= PREDICT_SECONDS_MAX else None

    @property
    def ran(self) -> bool:
        """Whether it came to a machine at all."""
        return self.started_at is not None or bool(self.predict_seconds)


@dataclass(frozen=True)
class Work:
    """What to ask for.

    path, body  the request
    estimate    what it will use, by the units of the price list
    used        what a prediction that has ended has used
    image       a picture to go with the input of that name
    """

    path: str
    body: Mapping[str, Any]
    estimate: Mapping[str, float]
    used: Callable[[Prediction], Mapping[str, float]]
    image: Picture | None = None


def images_used(prediction: Prediction) -> Mapping[str, float]:
    """Billed by what came out. A run that was stopped halfway counts as one, since nobody says that
    it is free.
    """
    if prediction.status == "succeeded":
        return {"image": 1 if prediction.output is None else len(prediction.files)}
    return {"image": 1 if prediction.status == "canceled" and prediction.ran else 0}


class Replicate:
    """The API: five routes and the files."""

    def __init__(self, token: str, base_url: str, *, wait_seconds: float = WAIT_SECONDS, poll_seconds: float = POLL_SECONDS) -> None:
        self._http = Http("replicate", base_url, token, bytes_max=ANSWER_BYTES_MAX, timeout_seconds=CALL_SECONDS)
        self._files = Files("replicate", FILE_HOSTS, base_url, bytes_max=FILE_BYTES_MAX, timeout_seconds=CALL_SECONDS)
        self._token = token
        self._wait_seconds = wait_seconds
        self._poll_seconds = poll_seconds

    async def make(self, work: Work, model: str, meter: Meter) -> Picture:
        """What was asked for, as a picture: from an earlier attempt if that has made one, else from
        a new prediction.
        """
        if meter.resumable is not None:
            found = await self._collect(meter.resumable, work, model, meter)
            if isinstance(found, Picture):
                return found
            if isinstance(found, ProviderRefusedError):
                raise found
        found = await self._collect(await self._create(work, meter), work, model, meter)
        if isinstance(found, JobError):
            raise found
        return found

    async def check(self) -> str:
        """A sentence on the token, by a call that costs nothing. Raises the error that a job would
        meet.
        """
        await self._http.json("GET", "account")
        return "the token is accepted"

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.close()
        await self._files.close()

    async def _create(self, work: Work, meter: Meter) -> str:
        body = dict(work.body)
        if work.image is not None:
            body["input"] = {**body["input"], "image": await self._address(work.image)}
        async with maybe_billed(meter, work.estimate, CALL_SECONDS) as left:
            answer = await self._http.json("POST", work.path, body, headers={"Cancel-After": CANCEL_AFTER}, timeout_seconds=left)
            prediction = answer.read(Prediction)
        try:
            await meter.opened(prediction.id, work.estimate)
        except BaseException:
            await self._cancel(prediction.id, work, meter)
            raise
        return prediction.id

    async def _address(self, image: Picture) -> str:
        """Small pictures travel within the request; larger ones are sent ahead, and kept there for
        a day.
        """
        url = f"data:{image.media_type};base64,{base64.b64encode(image.content).decode()}"
        if len(url) <= DATA_URL_BYTES_MAX:
            return url
        answer = await self._http.upload("files", "content", image.content, image.media_type)
        return answer.read(_Upload).urls.get

    async def _collect(self, identity: str, work: Work, model: str, meter: Meter) -> Picture | JobError:
        """The picture, or why there is none; settled in both cases, a picture when it is kept.
        Raises what leaves the prediction to be asked for again.
        """
        try:
            prediction = await self._wait(identity)
        except asyncio.CancelledError:
            await self._cancel(identity, work, meter)
            raise
        if prediction is None:
            await meter.closed(identity, work.estimate)
            return ProviderError("replicate does not know the prediction any more")
        try:
            found = self._fault(prediction) or picture(await self._fetch(prediction.files[0]), "replicate", model, identity)
        except (ImageRefusedError, _GoneError) as fault:
            found = fault
        if isinstance(found, Picture):
            await meter.delivered(identity, work.used(prediction))
        else:
            await meter.closed(identity, work.used(prediction))
        return found

    async def _wait(self, identity: str) -> Prediction | None:
        """The prediction once it has ended; None if there is none of that id. Short outages are
        waited out.
        """
        deadline, pause = time.monotonic() + self._wait_seconds, self._poll_seconds
        while True:
            asked_for, late = 0.0, None
            try:
                answer = await self._http.json("GET", f"predictions/{quote(identity, safe='')}", expected={404})
                if answer.status == 404:
                    return None
                prediction = answer.read(Prediction)
                if prediction.status in TERMINAL:
                    return prediction
            except ProviderBusyError as busy:
                asked_for, late = busy.after_seconds, busy
            except ProviderError as fault:
                asked_for = fault.retry_after_seconds or 0.0
            pause = max(pause, asked_for)
            if time.monotonic() + pause > deadline:
                # Who says to come back later is asked later, and no attempt is counted.
                raise late or ProviderTimeoutError(
                    f"replicate's prediction took longer than {self._wait_seconds:g} s; it is asked for again"
                )
            await asyncio.sleep(pause)
            pause = min(pause * POLL_GROWTH, POLL_SECONDS_MAX)

    async def _fetch(self, url: str) -> bytes:
        for trial in range(1, FETCHES_MAX):
            try:
                return await self._fetch_once(url)
            except _GoneError:
                raise
            except ProviderError:
                await asyncio.sleep(self._poll_seconds * trial)
        return await self._fetch_once(url)

    async def _fetch_once(self, url: str) -> bytes:
        content = await self._files.fetch(url)
        if content is None:
            raise _GoneError("replicate's file was gone before it was fetched")
        return content

    async def _cancel(self, identity: str, work: Work, meter: Meter) -> None:
        """Nobody wants it any more. Where Replicate does not answer, its own deadline ends it, and
        the estimate stays booked.
        """
        try:
            answer = await self._http.json("POST", f"predictions/{quote(identity, safe='')}/cancel", timeout_seconds=CANCEL_SECONDS)
            prediction = answer.read(Prediction)
        except JobError:  # it was logged where it was raised
            return
        if prediction.status in TERMINAL:
            await meter.closed(identity, work.used(prediction))

    def _fault(self, prediction: Prediction) -> JobError | None:
        """Why there is no picture; None if there is one."""
        said = readable(str(prediction.error or ""), self._token)
        if prediction.status == "failed":
            if REFUSED.search(said):
                return ProviderRefusedError(f"replicate's safety checker refused: {said}")
            return ProviderError(f"replicate's model failed: {said}")
        if prediction.status == "canceled":
            return ProviderError("replicate's prediction was cancelled while it ran")
        if prediction.status == "aborted":
            return ProviderBusyError("replicate found no machine for the prediction in time")
        if prediction.output is None:
            return _GoneError("replicate has deleted what it drew, an hour after")
        return None if prediction.files else ProviderRefusedError("replicate's safety checker left out every picture")


class _UploadAddresses(BaseModel):
    get: str


class _Upload(BaseModel):
    urls: _UploadAddresses


class _GoneError(ProviderError):
    """What was made cannot be had any more."""
