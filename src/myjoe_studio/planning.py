"""Planning a draft in the web's process: once, whoever asks, under a lease that the database keeps.
While the brain thinks, no connection to the database is held.
"""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from myjoe import telemetry
from myjoe.errors import JobError, PromptRefusedError
from myjoe.ordering.planner import BookOrder, Planner
from myjoe.providers.protocol import BookPlan
from myjoe_studio.deciding import Decider

# How long a planning may be silent, in seconds, before another request takes it over. Longer leaves
# a person waiting for a process that died; shorter takes over from one that is only slow.
LEASE_SECONDS = 30.0
# How often it says that it is alive, in seconds.
KEEP_SECONDS = 8.0
# How long a plan may take in all, in seconds. The largest takes ten calls of some 10 s.
PLAN_SECONDS_MAX = 150.0
CANNOT_PLAN = "Joe cannot plan just now. Nothing was charged."


class DraftPlanner:
    """Plans drafts with the planner that all processes share."""

    def __init__(self, decide: Decider, planner: Planner) -> None:
        self._decide, self._planner = decide, planner

    async def plan(self, user: UUID, draft: UUID) -> Mapping[str, Any] | None:
        """Plan a draft if nobody does: {"state"}, or {"wait_seconds"} while somebody else plans it.
        None where the user has no such draft.
        """
        taken = await self._decide("plan_draft", user=user, draft=draft, seconds=LEASE_SECONDS)
        if taken is None or "token" not in taken:
            return None if taken is None else dict(taken)
        token = taken["token"]
        try:
            async with self._kept(draft, token), asyncio.timeout(PLAN_SECONDS_MAX):
                plan = await self._planner.plan_book(user, f"{draft}:{token}", book_of(taken["request"]))
        except PromptRefusedError as refused:
            await self._decide("fail_draft", draft=draft, token=token, sentence=str(refused), for_good=True)
            return {"state": "refused"}
        except (JobError, TimeoutError) as error:
            telemetry.emit("draft.unplanned", draft=draft, error=error)
            await self._decide("fail_draft", draft=draft, token=token, sentence=CANNOT_PLAN, for_good=False)
            return {"state": "failed"}
        kept = await self._decide("finish_draft", draft=draft, token=token, plan=_mapping(plan))
        return {"state": "planned"} if kept else {"wait_seconds": 1}

    @asynccontextmanager
    async def _kept(self, draft: UUID, token: int) -> AsyncIterator[None]:
        """The lease renewed for as long as the block runs."""
        async def renew() -> None:
            while True:
                await asyncio.sleep(KEEP_SECONDS)
                await self._decide("keep_planning", draft=draft, token=token, seconds=LEASE_SECONDS)

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()


def book_of(request: Mapping[str, Any]) -> BookOrder:
    """The order that a draft's request comes to. Style and wishes are words for the brain, on lines
    of their own.
    """
    lines = [request["description"]]
    lines += [f"{name}: {request[key]}" for name, key in (("Style", "style"), ("Wishes", "wishes")) if request.get(key)]
    return BookOrder("\n".join(lines), request["pages"], request["audience"], request["paper"], tuple(request["operations"]))


def _mapping(plan: BookPlan) -> dict[str, Any]:
    return {"title": plan.title, "style": plan.style, "pages": [{"title": page.title, "prompt": page.prompt} for page in plan.pages]}
