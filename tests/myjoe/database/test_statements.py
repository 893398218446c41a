"""SQL by name, from files beside their subject."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import psycopg
import pytest

import myjoe
from myjoe.database.server import SUPERUSER, Server
from myjoe.database.statements import statements
from tests.database import fixtures
from tests.database.support import Database

# Every file of statements there is, by its package and name.
SOURCE = Path(myjoe.__file__).parents[1]
FILES = sorted(
    (".".join(path.parent.relative_to(SOURCE).parts), path.name) for path in SOURCE.glob("myjoe*/**/*.sql") if path.name != "bootstrap.sql"
)
EACH = [(package, file, name) for package, file in FILES for name in statements(package, file)]


def package(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with such a queries.sql."""
    name = f"sql_{folder.name.replace('-', '_')}"
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text("")
    (folder / name / "queries.sql").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    return name


def test_statements_are_found_by_name_without_what_is_said_about_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "-- What the file is about.\n-- name: not this one, as it is no word\n\n-- name: first\n-- What it is for.\n"
        "select 1,\n-- in between\n  '--' as kept\n\n-- name: second\nselect 'grün', %(x)s\n"
    )
    found = statements(package(tmp_path, text, monkeypatch))
    flat = {name: " ".join(sql.split()) for name, sql in found.items()}
    assert flat == {"first": "select 1, '--' as kept", "second": "select 'grün', %(x)s"}


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = package(tmp_path, "-- name: one\nselect 1\n", monkeypatch)
    assert statements(name) is statements(name)


def test_what_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = package(tmp_path, "-- name: one\nselect 1\n", monkeypatch)
    with pytest.raises(KeyError):
        statements(name)["two"]
    with pytest.raises(FileNotFoundError):
        statements(name, "others.sql")


def test_there_are_files_and_each_begins_with_what_it_is_about() -> None:
    assert len(FILES) >= 8
    for one, file in FILES:
        text = resources.files(one).joinpath(file).read_text(encoding="utf-8")
        assert text.startswith("-- ") and not text.startswith("-- name:"), (one, file)
        assert text.count("-- name: ") == len(statements(one, file)) > 0, "no name twice"


@pytest.fixture(scope="module")
def newest_once(servers: Callable[[int], Server]) -> Iterator[Database]:
    """One database for all of this file, which only parses."""
    yield from fixtures._database(servers(18))


@pytest.mark.parametrize(("package", "file", "name"), EACH)
def test_each_is_a_statement_that_the_server_understands(newest_once: Database, package: str, file: str, name: str) -> None:
    """Parsed and planned, with nulls for what it asks for; none has two statements in it."""
    sql = statements(package, file)[name]
    assert sql and not sql.endswith(";")
    with newest_once.connect(SUPERUSER, autocommit=False) as connection:
        cursor = psycopg.ClientCursor(connection)
        written = cursor.mogrify(sql, Nulls()) if "%(" in sql else sql.replace("%%", "%")
        if written.startswith("create database"):
            assert ";" not in written
        elif written.startswith(("create ", "alter ", "do ")):  # what defines something cannot be prepared
            connection.execute(written.encode(), prepare=True)  # one statement alone can be
        else:
            connection.execute("prepare asked as " + written)
        connection.rollback()


class Nulls(dict[str, None]):
    """A null by every name."""

    def __missing__(self, key: str) -> None:
        return None

    def __contains__(self, key: object) -> bool:
        return True
