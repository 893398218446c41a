"""Tests mirror the source: each module has one test file, in the folder of its name, and each test
file has its module.
"""
from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Modules without a test file of their own, each with where its behaviour is tested instead.
UNTESTED = {
    "linefinish/centrelines/drawing.py": "a step of find_strokes; centrelines/test_finding.py looks at what comes out",
    "linefinish/centrelines/joining.py": "the same",
    "linefinish/centrelines/marks.py": "the same",
    "myjoe/costs/routes.py": "a record; costs/test_booking.py reads it from the database",
    "myjoe/database/protocol.py": "a protocol",
    "myjoe/providers/protocol.py": "protocols; tests/typing holds what is one to them",
    "myjoe/storage/protocol.py": "the same",
    "myjoe_studio/identity/errors.py": "two exceptions; test_gotrue.py provokes them",
    "myjoe_studio/parts.py": "a record; test_assembling.py makes it",
    "myjoe_worker/judging/protocol.py": "the same",
    "myjoe_worker/providers/protocol.py": "the same",
    "myjoe_worker/queues/queue.py": "the same; test_conformance.py has what every queue has to do",
}
# Test files that are not about one module.
BESIDE = {
    "linefinish/cleaning/test_steps.py": "the cleaning steps together, in the order of the pipeline",
    "linefinish/book/test_printing.py": "the interior and the cover, as printers' software sees them",
    "linefinish/preflight/test_defects.py": "the whole check, on books of other makers",
    "linefinish/readers/test_fuzz.py": "all readers, on damaged files",
    "linefinish/test_api.py": "the public names together, as the README shows them",
    "linefinish/test_field.py": "pages as people have them, through the whole path",
    "linefinish/test_bad_input.py": "what the command says to bad input, whatever its kind",
    "linefinish/test_details.py": "the whole path: what is kept of a drawing, on pages from the field",
    "linefinish/test_topology_parity.py": "the whole path against libpotrace",
    "linefinish/test_wrong_arguments.py": "every public step, with values that its arguments cannot have",
    "linefinish/verifiers/test_fuzz.py": "all verifiers, on damaged files",
    "linefinish/verifiers/test_judges.py": "all verifiers, against renderers that are not ours",
    "myjoe_cli/test_docs.py": "the lines of the docs, as they are typed",
    "myjoe_studio/test_accounts_in_a_browser.py": "an account in a real browser, through all of its pages",
    "myjoe_studio/test_taking_home_in_a_browser.py": "a book taken home in a real browser, through all of its pages",
    "myjoe_studio/test_hostile.py": "all addresses, with values that no browser sends",
    "myjoe_studio/test_every_page.py": "all pages, against the same rules",
    "myjoe_studio/test_lighthouse.py": "the pages that matter most, as Lighthouse sees them",
    "linefinish/writers/test_one_drawing.py": "one drawing in all formats",
    "linefinish/writers/test_write.py": "`write`, which chooses among the writers (the package itself)",
    "myjoe_studio/test_ordering_in_a_browser.py": "a book in a real browser, through all of its pages",
    "myjoe_worker/queues/test_conformance.py": "what every kind of queue does, for all of them",
    "myjoe_worker/queues/test_economy.py": "what an idle worker asks, for all kinds of queues",
    "myjoe_worker/queues/test_pooled.py": "every kind of queue, through a transaction pooler",
}


def mirrored(package: str, tests: str) -> tuple[list[str], list[str]]:
    """The modules of src/<package> that have no test file below <tests>, and the test files there
    that have no module, each as it is named in the lists above.
    """
    source, mirror = ROOT / "src" / package, ROOT / tests
    wanted = {
        mirror / path.relative_to(source).with_name(f"test_{path.stem.lstrip('_')}.py"): f"{package}/{path.relative_to(source)}"
        for path in source.rglob("*.py")
        if path.stem not in ("__init__", "__main__")
    }
    found = {path: str(path.relative_to(ROOT / "tests")) for path in mirror.rglob("test_*.py")}
    missing = [name for path, name in wanted.items() if path not in found]
    strays = [name for path, name in found.items() if path not in wanted]
    return sorted(missing), sorted(strays)


@pytest.mark.parametrize("package", ["linefinish", "myjoe", "myjoe_worker", "myjoe_studio", "myjoe_cli"])
def test_each_module_has_its_tests_and_each_test_its_module(package: str) -> None:
    missing, strays = mirrored(package, f"tests/{package}")
    assert missing == sorted(name for name in UNTESTED if name.startswith(f"{package}/"))
    assert strays == sorted(name for name in BESIDE if name.startswith(f"{package}/"))


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_each_file_of_tests_has_some(path: Path) -> None:
    names = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    imported = "import *" in path.read_text()  # the tests of another file, on another stage
    assert imported or any(name.startswith("test_") for name in names)
