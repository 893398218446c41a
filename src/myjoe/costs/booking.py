"""What calls cost: booked as they happen, priced by the database's dated list, held under the job's
ceiling.

A cost is written the moment it is known, under no lease: the money is gone whoever owns the job.
Where a provider bills before it answers, the request is booked first, as an estimate, so that a
worker that dies while waiting leaves a trace for the next one to ask after.
"""
from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from myjoe import telemetry
from myjoe.errors import CostCeilingError, OperatorError
from myjoe_worker.job import Job

# How long prices and routes are believed, in seconds. Longer spares queries; shorter sends fewer
# pages to a provider that the guard has just left. A busy worker asks twice a minute with this, an
# idle one never.
PRICES_SECONDS = 60.0
# A cost that cannot be booked at once is tried for so long, in seconds: longer than a restart of
# the database, shorter than a lease.
BOOKING_PATIENCE_SECONDS = 120.0


Answer = TypeVar("Answer")


class Database(Protocol):
    """One statement at a time, retried: `database.link.Link`."""

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[tuple[Any, ...]]:
        """The rows of one statement."""


@dataclass(frozen=True)
class Route:
    """Who does a step of an operation at present, and how much of what the governor
    reckons with.
    """

    operation: str
    step: str
    provider: str
    model: str
    units: Mapping[str, float]


@dataclass(frozen=True)
class Settled:
    """A request that was answered and billed."""

    provider: str
    model: str
    request_id: str


