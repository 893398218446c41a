"""Migrations: once, all or nothing, recorded where the Supabase CLI looks, and their sum as
committed.
"""
from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from myjoe.database.migrating import migrate, migrations, supabase_folder
from myjoe.database.server import SUPERUSER, Server
from myjoe.errors import MigrationError
from tests.database import schema, support

_numbers = itertools.count()


@pytest.fixture(params=support.VERSIONS)
def url(request: pytest.FixtureRequest, servers: Callable[[int], Server]) -> str:
    """An empty database on each server."""
    name = f"empty_{next(_numbers)}"
    support.make_database(servers(request.param), name)
    return servers(request.param).url(name, SUPERUSER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of supabase/ to change."""
    return Path(shutil.copytree(supabase_folder(), tmp_path / "supabase"))


def versions(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [v for (v,) in connection.execute("select version from supabase_migrations.schema_migrations order by 1")]


def test_all_are_applied_once_and_recorded(url: str) -> None:
    expected = [migration.version for migration in migrations()]
    assert migrate(url) == expected == sorted(set(expected))
    assert migrate(url) == []
    with psycopg.connect(url) as connection:
        rows = connection.execute("select version, name, statements from supabase_migrations.schema_migrations order by 1").fetchall()
    assert rows == [(m.version, m.name, [m.sql]) for m in migrations()]
    assert all(len(m.version) == 14 and m.version.isdigit() for m in migrations())


def test_twenty_clients_at_once_do_it_once(url: str) -> None:
    words = [sys.executable, "-m", "myjoe_cli", "db", "migrate", "--url", url]
    clients = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(20)]
    outputs = [client.communicate() for client in clients]
    assert [client.returncode for client in clients] == [0] * 20, outputs
    applied = [version for said, _ in outputs for version in said.split()]
    assert applied == [migration.version for migration in migrations()]


def test_one_that_fails_leaves_nothing(url: str, folder: Path) -> None:
    (folder / "migrations" / "20990101000000_broken.sql").write_text("create table public.half (id int); select 1 / 0;")
    with pytest.raises(MigrationError, match="20990101000000_broken failed: division by zero"):
        migrate(url, folder=folder)
    with psycopg.connect(url) as connection:
        assert connection.execute("select to_regclass('public.plans'), to_regclass('auth.users')").fetchone() == (None, None)
    assert len(migrate(url)) == len(migrations())
    with pytest.raises(MigrationError):
        migrate(url, folder=folder)
    assert versions(url) == [migration.version for migration in migrations()]


def test_a_later_one_is_added(url: str, folder: Path) -> None:
    migrate(url)
    (folder / "migrations" / "20990101000000_more.sql").write_text("create table public.more (id int primary key)")
    assert migrate(url, folder=folder) == ["20990101000000"]
    # Rolled back: the version before finds a database that is newer, says so, and works on.
    said: list[str] = []
    assert migrate(url, tell=said.append) == []
    assert len(said) == 1 and "newer than this version" in said[0] and said[0].endswith("20990101000000")


def test_one_in_between_that_is_not_ours_is_an_error_also_beside_later_ones(url: str) -> None:
    last = migrate(url)[-1]
    with psycopg.connect(url) as connection:
        insert = "insert into supabase_migrations.schema_migrations (version) values (%s), ('20990101000000')"
        connection.execute(insert, (str(int(last) - 1),))
    with pytest.raises(MigrationError, match=f"not ours: {int(last) - 1}$"):
        migrate(url)


def test_one_that_was_skipped_is_an_error(url: str, folder: Path) -> None:
    migrate(url)
    (folder / "migrations" / "20000101000000_early.sql").write_text("select 1")
    with pytest.raises(MigrationError, match=r"20000101000000 was never applied.* run `myjoe db migrate`; if"):
        migrate(url, folder=folder)


def test_two_of_one_version_are_an_error(url: str, folder: Path) -> None:
    first = migrations()[0].version
    (folder / "migrations" / f"{first}_wrongs.sql").write_text("select 1;")
    with pytest.raises(MigrationError, match=f"rights and wrongs are both migration {first}"):
        migrate(url, folder=folder)


def made_before_the_first_release(url: str) -> None:
    """As far as `migrate` can see: what a database of then had recorded last."""
    migrate(url)
    with psycopg.connect(url) as connection:
        connection.execute("update supabase_migrations.schema_migrations set version = (version::bigint - 5000000)::text")


def test_one_of_before_the_first_release_is_refused_and_the_way_out_works(servers: Callable[[int], Server]) -> None:
    server = servers(18)
    support.make_database(server, "early")
    url = server.url("early", SUPERUSER)
    made_before_the_first_release(url)
    words = [sys.executable, "-m", "myjoe_cli", "db", "up", "--url", url]
    refused = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", (
        "myjoe: this database was made before the first release, by migrations that no longer exist: "
        "drop the database, create it anew, and run the command again\n"
    ))  # fmt: skip
    support.drop_database(server, "early")
    support.make_database(server, "early")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, url), done.stderr


def test_a_plain_database_takes_a_superuser(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("do $$ begin create role nobody_much login; exception when duplicate_object then null; end $$")
    with pytest.raises(MigrationError, match="takes a superuser"):
        migrate(url.replace(SUPERUSER, "nobody_much"))


def test_the_seed_is_for_empty_databases_alone(url: str) -> None:
    migrate(url, seed=True)
    with psycopg.connect(url, autocommit=True) as connection:
        balance = "select balance_half from public.credit_accounts"
        assert connection.execute(balance).fetchall() == [(1600,)]
        migrate(url, seed=True)
        assert connection.execute(balance).fetchall() == [(1600,)]


def test_schema_sql_is_the_sum_of_the_migrations(servers: Callable[[int], Server]) -> None:
    server = servers(18)
    support.make_database(server, "summed")
    migrate(server.url("summed", SUPERUSER))
    assert schema.dump(server, "summed") == schema.PATH.read_text(), "run `make schema` and look at what has changed"


@pytest.mark.parametrize("name", [migration.name for migration in migrations()])
def test_each_migration_has_one_subject_and_says_what(name: str) -> None:
    (path,) = (supabase_folder() / "migrations").glob(f"{'[0-9]' * 14}_{name}.sql")
    assert path.read_text().startswith("-- ")
    assert max(map(len, path.read_text().splitlines())) <= 140


def test_row_level_security_follows_each_table_at_once() -> None:
    for migration in migrations():
        lines = migration.sql.splitlines()
        inside = None
        for number, line in enumerate(lines):
            if line.startswith("create table "):
                inside = line.split()[2]
            if inside and line.startswith(")") and line.endswith((");", ")")) and ";" in line:
                assert lines[number + 1] == f"alter table {inside} enable row level security;", (migration.name, inside)
                inside = None
