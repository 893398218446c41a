"""`make_page()`: one attempt at one page, from its order to its files. Start reading here.

order → draw → (enlarge) → judge → finish → store → Result; the worker settles. One drawing an attempt: a page that the judge refuses raises
PageRefusedError, and the queue gives it another attempt while attempts and money last. Each step that spends money or leaves something
behind first asks the lease whether the job is still ours.
"""
from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from myjoe_worker import imaging, telemetry
from myjoe_worker.costs import Costs, JobAccount, Route
from myjoe_worker.errors import OperatorError, PageRefusedError, PermanentError
from myjoe_worker.imaging import Examination, FinishedPage
from myjoe_worker.job import Job, Result
from myjoe_worker.payload import PageOrder
from myjoe_worker.providers import Artist, DrawingOrder, Judge, Opinion, Picture, Upscaler
from myjoe_worker.providers.local_judge import judge_locally
from myjoe_worker.providers.screening import screen
from myjoe_worker.storage import Storage
from myjoe_worker.workshop import Workshop

MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "thumbnail": "image/png"}
FILE_NAMES = {"png": "page.png", "svg": "page.svg", "pdf": "page.pdf", "thumbnail": "thumbnail.png"}

# What each audience can colour, in words an image model heeds (facts on line weight: by open projects and print practice).
AUDIENCE_WORDS = {
    "toddlers": "very simple, few large shapes, very thick outlines",
    "kids": "clear simple shapes, bold outlines",
    "teens": "a detailed scene, medium outlines",
    "adults": "an intricate composition, fine even outlines",
}


class Held(Protocol):
    """The lease, as far as the pipeline knows it (`lease.Lease`)."""

    def check(self) -> None:
        """Raise LeaseLostError if the job is not, or may soon not be, ours."""

    def on_stop(self, hook: Callable[[], object]) -> Callable[[], None]:
        """Have `hook` called, from any thread, when the job has to stop; what is returned takes it back."""


class Seats(Protocol):
    """How many calls a provider gets at once (`limits.Limits`)."""

    def seat(self, provider: str) -> AbstractAsyncContextManager[Any]:
        """Held while a call is under way."""


@dataclass(frozen=True)
class Studio:
    """All that a page passes through. Providers by name; `offline` draws with the sketcher whatever the route says."""

    artists: Mapping[str, Artist]
    upscalers: Mapping[str, Upscaler]
    judges: Mapping[str, Judge]
    workshop: Workshop
    storage: Storage
    costs: Costs
    seats: Seats
    offline: bool = False


async def make_page(job: Job, lease: Held, studio: Studio) -> Result:
    """One attempt. Raises the errors of `errors.JobError`, whose type decides what becomes of the job."""
    order = PageOrder.of(job)
    if finding := screen(f"{order.title}\n{order.prompt}\n{order.style}"):  # orders need not come from our own brain
        raise PermanentError(finding.sentence)
    account = await JobAccount.of(studio.costs, job)
    # A child amid a long computation hears of no cancelled task; the lease ends it from whatever thread notices.
    forget = lease.on_stop(lambda: studio.workshop.kill(job.id))
    try:
        with telemetry.context(page=order.page, hide=(order.prompt, order.title, order.style)):
            picture = drawn = await _draw(job, order, account, lease, studio)
            if "fix_upscale" in order.operations:
                picture = await _enlarge(account, picture, lease, studio)
            opinions = await _judge(job, order, account, picture, lease, studio)
            page = await _finish(job, order, picture, studio)
            files = await _store(job, page, lease, studio.storage)
    finally:
        forget()
    qc = {**page.qc, "judges": opinions}
    return Result(drawn.provider, drawn.model, page.width_px, page.height_px, page.dpi, page.bit_depth, files, qc)


async def _draw(job: Job, order: PageOrder, account: JobAccount, lease: Held, studio: Studio) -> Picture:
    route = await _route(studio, order.first_operation, "raster")
    artist, meter = _named(studio.artists, route), account.meter(route)
    width, height = order.live_in
    wanted = DrawingOrder(_prompt(order), width, height, _seed(job, order), f"{job.id}:raster:{job.lease_token}", _pseudonym(job))
    async with studio.seats.seat(route.provider):
        lease.check()
        return await meter.watch(artist.draw(wanted, route.model, meter))