class Costs:
    """The price list and the book of costs, over one database connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._routes: dict[tuple[str, str], Route] = {}
        self._prices: dict[tuple[str, str, str], Decimal] = {}
        self._read_at = float("-inf")
        self._booking: set[asyncio.Future[Any]] = set()

    async def route(self, operation: str, step: str) -> Route | None:
        """Who does this step now; None if the operation has no such step."""
        await self._read()
        return self._routes.get((operation, step))

    async def spent(self, job: Job) -> int:
        """What the job has cost so far in micro-USD, all attempts."""
        [(spent,)] = await self._database.rows(
            "select coalesce(sum(cost_micro_usd), 0)::bigint from public.cost_events where job_id = %s", (job.id,)
        )
        return int(spent)

    async def open_requests(self, job: Job) -> dict[tuple[str, str, str], str]:
        """Requests of earlier attempts that were never answered, by step, provider and model."""
        rows = await self._database.rows("select step, provider, model, request_id from private.open_requests(%s)", (job.id,))
        return {(step, provider, model): request_id for step, provider, model, request_id in rows}

    async def settled(self, job: Job) -> dict[str, Settled]:
        """The last request of each step that was answered and billed, by step."""
        rows = await self._database.rows(
            "select distinct on (step) step, provider, model, provider_request_id from public.cost_events "
            "where job_id = %s and kind <> 'estimated' order by step, id desc",
            (job.id,),
        )
        return {step: Settled(provider, model, request_id) for step, provider, model, request_id in rows}

    def price(self, provider: str, model: str, units: Mapping[str, float]) -> int:
        """What so many units cost in micro-USD, rounded up; OperatorError if one of them has no
        price.
        """
        total = Decimal(0)
        for unit, count in units.items():
            if count:
                price = self._prices.get((provider, model, unit))
                if price is None:
                    raise OperatorError(f"there is no price for {provider} {model} by {unit}")
                total += price * Decimal(str(count))
        return int(total.to_integral_value(ROUND_CEILING))

    async def book(self, cost: Mapping[str, Any]) -> None:
        """Write one cost, also if whoever waits for it is stopped meanwhile."""
        booking = asyncio.ensure_future(
            self._database.rows("select private.record_costs(%s)", (json.dumps([cost]),), patience_seconds=BOOKING_PATIENCE_SECONDS)
        )
        self._booking.add(booking)
        booking.add_done_callback(self._booking.discard)
        await asyncio.shield(booking)

    async def flush(self) -> None:
        """Wait until everything that was being booked is."""
        await asyncio.gather(*self._booking)

    async def _read(self) -> None:
        if time.monotonic() - self._read_at < PRICES_SECONDS:
            return
        prices = await self._database.rows("select provider, model, unit, unit_micro_usd from private.unit_prices()")
        self._prices = {(provider, model, unit): price for provider, model, unit, price in prices}
        steps = await self._database.rows("select operation, step, provider, model, units from private.routes()")
        self._routes = {
            (operation, step): Route(operation, step, provider, model, units)
            for operation, step, provider, model, units in steps
        }
        self._read_at = time.monotonic()


class StepMeter:
    """A `providers.Meter` for one call: books what it costs to `payer`, a job or a user, and knows
    whether anything was booked.
    """

    def __init__(self, costs: Costs, route: Route, payer: Mapping[str, str], key: str, resumable: str | None = None) -> None:
        self._costs = costs
        self._route = route
        self._payer = payer
        self._key = key
        self._resumable = resumable
        self._booked: dict[str, int] = {}

    @property
    def booked_micro_usd(self) -> int:
        """What this call has cost, as far as it is known."""
        return sum(self._booked.values())

    @property
    def resumable(self) -> str | None:
        """See `providers.Meter`."""
        return self._resumable

    async def opened(self, request_id: str, units: Mapping[str, float]) -> None:
        """See `providers.Meter`."""
        await self._book(request_id, self._price(units), "estimated")

    async def closed(self, request_id: str, units: Mapping[str, float] | None = None, *, micro_usd: int | None = None) -> None:
        """See `providers.Meter`."""
        await self._book(request_id, micro_usd if micro_usd is not None else self._price(units or {}), "measured")

    async def unknown(self, units: Mapping[str, float]) -> None:
        """See `providers.Meter`."""
        await self._book(f"unknown:{self._key}", self._price(units), "estimated")

    async def watch(self, call: Awaitable[Answer]) -> Answer:
        """Await a provider's answer. A call that is stopped before it said anything may be billed
        all the same: booked as the estimate.
        """
        try:
            return await call
        except asyncio.CancelledError:
            if not self._booked:
                await self.unknown(self._route.units)
            raise

    def _price(self, units: Mapping[str, float]) -> int:
        return self._costs.price(self._route.provider, self._route.model, units)

    async def _book(self, request_id: str, micro_usd: int, kind: str) -> None:
        self._booked[request_id] = micro_usd
        cost = {"operation": self._route.operation, "step": self._route.step, "provider": self._route.provider,
                "model": self._route.model, "request_id": request_id, "kind": kind}  # fmt: skip
        await self._costs.book({**self._payer, **cost, "cost_micro_usd": micro_usd})
        telemetry.emit("cost.booked", **cost, micro_usd=micro_usd)


class JobAccount:
    """One attempt's money: what the job has cost before, what each further step may cost, and its
    ceiling.
    """

    def __init__(
        self, costs: Costs, job: Job, spent: int, open_requests: Mapping[tuple[str, str, str], str], settled: Mapping[str, Settled]
    ) -> None:
        self._costs = costs
        self._job = job
        self._before = spent
        self._open = open_requests
        self._meters: list[StepMeter] = []
        # What earlier attempts have paid for, by step.
        self.settled = settled

    @classmethod
    async def of(cls, costs: Costs, job: Job) -> JobAccount:
        """Only a job that was tried before can have cost anything: first attempts ask nothing of
        the database.
        """
        if job.lease_token == 1:
            return cls(costs, job, 0, {}, {})
        return cls(costs, job, await costs.spent(job), await costs.open_requests(job), await costs.settled(job))

    @property
    def spent(self) -> int:
        """What the job has cost so far in micro-USD, all attempts."""
        return self._before + sum(meter.booked_micro_usd for meter in self._meters)

    def meter(self, route: Route) -> StepMeter:
        """A meter for a step that is about to be taken; CostCeilingError if it could cost more than
        is left.

        A request that is already open was paid for, so it may be asked after whatever is left.
        """
        resumable = self._open.get((route.step, route.provider, route.model))
        ceiling, estimate = self._job.cogs_max_micro_usd, self._costs.price(route.provider, route.model, route.units)
        if resumable is None and ceiling is not None and self.spent + estimate > ceiling:
            raise CostCeilingError(
                f"the job has cost {self.spent} micro-USD; {route.step} could cost {estimate} more, and {ceiling} is the most"
            )
        payer, key = {"job_id": str(self._job.id)}, f"{self._job.id}:{route.step}:{self._job.lease_token}"
        meter = StepMeter(self._costs, route, payer, key, resumable)
        self._meters.append(meter)
        return meter


def user_meter(costs: Costs, route: Route, user: UUID, key: str) -> StepMeter:
    """A meter for a call that belongs to no job yet: planning a book, answering a question."""
    return StepMeter(costs, route, {"user_id": str(user)}, key)
