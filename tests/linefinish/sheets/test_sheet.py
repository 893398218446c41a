"""The record of a sheet."""
from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from linefinish import OptionsError, Sheet, flatten


def test_it_is_told_as_plain_numbers() -> None:
    sheet = Sheet(((1.0, 2.0), (30.0, 2.0), (30.0, 40.0), (1.0, 40.0)), bends=((0.0, -2.5, 0.0), (), (), ()), size_mm=(210.0, 297.0))
    assert sheet.curl_px == 2.5
    told = json.loads(json.dumps(sheet.to_mapping()))
    assert told["corners"][2] == [30.0, 40.0] and told["size_mm"] == [210.0, 297.0] and told["aspect_from"] == "given"


def test_a_flat_sheet_has_no_curl() -> None:
    assert Sheet(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))).curl_px == 0


SQUARE = ((10.0, 10.0), (30.0, 12.0), (31.0, 40.0), (8.0, 39.0))
WRONG = (math.nan, math.inf, 1e308, 10**400, "x", None, [1], True)


@pytest.mark.parametrize("value", WRONG, ids=lambda value: str(value)[:9])
def test_a_sheet_made_by_hand_is_checked_before_a_kernel_sees_it(value: object) -> None:
    gray = np.full((50, 40), 255, np.uint8)
    assert flatten(gray, Sheet(SQUARE)).width > 1
    odd: Any = value
    wrong = [
        odd, Sheet(odd), Sheet((*SQUARE[:3], (odd, 1.0))), Sheet(SQUARE, ((odd,) * 9, (), (), ())), Sheet(SQUARE, odd),
        Sheet(SQUARE, aspect=odd if odd is not True else 0.0), Sheet(SQUARE, size_mm=(odd, 1.0)),
        Sheet(SQUARE, ((1.0,) * 8, (), (), ())),
    ]  # fmt: skip
    for one in wrong:
        with pytest.raises(OptionsError):
            flatten(gray, one)
