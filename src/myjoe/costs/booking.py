"""What calls cost: booked as they happen, priced by the database's dated list, held under the job's
ceiling.

A cost is written the moment it is known, under no lease: the money is gone whoever owns the job.
Where a provider bills before it answers, the request is booked first, as an estimate, so that a
worker that dies while waiting leaves a trace for the next one to ask after.
"""
from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from myjoe.costs.routes import StepRoute
from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import LeaseLostError, OperatorError

SQL = statements("myjoe.costs")
# How long prices and routes are believed, in seconds. Longer spares queries; shorter sends fewer
# pages to a provider that the guard has just left. A busy worker asks twice a minute with this, an
# idle one never.
PRICES_SECONDS = 60.0
# A cost that cannot be booked at once is tried for so long, in seconds: as long as a provider keeps
# what it drew. Longer would tell of what can be had no more; shorter buys it again after an outage.
BOOKING_PATIENCE_SECONDS = 3600.0


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
        self._routes: dict[tuple[str, str], StepRoute] = {}
        self._prices: dict[tuple[str, str, str], Decimal] = {}
        self._read_at = float("-inf")
        self._booking: set[asyncio.Future[Any]] = set()

    async def route(self, operation: str, step: str) -> StepRoute | None:
        """Who does this step now; None if the operation has no such step."""
        await self._read()
        return self._routes.get((operation, step))

    async def spent(self, job: UUID) -> int:
        """What the job has cost so far in micro-USD, all attempts."""
        [(spent,)] = await self._database.rows(SQL["spent"], {"job": job})
        return int(spent)

    async def open_requests(self, job: UUID) -> dict[tuple[str, str, str], str]:
        """Requests of earlier attempts that were never answered, by step, provider and model."""
        rows = await self._database.rows(SQL["open_requests"], {"job": job})
        return {(step, provider, model): request_id for step, provider, model, request_id in rows}

    async def settled(self, job: UUID) -> dict[str, Settled]:
        """The last request of each step that was answered and billed, by step."""
        rows = await self._database.rows(SQL["settled"], {"job": job})
        return {step: Settled(provider, model, request_id) for step, provider, model, request_id in rows}

    async def lost_answers(self, job: UUID) -> dict[str, Settled]:
        """Calls that were counted as paid though nobody has said how they ended, by step. What they
        made may be kept all the same.
        """
        rows = await self._database.rows(SQL["lost_answers"], {"job": job})
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

    async def intend(self, call: Mapping[str, Any]) -> None:
        """Note a call before it is made; see `private.intend_call`. LeaseLostError where the job is
        another's by now.
        """
        [(noted,)] = await self._database.rows(SQL["intend_call"], {"call": Jsonb(call)})
        if noted is False:
            raise LeaseLostError("another worker owns the job now, so nothing is bought for it here")

    async def book(self, *costs: Mapping[str, Any]) -> None:
        """Write costs at once, also if whoever waits for it is stopped meanwhile."""
        booking = asyncio.ensure_future(
            self._database.rows(SQL["record_costs"], {"costs": Jsonb(list(costs))}, patience_seconds=BOOKING_PATIENCE_SECONDS)
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
        prices = await self._database.rows(SQL["unit_prices"])
        self._prices = {(provider, model, unit): price for provider, model, unit, price in prices}
        steps = await self._database.rows(SQL["routes"])
        self._routes = {
            (operation, step): StepRoute(operation, step, provider, model, units)
            for operation, step, provider, model, units in steps
        }
        self._read_at = time.monotonic()


