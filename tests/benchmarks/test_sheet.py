"""The judge of sheets: the true corners, others', none."""
from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import bench_sheet
from benchmarks.settings import Settings

TRUE = np.array([[10.0, 10.0], [110.0, 10.0], [110.0, 160.0], [10.0, 160.0]])


def test_corners_are_the_same_whichever_comes_first_and_which_way_round() -> None:
    assert bench_sheet.corner_error(np.roll(TRUE, 1, 0), TRUE) == 0
    assert bench_sheet.corner_error(TRUE[::-1], TRUE) == 0
    assert bench_sheet.corner_error(TRUE + np.array([3.0, 4.0]), TRUE) == pytest.approx(100 * 5 / np.hypot(100, 150))
    assert bench_sheet.corner_error(None, TRUE) == math.inf


def test_half_a_sheet_is_wrong_and_none_is_not() -> None:
    half = TRUE * [1.0, 0.5] + [0.0, 5.0]
    assert bench_sheet.is_wrong(half, TRUE, (200, 120, 3))
    assert not bench_sheet.is_wrong(TRUE + 1.0, TRUE, (200, 120, 3))
    assert not bench_sheet.is_wrong(None, TRUE, (200, 120, 3))


def test_who_is_slow_is_asked_of_fewer_pictures_and_the_table_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rgb = np.zeros((200, 120, 3), np.uint8)
    monkeypatch.setattr(bench_sheet, "pictures", lambda _: iter([(b"", rgb, TRUE), (b"", rgb, TRUE), (b"", rgb, None), (b"", rgb, None)]))
    monkeypatch.setattr(bench_sheet, "FINDERS", {"ours": lambda *_: TRUE, "slow": lambda *_: TRUE + 30})
    monkeypatch.setattr(bench_sheet, "EVERY", {"slow": 2})
    [table] = bench_sheet.run(Settings())
    assert table.title == "Sheets of paper: 2 photographs and scans, 2 pages with no sheet to find"
    assert [row[:-1] for row in table.rows] == [
        ["ours", "2", "2", "2", "0.000 %", "0", "2"], ["slow", "0 of 1", "0 of 1", "0 of 1", "–", "1 of 1", "1 of 1"],
    ]  # fmt: skip
    assert any("slow" in note and "one in 2" in note for note in table.notes)
    assert len(capsys.readouterr().err.splitlines()) == 4


def test_our_own_pictures_that_a_slow_one_gets_have_every_kind_of_page() -> None:
    kinds, first = 3, bench_sheet.PHOTOGRAPHS
    for step in bench_sheet.EVERY.values():
        got = [at for at in range(first + kinds * bench_sheet.PAGES) if at % step == 0]
        assert {(at - first) % kinds for at in got if at >= first} == set(range(kinds)) and min(got) < first
