"""`make_page()`: one attempt at one page, from its order to its files. Start reading here.

order → draw → (enlarge) → judge → finish → store → Result; the worker settles. One drawing an
attempt: a page that the judge refuses raises PageRefusedError, and the queue gives it another
attempt while attempts and money last. Each step that spends money or leaves something behind first
asks the lease whether the job is still ours.
"""
from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from myjoe import telemetry
from myjoe.costs.booking import Costs
from myjoe.costs.meter import StepMeter
from myjoe.costs.routes import StepRoute
from myjoe.database.protocol import Database
from myjoe.errors import (
    ImageRefusedError,
    LeaseLostError,
    OperatorError,
    PageRefusedError,
    PermanentError,
    ProviderAccountError,
    ProviderBusyError,
    ProviderOutError,
    ProviderTimeoutError,
    StorageError,
)
from myjoe.ordering.page_order import PageOrder
from myjoe.screening.screening import screen
from myjoe.storage.protocol import Storage
from myjoe_worker.account import JobAccount
from myjoe_worker.drafts import JUDGE, LOCAL, Drafts
from myjoe_worker.imaging.examining import Examination, examine
from myjoe_worker.imaging.finishing import FinishedPage, finish_page
from myjoe_worker.imaging.processes import ImageProcesses
from myjoe_worker.job import Job, Result
from myjoe_worker.judging.local_judge import judge_locally
from myjoe_worker.judging.protocol import Judge, Opinion
from myjoe_worker.pauses import Pauses
from myjoe_worker.providers.protocol import Artist, DrawingOrder, Picture, Upscaler

MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "thumbnail": "image/png"}
FILE_NAMES = {"png": "page.png", "svg": "page.svg", "pdf": "page.pdf", "thumbnail": "thumbnail.png"}

# What each audience can colour, in words an image model heeds (facts on line weight: by open
# projects and print practice).
AUDIENCE_WORDS = {
    "toddlers": "very simple, few large shapes, very thick outlines",
    "kids": "clear simple shapes, bold outlines",
    "teens": "a detailed scene, medium outlines",
    "adults": "an intricate composition, fine even outlines",
}


T = TypeVar("T")


class Held(Protocol):
    """The lease, as far as the pipeline knows it (`lease.Lease`)."""

    @property
    def silent(self) -> bool:
        """Whether it was given up as the database could not be reached."""

    async def check(self) -> None:
        """Raise LeaseLostError if the job is not, or may soon not be, ours; wait until its claim is
        on the disk.
        """

    def on_stop(self, hook: Callable[[], object]) -> Callable[[], None]:
        """Have `hook` called, from any thread, when the job has to stop; what is returned takes it
        back.
        """


class Slots(Protocol):
    """How many calls a provider gets at once (`limits.Limits`)."""

    def slot(self, provider: str) -> AbstractAsyncContextManager[Any]:
        """Held while a call is under way."""


@dataclass(frozen=True)
class PageServices:
    """All that a page passes through. Providers by name; `offline` draws with the sketcher whatever
    the route says.
    """

    artists: Mapping[str, Artist]
    upscalers: Mapping[str, Upscaler]
    judges: Mapping[str, Judge]
    processes: ImageProcesses
    storage: Storage
    costs: Costs
    database: Database
    pauses: Pauses
    slots: Slots
    offline: bool = False


async def make_page(job: Job, lease: Held, services: PageServices) -> Result:
    """One attempt. Raises the errors of `errors.JobError`, whose type decides what becomes of the
    job.
    """
    order = PageOrder.of(job.type, job.payload)
    if finding := screen(f"{order.title}\n{order.prompt}\n{order.style}"):  # not every order comes from the brain
        raise PermanentError(finding.sentence)
    # A child amid a long computation hears of no cancelled task; the lease ends it from whatever
    # thread notices.
    forget = lease.on_stop(lambda: services.processes.kill(job.id))
    try:
        with telemetry.context(page=order.page, hide=(order.prompt, order.title, order.style)):
            # A storage that is known to refuse is looked at before money is spent.
            async with services.pauses.minding_storage(job, services.storage):
                return await _Attempt(job, order, lease, services, await JobAccount.of(services.costs, job)).run()
    finally:
        forget()


