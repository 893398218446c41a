"""The preflight on books that other hands made: every seeded defect is found, on its page and as
what it is, and nothing else; good books have no finding.
"""
from __future__ import annotations

import os
from pathlib import Path

import pytest

from linefinish.preflight.checking import check
from tests.linefinish.preflight import makers

# What a defect brings along: grey pixels are coarse, a form field is an annotation, a shading runs
# over the margins.
_BESIDE = {
    "grey in an image in the content": {"image-dpi"}, "a colour of a palette": {"image-dpi"}, "a form field": {"annotation"},
    "a shading": {"gutter", "margin"},
}  # fmt: skip
# Pixels cost time: Group 4 and JPEG, which always run, are of the same kind.
_LONG = ("pikepdf: 1-bit images", "img2pdf: grey PNG")


@pytest.mark.parametrize("name", makers.INTERIORS)
def test_a_defect_of_an_interior_is_found(tmp_path: Path, name: str) -> None:
    code, page, made = makers.INTERIORS[name]
    (tmp_path / "book.pdf").write_bytes(made())
    found = check(tmp_path / "book.pdf")
    assert (code, page) in [(one.code, one.page) for one in found]
    assert {one.code for one in found} == {code} | _BESIDE.get(name, set())


@pytest.mark.parametrize("name", makers.COVERS)
def test_a_defect_of_a_cover_is_found(tmp_path: Path, name: str) -> None:
    code, page, made = makers.COVERS[name]
    (tmp_path / "cover.pdf").write_bytes(made())
    found = check(None, tmp_path / "cover.pdf", trim="8.5x11", pages=24)
    assert {(one.code, one.page) for one in found} == {(code, page)}


@pytest.mark.parametrize("name", [name for name in makers.GOOD if name not in _LONG or os.environ.get("MYJOE_TESTS_ALL")])
def test_a_good_book_has_no_finding(tmp_path: Path, name: str) -> None:
    (tmp_path / "book.pdf").write_bytes(makers.GOOD[name](tmp_path))
    assert check(tmp_path / "book.pdf") == []


def test_a_good_cover_has_no_finding(tmp_path: Path) -> None:
    (tmp_path / "cover.pdf").write_bytes(makers.cover())
    assert check(None, tmp_path / "cover.pdf", trim="8.5x11", pages=24) == []


def test_there_are_as_many_as_promised() -> None:
    assert len(makers.INTERIORS) + len(makers.COVERS) >= 40
    assert len(makers.GOOD) >= 20 and len({name.split(":")[0] for name in makers.GOOD}) >= 5
