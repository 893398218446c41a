"""Joe Knows, in the web's process: who answers, and what that costs us."""
from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING
from uuid import UUID

from myjoe.costs.booking import Costs
from myjoe.costs.meter import user_meter
from myjoe.costs.routes import StepRoute
from myjoe.errors import OperatorError

if TYPE_CHECKING:
    from myjoe.providers.joe_knows import JoeKnows

# How long an answer may take, in seconds, before a person is told to ask again.
ANSWER_SECONDS_MAX = 30.0


class Joe:
    """Answers questions of users; what that costs is booked to them."""

    def __init__(self, knows: JoeKnows, costs: Costs) -> None:
        self._knows, self._costs = knows, costs

    async def answer(self, user: UUID, question: str) -> str:
        """A few sentences. Raises PromptRefusedError for what Joe will not hear, JobError and
        TimeoutError where the model is away.
        """
        brain = await self._costs.route("brain", "brain")
        if brain is None:
            raise OperatorError("the database has no route for the brain, whose model Joe uses")
        route = StepRoute("brain", "joe", brain.provider, brain.model, brain.units)
        meter = user_meter(self._costs, route, user, f"joe:{user}:{secrets.token_hex(8)}")
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            return await meter.watch(self._knows.answer(question, route.model, meter))
