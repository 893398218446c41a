"""The front door: `from linefinish import …`."""
from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import linefinish


def test_every_public_name_can_be_had_and_comes_from_its_home() -> None:
    for name in linefinish.__all__:
        assert getattr(linefinish, name) is not None
    for home, names in linefinish._HOMES.items():
        for name in names:
            value = getattr(linefinish, name)
            at_home = importlib.import_module(f"linefinish.{home}")
            assert value is getattr(at_home, name)
            assert isinstance(value, (int, tuple, dict)) or value.__module__ == at_home.__name__


def test_no_module_has_a_public_name() -> None:
    """An import of such a module would put it where the name was."""
    modules = {path.stem for path in Path(linefinish.__file__ or "").parent.iterdir()}
    assert modules & set(linefinish.__all__) == set()


def test_editors_see_the_same_names() -> None:
    tree = ast.parse(Path(linefinish.__file__ or "").read_text())
    seen = {
        (node.module or "").removeprefix("linefinish."): {alias.asname for alias in node.names}
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
    }
    by_module: dict[str, set[str | None]] = {module: set() for module in seen}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            assert all(alias.name == alias.asname for alias in node.names)
            by_module[(node.module or "").removeprefix("linefinish.")] |= {alias.asname for alias in node.names}
    assert by_module == {home: set(names) for home, names in linefinish._HOMES.items()}


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        linefinish.nonsense  # noqa: B018


def test_dir_lists_the_public_names() -> None:
    assert set(linefinish.__all__) <= set(dir(linefinish))


def test_importing_it_loads_none_of_its_modules(env: dict[str, str]) -> None:
    code = "import sys, linefinish; print([name for name in sys.modules if name.startswith('linefinish.')])"
    assert subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_version_is_that_of_the_distribution() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"] == linefinish.__version__
