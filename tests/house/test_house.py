"""The house rules that a tool can see: layers, public names, paths, examples and documentation."""
from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import linefinish
from linefinish.options import OPTIONS, FinishOptions

ROOT = Path(__file__).parents[2]
TEXT_SUFFIXES = {".py", ".md", ".toml", ".cfg", ".in", ".yml", ".csv", ".json", ".txt", ".svg", ".sh", ""}


def tracked() -> list[Path]:
    """Every file under version control; in an unpacked archive, every file that is not made by a
    build.
    """
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert listed.returncode == 0, "the house tests run in a git checkout"
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def python_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *filter(None, sys.path)])}


def test_the_layers_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint)], cwd=ROOT, env=python_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_nothing_names_a_path_of_somebodys_machine() -> None:
    # Pieced together, so that this file does not name them itself.
    folders = [b"wo" + rb"rk/", b"tm" + rb"p/wt", b"ho" + rb"me/\w", b"Us" + rb"ers/\w"]
    machine_path = re.compile(rb"(?<![\w.])/(?:" + b"|".join(folders) + rb")")
    named = [
        f"{path.relative_to(ROOT)}: {match.group().decode()}"
        for path in tracked()
        if path.suffix in TEXT_SUFFIXES and (match := machine_path.search(path.read_bytes()))
    ]
    assert named == []


def test_no_leftovers() -> None:
    words = ["FIX" + "ME", "XX" + "X", "TO" + "DO", "HA" + "CK", r"pytest\.mark\." + r"skip\b", "breakpoint" + r"\("]
    leftover = re.compile("|".join(words))
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix == ".py" and (match := leftover.search(path.read_text()))
    ]
    assert found == []


def test_no_file_is_empty_by_accident() -> None:
    may_be_empty = {"__init__.py", "py.typed"}
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.stat().st_size == 0 and path.name not in may_be_empty] == []


def test_lines_are_no_longer_than_140() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 140
    ]
    assert long == []


def test_public_names_exist_and_are_documented() -> None:
    assert len(set(linefinish.__all__)) == len(linefinish.__all__)
    for name in linefinish.__all__:
        value = getattr(linefinish, name)
        assert isinstance(value, (str, tuple)) or value.__doc__, name


def test_public_names_are_what_the_readme_promises() -> None:
    promised = {
        "finish", "read_gray", "FinishOptions", "threshold", "despeckle", "close_gaps", "thicken", "hollow", "trace", "fit",
        "rasterize", "write", "verify",
    }  # fmt: skip
    assert promised <= set(linefinish.__all__)


def test_every_option_is_a_field_and_explains_itself() -> None:
    assert tuple(FinishOptions.__annotations__) == tuple(option.name for option in OPTIONS)
    for option in OPTIONS:
        assert len(option.help) > 20, option.name
        assert option.default == getattr(FinishOptions, option.name), option.name


def test_every_option_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "reference" / "cli.md").read_text()
    missing = [option.name for option in OPTIONS if f"--{option.name.replace('_', '-')}" not in text]
    assert missing == []


def test_docs_point_at_files_that_exist() -> None:
    dead = [
        f"{path.relative_to(ROOT)} → {target}"
        for path in tracked()
        if path.suffix == ".md"
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text())
        if not (path.parent / target).exists()
    ]
    assert dead == []


def test_whatever_names_a_page_of_the_docs_names_one_that_exists() -> None:
    dead = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked()
        if path.suffix in {*TEXT_SUFFIXES, ".sql"} and path.name != "CHANGELOG.md"
        for name in re.findall(r"(?<![\w/.])docs/[\w/-]+\.(?:md|png|jpg|svg|yml)\b", path.read_text(errors="replace"))
        if not (ROOT / name).exists()
    ]
    assert dead == []


def test_docs_name_source_files_that_exist() -> None:
    files = [f"/{path.relative_to(ROOT)}" for path in tracked()]
    unknown = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked()
        if path.suffix == ".md" and path.name != "CHANGELOG.md"
        for name in re.findall(r"`((?:\w+/)*\w+\.(?:py|sql))`", path.read_text())
        if not any(file.endswith((f"/{name}", f"_{name}")) for file in files)  # a migration without its number
    ]
    assert unknown == []


@pytest.mark.parametrize("path", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_module_says_what_it_is(path: Path) -> None:
    source = path.read_text()
    assert not source.strip() or ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.stem)
def test_examples_run(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(path), str(tmp_path)], env=python_environment(), capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert any(tmp_path.iterdir()), "an example leaves something to look at"
