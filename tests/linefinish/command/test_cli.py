"""The command `linefinish`, as a person starts it: what it writes, what it says, how it ends."""
from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import linefinish
from linefinish import verify

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SUFFIXES = ("svg", "pdf", "eps", "dxf", "png", "tif", "pbm")


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


def test_version_and_help(run: Run) -> None:
    assert run("--version").stdout == f"linefinish {linefinish.__version__}\n"
    told = run("--version", "--verbose").stdout
    assert "kernels" in told
    assert "python" in told
    for command in ([], ["batch"], ["verify"], ["compare"]):
        done = run(*command, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(" ".join(["usage: linefinish", *command]))
        assert run(*command).stdout == done.stdout


def test_which_kernels_run(run: Run, env: dict[str, str]) -> None:
    native = run("-V", "-v", env={**env, "LINEFINISH_KERNELS": "native"}).stdout
    assert "native, x86-64-v" in native
    assert "compiled by numba 0." in native
    assert Path(native.split("from")[1].strip()).is_file()
    assert "python, by LINEFINISH_KERNELS" in run("-V", "-v", env={**env, "LINEFINISH_KERNELS": "python"}).stdout


def test_verify(run: Run, page: Path, tmp_path: Path) -> None:
    run("page.png", "-o", "a.svg", "-o", "a.png", "-q")
    fine = run("verify", "a.svg", "a.png")
    assert (fine.returncode, len(fine.stdout.splitlines())) == (0, 2)
    mixed = run("verify", "a.svg", "page.png", "missing.png", "--json")
    assert mixed.returncode == 1
    told = [json.loads(line) for line in mixed.stdout.splitlines()]
    assert [verdict["is_one_bit"] for verdict in told] == [True, False, False]
    assert run("verify", "page.png", "-q").stdout == ""


def test_nobody_reads_our_output(command: list[str], env: dict[str, str], page: Path, tmp_path: Path) -> None:
    large = ["page.png", "-o", "-", "-f", "pbm", "--dpi", "4000"]
    for words in (large, ["page.png", "-o", "a.svg"], ["--help"], ["verify", *["page.png"] * 3]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([*command, *words], cwd=tmp_path, env=env, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
        os.close(writer)
        assert (done.returncode, done.stderr) == (141, ""), words


def test_a_terminal_that_knows_ascii_only(run: Run, env: dict[str, str], page: Path) -> None:
    assert run("page.png", "-o", "a.svg", env={**env, "PYTHONIOENCODING": "ascii"}).returncode == 0


def on_a_terminal(words: list[str], env: dict[str, str], cwd: Path, *, during: signal.Signals | None = None) -> tuple[int, str]:
    """Exit code and all that a terminal got on standard error."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, env={**env, "TERM": "xterm"}, cwd=cwd, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        told = b""
        while True:
            try:
                chunk = os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
            told += chunk
            if during and chunk:
                process.send_signal(during)
                during = None
        os.close(ours)
    return process.returncode, told.decode()


# A step that takes its time, as on a page of hundreds of megapixels; the rest is the real command.
SLOW = """
import sys, time
from linefinish import pipeline
quick, seconds = pipeline.Outlines, float(sys.argv.pop(1))
pipeline.Outlines = lambda *args, **more: (print("here", flush=True), time.sleep(seconds), quick(*args, **more))[2]
from linefinish.command.cli import run
run()
"""


def test_progress_on_a_terminal_only_and_only_for_long_work(command: list[str], env: dict[str, str], page: Path, tmp_path: Path) -> None:
    assert on_a_terminal([*command, "page.png", "-o", "a.svg"], env, tmp_path) == (0, "")
    slow = [sys.executable, "-c", SLOW, "3", "page.png", "-o", "b.svg"]
    code, told = on_a_terminal(slow, env, tmp_path)
    assert code == 0
    assert "trace … " in told
    assert told.endswith("\r\x1b[K")
    assert subprocess.run(slow, env=env, cwd=tmp_path, capture_output=True, text=True, check=True).stderr == ""


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.parametrize(("sent", "code"), [
    (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -signal.SIGKILL),
])  # fmt: skip
def test_a_stop_leaves_no_file(env: dict[str, str], page: Path, tmp_path: Path, sent: signal.Signals, code: int) -> None:
    slow = [sys.executable, "-c", SLOW, "120", "page.png", "-o", "a.svg", "-o", "a.png"]
    with subprocess.Popen(slow, env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "here\n"
        process.send_signal(sent)
        _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert told == ""
    assert [path.name for path in tmp_path.iterdir()] == ["page.png"]


# Like SLOW, and it is the writing that takes its time: the unfinished file is there.
SLOW_DISK = """
import sys, time
from linefinish import writers
writers._pour = lambda pieces, stream: (stream.write(b"half"), stream.flush(), print("here", flush=True), time.sleep(120))
from linefinish.command.cli import run
run()
"""


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_stop_while_writing_leaves_no_file(env: dict[str, str], page: Path, tmp_path: Path, sent: signal.Signals, code: int) -> None:
    slow = [sys.executable, "-c", SLOW_DISK, "page.png", "-o", "a.svg"]
    with subprocess.Popen(slow, env=env, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "here\n"
        assert list(tmp_path.glob(".a.svg.*.part"))
        process.send_signal(sent)
        assert process.wait(timeout=60) == code
    assert [path.name for path in tmp_path.iterdir()] == ["page.png"]


def test_nohup_is_respected(env: dict[str, str], page: Path, tmp_path: Path) -> None:
    slow = [sys.executable, "-c", SLOW, "1", "page.png", "-o", "a.svg", "-q"]
    with subprocess.Popen(["nohup", *slow], env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGHUP)
        assert process.wait(timeout=60) == 0
    assert verify(tmp_path / "a.svg").is_one_bit
