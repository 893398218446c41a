"""The command `linefinish`, as a person starts it: what it writes, what it says, how it ends."""
from __future__ import annotations

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
from linefinish.command import cli

Run = Callable[..., "subprocess.CompletedProcess[str]"]

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


def test_nobody_reads_our_output(command: list[str], env: dict[str, str], page: Path, tmp_path: Path) -> None:
    large = ["page.png", "-o", "-", "-f", "pbm", "--dpi", "4000"]
    for words in (large, ["page.png", "-o", "a.svg"], ["--help"], ["verify", *["page.png"] * 3]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([*command, *words], cwd=tmp_path, env=env, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
        os.close(writer)
        assert (done.returncode, done.stderr) == (141, ""), words


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_silence(command: list[str], env: dict[str, str], page: Path, tmp_path: Path, closed: str) -> None:
    asked: list[tuple[list[str], int]] = [
        (["--help"], 0), (["page.png", "-o", "a.svg"], 0), (["page.png", "-q", "-o", "-", "-f", "svg"], 1),
        (["page.png", "-q", "-o", "a.svg", "--report", "-"], 1), (["compare", "page.png", "-q", "-o", "-"], 1),
        (["verify", "page.png", "--json"], 1),
    ]  # fmt: skip
    for words, code in asked:
        done = subprocess.run(
            ["sh", "-c", f'"$@" {closed}', "sh", *command, *words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (code, "", ""), words
    assert (tmp_path / "a.svg").read_text().startswith("<svg")


def test_a_name_does_not_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    name = "e\x1b]0;owned\x07\x9b31m\u202etxt.png"
    (tmp_path / name).write_bytes(b"no picture")
    for words in ([name], ["verify", name], ["batch", name, "-o", "out"]):
        done = run(*words)
        told = done.stdout + done.stderr
        assert done.returncode == (3 if words[0] == "verify" else 1), words
        assert "owned" in told and not {"\x1b", "\x07", "\x9b", "\u202e"} & set(told), words


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
    assert on_a_terminal([*slow, "--quiet"], env, tmp_path) == (0, "")


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


@pytest.mark.parametrize(("windows", "code"), [(True, cli.BROKEN_PIPE), (False, cli.FILE_PROBLEM)])
def test_a_reader_that_has_left_is_an_invalid_argument_on_windows(windows: bool, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def left(_words: list[str]) -> int:
        raise OSError(22, "Invalid argument")

    quiet: list[bool] = []
    monkeypatch.setattr(cli, "_WINDOWS", windows)
    monkeypatch.setattr(cli, "_run", left)
    monkeypatch.setattr(cli, "_leave_quietly", lambda: quiet.append(True) or cli.BROKEN_PIPE)
    assert cli.main([]) == code
    assert bool(quiet) is windows
