"""Every kernel module is kernels and helpers and nothing else, and says what each is for."""
from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import linefinish.kernels

MODULES = sorted(Path(linefinish.kernels.__file__ or "").parent.glob("[!_]*.py"))
README = MODULES[0].with_name("README.md")
DECORATORS = {"kernel", "helper", "inlined"}
# Of `math` only what is exact everywhere, and so the same in all three modes (see _modes.py); no
# library call is left in the code.
MATH_ALLOWED = {"sqrt", "floor", "ceil", "fabs", "inf"}
ARGUMENTS_MAX = 12


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def is_plain(function: ast.FunctionDef) -> bool:
    """Whether it is ordinary Python beside the kernels, which sizes their buffers or fills their
    tables: annotated, as kernels are not.
    """
    return not function.decorator_list and function.returns is not None


def decorator_name(function: ast.FunctionDef) -> str:
    assert len(function.decorator_list) == 1, f"{function.name} needs exactly one of @kernel and @helper"
    decorator = function.decorator_list[0]
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.id if isinstance(called, ast.Name) else ast.unparse(called)


def test_the_readme_s_table_has_each_module_once_and_no_other() -> None:
    table = re.findall(r"^\|[^|]*\| `(\w+)\.py` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(table) == [path.stem for path in MODULES]


@pytest.fixture(params=MODULES, ids=lambda path: path.stem)
def tree(request: pytest.FixtureRequest) -> ast.Module:
    return ast.parse(request.param.read_text())


def test_it_says_what_it_is(tree: ast.Module) -> None:
    assert ast.get_docstring(tree)


def test_every_function_is_a_kernel_or_a_helper_with_a_docstring(tree: ast.Module) -> None:
    for function in functions(tree):
        assert is_plain(function) or decorator_name(function) in DECORATORS, function.name
        private = function.name.startswith("_")
        assert private or ast.get_docstring(function), f"{function.name} has no docstring"
        assert len(function.args.args) <= ARGUMENTS_MAX, f"{function.name} takes too many arguments"
    assert functions(tree)


def test_it_imports_only_the_border_other_kernels_and_math(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert [alias.name for alias in node.names] == ["math"]
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "math"):
            assert node.module and node.module.startswith("linefinish.kernels"), node.module


def test_it_uses_only_the_exact_functions_of_math(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "math":
            assert node.attr in MATH_ALLOWED, f"math.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "math":
            assert {alias.name for alias in node.names} <= MATH_ALLOWED


def test_it_raises_nothing_and_allocates_nothing(tree: ast.Module) -> None:
    for function in filter(lambda function: not is_plain(function), functions(tree)):
        for node in ast.walk(function):
            assert not isinstance(node, (ast.Raise, ast.Assert, ast.Try, ast.List, ast.Dict, ast.Set, ast.ListComp)), (
                f"{function.name}, line {node.lineno}: {ast.unparse(node)}"
            )
