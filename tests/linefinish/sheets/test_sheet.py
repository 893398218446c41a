"""The record of a sheet."""
from __future__ import annotations

import json

from linefinish import Sheet


def test_it_is_told_as_plain_numbers() -> None:
    sheet = Sheet(((1.0, 2.0), (30.0, 2.0), (30.0, 40.0), (1.0, 40.0)), bends=((0.0, -2.5, 0.0), (), (), ()), size_mm=(210.0, 297.0))
    assert sheet.curl_px == 2.5
    told = json.loads(json.dumps(sheet.to_mapping()))
    assert told["corners"][2] == [30.0, 40.0] and told["size_mm"] == [210.0, 297.0] and told["aspect_from"] == "given"


def test_a_flat_sheet_has_no_curl() -> None:
    assert Sheet(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))).curl_px == 0
