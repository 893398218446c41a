"""Has the database's guard look at the costs now and then: what has become too dear goes to its
fallback, or is switched off. And tells the database which providers this worker has, so that what
no worker can do is switched off, with that reason.
"""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from myjoe import telemetry
from myjoe.database.protocol import Database
from myjoe.database.statements import statements

# How often, in seconds. The guard judges by six hours; a provider whose price doubles has so many
# seconds' pages at the new one at least. Shorter asks the database more often for the same answer.
GUARD_SECONDS = 300.0
# How often a worker tells which providers it has, in seconds: a third of the time after which the
# database takes it for gone.
TELL_SECONDS = 300.0
# How long that may take when the worker leaves, in seconds: a platform waits no longer, and what
# was not told is forgotten by itself.
LEAVE_SECONDS = 2.0
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


async def tell_providers(database: Database, worker: str, providers: Sequence[str] | None, seconds: float = TELL_SECONDS) -> None:
    """Tell every so often, for ever; with None once, that the worker leaves."""
    while True:
        try:
            values = {"worker": worker, "providers": None if providers is None else list(providers)}
            patience = LEAVE_SECONDS if providers is None else TELL_SECONDS
            rows = await database.rows(SQL["tell_providers"], values, patience_seconds=patience)
        except Exception as error:
            # What was told before holds for a while, and no page waits for this.
            telemetry.emit("guard.failed", error=error)
            rows = []
        for operation, action, reason in rows:
            telemetry.emit("operation.switched", operation=operation, action=action, reason=reason)
        if providers is None:
            return
        await asyncio.sleep(seconds)
