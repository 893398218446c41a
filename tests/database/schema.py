"""supabase/schema.sql: the sum of the migrations, for reading and for reviews. `make schema` writes
it.
"""
from __future__ import annotations

import subprocess
from pathlib import Path

from myjoe.database.migrating import migrate
from myjoe.database.server import SUPERUSER, Server
from tests.database import support

PATH = Path(__file__).parents[2] / "supabase" / "schema.sql"
HEADER = "-- The sum of the migrations, as pg_dump 18 tells it. `make schema` writes it. To be read, not run.\n"


def dump(server: Server, database: str) -> str:
    """Our two schemas, without what changes from dump to dump."""
    done = subprocess.run(
        [str(support.binaries(18) / "pg_dump"), "--schema-only", "--no-owner", "-n", "public", "-n", "private",
         "-d", server.url(database, SUPERUSER)], capture_output=True, text=True, check=True,
    )  # fmt: skip
    # Comments name versions, and two commands carry a random key; settings of the session are
    # pg_dump's own.
    noise = ("--", "\\restrict", "\\unrestrict", "SET ", "SELECT pg_catalog.set_config")
    lines = [line.rstrip() for line in done.stdout.splitlines() if not line.startswith(noise)]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return HEADER + "\n".join(kept).rstrip() + "\n"


def main() -> None:
    """Write the file."""
    with support.running_server(18) as server:
        support.make_database(server, "schema")
        migrate(server.url("schema", SUPERUSER))
        PATH.write_text(dump(server, "schema"))


if __name__ == "__main__":
    main()
