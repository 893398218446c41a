"""What a visitor is told of a sheet, as the library says it today."""
from __future__ import annotations

import numpy as np
import pytest

from linefinish import FinishOptions, Gray, straightened
from myjoe_studio.trying.telling import AS_ASKED, CUT_OUT, sentence, told_of
from tests.linefinish.sheets.photographs import generated, photograph
from tests.myjoe_studio.trying.pictures import photographed


def told(rgb: np.ndarray) -> tuple[str, ...]:
    """What is said of a picture."""
    made = straightened(rgb, Gray.from_array(rgb[..., 1]), FinishOptions(sheet="auto"))
    return told_of({"found": made.facts["found"], "left_out_share": made.facts.get("cropped_share", 0.0), "warnings": made.warnings})


def test_a_sheet_is_told_of_with_what_lay_around_it() -> None:
    first, *_ = told(photograph(9))
    assert first.startswith(f"{CUT_OUT} The ") and first.endswith("\u00a0% of the picture that lay around it are left out.")


def test_a_hidden_corner_and_a_second_sheet_are_told_of() -> None:
    assert "The sheet's lower right corner is hidden; it was placed where its sides meet." in told(np.asarray(photographed(hidden=True)))
    two = told(np.concatenate([photograph(4), photograph(5)], 1))
    assert "The picture shows a second sheet; the one most like a sheet was taken." in two


def test_why_there_is_none_is_told() -> None:
    assert told(generated(3)) == ("The sheet was not looked for: the picture is black and white already; the whole picture is drawn.",)
    grey = np.maximum(generated(3), 20)
    (none,) = told(grey)
    assert none.startswith("No sheet was found (") and none.endswith("); the whole picture is drawn.")


def test_who_asked_for_the_whole_picture_is_told_so() -> None:
    assert told_of({}) == (AS_ASKED,)


@pytest.mark.parametrize(
    ("warning", "said"),
    [
        ("no sheet was found (no four edges (score 0.21)); the whole is drawn", "No sheet was found (no four edges); the whole is drawn."),
        ("it may be 12 % off (--sheet-size or --sheet-focal settle it)", "It may be 12 % off."),
        ("a sentence (with an aside)", "A sentence (with an aside)."),
    ],
)
def test_what_only_users_of_the_command_can_do_is_left_out(warning: str, said: str) -> None:
    assert sentence(warning) == said