async def _enlarge(account: JobAccount, picture: Picture, lease: Held, studio: Studio) -> Picture:
    route = await _route(studio, "fix_upscale", "upscale")
    upscaler, meter = _named(studio.upscalers, route), account.meter(route)
    async with studio.seats.seat(route.provider):
        lease.check()
        return await meter.watch(upscaler.enlarge(picture, route.model, meter))


async def _judge(
    job: Job, order: PageOrder, account: JobAccount, picture: Picture, lease: Held, studio: Studio
) -> Mapping[str, Any]:
    """What the judges measured. The local one is free and comes first; the other is asked only about pages that may pass."""
    examination: Examination = await studio.workshop.run(imaging.examine, picture.content, picture.media_type, order, owner=job.id)
    measured = {"local": _heard("local", judge_locally(examination, order.audience))}
    if not studio.offline and (route := await studio.costs.route(order.first_operation, "judge")):
        judge, meter = _named(studio.judges, route), account.meter(route)
        async with studio.seats.seat(route.provider):
            lease.check()
            call = judge.look(examination.thumbnail_png, order.prompt, order.audience, route.model, meter)
            measured[route.provider] = _heard(route.provider, await meter.watch(call))
    return measured


def _heard(judge: str, opinion: Opinion) -> Mapping[str, Any]:
    """What the judge measured, if it accepts the page."""
    telemetry.emit("page.judged", judge=judge, accepted=opinion.accepted, reasons=list(opinion.reasons))
    if not opinion.accepted:
        raise PageRefusedError(f"the judge refused the page: {' '.join(opinion.reasons)}")
    return dict(opinion.measured)


async def _finish(job: Job, order: PageOrder, picture: Picture, studio: Studio) -> FinishedPage:
    began = time.monotonic()
    page: FinishedPage = await studio.workshop.run(imaging.finish_page, picture.content, picture.media_type, order, owner=job.id)
    curves = page.qc["finisher"]["curve_count"]
    telemetry.emit("page.finished", seconds=time.monotonic() - began, width_px=page.width_px, height_px=page.height_px, curves=curves)
    return page


async def _store(job: Job, page: FinishedPage, lease: Held, storage: Storage) -> Mapping[str, str]:
    began, files = time.monotonic(), {}
    for kind, content in page.files.items():
        lease.check()
        files[kind] = f"{job.user_id}/{job.id}/{job.lease_token}/{FILE_NAMES[kind]}"
        await storage.put(files[kind], content, MEDIA_TYPES[kind])
    size = sum(map(len, page.files.values()))
    telemetry.emit("page.stored", files=len(files), bytes=size, seconds=time.monotonic() - began)
    return files


async def _route(studio: Studio, operation: str, step: str) -> Route:
    if studio.offline:
        return Route(operation, step, "sketch", "sketch", {})
    route = await studio.costs.route(operation, step)
    if route is None:
        raise OperatorError(f"nobody does the step {step} of {operation}")
    return route


def _named(adapters: Mapping[str, Any], route: Route) -> Any:
    if route.provider not in adapters:
        raise OperatorError(f"this worker has no {route.provider} to {route.step} with; it has {', '.join(adapters) or 'none'}")
    return adapters[route.provider]


def _prompt(order: PageOrder) -> str:
    parts: Sequence[str] = (order.prompt, order.style, AUDIENCE_WORDS[order.audience])
    return ". ".join(part.strip().rstrip(".") for part in parts if part.strip())


def _seed(job: Job, order: PageOrder) -> int:
    """Another seed for every attempt: what the judge refused is not drawn again. Never 0, which one provider takes for none."""
    words = f"{order.seed if order.seed is not None else job.id}:{job.attempts}"
    return 1 + int.from_bytes(hashlib.sha256(words.encode()).digest()[:4]) % (2**31 - 1)


def _pseudonym(job: Job) -> str:
    return hashlib.sha256(f"myjoe:{job.user_id}".encode()).hexdigest()[:32]
