"""The tests mirror the source: src/<package>/<room>/<module>.py is tested in
tests/<folder>/<room>/test_<module>.py, so that nobody has to look for either.

A leading underscore is dropped. Only `__init__` and `__main__` have no file of their own.
"""
from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Package → where its tests are. A package whose tests mirror it is one line here.
PACKAGES = {
    "linefinish": "tests/linefinish",
}
UNTESTED = ("__init__", "__main__")


def modules(package: str) -> list[Path]:
    """The package's modules, relative to it."""
    folder = ROOT / "src" / package
    return sorted(path.relative_to(folder) for path in folder.rglob("*.py") if path.stem not in UNTESTED)


def file_of_tests(tests: str, module: Path) -> Path:
    """Where a module's tests should be."""
    return ROOT / tests / module.parent / f"test_{module.stem.removeprefix('_')}.py"


CASES = [(package, module) for package in PACKAGES for module in modules(package)]


@pytest.mark.parametrize(("package", "module"), CASES, ids=str)
def test_each_module_has_its_test_file(package: str, module: Path) -> None:
    path = file_of_tests(PACKAGES[package], module)
    assert path.exists(), f"src/{package}/{module} has no {path.relative_to(ROOT)}"
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert any(function.name.startswith("test_") for function in functions), f"{path.relative_to(ROOT)} tests nothing"


def test_no_two_modules_share_a_test_file() -> None:
    paths = [file_of_tests(PACKAGES[package], module) for package, module in CASES]
    assert sorted(path for path in set(paths) if paths.count(path) > 1) == []


def test_every_package_that_is_named_is_there() -> None:
    assert [package for package in PACKAGES if not modules(package)] == []
