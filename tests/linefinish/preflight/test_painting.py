"""Tones as a press sees them."""
from __future__ import annotations

import pytest

from linefinish.preflight.marks import BLACK, COLOUR, GRAY, WHITE
from linefinish.preflight.painting import tone_of


@pytest.mark.parametrize(("space", "values", "tone"), [
    (b"DeviceGray", [0], BLACK), (b"DeviceGray", [0.5], GRAY), (b"DeviceRGB", [1, 1, 1], WHITE), (b"DeviceRGB", [0, 0, 1], COLOUR),
    (b"DeviceCMYK", [0, 0, 0, 1], BLACK), (b"DeviceCMYK", [0.6, 0.4, 0.4, 1], COLOUR), (b"DeviceCMYK", [0, 0, 0, 0], WHITE),
])  # fmt: skip
def test_tone(space: bytes, values: list[float], tone: str) -> None:
    assert tone_of(space, values) == tone
