"""The scorer and the readers of its figures: a judge must be judged first."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import __main__, bench_sheet, scoring
from benchmarks.measuring import Table, interleaved, process

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><path d="M{0} {0}H{1}V{1}H{0}Z"/>{2}</svg>'


def test_the_truth_itself_scores_nothing_wrong() -> None:
    figures = scoring.score(SQUARE.format(20, 80, ""), SQUARE.format(20, 80, ""), 100)
    assert (figures["edge_mean"], figures["xor_ink"], figures["false_parts"], figures["lost_parts"]) == (0, 0, 0, 0)


def test_an_edge_that_lies_one_pixel_off_scores_so() -> None:
    # 4/π: lengths are taken as the mean over all directions, and this square has edges along the
    # axes only.
    figures = scoring.score(SQUARE.format(20, 80, ""), SQUARE.format(19, 81, ""), 100)
    assert figures["edge_mean"] == pytest.approx(scoring.STEPS_PER_LENGTH, rel=0.03)
    assert figures["edge_p99"] == pytest.approx(1, abs=0.3)


def test_parts_too_many_and_too_few_are_counted() -> None:
    speck, square = '<path d="M4 4h4v4h-4Z"/>', SQUARE
    assert scoring.score(square.format(20, 80, ""), square.format(20, 80, speck), 100)["false_parts"] == 1
    assert scoring.score(square.format(20, 80, speck), square.format(20, 80, ""), 100)["lost_parts"] == 1


@pytest.mark.parametrize(
    ("data", "count"),
    [
        ("M0 0L1 1 2 2Z", 2), ("m0 0 1 1 2 2z", 2), ("M0,0c1,1,2,2,3,3-1-1-2-2-3-3", 2), ("M0 0h1v-.5.5", 3), ("M0 0L1e-3 2", 1),
        ("M1.5.5l.5.5", 1),
    ],
)
def test_segments_are_counted_in_any_spelling(data: str, count: int) -> None:
    assert scoring.segment_count(f'<svg><path id="a" d="{data}"/></svg>') == count


def test_interleaved_tells_slow_from_fast() -> None:
    taken = interleaved({"fast": lambda: sum(range(2_000)), "slow": lambda: sum(range(2_000_000))}, 3)
    assert taken["slow"] > taken["fast"]


def test_a_process_is_measured_by_itself_and_not_with_its_parent() -> None:
    held = bytearray(200 << 20)  # what this process holds must not be counted for the child
    used = process("true")
    assert used["memory"] < 50 and len(held) > 0
    with pytest.raises(RuntimeError):
        process("exit 3")


def test_a_process_that_outlives_its_command_is_measured_too() -> None:
    work = f"{sys.executable} -c 'x = bytearray(150 << 20); [sum(range(1000)) for _ in range(20_000)]'"
    used = process(f"{work} &")
    assert used["cpu"] > 5 * process("true")["cpu"]
    assert used["memory"] > 150


def test_the_table_goes_between_its_markers_and_nowhere_else() -> None:
    text = f"before\n{__main__.BEGIN}\nold\n{__main__.END}\nafter\n"
    made = __main__.replaced(text, "| ours | 1.0 |")
    assert "old" not in made
    assert made.startswith("before\n") and made.endswith("\nafter\n") and "| ours | 1.0 |" in made
    with pytest.raises(ValueError, match="markers"):
        __main__.replaced("nothing here", "x")


def test_the_table_of_the_readme_is_that_of_the_measurements() -> None:
    readme = (__main__.ROOT / "README.md").read_text(encoding="utf-8")
    made = __main__.short((__main__.ROOT / "docs" / "discussion" / "benchmarks.md").read_text(encoding="utf-8"))
    assert readme == __main__.replaced(readme, made), "run make docs"
    cells = [cell for line in made.splitlines()[2:] for cell in line.strip("|").split("|")]
    assert len(cells) == 25 and sum("–" in cell for cell in cells) <= 2


def test_the_tables_of_one_question_leave_the_others_as_they_are() -> None:
    page = __main__.document("# Benchmarks\n\nof all\n", {"sheet": "sheets\n\n", "trace": "traces"})
    assert page == "# Benchmarks\n\nof all\n\n<!-- question: trace -->\ntraces\n\n<!-- question: sheet -->\nsheets\n"
    head, there = __main__.answers(page)
    assert __main__.document(head, there) == page
    assert __main__.document(head, {**there, "sheet": "anew"}) == page.replace("sheets\n", "anew\n")
    written = (__main__.ROOT / "docs" / "discussion" / "benchmarks.md").read_text(encoding="utf-8")
    assert set(__main__.answers(written)[1]) <= set(__main__.QUESTIONS)


def test_one_question_is_written_among_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("Sheets", ["tool", "ms"])
    table.add("ours", "1.0")
    table.notes.append("word " * 40)
    (tmp_path / "docs" / "discussion").mkdir(parents=True)
    page = tmp_path / "docs" / "discussion" / "benchmarks.md"
    page.write_text(__main__.document("# Benchmarks", {"trace": "traces", "sheet": "old"}), encoding="utf-8")
    monkeypatch.setattr(__main__, "ROOT", tmp_path)
    monkeypatch.setattr(bench_sheet, "run", lambda _: [table])
    assert __main__.main(["sheet"]) == 0 and "old" in page.read_text(encoding="utf-8")
    assert __main__.main(["sheet", "--write"]) == 0
    written = page.read_text(encoding="utf-8")
    assert "traces" in written and "old" not in written and "| ours | 1.0 |" in written
    assert max(len(line.rstrip()) for line in written.splitlines()) <= 100
