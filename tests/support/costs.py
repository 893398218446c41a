"""What tests of costs share: an act on a database's costs, and what was booked."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from myjoe.costs.booking import Costs
from myjoe.costs.routes import StepRoute
from myjoe.database.connection import RetryingConnection
from tests.database.support import Database

RASTER = StepRoute("raster", "raster", "replicate", "flux-schnell", {"image": 1})


def with_costs(database: Database, act: Callable[[Costs], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        connection = RetryingConnection(database.server.url(database.name))
        try:
            return await act(Costs(connection))
        finally:
            await connection.close()

    return asyncio.run(run())


def booked(database: Database) -> list[tuple[Any, ...]]:
    return database.rows("select kind, provider_request_id, cost_micro_usd from public.cost_events order by id")
