"""Replicate's API: predictions that take their time, files that go away, and the bill."""
from __future__ import annotations

import re
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.support.peers import pictures
from tests.support.peers.server import Peer, Received, RefusalError, Reply

LISTS = ("black-forest-labs/flux-schnell", "black-forest-labs/flux-dev")
MODELS = (*LISTS, "black-forest-labs/flux-1.1-pro", "black-forest-labs/flux-2-pro", "black-forest-labs/flux-2-flex")
PREDICT_SECONDS = 1.25

NSFW = "All generated images contained NSFW content. Try running it again with a different prompt."


@dataclass
class Job:
    """A prediction on Replicate's side. `outcome` is how it will end: one of OUTCOMES."""

    model: str
    inputs: Mapping[str, Any]
    outcome: str
    done_at: float
    polls_left: int
    file_at: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:26])
    canceled: bool = False
    removed: bool = False
    lost: bool = False

    @property
    def official(self) -> bool:
        return self.model in MODELS


# How a prediction may end. "removed": succeeded, and everything is deleted by the time somebody
# asks; "stuck" never ends.
OUTCOMES = ("succeeded", "failed", "nsfw", "aborted", "canceled", "canceled_unstarted", "empty", "removed", "two", "odd", "stuck")


class ReplicatePeer(Peer):
    """Replicate.

    draw_seconds  how long a prediction takes by the clock, if nobody calls `finish_drawing`
    polls         how often it says that it is not done, at least
    outcomes      how the next predictions end; "succeeded" when there is nothing left
    files         what the next files are: a kind of `pictures.of_kind`; PNG when there is nothing
                  left
    files_at      where the next files are said to be; where they are when there is nothing left
    """

    def __init__(self, *, draw_seconds: float = 0.0, polls: int = 1) -> None:
        super().__init__()
        self.draw_seconds = draw_seconds
        self.polls = polls
        self.outcomes: deque[str] = deque()
        self.files: deque[str] = deque()
        self.files_at: deque[str] = deque()
        self.jobs: dict[str, Job] = {}
        self.uploads: dict[str, bytes] = {}

    def finish_drawing(self) -> None:
        """What is being drawn is done now, and what comes takes no time."""
        with self.lock:
            self.draw_seconds = 0.0
            for job in self.jobs.values():
                job.done_at = 0.0

    @property
    def billed(self) -> dict[str, float]:
        """What each prediction that has ended is charged, by its id: images for official models,
        else seconds. Free ones are missing.
        """
        with self.lock:
            charges = {job.id: self._charge(job) for job in self.jobs.values() if self._status(job) in ("succeeded", "failed", "canceled")}
        return {identity: charge for identity, charge in charges.items() if charge}

    def route(self, method: str, path: str) -> str:
        for name, verb, pattern in (
            ("create", "POST", r"/v1/(?:models/[^/]+/[^/]+/)?predictions"), ("cancel", "POST", r"/v1/predictions/[^/]+/cancel"),
            ("get", "GET", r"/v1/predictions/[^/]+"), ("file", "GET", r"/files/.+"), ("upload", "POST", r"/v1/files"),
            ("account", "GET", r"/v1/account"),
        ):  # fmt: skip
            if method == verb and re.fullmatch(pattern, path):
                return name
        return "unknown"

    def open_to_all(self, route: str) -> bool:
        return route == "file"

    def unauthorized(self) -> Any:
        return {"title": "Unauthenticated", "detail": "You did not pass a valid authentication token", "status": 401}

    def work(self, request: Received) -> Reply:
        if request.route == "create":
            return self._create(request)
        if request.route == "account":
            return Reply(200, {"type": "organization", "username": "my-joe"})
        if request.route == "upload":
            return self._upload(request)
        if request.route == "file":
            return self._file(request.path)
        job = self.jobs.get(request.path.split("/")[3]) if request.route in ("get", "cancel") else None
        if job is None or job.lost:
            raise RefusalError(404, {"detail": "The requested resource could not be found.", "status": 404})
        if request.route == "cancel" and self._status(job) in ("starting", "processing"):
            job.canceled = True
        elif request.route == "get":
            job.polls_left -= 1
        return Reply(200, self._told(job))

    def _create(self, request: Received) -> Reply:
        body = request.json
        model = "/".join(request.path.split("/")[3:5]) if "/models/" in request.path else f"version:{body.get('version')}"
        inputs = body.get("input", {})
        wrong = self._wrong(model, inputs)
        if wrong:
            raise RefusalError(422, {"title": "Input validation failed", "detail": wrong, "status": 422})
        outcome = self.outcomes.popleft() if self.outcomes else "succeeded"
        job = Job(model, inputs, outcome, time.monotonic() + self.draw_seconds, self.polls)
        job.file_at = self.files_at.popleft() if self.files_at else None
        self.jobs[job.id] = job
        return Reply(201, self._told(job))

    def _wrong(self, model: str, inputs: Mapping[str, Any]) -> str | None:
        if model.startswith("version:"):
            if not re.fullmatch(r"version:[0-9a-f]{64}", model):
                return "- version: Does not match format"
            image = inputs.get("image", "")
            if image.startswith("data:"):
                return "- input.image: data URLs over 256KB are not supported" if len(image) > 256_000 else None
            return None if image in self.uploads else "- input.image: cannot be fetched"
        if model not in MODELS:
            raise RefusalError(404, {"detail": "The requested resource could not be found.", "status": 404})
        if not inputs.get("prompt"):
            return "- input: prompt is required"
        if inputs.get("aspect_ratio") == "custom":
            sides = inputs.get("width", 0), inputs.get("height", 0)
            return None if all(256 <= side <= 1440 and side % 32 == 0 for side in sides) else "- input.width: must be 256 to 1440"
        return None if re.fullmatch(r"\d+:\d+", inputs.get("aspect_ratio", "1:1")) else "- input.aspect_ratio: must be one of the following"

    def _upload(self, request: Received) -> Reply:
        assert request.headers["content-type"].startswith("multipart/form-data")
        content = request.content.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
        identity = uuid.uuid4().hex
        url = f"{self.url}/files/{identity}"
        self.uploads[url] = content
        return Reply(201, {"id": identity, "name": "content", "size": len(content), "urls": {"get": url}})

    def _status(self, job: Job) -> str:
        if job.canceled:
            return "canceled"
        if job.outcome == "stuck" or job.polls_left > 0 or time.monotonic() < job.done_at:
            return "starting" if job.polls_left >= self.polls else "processing"
        return {
            "nsfw": "failed", "failed": "failed", "aborted": "aborted", "canceled": "canceled", "canceled_unstarted": "canceled",
        }.get(job.outcome, "succeeded")  # fmt: skip

    def _ran(self, job: Job) -> bool:
        return job.outcome not in ("aborted", "canceled_unstarted") and self._status(job) != "starting"

    def _outputs(self, job: Job) -> int:
        return {"empty": 0, "two": 2}.get(job.outcome, 1)

    def _charge(self, job: Job) -> float:
        if not self._ran(job):
            return 0
        if not job.official:
            return PREDICT_SECONDS
        return self._outputs(job) if self._status(job) == "succeeded" else 1 if self._status(job) == "canceled" else 0

    def _told(self, job: Job) -> Any:
        status = self._status(job)
        ended = status not in ("starting", "processing")
        urls = [f"{self.origin}/files/{job.id}/{number}.png" for number in range(self._outputs(job))]
        if job.file_at is not None:
            urls = [job.file_at]
        output: Any = urls if job.model in LISTS else urls[0] if urls else []
        removed = job.removed or job.outcome == "removed"
        return {
            "id": job.id, "model": job.model, "version": "hidden", "status": status, "input": {} if removed else job.inputs,
            "output": None if status != "succeeded" or removed else {"odd": 1} if job.outcome == "odd" else output,
            "error": {"nsfw": NSFW, "failed": "CUDA out of memory"}.get(job.outcome) if status == "failed" else None,
            "logs": "", "data_removed": removed, "created_at": "2026-11-24T10:00:00.000Z",
            "started_at": "2026-11-24T10:00:01.000Z" if self._ran(job) else None,
            "completed_at": "2026-11-24T10:00:02.000Z" if ended else None,
            "metrics": {"predict_time": PREDICT_SECONDS, "total_time": PREDICT_SECONDS + 0.5} if ended and self._ran(job) else {},
            "urls": {"get": f"{self.url}/predictions/{job.id}", "cancel": f"{self.url}/predictions/{job.id}/cancel"},
        }  # fmt: skip

    def _file(self, path: str) -> Reply:
        job = self.jobs[path.split("/")[2]]
        if job.removed:
            return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": "application/xml"})
        kind = self.files.popleft() if self.files else "png"
        if job.official:
            wide, high = job.inputs.get("width", 0), job.inputs.get("height", 0)
            size = (wide, high) if wide else _megapixel(job.inputs.get("aspect_ratio", "1:1"))
            return Reply(200, pictures.of_kind(kind, *size, seed=job.inputs.get("seed", 1)), {"Content-Type": f"image/{kind}"})
        drawing = pictures.line_art()
        scale = job.inputs.get("scale", 4)
        large = drawing.resize((drawing.width * scale, drawing.height * scale), Image.Resampling.BICUBIC)
        return Reply(200, pictures.encoded(large, "PNG"), {"Content-Type": "image/png"})


def _megapixel(aspect: str) -> tuple[int, int]:
    wide, high = map(int, aspect.split(":"))
    unit = (1_048_576 / (wide * high)) ** 0.5
    return round(wide * unit / 16) * 16, round(high * unit / 16) * 16
