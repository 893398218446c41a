"""The files that `supabase test db` runs, run here on the version for which Debian has pgTAP."""
from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from myjoe.database.migrating import migrations
from myjoe.database.server import SUPERUSER, Server
from tests.database import support

FILES = sorted((Path(__file__).parents[2] / "supabase" / "tests" / "database").glob("*.test.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file(servers: Callable[[int], Server], path: Path) -> None:
    server = servers(15)
    name = f"tap_{path.stem.split('.')[0]}"
    support.make_database(server, name, "template_myjoe")
    if "pgmq" in name:
        database = support.Database(server, name)
        support.add_pgmq(database)
        database.close()
    done = subprocess.run(
        [str(support.binaries(15) / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", server.url(name, SUPERUSER), "-f", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    planned = re.search(r"^1\.\.(\d+)$", done.stdout, re.MULTILINE)
    assert planned is not None
    results = re.findall(r"^(ok|not ok) ", done.stdout, re.MULTILINE)
    assert results == ["ok"] * int(planned.group(1)), done.stdout


def test_each_migration_has_its_file() -> None:
    expected = [f"{number:02}_{migration.name}.test" for number, migration in enumerate(migrations(), 1)]
    assert [path.stem for path in FILES] == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_persona_speaks(path: Path) -> None:
    """A file tells what a visitor, a user, the service and an admin may do, and what is refused."""
    text = path.read_text()
    missing = [who for who in ("visitor", "user A", "service", "admin") if f"select act_as('{who}');" not in text]
    assert missing == []
    assert "throws_ok(" in text and ("results_eq(" in text or "lives_ok(" in text)
