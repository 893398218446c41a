"""The lists of what we do not draw, as they are written."""
from __future__ import annotations

import re

import pytest

from myjoe.screening.protected import NAMES, ORDINARY
from myjoe.screening.screening import screen


def listed(text: str) -> list[str]:
    return [name.strip() for line in text.strip().splitlines() for name in line.split("·")]


@pytest.mark.parametrize("text", [NAMES, ORDINARY], ids=["names", "ordinary"])
def test_names_are_written_as_they_are_looked_for(text: str) -> None:
    names = listed(text)
    assert len(names) > 20
    for name in names:
        assert re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*", name), name


def test_no_name_is_on_its_list_twice() -> None:
    for text in (NAMES, ORDINARY):
        names = [name.replace(" ", "") for name in listed(text)]
        assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize("name", listed(ORDINARY))
def test_what_is_ordinary_passes_alone_and_in_the_plural(name: str) -> None:
    assert screen(name) is None and screen(f"Two {name}s in a garden") is None


def test_the_ordinary_ones_are_near_a_name_or_they_would_not_be_listed() -> None:
    """Without its exception each would be taken for a name: a list that does nothing is a list too
    many.
    """
    from myjoe.screening import names

    kept, names._ORDINARY = names._ORDINARY, frozenset()
    try:
        assert [name for name in listed(ORDINARY) if screen(name) is None and screen(name.replace(" ", "")) is None] == []
    finally:
        names._ORDINARY = kept
