"""Which database a command means: the settings', or the embedded one, which is started."""
from __future__ import annotations

from myjoe import telemetry
from myjoe.database import embedded
from myjoe.errors import RequestError
from myjoe_cli import showing
from myjoe_worker.settings import WorkerSettings


def with_database(settings: WorkerSettings, *, make: bool) -> WorkerSettings:
    """The settings with the embedded database, where they name none. It is started, which is said,
    and with `make` made if there is none. From here on no message shows a secret of the settings.
    """
    telemetry.hide(settings.secrets())
    if settings.database_url:
        return settings
    folder = settings.home / "database"
    if not make and not folder.exists():
        raise RequestError("there is no database: set DATABASE_URL, or make one with `myjoe db up`")
    if folder.exists() and not embedded.is_running(folder):
        showing.complain("the embedded database was stopped; it is started, and `myjoe db down` stops it again")
    return settings.with_database(embedded.up(folder))
