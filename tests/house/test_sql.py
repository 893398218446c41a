"""The house rules for SQL: what a reader of the files may rely on."""
from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests.house.test_house import ROOT, tracked

MIGRATIONS = ROOT / "supabase" / "migrations"
# The files that make the database of the first release. A later change is a file of its own.
BASELINE_LAST = "20261129001600"
BASELINE = sorted(path for path in MIGRATIONS.glob("*.sql") if path.name[:14] <= BASELINE_LAST)


def sql_files() -> list[Path]:
    return [path for path in tracked() if path.suffix in (".sql", ".psql")]


def test_comments_are_no_longer_than_100_and_code_than_140() -> None:
    # schema.sql is pg_dump's; only the comments in its functions are ours.
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sql_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > (100 if line.lstrip().startswith("--") else 140 if path.name != "schema.sql" else len(line))
    ]
    assert long == []


def test_the_baseline_defines_everything_once_and_changes_nothing() -> None:
    code = "\n".join(path.read_text() for path in BASELINE)
    named = r'^create (?:unlogged |unique )?(table|view|sequence|function|index|policy|trigger) ("[^"]+"|[\w.]+)'
    made = Counter(
        # A trigger's or a policy's name belongs to its table, which follows.
        " ".join([match[1], match[2], *re.findall(r" on (\S+)", line)] if match[1] in ("trigger", "policy") else match.groups())
        for line in code.splitlines()
        if (match := re.match(named, line))
    )
    assert len(made) > 150
    assert [name for name, times in made.items() if times > 1] == []
    assert re.findall(r"^(?:drop|create or replace|alter table \S+ (?!enable row level security)).*", code, re.MULTILINE) == []


def test_the_baseline_has_no_history() -> None:
    told = re.compile(r"as before|\w+\.sql\b|used to|no longer", re.IGNORECASE)
    found = [
        f"{path.name}:{number}"
        for path in BASELINE
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.lstrip().startswith("--") and told.search(line)
    ]
    assert found == []


def test_what_the_docs_name_is_there() -> None:
    schema = (ROOT / "supabase" / "schema.sql").read_text()
    named = {name for path in (ROOT / "docs").glob("*.md") for name in re.findall(r"\bprivate\.(\w+)", path.read_text())}
    assert len(named) >= 7
    assert sorted(name for name in named if f" private.{name}" not in schema) == []
