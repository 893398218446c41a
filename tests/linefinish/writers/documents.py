"""What every writer is asked to write."""
from __future__ import annotations

from typing import Any

import pytest

from linefinish import Document, Page, compose
from linefinish.writers import encode
from tests.linefinish.drawings import curves, flower

EMPTY = compose(curves(30, 20, []))
ONE_PIXEL = compose(curves(1, 1, []))
LETTER = compose(flower(), Page("letter", bleed="0.125in 0.125in 0.125in 0", margin="0.375in"), dpi=50)
FLOWER = compose(flower())

each_document = pytest.mark.parametrize(
    "document", [EMPTY, ONE_PIXEL, LETTER, FLOWER], ids=["empty", "pixel", "letter", "flower"]
)  # fmt: skip


def whole(drawing: Any, format: str, **options: Any) -> bytes:
    """The file."""
    return b"".join(map(bytes, encode(drawing, format, **options)))


def same_again(document: Document, format: str) -> bool:
    """Whether the same document gives the same bytes."""
    return whole(document, format) == whole(document, format)
