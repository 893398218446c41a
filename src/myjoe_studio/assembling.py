"""From settings to the Studio's parts: all made, connected to each other, and closed again. No
decision is made here.
"""
from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from myjoe.costs.booking import Costs
from myjoe.database.acting import as_service
from myjoe.database.environment import check_environment
from myjoe.ordering.planner import Planner
from myjoe.providers.protocol import Brain
from myjoe.providers.sketch_brain import SketchBrain
from myjoe_studio.billing.billing import open_billing
from myjoe_studio.deciding import Decider, ServiceDatabase
from myjoe_studio.files import Files
from myjoe_studio.identity.opening import open_identity
from myjoe_studio.joe import Joe
from myjoe_studio.live.tail import Tail
from myjoe_studio.moderating import Moderator
from myjoe_studio.parts import Parts
from myjoe_studio.planning import DraftPlanner
from myjoe_studio.reading import Connections, Reader
from myjoe_studio.rendering import Templates
from myjoe_studio.sealing import Sealer
from myjoe_studio.sessions import Cookies, Sessions
from myjoe_studio.settings import SSE, StudioSettings
from myjoe_studio.static_files import StaticFiles
from myjoe_studio.trying.running import Tryer

if TYPE_CHECKING:
    from myjoe.providers.registry import TextProviders

# How long the database may take to answer before the Studio says that it cannot start, in seconds.
# Longer outlasts a restart of the server; shorter tells a wrong address sooner.
START_SECONDS = 10.0


@asynccontextmanager
async def assembled(settings: StudioSettings, static: StaticFiles) -> AsyncIterator[Parts]:
    """The parts, for as long as the block runs. SettingsError for a database of others,
    DatabaseUnreachableError for one that does not answer.
    """
    async with AsyncExitStack() as stack:
        connections = Connections(settings.database_url.reveal(), settings.connections)
        stack.push_async_callback(connections.close)
        async with connections.one() as connection:
            await check_environment(settings.env, as_service(connection), patience_seconds=START_SECONDS)
        decide, sealer, cookies = Decider(connections), Sealer(settings.secret), Cookies(settings)
        billing = await stack.enter_async_context(open_billing(settings, decide))
        files = Files(settings, sealer)
        stack.push_async_callback(files.storage.close)
        database = ServiceDatabase(connections)
        costs, words = Costs(database), _text_providers(settings)
        if words is not None:
            stack.push_async_callback(words.close)
        tail = Tail(database) if settings.live == SSE else None
        if tail is not None:
            stack.push_async_callback(tail.close)
        templates = Templates(static, settings=settings)
        opened = await stack.enter_async_context(open_identity(settings, templates))
        yield Parts(
            settings=settings, reader=Reader(connections), decide=decide, templates=templates, sealer=sealer, cookies=cookies,
            sessions=Sessions(decide, sealer, cookies, opened.identity.refresh), identity=opened.identity,
            development=opened.development, files=files, tail=tail, tryer=Tryer(), billing=billing,
            planner=DraftPlanner(decide, _planner(settings, words, database, costs)), joe=Joe(words.joe, costs) if words else None,
            moderator=Moderator(words.moderation, costs) if words and settings.providers != "sketch" else None,
        )  # fmt: skip


def _text_providers(settings: StudioSettings) -> TextProviders | None:
    """Who plans and answers, where there is a key. Their SDK weighs 18 MiB in a process, and is
    loaded only then.
    """
    if not settings.openai_api_key:
        return None
    from myjoe.providers.registry import text_providers

    return text_providers(settings)


def _planner(settings: StudioSettings, words: TextProviders | None, database: ServiceDatabase, costs: Costs) -> Planner:
    """Who plans books: the brain of the database's route, or offline the sketcher's."""
    offline = settings.providers == "sketch"
    brains: Mapping[str, Brain] = {"sketch": SketchBrain()} if offline or words is None else words.brains
    return Planner(database, brains, costs, offline=offline)
