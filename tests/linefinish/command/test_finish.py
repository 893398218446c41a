"""`linefinish INPUT -o OUTPUT`: what it writes, and what it says of it."""
from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import linefinish
from linefinish import OptionsError, UnknownFormatError, WriteError, verify
from linefinish.command.arguments import UsageError, parse
from linefinish.command.finish import COMMAND, run

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SUFFIXES = ("svg", "pdf", "eps", "dxf", "png", "tif", "pbm")


# --- in this process
# ------------------------------------------------------------


def by_words(*words: str | Path) -> int:
    return run(*parse(COMMAND, list(map(str, words))))


def test_it_tells_of_the_drawing_on_standard_output(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert by_words(page, "-o", tmp_path / "a.svg") == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.startswith(f"{page} → {tmp_path / 'a.svg'}\nink ")
    assert by_words(page, "-o", tmp_path / "b.svg", "-q") == 0
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_warnings_are_told_on_standard_error_also_where_it_is_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    Image.new("L", (20, 10), 255).save(tmp_path / "empty.png")
    assert by_words(tmp_path / "empty.png", "-o", tmp_path / "a.svg", "-q") == 0
    assert capsys.readouterr().err == f"linefinish: {tmp_path / 'empty.png'}: warning: the page has no ink: the drawing is empty\n"


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ([], UsageError, "which drawing\\?"),
        (["page.png", "b.png"], UsageError, "one drawing at a time, got page.png, b.png; for many use linefinish batch page.png b.png"),
        (["-", "-f", "svg,png"], UsageError, "standard output takes one format"),
        (["page.png", "-o", "a.svg", "-f", "svg,png"], UsageError, "give -o FILE for each file"),
        (["page.png", "-o", "a.svg", "-o", "b.svg", "-f", "png"], UsageError, "give -o FILE for each file"),
        (["page.png", "-o", "a.svg", "-o", "a.svg"], UsageError, "the same -o is given twice"),
        (["page.png", "-o", "-"], UsageError, "standard output has no suffix"),
        (["page.png", "-o", "a.svg", "--report", "a.svg"], UsageError, "the drawing and the report cannot both go to a.svg"),
        (["page.png", "-o", "-", "-f", "svg", "--report", "-"], UsageError, "cannot both go to standard output"),
        (["page.png", "-o", "a.docx"], UnknownFormatError, "names no format"),
        (["page.png", "-o", "no/a.svg"], WriteError, "does not exist"),
        (["page.png", "-o", "page.png"], OptionsError, "is the input itself"),
    ],
)  # fmt: skip
def test_what_is_refused_before_any_work(
    words: list[str], error: type[Exception], says: str, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(error, match=says):
        by_words(*words)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_one_format_may_be_said_of_one_file_without_a_suffix(page: Path, tmp_path: Path) -> None:
    assert by_words(page, "-o", tmp_path / "drawing", "-f", "pbm", "-q") == 0
    assert (tmp_path / "drawing").read_bytes().startswith(b"P4\n")


def test_verbose_says_that_nothing_was_asked_for(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_words(page, "-o", tmp_path / "a.svg", "-v")
    assert "options    all as they come\n" in capsys.readouterr().out


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert by_words("--version") == 0
    assert capsys.readouterr().out == f"linefinish {linefinish.__version__}\n"


def test_the_report_is_the_reports_mapping(page: Path, tmp_path: Path) -> None:
    by_words(page, "-o", tmp_path / "a.svg", "--report", tmp_path / "a.json", "-q")
    found: dict[str, Any] = json.loads((tmp_path / "a.json").read_text())
    wanted = linefinish.finish(page).report.to_mapping()
    assert list(found) == ["input", "outputs", *wanted]
    assert {name: value for name, value in found.items() if name in wanted and name != "seconds"} == {
        name: value for name, value in wanted.items() if name != "seconds"}  # fmt: skip


# --- as a person starts it
# ------------------------------------------------------------


def test_the_main_job(run: Run, page: Path, tmp_path: Path) -> None:
    done = run("page.png", "-o", "out.svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("page.png → out.svg\n")
    for word in ("ink", "strokes", "part", "region", "removed", "filled", "closed", "threshold", "segments", "time"):
        assert word in done.stdout
    assert verify(tmp_path / "out.svg").is_one_bit


def test_several_outputs_of_one_drawing(run: Run, page: Path, tmp_path: Path) -> None:
    outputs = [f"out.{suffix}" for suffix in SUFFIXES]
    assert run("page.png", *(word for name in outputs for word in ("-o", name)), "-q").returncode == 0
    for name in outputs:
        assert verify(tmp_path / name).is_one_bit, name


def test_without_o_the_result_lies_beside_the_input(run: Run, page: Path, tmp_path: Path) -> None:
    assert run(page, "-q", cwd=tmp_path.parent).returncode == 0
    assert run(page, "-q", "-f", "png,pdf", cwd=tmp_path.parent).returncode == 2  # page.png would become the input
    assert run(page, "-q", "-f", "pbm,pdf", cwd=tmp_path.parent).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"page.png", "page.svg", "page.pbm", "page.pdf"}


def test_the_same_input_gives_the_same_bytes(run: Run, page: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        outputs = [f"{folder}/out.{suffix}" for suffix in SUFFIXES]
        run("page.png", *(word for name in outputs for word in ("-o", name)), "-q", "--threads", "1" if folder == "a" else "3")
    for suffix in SUFFIXES:
        assert (tmp_path / f"a/out.{suffix}").read_bytes() == (tmp_path / f"b/out.{suffix}").read_bytes(), suffix


def test_in_a_pipe(run: Run, page_bytes: bytes, page: Path, tmp_path: Path) -> None:
    run("page.png", "-o", "file.svg", "-q")
    piped = run("-", input=page_bytes, text=False)
    assert piped.returncode == 0
    assert piped.stdout == (tmp_path / "file.svg").read_bytes()
    assert b"standard input" in piped.stderr  # what it tells does not mix with the drawing
    as_pbm = run("-", "-o", "-", "--format", "pbm", "-q", input=page_bytes, text=False)
    assert as_pbm.stdout.startswith(b"P4\n")
    assert as_pbm.stderr == b""


def test_print_size(run: Run, page: Path, tmp_path: Path) -> None:
    assert run("page.png", "-o", "out.png", "--dpi", "300", "--width", "8.5in", "-q").returncode == 0
    verdict = verify(tmp_path / "out.png")
    assert (verdict.width, verdict.is_one_bit) == (2550, True)
    assert verdict.dpi == pytest.approx((300, 300), abs=0.1)
    assert run("page.png", "-o", "page.pdf", "--page", "letter", "--margin", "0.5in", "-q").returncode == 0
    assert b"/MediaBox [0 0 612 792]" in (tmp_path / "page.pdf").read_bytes().replace(b"[ ", b"[")


def test_lengths_on_paper_follow_the_size(run: Run, page: Path, tmp_path: Path) -> None:
    """0.06in is 6 px at the file's own 100 dpi, 14.4 px where 240 px are 1 in."""
    widths = {}
    for name, words in {"pixels": ["14.4"], "own": ["0.06in"], "placed": ["0.06in", "--width", "1in"]}.items():
        run("page.png", "-o", f"{name}.svg", "--stroke-width-min", *words, "--report", f"{name}.json", "-q")
        widths[name] = json.loads((tmp_path / f"{name}.json").read_text())["stroke_width_median_px"]
    assert widths["placed"] == widths["pixels"] > widths["own"]


def test_a_level_means_the_fixed_method(run: Run, page: Path, tmp_path: Path) -> None:
    run("page.png", "-o", "a.svg", "--report", "a.json", "-q", "--blacklevel", "0.5")
    report = json.loads((tmp_path / "a.json").read_text())
    assert "fixed" in report["threshold_method"]
    assert (report["threshold_level_min"], report["threshold_level_max"]) == (128, 128)


def test_the_report(run: Run, page: Path, tmp_path: Path) -> None:
    assert run("page.png", "-o", "a.svg", "-o", "a.pdf", "--report", "a.json", "-q").stdout == ""
    report = json.loads((tmp_path / "a.json").read_text())
    assert report["input"] == "page.png"
    assert report["outputs"] == ["a.svg", "a.pdf"]
    assert list(report["seconds"]) == ["read", "threshold", "clean", "measure", "trace", "fit", "write"]
    assert {"ink_coverage", "stroke_width_median_px", "stroke_width_min_px", "parts", "regions", "region_area_min_px", "specks_removed",
            "pinholes_filled", "gaps_closed", "threshold_method", "threshold_reason", "segment_count"} <= set(report)  # fmt: skip


def test_the_report_on_standard_output(run: Run, page: Path) -> None:
    done = run("page.png", "-o", "a.svg", "--report", "-")
    assert json.loads(done.stdout)["segment_count"] > 0
    assert done.stderr.startswith("page.png → a.svg\n")
    assert run("page.png", "-o", "-", "-f", "svg", "--report", "-").returncode == 2
    assert run("page.png", "-o", "a.svg", "--report", "a.svg").returncode == 2


def test_verbose_tells_of_options_and_kernels(run: Run, page: Path) -> None:
    told = run("page.png", "-o", "a.svg", "-v", "-t", "12", "--threads", "2").stdout
    assert "speckle_area_px_max 12, threads 2" in told
    assert "kernels" in told


def test_which_kernels_run(run: Run, env: dict[str, str]) -> None:
    native = run("-V", "-v", env={**env, "LINEFINISH_KERNELS": "native"}).stdout
    assert "native, x86-64-v" in native
    assert "compiled by numba 0." in native
    lines = dict(line.split(maxsplit=1) for line in native.splitlines())
    assert Path(lines["from"]).is_file()
    assert lines["self-test"].startswith("passed") and lines["platform"].startswith("linux on")
    assert "python, by LINEFINISH_KERNELS" in run("-V", "-v", env={**env, "LINEFINISH_KERNELS": "python"}).stdout