class _Attempt:
    """What the steps of one attempt have in common."""

    def __init__(self, job: Job, order: PageOrder, lease: Held, services: PageServices, account: JobAccount) -> None:
        self.job, self.order, self.lease, self.services, self.account = job, order, lease, services, account
        self.drafts = Drafts(job, account, services.storage, services.database)

    async def run(self) -> Result:
        """The way of a page."""
        picture = drawn = await self.draw()
        if "fix_upscale" in self.order.operations:
            picture = await self.enlarge(drawn)
        opinions = await self.drafts.kept_opinions() or await self.see_through(self.judge(picture))
        try:
            page = await self.finish(picture)
            files = await self.store(page)
        except (StorageError, LeaseLostError, asyncio.CancelledError) as error:
            if isinstance(error, StorageError) or self.lease.silent:
                await self.drafts.keep_opinions()
            raise
        qc = {**page.qc, "judges": opinions}
        return Result(drawn.provider, drawn.model, page.width_px, page.height_px, page.dpi, page.bit_depth, files, qc, self.drafts)

    async def draw(self) -> Picture:
        route = await self.route(self.order.first_operation, "raster")
        width, height = self.order.live_in
        key = f"{self.job.id}:raster:{self.job.lease_token}"
        wanted = DrawingOrder(_prompt(self.order), width, height, _seed(self.job, self.order), key, _pseudonym(self.job))

        async def make(meter: StepMeter) -> Picture:
            artist = _named(self.services.artists, route)
            return await self.ask(route, meter, lambda: artist.draw(wanted, route.model, meter))

        return await self.see_through(self.drafts.made(route, make))

    async def enlarge(self, picture: Picture) -> Picture:
        route = await self.route("fix_upscale", "upscale")

        async def make(meter: StepMeter) -> Picture:
            upscaler = _named(self.services.upscalers, route)
            return await self.ask(route, meter, lambda: upscaler.enlarge(picture, route.model, meter))

        return await self.see_through(self.drafts.made(route, make))

    async def judge(self, picture: Picture) -> Mapping[str, Any]:
        """What the judges measured. The local one is free and comes first; the other is asked only
        about pages that may pass.
        """
        examination: Examination = await self.work(examine, picture)
        opinions = {LOCAL: await self.heard(LOCAL, judge_locally(examination, self.order.audience))}
        if not self.services.offline:
            route = await self.route(self.order.first_operation, JUDGE)
            meter, judge = self.account.meter(route), _named(self.services.judges, route)
            words = (examination.thumbnail_png, self.order.prompt, self.order.audience, route.model, meter)
            opinion: Opinion = await self.ask(route, meter, lambda: judge.look(*words))
            opinions[route.provider] = await self.heard(route.provider, opinion)
        self.drafts.opinions = opinions
        if self.lease.silent:
            await self.drafts.keep_opinions()
        return opinions

    async def heard(self, judge: str, opinion: Opinion) -> Mapping[str, Any]:
        """What the judge measured, if it accepts the page."""
        telemetry.emit("page.judged", judge=judge, accepted=opinion.accepted, reasons=list(opinion.reasons))
        if not opinion.accepted:
            await self.drafts.throw_away()
            raise PageRefusedError(f"the judge refused the page: {' '.join(opinion.reasons)}")
        return dict(opinion.measured)

    async def finish(self, picture: Picture) -> FinishedPage:
        began = time.monotonic()
        page: FinishedPage = await self.work(finish_page, picture)
        curves = page.qc["finisher"]["curve_count"]
        telemetry.emit("page.finished", seconds=time.monotonic() - began, width_px=page.width_px, height_px=page.height_px, curves=curves)
        return page

    async def store(self, page: FinishedPage) -> Mapping[str, str]:
        began, files = time.monotonic(), {}
        for kind, content in page.files.items():
            await self.lease.check()
            files[kind] = f"{self.job.user_id}/{self.job.id}/{self.job.lease_token}/{FILE_NAMES[kind]}"
            await self.services.storage.put(files[kind], content, MEDIA_TYPES[kind])
        size = sum(map(len, page.files.values()))
        telemetry.emit("page.stored", files=len(files), bytes=size, seconds=time.monotonic() - began)
        return files

    # ── what the steps share ──────────────────────────────────────────────────────────────────────
    async def route(self, operation: str, step: str) -> StepRoute:
        """Who does this step."""
        if self.services.offline:
            return StepRoute(operation, step, "sketch", "sketch-vector" if operation == "vector" else "sketch", {})
        route = await self.services.costs.route(operation, step)
        if route is None:
            raise OperatorError(f"nobody does the step {step} of {operation}")
        return route

    async def ask(self, route: StepRoute, meter: StepMeter, call: Callable[[], Awaitable[T]]) -> T:
        """A provider's answer; one of so many at a time, only while the job is ours, and not while
        the provider is known to refuse. A refusal of the whole key is told to all workers.
        """
        pauses = self.services.pauses
        async with self.services.slots.slot(route.provider):
            await self.lease.check()
            pauses.require(self.job, route.provider)
            try:
                answer = await meter.watch(call())
            except (ProviderBusyError, OperatorError) as error:
                if isinstance(error, OperatorError):
                    error.of(route.provider)
                if isinstance(error, ProviderBusyError | ProviderAccountError):
                    await pauses.refused(route.provider, error)
                raise
            except (ProviderOutError, ProviderTimeoutError) as error:
                await pauses.failed(self.job, route.provider, error)
                raise
        await pauses.answered(self.job, route.provider)
        return answer

    async def see_through(self, buying: Coroutine[Any, Any, T]) -> T:
        """What is bought. If the lease cannot be renewed meanwhile, it is bought to its end all the
        same, and kept: it is paid, and whoever tries the job next takes it up.
        """
        doing = asyncio.ensure_future(buying)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            if not self.lease.silent:
                doing.cancel()
            await asyncio.wait({doing})
            if not doing.cancelled() and (error := doing.exception()) is not None:
                raise error from None
            raise
        finally:
            doing.cancel()

    async def work(self, task: Callable[..., Any], picture: Picture) -> Any:
        """Native work on the picture, in a child process. What cannot be read is thrown away, not
        tried again.
        """
        try:
            return await self.services.processes.run(task, picture.content, picture.media_type, self.order, owner=self.job.id)
        except ImageRefusedError:
            await self.drafts.throw_away()
            raise


def _named(adapters: Mapping[str, Any], route: StepRoute) -> Any:
    if route.provider not in adapters:
        there = ", ".join(adapters) or "none"
        raise OperatorError(f"this worker has no {route.provider} to {route.step} with; it has {there}").of(route.provider)
    return adapters[route.provider]


def _prompt(order: PageOrder) -> str:
    parts: Sequence[str] = (order.prompt, order.style, AUDIENCE_WORDS[order.audience])
    return ". ".join(part.strip().rstrip(".") for part in parts if part.strip())


def _seed(job: Job, order: PageOrder) -> int:
    """Another seed for every attempt: what the judge refused is not drawn again. Never 0, which one
    provider takes for none.
    """
    words = f"{order.seed if order.seed is not None else job.id}:{job.attempts}"
    return 1 + int.from_bytes(hashlib.sha256(words.encode()).digest()[:4]) % (2**31 - 1)


def _pseudonym(job: Job) -> str:
    return hashlib.sha256(f"myjoe:{job.user_id}".encode()).hexdigest()[:32]
