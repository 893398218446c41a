"""The database for a fresh machine: a server from a Python package, and in it one database, up to
date and with something to try.
"""
from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import psycopg

from myjoe.database.migrating import migrate
from myjoe.database.server import SUPERUSER, Server, embedded_binaries
from myjoe.settings.shared import home_folder

DATABASE = "myjoe"


def default_folder() -> Path:
    """Where the embedded server lives unless it is told otherwise."""
    return home_folder() / "database"


def up(folder: Path) -> str:
    """Start the server in `folder` unless it runs, and bring its database up to date; the
    connection string.
    """
    server = Server(folder, embedded_binaries())
    server.start()
    # There the database may be, or somebody else is just making it.
    there = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection, suppress(*there):
        connection.execute(f"create database {DATABASE}")
    remake = f"run `myjoe db down --folder {shlex.quote(str(server.folder))}`, delete that folder, and run the command again"
    migrate(server.url(DATABASE, SUPERUSER), seed=True, remake=remake)
    return server.url(DATABASE)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """`up` for as long as the block runs; a server that ran before goes on afterwards."""
    was_running = folder.exists() and Server(folder, embedded_binaries()).is_running()
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
        [user] = connection.execute("insert into auth.users (email) values (%s) returning id", (email,)).fetchone() or ()
        connection.execute("select private.put_subscription(%s, %s, %s, 'max', 'active', now())", (user, f"sub_{user}", f"cus_{user}"))
        connection.execute("select private.add_credits(%s, 'grant', %s, %s, 'to try things on')", (user, 2 * credits, f"grant:{user}"))
        [project] = connection.execute(
            "insert into public.projects (user_id, name) values (%s, 'First book') returning id", (user,)
        ).fetchone() or ()
    return user, project


def down(folder: Path) -> None:
    """Stop the server in `folder`, if it runs; its data stays."""
    if folder.exists():
        Server(folder, embedded_binaries()).stop()
