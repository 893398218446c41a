"""Bring a database up to date: bootstrap where Supabase is not, then the migrations that are
missing, all or nothing.

Everything happens in one transaction under one advisory lock of that transaction. So twenty clients
that start together do it once and the others find it done, a migration that fails leaves nothing
behind, and a transaction pooler may stand in between.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from myjoe.database.statements import statements
from myjoe.errors import MigrationError

SQL = statements("myjoe.database", "migrating.sql")
# Any number will do, as long as nobody else locks by it.
LOCK = 0x6D796A6F65
HERE = Path(__file__).parent
# The way out for a database that was made before the first release.
REMAKE = "drop the database, create it anew, and run the command again"


@dataclass(frozen=True)
class Migration:
    """A file of supabase/migrations: `<version>_<name>.sql`."""

    version: str
    name: str
    sql: str


def supabase_folder() -> Path:
    """Where migrations and seed lie: inside the installed package, or in the checkout."""
    installed, checkout = HERE / "supabase", HERE.parents[2] / "supabase"
    return installed if installed.exists() else checkout


def migrations(folder: Path | None = None) -> list[Migration]:
    """All migrations in the order of their versions."""
    files = sorted(((folder or supabase_folder()) / "migrations").glob("*.sql"))
    if not files:
        raise MigrationError("there are no migrations beside this program")
    found = [Migration(*path.stem.partition("_")[::2], path.read_text()) for path in files]
    for one, next_one in zip(found, found[1:], strict=False):
        if one.version == next_one.version:
            raise MigrationError(f"{one.name} and {next_one.name} are both migration {one.version}")
    return found


def migrate(
    url: str, *, folder: Path | None = None, seed: bool = False, remake: str = REMAKE, tell: Callable[[str], object] = lambda _: None
) -> list[str]:
    """Bring the database at `url` up to date; the versions that were applied, none if it was up to
    date.

    `folder` is another supabase/ folder; `seed` also applies its seed.sql, to a database that was
    empty. A database that a later version has brought farther than this one can is left as it is,
    and `tell` gets a sentence that says so: that is what a rollback finds, and later migrations
    leave to earlier versions what these need. Raises MigrationError if the database has others that
    we do not have, or has skipped one of ours. If they are older than our first, `remake` tells how
    to make the database anew.
    """
    wanted = migrations(folder)
    with psycopg.connect(url, prepare_threshold=None) as connection:
        connection.execute(SQL["lock"], {"lock": LOCK})
        if connection.execute(SQL["is_supabase"]).fetchone() != (True,):
            _bootstrap(connection)
        connection.execute(SQL["act_as_postgres"])
        applied = _applied(connection)
        known = {migration.version for migration in wanted}
        later = {version for version in applied if version > wanted[-1].version}
        if foreign := sorted(applied - known - later):
            if foreign[0] < wanted[0].version:
                raise MigrationError(f"this database was made before the first release, by migrations that no longer exist: {remake}")
            raise MigrationError(
                f"see whether DATABASE_URL names the right database: it has migrations that are not ours: {', '.join(foreign)}"
            )
        missing = [migration for migration in wanted if migration.version not in applied]
        if applied and missing and missing[0].version < max(applied):
            skipped = missing[0].version
            raise MigrationError(
                f"migration {skipped} was never applied, though later ones were: restore a backup of before {max(applied)}, and run"
                f" `myjoe db migrate`; if it was run by hand, say so with `supabase migration repair --status applied {skipped}`"
            )
        if later:
            tell(f"this database is newer than this version of My Joe, which changes nothing: it has also {', '.join(sorted(later))}")
        for migration in missing:
            try:
                connection.execute(migration.sql)
            except psycopg.Error as error:
                raise MigrationError(f"migration {migration.version}_{migration.name} failed: {error}") from error
            connection.execute(SQL["record"], {**vars(migration), "statements": [migration.sql]})
        if seed and not applied:
            connection.execute(((folder or supabase_folder()) / "seed.sql").read_text())
    return [migration.version for migration in missing]


def _bootstrap(connection: psycopg.Connection) -> None:
    if connection.execute(SQL["is_superuser"]).fetchone() != (True,):
        raise MigrationError("this is no Supabase database, and making it like one takes a superuser")
    # Two databases of one server would make the same roles, which belong to the server and not to
    # either.
    connection.execute(SQL["lock"], {"lock": LOCK + 1})
    connection.execute((HERE / "bootstrap.sql").read_text())


def _applied(connection: psycopg.Connection) -> set[str]:
    """Versions that are there, from the table in which the Supabase CLI records them, made as it
    makes it.
    """
    for name in ("make_schema", "make_table", "add_columns"):
        connection.execute(SQL[name])
    return {version for (version,) in connection.execute(SQL["recorded"])}
