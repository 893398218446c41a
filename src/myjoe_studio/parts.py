"""What the Studio is made of: everything that pages ask for."""
from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp

from myjoe_studio.billing.billing import Billing
from myjoe_studio.deciding import Decider
from myjoe_studio.files import Files
from myjoe_studio.identity.gotrue import GoTrue
from myjoe_studio.joe import Joe
from myjoe_studio.live.tail import Tail
from myjoe_studio.moderating import Moderator
from myjoe_studio.planning import DraftPlanner
from myjoe_studio.reading import Reader
from myjoe_studio.rendering import Templates
from myjoe_studio.sealing import Sealer
from myjoe_studio.sessions import Cookies, Sessions
from myjoe_studio.settings import StudioSettings
from myjoe_studio.trying.running import Tryer


@dataclass(frozen=True)
class Parts:
    """All parts, ready to use. They are made and closed by `assembling`."""

    settings: StudioSettings
    reader: Reader
    decide: Decider
    templates: Templates
    sealer: Sealer
    cookies: Cookies
    sessions: Sessions
    tryer: Tryer
    billing: Billing
    files: Files
    planner: DraftPlanner
    # Who looks at what users write; nobody offline, where nothing leaves the machine.
    moderator: Moderator | None
    # Who answers questions; nobody offline.
    joe: Joe | None
    # Our own stream, where browsers hear of changes from us.
    tail: Tail | None
    identity: GoTrue
    # What is served below /dev, on a machine for development.
    development: ASGIApp | None
