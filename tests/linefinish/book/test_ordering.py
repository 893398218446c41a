"""Which page stands where."""
from __future__ import annotations

import pytest

from linefinish import OptionsError
from linefinish.book.ordering import FRONT, check_front, drawings_that_fit, ordered


def kinds(*arguments: object, **named: object) -> str:
    return " ".join(slot.kind if slot.drawing is None else str(slot.drawing) for slot in ordered(*arguments, **named))  # type: ignore[arg-type]


def test_the_whole_order() -> None:
    assert kinds(2) == "title copyright belongs-to blank test-page blank 0 blank 1 blank"
    assert kinds(2, end=True) == "title copyright belongs-to blank test-page blank 0 blank 1 blank end blank"


def test_double_sided_pages_follow_each_other() -> None:
    assert kinds(3, ("title",), False) == "title blank 0 1 2 blank"
    assert kinds(3, (), False, True) == "0 1 2 end"


@pytest.mark.parametrize("count", [1, 2, 7, 40])
@pytest.mark.parametrize("front", [FRONT, (), ("title", "belongs-to"), ("copyright",)])
def test_each_drawing_is_a_recto_with_a_blank_back(count: int, front: tuple[str, ...]) -> None:
    slots = ordered(count, front)
    places = [at for at, slot in enumerate(slots) if slot.kind == "drawing"]
    assert len(places) == count
    assert all(at % 2 == 0 and slots[at + 1].kind == "blank" for at in places)
    assert len(slots) % 2 == 0
    assert all(at % 2 == 1 for at, slot in enumerate(slots) if slot.kind == "copyright")


@pytest.mark.parametrize("multiple", [1, 2, 4, 6])
def test_counts_are_multiples(multiple: int) -> None:
    assert {len(ordered(count, multiple=multiple)) % multiple for count in range(1, 20)} == {0}


@pytest.mark.parametrize(("pages", "fit"), [(590, 292), (24, 9), (6, 0), (8, 1)])
def test_how_many_fit(pages: int, fit: int) -> None:
    assert drawings_that_fit(pages) == fit
    assert len(ordered(fit)) <= pages < len(ordered(fit + 1))


def test_words_that_are_no_front() -> None:
    assert check_front(["test-page", "title"]) == ("title", "test-page")
    for wrong in ("title", ["preface"]):
        with pytest.raises(OptionsError, match="title, copyright"):
            check_front(wrong)
