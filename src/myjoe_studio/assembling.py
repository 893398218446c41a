"""From settings to the Studio's parts: all made, connected to each other, and closed again. No
decision is made here.
"""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from myjoe.database.environment import check_environment
from myjoe.storage.opening import open_storage
from myjoe_studio.billing.billing import open_billing
from myjoe_studio.deciding import Decider
from myjoe_studio.parts import Parts
from myjoe_studio.reading import Connections, Reader
from myjoe_studio.rendering import Templates
from myjoe_studio.sealing import Sealer
from myjoe_studio.sessions import Cookies, Sessions
from myjoe_studio.settings import StudioSettings
from myjoe_studio.static_files import StaticFiles
from myjoe_studio.trying.running import Tryer

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
            await check_environment(settings.env, connection, patience_seconds=START_SECONDS)
        decide, sealer, cookies = Decider(connections), Sealer(settings.secret), Cookies(settings)
        storage = open_storage(settings)
        stack.push_async_callback(storage.close)
        billing = await stack.enter_async_context(open_billing(settings, decide))
        yield Parts(
            settings=settings, reader=Reader(connections), decide=decide, templates=Templates(static, settings=settings), sealer=sealer,
            cookies=cookies, sessions=Sessions(decide, sealer, cookies), storage=storage, tryer=Tryer(), billing=billing,
        )  # fmt: skip
