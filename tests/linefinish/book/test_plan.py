"""book.toml."""
from __future__ import annotations

from pathlib import Path

import pytest

from linefinish import OptionsError
from linefinish.book.plan import read_plan
from linefinish.command.book import COMMAND


def test_pages_and_flags(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text(
        'title = "Cats"\nbleed = true\nfront = ["title"]\n[[page]]\nfile = "a.png"\ntitle = "One"\n'
        '[[page]]\nfile = "b.svg"\nprovenance = "ai"\n'
    )  # fmt: skip
    plan = read_plan(str(path), COMMAND.flags())
    assert plan.values == {"title": "Cats", "bleed": True, "front": ["title"]}
    assert plan.files == [str(tmp_path / "a.png"), str(tmp_path / "b.svg")]
    assert (plan.titles, plan.provenance) == (["One", ""], ["", "ai"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "lists no pages"), ("[[page]]\ntitle = 'x'", "has no file"), ("[[page]]\nfile = 3", "page 1"), ("[[page]", "no TOML"),
        ("titel = 'x'\n[[page]]\nfile = 'a'", "there is no"), ("bleed = 3\n[[page]]\nfile = 'a'", "true or false"),
        ("trim = 'wide'\n[[page]]\nfile = 'a'", "trim"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "book.toml"
    path.write_text(text)
    with pytest.raises(OptionsError, match=told):
        read_plan(str(path), COMMAND.flags())
