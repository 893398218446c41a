"""The printers' rules are dated rows, and the table of the specification."""
from __future__ import annotations

from pathlib import Path

import pytest

from linefinish import OptionsError
from linefinish.preflight.rules import printer_of, read_printers, same_trim

BOUND = ("kdp", "ingramspark", "lulu", "blurb", "home")


@pytest.mark.parametrize("name", [*BOUND, "kdp-hardcover"])
def test_every_row_has_a_source_and_a_day(name: str) -> None:
    rows = printer_of(name).rows
    assert len(rows) > 15
    assert {row.source for row in rows.values()} <= {"own", "secondary", "one", "memory", "ours"}
    assert {row.seen_on for row in rows.values()} == {"2026-11-29"}


@pytest.mark.parametrize(
    ("name", "trim", "paper", "range_"),
    [
        ("kdp", (8.5, 11), "white", (24, 590)), ("kdp", (8.5, 8.5), "white", (24, 590)), ("kdp", (8, 10), "white", (24, 828)),
        ("kdp", (8.25, 8.25), "white", (24, 800)), ("kdp", (8.27, 11.69), "white", (24, 780)), ("kdp", (8.5, 11), "cream", (24, 550)),
        ("kdp", (7, 10), "cream", (24, 776)), ("ingramspark", (8.5, 11), "white", (18, 1200)),
        ("ingramspark", (8.5, 11), "cream", (18, 1050)), ("ingramspark", (8.5, 11), "white-70", (18, 900)),
        ("lulu", (8.5, 11), "white", (32, 800)), ("blurb", (8, 10), "white", (24, 480)),
    ],
)  # fmt: skip
def test_counts(name: str, trim: tuple[float, float], paper: str, range_: tuple[int, int]) -> None:
    assert printer_of(name).page_range(paper, *trim) == range_


@pytest.mark.parametrize(("count", "inches"), [(24, 0.375), (150, 0.375), (151, 0.5), (300, 0.5), (301, 0.625), (501, 0.75), (828, 0.875)])
def test_the_gutter_of_kdp_follows_the_count(count: int, inches: float) -> None:
    assert printer_of("kdp").margin_inside(count) == inches


def test_spines() -> None:
    assert printer_of("kdp").spine(104, "white") == pytest.approx(0.2342, abs=5e-5)
    assert printer_of("kdp").spine(100, "cream") == pytest.approx(0.25)
    assert printer_of("ingramspark").spine(100, "white") == pytest.approx(100 / 400 + 0.025)
    assert printer_of("lulu").spine(100, "white") == pytest.approx(100 / 444 + 0.06)
    assert printer_of("blurb").spine(100, "white") is None
    assert printer_of("kdp-hardcover").spine(100, "white") is None
    with pytest.raises(OptionsError, match="white, cream"):
        printer_of("kdp").spine(100, "vellum")


@pytest.mark.parametrize(("name", "counts"), [("kdp", {25: 26, 26: 26}), ("blurb", {24: 24, 25: 30}), ("home", {5: 5})])
def test_counts_are_rounded_up_to_what_is_bound(name: str, counts: dict[int, int]) -> None:
    assert {count: printer_of(name).rounded_count(count) for count in counts} == counts


def test_sizes_that_a_printer_has_not() -> None:
    kdp = printer_of("kdp")
    assert kdp.has_trim(5.5, 8.5)
    assert kdp.refuses_trim(3, 5)
    assert printer_of("kdp-hardcover").refuses_trim(8.5, 11)
    assert not printer_of("ingramspark").has_trim(7, 10)
    assert not printer_of("ingramspark").refuses_trim(7, 10)
    assert same_trim((8.27, 11.69), (210 / 25.4, 297 / 25.4))


def test_a_person_overrides_a_row_and_adds_a_printer(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[kdp]\nmargin_outside = { value = 0.3, source = "own", seen_on = 2027-02-03 }\n'
        '[corner-shop]\nlike = "home"\ntitle = "The corner shop"\n', encoding="utf-8"
    )  # fmt: skip
    printers = read_printers(path)
    assert printers["kdp"].margin_outside() == 0.3
    assert printers["kdp"].to_mapping()["rules"]["margin_outside"] == {"value": 0.3, "source": "own", "seen_on": "2027-02-03"}
    assert printers["kdp"].margin_outside(bleed=True) == 0.375
    assert printers["corner-shop"].title == "The corner shop"
    assert "corner-shop" in printers


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kdp = 3", "no printer"), ("[kdp]\nbleed = 3", "no row"), ("[kdp", "no TOML"), ('[a]\nlike = "b"', "no printer before"),
        ('[kdp]\nbleed = { value = 1, source = "hearsay", seen_on = 2026-01-01 }', "hearsay"), ('[mine]\ntitle = "m"', "has no row"),
    ],
)  # fmt: skip
def test_a_file_of_rules_that_is_none(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OptionsError, match=told):
        read_printers(path)


def test_names_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match="kdp, kdp-hardcover, ingramspark"):
        printer_of("kpd")
    with pytest.raises(OptionsError, match="cannot be read"):
        read_printers(tmp_path / "none.toml")
