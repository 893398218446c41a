"""The database for a fresh machine: a server from a Python package, and in it one database, up to date and with something to try."""
from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psycopg

from myjoe_worker.database.migrating import migrate
from myjoe_worker.database.server import SUPERUSER, Server, embedded_binaries
from myjoe_worker.settings import home_folder

DATABASE = "myjoe"


def default_folder() -> Path:
    """Where the embedded server lives unless it is told otherwise."""
    return home_folder() / "database"


def up(folder: Path) -> str:
    """Start the server in `folder` unless it runs, and bring its database up to date; the connection string."""
    server = Server(folder, embedded_binaries())
    server.start()
    # There the database may be, or somebody else is just making it.
    there = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection, suppress(*there):
        connection.execute(f"create database {DATABASE}")
    migrate(server.url(DATABASE, SUPERUSER), seed=True)
    return server.url(DATABASE)


def down(folder: Path) -> None:
    """Stop the server in `folder`, if it runs; its data stays."""
    if folder.exists():
        Server(folder, embedded_binaries()).stop()
