"""The demo's book: its pages can be drawn by the sketcher, and told apart."""
from __future__ import annotations

import re

import pytest

from myjoe.providers.protocol import PlannedPage
from myjoe.screening.screening import screen
from myjoe_cli.storyboard import STORYBOARD, TITLE
from myjoe_worker.sketching import _sketchbook


def test_pages_have_titles_of_their_own_that_make_names_of_files() -> None:
    titles = [page.title for page in STORYBOARD]
    assert len(set(titles)) == len({page.prompt for page in STORYBOARD}) == len(STORYBOARD) == 8
    assert all(re.fullmatch(r"[A-Za-z ]{3,28}", title) for title in titles), "28 is the room in the demo's lines"
    assert TITLE


@pytest.mark.parametrize("page", STORYBOARD, ids=lambda page: page.title)
def test_each_names_what_the_sketcher_knows_and_nothing_that_we_do_not_draw(page: PlannedPage) -> None:
    assert _sketchbook.motifs_of(page.prompt), page.prompt
    assert screen(f"{page.title}. {page.prompt}") is None
