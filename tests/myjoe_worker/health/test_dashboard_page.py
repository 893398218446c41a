"""How the dashboard shows what it is told, whatever it is."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from myjoe_worker.health.dashboard_page import dollars, html
from tests.myjoe_worker.health.samples import Tree, bad_day, monitor


@pytest.fixture
def full() -> dict[str, Any]:
    """Figures of a bad day."""
    return bad_day()


def seen(values: Mapping[str, Any] | None, trouble: str = "", health: Mapping[str, Any] | None = None) -> Tree:
    return Tree(html(values, 3.0, trouble, health or monitor().health()))


def test_a_bad_day_is_plain_to_see(full: dict[str, Any]) -> None:
    words = seen(full).words
    for said in (
        "12,345 waiting", "oldest 2 h", "3 failed", "$12.34 spent", "raster is switched off", "a transaction has been open for 2 h",
        "jobs are waiting, and no worker takes them", "93 % of the limit", "2 jobs, too few to judge", "target $0.0360", "at most 25",
    ):  # fmt: skip
        assert said in words, said


def test_names_are_escaped_and_nothing_is_loaded_from_elsewhere(full: dict[str, Any]) -> None:
    page = html(full, 3.0, "<b>", monitor().health())
    assert "<script" not in page and "&lt;script&gt;" in page and "w&lt;1&gt;" in page and "&lt;b&gt;" in page
    assert Tree(page).addresses == [] and "url(" not in page and "@import" not in page
    assert 'name="viewport"' in page and "prefers-color-scheme:dark" in page and re.search('http-equiv="refresh" content="\\d+"', page)


def test_the_pill_says_how_this_worker_is(full: dict[str, Any]) -> None:
    health = monitor().health()
    assert "needs you" in seen(full, health=health).words
    full = {**full, "needs_operator": []}
    assert "healthy" in seen(full, health=health).words
    assert "polling only" in seen(full, health={**health, "degraded": ["LISTEN does not work"]}).words
    words = seen(full, health={**health, "ready": False, "troubles": ["the loop does not come round"]}).words
    assert "not ready" in words and "the loop does not come round" in words


@pytest.mark.parametrize(("micro", "words"), [(0, "$0.00"), (1200, "$0.0012"), (999_999, "$1.0000"), (1234567, "$1.23")])
def test_dollars(micro: int, words: str) -> None:
    assert dollars(micro) == words
