"""What a user wrote into a storyboard, held to the rules of what the brain writes: the brain's own
pages were moderated when they were planned, and edited ones are before they are ordered.
"""
from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from myjoe.costs.booking import Costs
from myjoe.costs.meter import user_meter
from myjoe.costs.routes import StepRoute

if TYPE_CHECKING:
    # With it comes the provider's own package, which without a key nobody needs: 20 MiB and half a
    # second.
    from myjoe.providers.moderation import Moderation

# How long the words of a book may be looked at, in seconds, before a person is told to try again.
LOOK_SECONDS_MAX = 30.0


class Moderator:
    """Asks the moderation of those who draw for us; it costs nothing, which is booked as such."""

    def __init__(self, moderation: Moderation, costs: Costs) -> None:
        self._moderation, self._costs = moderation, costs

    async def objection(self, user: UUID, texts: Sequence[str], audience: str) -> tuple[int, str] | None:
        """The number of the first text, from 0, that is nothing for a colouring book, and why; None
        if all are. Raises JobError and TimeoutError where nobody can tell.
        """
        route = StepRoute("brain", "brain", "openai", self._moderation.model, {})
        meter = user_meter(self._costs, route, user, f"words:{user}:{secrets.token_hex(8)}")
        async with asyncio.timeout(LOOK_SECONDS_MAX):
            found = await self._moderation.objections(texts, audience, meter)
        return next(((number, ", ".join(why)) for number, why in enumerate(found) if why), None)
