"""What a person at a terminal sees while waiting, and that a pipe or a file gets none of it."""
from __future__ import annotations

import io
import os
import threading
import unicodedata
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import command, finish
from linefinish.command import called, escaped, is_terminal, progress, say, warn
from linefinish.command.progress import Bar, Spinner

CLEAR = "\r\x1b[K"


class Terminal(io.StringIO):
    """Standard error as a terminal of 80 columns; `drawn` is set at each flush."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = threading.Event()

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2

    def flush(self) -> None:
        self.drawn.set()


def watched(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> None:
    """Have `stream` for standard error."""
    for module in (command, progress):
        monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=stream))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal()
    watched(monkeypatch, made)  # sys.stderr itself is pytest's
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(os, "get_terminal_size", lambda _fd: os.terminal_size((80, 24)))
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its last number is now."""
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[-1])
    return now


def test_a_terminal_is_one_that_can_move_its_cursor(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_terminal()
    monkeypatch.setenv("TERM", "dumb")
    assert not is_terminal()
    monkeypatch.setenv("TERM", "xterm")
    watched(monkeypatch, io.StringIO())
    assert not is_terminal()


# --- words
# ------------------------------------------------------------


@given(st.text(st.characters(exclude_characters="\r\n")), st.sampled_from(["ascii", "latin-1", "utf-8"]))
def test_a_line_is_said_in_what_the_stream_can_hold(text: str, encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    say(text, stream)
    stream.flush()
    told = raw.getvalue().decode(encoding)
    text = escaped(text)
    assert told.endswith("\n") and len(told) == len(text) + 1
    assert not any(unicodedata.category(character) in ("Cc", "Cf") for character in told[:-1])
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        assert told == (text + "\n").encode("ascii", "replace").decode()
    else:
        assert told == text + "\n"


def test_a_name_that_is_no_text_is_said_with_a_question_mark() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    say(os.fsdecode(b"caf\xe9.png"), stream)
    stream.seek(0)
    assert stream.read() == "caf?.png\n"


def test_paths_in_words() -> None:
    assert (called("a.png"), called("-"), called("-", "output")) == ("a.png", "standard input", "standard output")


def test_warnings_name_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    import numpy as np

    warn("-", finish(np.full((4, 4), 255, np.uint8)).report)
    warn("a.png", finish(np.zeros((4, 4), np.uint8)).report)
    assert capsys.readouterr().err == (
        "linefinish: standard input: warning: the page has no ink: the drawing is empty\n"
        "linefinish: a.png: warning: the page is all ink: the drawing is one black area\n"
    )


# --- one job
# ------------------------------------------------------------


def test_a_short_job_shows_nothing(terminal: Terminal) -> None:
    with Spinner() as spinner:
        spinner.step("read")
    assert terminal.getvalue() == ""


def test_a_long_job_names_its_step_and_is_wiped_at_the_end(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0)
    with Spinner() as spinner:
        spinner.step("trace")
        terminal.drawn.clear()
        assert terminal.drawn.wait(30)
    told = terminal.getvalue()
    assert f"{CLEAR}trace … 0 s" in told
    assert told.endswith(CLEAR)


def test_windows_has_its_lines_overwritten(terminal: Terminal, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its old consoles show escape sequences as they are."""
    monkeypatch.setattr(progress, "_WINDOWS", True)
    bar = Bar(4)
    bar.close()
    assert "\x1b" not in terminal.getvalue()
    assert terminal.getvalue().startswith(f"\r{' ' * 79}\r[")
    assert terminal.getvalue().endswith(f"  \r{' ' * 79}\r")


def test_a_terminal_without_a_size_has_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_fd: int) -> os.terminal_size:
        raise OSError("no console")

    monkeypatch.setattr(os, "get_terminal_size", unknown)
    assert progress._columns() == 80


# --- many pages
# ------------------------------------------------------------


def test_a_bar_grows_and_guesses_what_is_left(terminal: Terminal, clock: list[float]) -> None:
    bar = Bar(4)
    assert terminal.getvalue() == f"{CLEAR}[{'·' * 24}] 0/4  0:00  "
    for seconds, line in ((60.0, "a.png: fine"), (3700.0, "b.png: fine")):
        clock.append(seconds)
        bar.advance(line)
    shown = terminal.getvalue().split(CLEAR)
    assert shown[2] == f"[{'█' * 6}{'·' * 18}] 1/4  3:00 left  a.png: fine"
    assert shown[3] == f"[{'█' * 12}{'·' * 12}] 2/4  1:01:40 left  b.png: fine"
    bar.advance("")
    bar.advance("")
    assert f"[{'█' * 24}] 4/4  1:01:40  " in terminal.getvalue()
    bar.close()
    assert terminal.getvalue().endswith(CLEAR)


def test_a_bar_is_no_wider_than_the_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, widest in ((20, 19), (0, 79)):  # 0: it does not know
        monkeypatch.setattr(os, "get_terminal_size", lambda _fd, columns=columns: os.terminal_size((columns, 24)))
        Bar(3).advance("x" * 500)
        assert max(len(part) for part in terminal.getvalue().split(CLEAR)) == widest


def test_what_must_not_be_missed_stays_above_the_bar(terminal: Terminal) -> None:
    Bar(2).advance("a.png: broken", loud=True)
    assert f"{CLEAR}a.png: broken\n" in terminal.getvalue()


@pytest.mark.parametrize(
    ("quiet", "wanted"), [(False, "1/3 a.png: fine\n3/3 c.png: broken\n"), (True, "c.png: broken\n")]
)  # fmt: skip
def test_elsewhere_a_line_a_page_and_if_quiet_the_loud_ones(quiet: bool, wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    watched(monkeypatch, stream)
    bar = Bar(3, quiet=quiet)
    bar.advance("a.png: fine")
    bar.advance("")  # kept: nothing new
    bar.advance("c.png: broken", loud=True)
    bar.close()
    assert stream.getvalue() == wanted


@given(st.integers(0, 400_000))
def test_a_clock_in_hours_minutes_and_seconds(seconds: int) -> None:
    words: list[Any] = progress._clock(seconds).split(":")
    assert sum(int(word) * 60**power for power, word in enumerate(reversed(words))) == seconds
    assert len(words) == (3 if seconds >= 3600 else 2) and all(len(word) == 2 for word in words[1:])


def test_no_pages_are_all_of_them(terminal: Terminal) -> None:
    Bar(0)
    assert f"[{'█' * 24}] 0/0" in terminal.getvalue()
