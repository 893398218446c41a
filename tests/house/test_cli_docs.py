"""The pages of docs/reference are what the code says of itself, and what they say by hand leaves
nothing out.
"""
from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import pytest

import linefinish
from linefinish.options import OPTIONS
from linefinish.preflight.findings import FAIL, NOTE, WARN

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(autouse=True)
def _columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_the_command_linefinish_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_cli.py"))["text"]()
    assert (DOCS / "reference" / "cli.md").read_text(encoding="utf-8") == made, "run make docs"


def test_the_python_api_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_api.py"))["text"]()
    assert (DOCS / "reference" / "api.md").read_text(encoding="utf-8") == made, "run make docs"


def test_the_reference_is_current() -> None:
    texts = runpy.run_path(str(DOCS / "make_reference.py"))["texts"]()
    assert [path.name for path, made in texts.items() if path.read_text(encoding="utf-8") != made] == [], "run make docs"


def test_every_public_name_and_every_option_has_its_place() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^### `(\w+)`$", text, re.MULTILINE)) == sorted(linefinish.__all__)
    fields = text.partition("### `FinishOptions`")[2].partition("### `Finished`")[0]
    assert re.findall(r"^\| `(\w+)` \|", fields, re.MULTILINE) == [option.name for option in OPTIONS]


def told(heading: str) -> dict[str, set[str]]:
    """The codes of a table of docs/reference/errors.md, each with the words of the next column."""
    section = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {code: set(row[1].split(", ")) for row in rows for code in re.findall(r"`([\w-]+)`", row[0])}


def test_every_refusal_of_the_database_is_told() -> None:
    schema = (ROOT / "supabase" / "schema.sql").read_text(encoding="utf-8")
    given = set(re.findall(r"refusal\('(\w+)'", schema))
    assert len(given) > 10
    assert set(told("Refusals")) == given


def test_every_finding_about_a_book_is_told_with_its_levels() -> None:
    levels = {"FAIL": FAIL, "WARN": WARN, "NOTE": NOTE}
    # A loop names these; another place repeats what was named.
    given: dict[str, set[str]] = {"grey": {FAIL}, "colour": {FAIL}}
    looped = []
    for path in (ROOT / "src" / "linefinish").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > 1 and isinstance(node.args[0], ast.Name):
                level, code = node.args[0].id, node.args[1]
                if level in levels and isinstance(code, ast.Constant):
                    given.setdefault(code.value, set()).add(levels[level])
                elif level in levels:
                    looped.append(path.name)
    assert looped == ["checking.py"] * 2
    assert len(given) > 20
    assert told("Findings about a book").keys() == given.keys()
    assert {code: found for code, found in told("Findings about a book").items() if not found >= given[code]} == {}
