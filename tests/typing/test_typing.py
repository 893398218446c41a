"""The types that a user sees: right uses pass `mypy --strict`, wrong ones are refused, each with
its error. The checker is started as in a user's project: without our configuration, and with
linefinish found where it is installed, which it takes for typed only because of py.typed.
"""
from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import linefinish

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, int, str]]:
    """What mypy says of both files: (file, line, error code)."""
    folder = tmp_path_factory.mktemp("project")
    names = ("api.py", "refused.py")
    for name in names:
        (folder / name).write_text((HERE / name).read_text())
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=cache", "--no-error-summary", *names]
    environment = {name: value for name, value in os.environ.items() if name not in ("MYPYPATH", "MYPY_CONFIG_FILE_DIR")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    found = [re.fullmatch(r"([\w.]+):(\d+): error: .*\[([\w-]+)\]", line) for line in done.stdout.splitlines() if ": note: " not in line]
    assert all(found), done.stdout
    return {(match[1], int(match[2]), match[3]) for match in found if match}


def test_pyright_sees_the_same_types(tmp_path: Path) -> None:
    """What editors run. Of the wrong uses it refuses as many, by names of its own."""
    for name in ("api.py", "refused.py"):
        (tmp_path / name).write_text((HERE / name).read_text())
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", "api.py", "refused.py"]
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout[done.stdout.index("{") :])["generalDiagnostics"]
    said = {(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in found if one["severity"] == "error"}
    assert sorted(where for where in said if where[0] == "api.py") == []
    lines = enumerate((HERE / "refused.py").read_text().splitlines(), 1)
    wanted = {("refused.py", number) for number, line in lines if "# refused: " in line}
    assert sorted(wanted - said) == []


def test_right_uses_pass(errors: set[tuple[str, int, str]]) -> None:
    assert sorted(error for error in errors if error[0] == "api.py") == []


def test_each_wrong_use_is_refused_with_its_error(errors: set[tuple[str, int, str]]) -> None:
    lines = enumerate((HERE / "refused.py").read_text().splitlines(), 1)
    wanted = {("refused.py", number, line.partition("# refused: ")[2]) for number, line in lines if "# refused: " in line}
    said = {error for error in errors if error[0] == "refused.py"}
    assert sorted(wanted - said) == [], "accepted, or refused for another reason"
    assert sorted(said - wanted) == [], "refused without being named"
    assert len(wanted) > 50


def test_every_public_name_is_used() -> None:
    """And imported by its name, so that each is seen by type checkers although it is loaded on
    first use.
    """
    tree = ast.parse((HERE / "api.py").read_text())
    (imported,) = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "linefinish"]
    assert sorted(alias.name for alias in imported.names) == linefinish.__all__
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    used = {node.id for function in functions for node in ast.walk(function) if isinstance(node, ast.Name)}
    assert set(linefinish.__all__) - used == set()
