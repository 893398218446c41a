"""A record behaves like a frozen dataclass, without importing one."""
from __future__ import annotations

from typing import Any

import pytest

from linefinish import Bitmap, Gray, ImageShapeError
from linefinish.records import altered, fields, record, replace, trusted


@record(eq=True)
class Point:
    """A point."""

    x: float
    y: float = 0.0

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("x is negative")


@record
class Plain:
    """Compared by identity."""

    data: Any


def test_fields_by_position_by_name_and_by_default() -> None:
    assert (Point(1, 2).x, Point(1, y=3).y, Point(x=1).y) == (1, 3, 0.0)
    assert fields(Point) == ("x", "y")


@pytest.mark.parametrize(("args", "given"), [((), {}), ((1, 2, 3), {}), ((1,), {"z": 1})])
def test_wrong_arguments_are_refused(args: tuple[Any, ...], given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Point"):
        Point(*args, **given)


def test_nothing_is_assigned_or_deleted() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        del point.x


def test_it_is_checked_on_creation_and_on_replacement() -> None:
    with pytest.raises(ValueError, match="negative"):
        Point(-1)
    with pytest.raises(ValueError, match="negative"):
        replace(Point(1), x=-1)


def test_equality_by_value_only_where_asked_for() -> None:
    assert Point(1) == Point(1, 0.0) and hash(Point(1)) == hash(Point(1))
    assert Point(1) != Point(2) and Point(1) != (1, 0.0)
    assert Plain(1) != Plain(1)


def test_replace_keeps_the_rest() -> None:
    assert replace(Point(1, 2), x=5) == Point(5, 2)


def test_a_pattern_matches_by_position() -> None:
    match Point(3, 4):
        case Point(x, y):
            assert (x, y) == (3, 4)


def test_the_words_are_short_even_for_large_buffers() -> None:
    assert repr(Point(1)) == "Point(x=1, y=0.0)"
    assert repr(Plain(memoryview(bytes(100)))) == "Plain(data=<100 bytes>)"


def test_records_whose_maker_answers_for_them_are_not_checked() -> None:
    bitmap = Bitmap.blank(3, 2)
    odd = trusted(Bitmap, 3, 2, memoryview(bytes(1)))
    assert (odd.width, odd.words.nbytes) == (3, 1)
    with pytest.raises(ImageShapeError):
        Bitmap(3, 2, odd.words)
    assert trusted(Gray, 1, 1, b"1").warnings == () and trusted(Gray, 1, 1, b"1") is not None
    assert altered(bitmap, width=0).width == 0 and bitmap.width == 3
    with pytest.raises(ImageShapeError):
        replace(bitmap, width=0)
