"""Orders that never passed the brain: what we do not draw is refused before anything is spent."""
from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from myjoe.errors import PermanentError
from myjoe_worker.job import Job
from myjoe_worker.page_pipeline import make_page


class Untouched:
    """Stands for lease and services; whoever asks it for anything has gone too far."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


@pytest.mark.parametrize(
    ("field", "words", "why"),
    [
        ("prompt", "Pikachu on the beach", "belongs to somebody"), ("title", "Mickey Mouse", "belongs to somebody"),
        ("style", "steampunk, bold lines", "steampunk"),
    ],
)  # fmt: skip
def test_an_order_for_what_we_do_not_draw_is_dead_at_once(field: str, words: str, why: str) -> None:
    payload = {"page": 1, "operations": ["raster"], "prompt": "A hedgehog in rubber boots", field: words}
    job = Job(uuid4(), 1, "page", payload, ("raster",), uuid4(), None, 1, 3, None)
    untouched: Any = Untouched()
    with pytest.raises(PermanentError, match=why):
        asyncio.run(make_page(job, untouched, untouched))
