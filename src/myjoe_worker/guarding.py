"""Has the database's guard look at the costs now and then: what has become too dear goes to its
fallback, or is switched off.
"""
from __future__ import annotations

import asyncio
from collections.abc import Callable

from myjoe import telemetry
from myjoe.database.protocol import Database
from myjoe.database.statements import statements

# How often, in seconds. The guard judges by six hours; a provider whose price doubles has so many
# seconds' pages at the new one at least. Shorter asks the database more often for the same answer.
GUARD_SECONDS = 300.0
SQL = statements("myjoe_worker")


async def guard_costs(database: Database, claimed: Callable[[], int], seconds: float = GUARD_SECONDS) -> None:
    """Ask every so often, for ever, while jobs are claimed: `claimed` counts them. A worker without
    work asks nothing.
    """
    seen = claimed()
    while True:
        await asyncio.sleep(seconds)
        if claimed() == seen:
            continue
        seen = claimed()
        try:
            rows = await database.rows(SQL["guard_costs"])
        except Exception as error:
            # The next look may succeed, and no page waits for this one.
            telemetry.emit("guard.failed", error=error)
            continue
        for operation, level, action in rows:
            if action is not None:
                telemetry.emit("guard.acted", operation=operation, level=level, action=action)
