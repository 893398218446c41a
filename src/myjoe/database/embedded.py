"""The database for a fresh machine: a server from a Python package, and in it one database, up to
date and with something to try.
"""
from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import psycopg

from myjoe.database.migrating import LOCK, migrate
from myjoe.database.migrating import SQL as MIGRATING
from myjoe.database.server import SUPERUSER, Server, embedded_binaries
from myjoe.database.statements import statements
from myjoe.settings.shared import home_folder

SQL = statements("myjoe.database", "embedded.sql")
DATABASE = "myjoe"


def default_folder() -> Path:
    """Where the embedded server lives unless it is told otherwise."""
    return home_folder() / "database"


def up(folder: Path, tell: Callable[[str], object] = lambda _: None) -> str:
    """Start the server in `folder` unless it runs, and bring its database up to date; the
    connection string. `tell` is as `migrate` has it.
    """
    server = Server(folder, embedded_binaries())
    was_running = folder.exists() and server.is_running()
    server.start()
    try:
        return _up_to_date(server, tell)
    except BaseException:
        if not was_running:
            server.stop()
        raise


def _up_to_date(server: Server, tell: Callable[[str], object]) -> str:
    # There the database may be, or somebody else is just making it.
    there = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection, suppress(*there):
        connection.execute(SQL["create_database"])
    remake = f"run `myjoe db down --folder {shlex.quote(str(server.folder))}`, delete that folder, and run the command again"
    migrate(server.url(DATABASE, SUPERUSER), seed=True, remake=remake, tell=tell)
    with psycopg.connect(server.url(DATABASE, SUPERUSER)) as connection:
        connection.execute(MIGRATING["lock"], {"lock": LOCK})  # of several that come up together
        connection.execute(SQL["complete"])
    return server.url(DATABASE)


def is_running(folder: Path) -> bool:
    """Whether the server in `folder` runs."""
    return folder.exists() and Server(folder, embedded_binaries()).is_running()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """`up` for as long as the block runs; a server that ran before goes on afterwards."""
    was_running = is_running(folder)
    url = up(folder)
    try:
        yield url
    finally:
        if not was_running:
            down(folder)


def new_user(url: str, email: str, credits: int) -> tuple[UUID, UUID]:
    """A user on the plan Max with so many credits, and a project of theirs. For databases of one's
    own, never for production.
    """
    with psycopg.connect(url) as connection:
        [user] = connection.execute(SQL["new_user"], {"email": email}).fetchone() or ()
        connection.execute(SQL["subscribe"], {"user": user, "subscription": f"sub_{user}", "customer": f"cus_{user}"})
        connection.execute(SQL["grant_credits"], {"user": user, "half": 2 * credits, "reference": f"grant:{user}"})
        [project] = connection.execute(SQL["new_project"], {"user": user}).fetchone() or ()
    return user, project


def down(folder: Path) -> None:
    """Stop the server in `folder`, if it runs; its data stays."""
    if folder.exists():
        Server(folder, embedded_binaries()).stop()
