"""What a person at a terminal sees while waiting: a line for one long job, a bar for many. Nothing
of it goes into a file or a pipe.
"""
from __future__ import annotations

import os
import sys
from time import monotonic

from linefinish.command import escaped, is_terminal, say

# Seconds until a single job begins to tell what it does. Sooner flickers on ordinary pages, later
# looks stuck.
_PATIENCE_SECONDS = 1.0
_WINDOWS = os.name == "nt"


def _clear_line() -> str:
    """What wipes the line. Consoles of Windows obey escape sequences only if they are asked to, and
    the old ones never: there the line is overwritten.
    """
    return "\r\x1b[K" if not _WINDOWS else f"\r{' ' * (_columns() - 1)}\r"


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80  # 0: it does not know
    except OSError:  # a terminal to Python, but none of the system's, as some of Windows's
        return 80


class Spinner:
    """One line on a terminal that names the step at work, shown once the work has lasted a second,
    wiped at the end. A thread draws it, since kernels run for seconds without coming back.
    """

    def __init__(self) -> None:
        import threading

        self._name = ""
        self._begun = monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)

    def step(self, name: str) -> None:
        """The step that begins now."""
        self._name = name

    def __enter__(self) -> Spinner:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _draw(self) -> None:
        if self._done.wait(_PATIENCE_SECONDS):
            return
        while True:
            sys.stderr.write(f"{_clear_line()}{self._name} … {monotonic() - self._begun:.0f} s")
            sys.stderr.flush()
            if self._done.wait(0.2):
                break
        sys.stderr.write(_clear_line())
        sys.stderr.flush()


class Bar:
    """Progress over many pages: a bar on a terminal, a plain line a page elsewhere, nothing if
    quiet.
    """

    def __init__(self, total: int, *, quiet: bool = False) -> None:
        self._total = total
        self._done = 0
        self._begun = monotonic()
        self._drawn = not quiet and is_terminal()
        self._plain = not quiet and not self._drawn
        self._draw("")

    def advance(self, line: str, *, loud: bool = False) -> None:
        """One page more; `line` says what became of it, "" if nothing new. A loud line stays on the
        terminal, and is told even if quiet.
        """
        self._done += 1
        if line and self._plain:
            say(f"{self._done}/{self._total} {line}", sys.stderr)
        elif loud:
            if self._drawn:
                sys.stderr.write(_clear_line())
            say(line, sys.stderr)
        self._draw(line)

    def close(self) -> None:
        """Wipe the bar."""
        if self._drawn:
            sys.stderr.write(_clear_line())
            sys.stderr.flush()

    def _draw(self, line: str) -> None:
        if not self._drawn:
            return
        share = self._done / self._total if self._total else 1.0
        filled = round(24 * share)
        elapsed = monotonic() - self._begun
        left = f"{_clock(elapsed / share - elapsed)} left" if 0 < share < 1 else _clock(elapsed)
        text = f"[{'█' * filled}{'·' * (24 - filled)}] {self._done}/{self._total}  {left}  {escaped(line)}"
        sys.stderr.write(_clear_line() + text[: _columns() - 1])
        sys.stderr.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
