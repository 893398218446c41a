"""What a customer asks for, done at the command line: a book, or an answer of Joe's. Whatever it
costs is booked to the user.
"""
from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

from myjoe.costs.booking import Costs
from myjoe.costs.meter import user_meter
from myjoe.costs.routes import StepRoute
from myjoe.database.connection import RetryingConnection
from myjoe.database.environment import check_environment
from myjoe.errors import RequestError
from myjoe.ordering.planner import BookOrder, Planner
from myjoe.providers.protocol import Brain
from myjoe.providers.registry import text_providers
from myjoe.providers.sketch_brain import SketchBrain
from myjoe.screening.screening import require_drawable
from myjoe.settings.shared import Settings

# The longest description, in characters: some pages of text. The brain is sent all of it.
DESCRIPTION_CHARS_MAX = 4000


async def order_book(settings: Settings, user: UUID, project: UUID, key: str, book: BookOrder, *, quote: bool) -> Mapping[str, Any]:
    """The governor's answer to an order, or with `quote` what it would be. PromptRefusedError
    before anything is spent.
    """
    require_described(book.description)
    require_drawable(book.description)
    async with _planner(settings) as planner:
        return await (planner.quote(user, project, book) if quote else planner.order_book(user, project, key, book))


def require_described(description: str) -> None:
    """Raise RequestError for a description that says nothing, or more than a sentence or two."""
    if not any(character.isalnum() for character in description):
        raise RequestError("the description says nothing: say in a sentence or two what the book is about")
    if len(description) > DESCRIPTION_CHARS_MAX:
        raise RequestError(f"the description has {len(description):,} characters; {DESCRIPTION_CHARS_MAX:,} are the most")


async def ask_joe(settings: Settings, user: UUID, question: str) -> str:
    """What Joe knows about it."""
    if not settings.openai_api_key:
        raise RequestError("Joe answers with OpenAI's help: set OPENAI_API_KEY")
    async with AsyncExitStack() as stack:
        connection = await _connection(stack, settings)
        costs = Costs(connection)
        brain = await costs.route("brain", "brain")
        if brain is None:
            raise RequestError("the database has no route for the brain, whose model Joe uses")
        providers = text_providers(settings)
        stack.push_async_callback(providers.close)
        route = StepRoute("brain", "joe", brain.provider, brain.model, brain.units)
        meter = user_meter(costs, route, user, f"joe:{user}:{secrets.token_hex(8)}")
        return await meter.watch(providers.joe.answer(question, route.model, meter))


@asynccontextmanager
async def _planner(settings: Settings) -> AsyncIterator[Planner]:
    async with AsyncExitStack() as stack:
        connection = await _connection(stack, settings)
        offline = settings.providers == "sketch"
        brains: Mapping[str, Brain] = {"sketch": SketchBrain()}
        if not offline:
            providers = text_providers(settings)
            stack.push_async_callback(providers.close)
            brains = providers.brains
        yield Planner(connection, brains, Costs(connection), offline=offline)


async def _connection(stack: AsyncExitStack, settings: Settings) -> RetryingConnection:
    connection = RetryingConnection(settings.database_url.reveal(), name="myjoe")
    stack.push_async_callback(connection.close)
    await connection.open()  # a person waits: a server that is not there is told at once
    await check_environment(settings.env, connection)
    return connection
