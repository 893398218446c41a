"""The Supabase CLI itself applies our migrations, and it and we agree on what is applied."""
from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from myjoe.database.migrating import migrate, migrations
from myjoe.database.server import SUPERUSER
from tests.database import support
from tests.database.support import Database
from tests.support import lite

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server that listens on a port, as the CLI takes no socket of a file system; `{}` stands for
    user and database.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with support.running_server(18, fsync="off", listen_addresses="127.0.0.1", port=str(port)) as server:
        support.make_database(server, "pushed")
        with psycopg.connect(server.url("pushed", SUPERUSER), autocommit=True) as connection:
            connection.execute((ROOT / "src/myjoe/database/bootstrap.sql").read_text())
        yield f"postgresql://{{}}@127.0.0.1:{port}/pushed?sslmode=disable"


def cli(*words: str) -> str:
    lite.install()
    done = subprocess.run(
        [lite.CLI, *words], cwd=ROOT, env={**os.environ, "DO_NOT_TRACK": "1"}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_cli_pushes_what_we_migrate_and_each_finds_the_others_work_done(address: str, newest: Database) -> None:
    ours = [migration.version for migration in migrations()]
    said = cli("db", "push", "--yes", "--remote", address.format("postgres"))
    assert [version for version in ours if f"Applying migration {version}_" in said] == ours
    assert migrate(address.format(SUPERUSER)) == []
    assert "up to date" in cli("db", "push", "--yes", "--remote", address.format("postgres"))
    with psycopg.connect(address.format(SUPERUSER)) as pushed:
        counted = "select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'private'"
        assert pushed.execute(counted).fetchone() == (newest.one(counted),)
