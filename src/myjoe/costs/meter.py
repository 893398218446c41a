"""`StepMeter`: books what one call costs to whoever pays for it."""
from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar
from uuid import UUID

from myjoe import telemetry
from myjoe.costs.booking import Costs
from myjoe.costs.routes import StepRoute
from myjoe.texts import washed

# A request's id is kept up to so many characters: providers' have 30 to 60, and a longer one would
# not fit the index that keeps a request from being booked twice.
ID_CHARS_MAX = 200
# So long a booking is waited for, in seconds; then it goes on by itself. Longer leaves a drawing
# uncollected in an outage; shorter keeps requests elsewhere that a slow database would have taken.
HELD_UP_SECONDS = 2.0

T = TypeVar("T")


class StepMeter:
    """A `providers.Meter` for one call: books what it costs to `payer`, a job or a user, and knows
    whether anything was booked.
    """

    def __init__(
        self, costs: Costs, route: StepRoute, payer: Mapping[str, str], key: str, resumable: str | None = None, token: int | None = None
    ) -> None:
        self._costs = costs
        self._route = route
        self._payer = payer
        self._key = key
        self._resumable = resumable
        # Of the lease under which is bought; None where there is none.
        self._token = token
        # Told of a request that is open, where the database cannot be told of it now.
        self.held_up: Callable[[str], Awaitable[None]] | None = None
        self._booked: dict[str, int] = {}
        self._delivered: tuple[str, int] | None = None
        self._intends = False

    @property
    def booked_micro_usd(self) -> int:
        """What this call has cost, as far as it is known."""
        return sum(self._booked.values())

    @property
    def resumable(self) -> str | None:
        """See `providers.Meter`."""
        return self._resumable

    def resume(self, request_id: str) -> None:
        """There is a request that may be asked after, of which the database was never told."""
        self._resumable = request_id

    async def intended(self, units: Mapping[str, float], seconds: float = 0.0) -> None:
        """See `providers.Meter`. A user's own calls, which belong to no job, are not noted."""
        if "job_id" in self._payer:
            call = {"key": self._unknown, "cost_micro_usd": self._price(units), "token": self._token, "seconds": seconds}
            await self._costs.intend({**self._payer, **self._step, **call})
            self._intends = True

    async def withdrawn(self) -> None:
        """See `providers.Meter`."""
        if self._intends:
            self._intends = False
            await self._in_time(self._costs.book(self._resolved))

    async def opened(self, request_id: str, units: Mapping[str, float]) -> None:
        """See `providers.Meter`. Where the database is out of reach it is booked as soon as that is
        over, and kept elsewhere meanwhile: what it brings is not waited for with that.
        """
        if not await self._book(request_id, self._price(units), "estimated") and self.held_up is not None:
            await self.held_up(request_id)

    async def closed(self, request_id: str, units: Mapping[str, float] | None = None, *, micro_usd: int | None = None) -> None:
        """See `providers.Meter`."""
        await self._book(request_id, micro_usd if micro_usd is not None else self._price(units or {}), "measured")

    async def delivered(
        self, request_id: str, units: Mapping[str, float] | None = None, *, micro_usd: int | None = None
    ) -> None:
        """See `providers.Meter`."""
        self._delivered = request_id, micro_usd if micro_usd is not None else self._price(units or {})

    @property
    def worth_micro_usd(self) -> int:
        """What the picture in hand has cost."""
        return self.booked_micro_usd + (self._delivered[1] if self._delivered else 0)

    async def settle(self) -> None:
        """What was delivered is kept: book what it has cost."""
        if self._delivered is not None:
            await self._book(*self._delivered, "measured")
            self._delivered = None

    async def unknown(self, units: Mapping[str, float]) -> None:
        """See `providers.Meter`."""
        await self._book(self._unknown, self._price(units), "estimated")

    async def watch(self, call: Awaitable[T]) -> T:
        """Await a provider's answer. A call that is stopped before it said anything may be billed
        all the same: booked as the estimate.
        """
        try:
            return await call
        except asyncio.CancelledError:
            if not self._booked:
                await self.unknown(self._route.units)
            raise

    @property
    def _step(self) -> Mapping[str, str]:
        route = self._route
        return {"operation": route.operation, "step": route.step, "provider": route.provider, "model": route.model}

    @property
    def _unknown(self) -> str:
        """What a call is booked under that has no other name."""
        return f"unknown:{self._key}"

    @property
    def _resolved(self) -> Mapping[str, Any]:
        """It is known what became of the call that was intended."""
        return {**self._payer, **self._step, "request_id": self._unknown, "kind": "resolved"}

    def _price(self, units: Mapping[str, float]) -> int:
        return self._costs.price(self._route.provider, self._route.model, units)

    async def _book(self, request_id: str, micro_usd: int, kind: str) -> bool:
        """Book it; whether that is done. Of a job whose database is out of reach it is not waited
        for: what the call has brought is to be kept meanwhile.
        """
        request_id = self._identity(request_id)
        self._booked[request_id] = micro_usd
        cost = {**self._step, "request_id": request_id, "kind": kind}
        resolved = [self._resolved] if self._intends and request_id != self._unknown else []

        async def booked() -> None:
            await self._costs.book(*resolved, {**self._payer, **cost, "cost_micro_usd": micro_usd})
            self._intends = False
            telemetry.emit("cost.booked", **cost, micro_usd=micro_usd)

        return await self._in_time(booked())

    async def _in_time(self, booking: Coroutine[Any, Any, None]) -> bool:
        task = asyncio.ensure_future(booking)
        await asyncio.wait({task}, timeout=HELD_UP_SECONDS if "job_id" in self._payer else None)
        if task.done():
            task.result()
        else:
            task.add_done_callback(_told)
        return task.done()

    def _identity(self, request_id: str) -> str:
        """What a request is booked under: the provider's id as far as it can be kept, or one of
        ours where it gave none. The same id always comes to the same.
        """
        known = washed(request_id).strip()
        if len(known) > ID_CHARS_MAX:
            digest = hashlib.sha256(request_id.encode(errors="surrogatepass")).hexdigest()
            known = known[: ID_CHARS_MAX - len(digest)] + digest
        return known or f"ours:{self._key}"


def _told(booking: asyncio.Future[None]) -> None:
    """Nobody waits for it any more, so that it failed is said here."""
    if not booking.cancelled() and (error := booking.exception()) is not None:
        telemetry.emit("cost.unbooked", error=error)


def user_meter(costs: Costs, route: StepRoute, user: UUID, key: str) -> StepMeter:
    """A meter for a call that belongs to no job yet: planning a book, answering a question."""
    return StepMeter(costs, route, {"user_id": str(user)}, key)
