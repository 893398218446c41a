"""The library and its command do without what POSIX systems alone have: with these modules and
functions gone, as on Windows, every command does its work. `make test-windows` runs Windows' own
Python.
"""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "readline", "syslog", "_posixshmem", "_posixsubprocess")
OS = (
    "sched_getaffinity", "sched_setaffinity", "mkfifo", "fork", "forkpty", "getuid", "geteuid", "getgid", "getpgid", "killpg", "setsid",
    "nice", "fchmod", "fchown", "chown", "lchown", "posix_fadvise", "posix_fallocate", "sendfile", "statvfs", "fstatvfs", "sysconf", "wait",
    "O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "O_NONBLOCK", "getloadavg",
)  # fmt: skip
SIGNAL = ("SIGKILL", "SIGPIPE", "SIGHUP", "SIGUSR1", "SIGALRM", "SIGCHLD", "alarm", "setitimer", "pthread_sigmask", "sigwait")
MMAP = ("MADV_HUGEPAGE", "MAP_PRIVATE", "MAP_SHARED", "MAP_ANON", "MAP_ANONYMOUS")
HIDE = f"""
import sys, os, signal, _signal, mmap, multiprocessing, subprocess
os.register_at_fork = lambda **_: None  # what the standard library asks of this system
for name in {MODULES!r}: sys.modules[name] = None
sys.modules["msvcrt"] = msvcrt = type(sys)("msvcrt")  # what Windows has for locks
msvcrt.LK_LOCK, msvcrt.LK_NBLCK, msvcrt.locking = 1, 2, lambda *_: None
for module, names in ((os, {OS!r}), (signal, {SIGNAL!r}), (_signal, {SIGNAL!r}), (mmap, {MMAP!r})):
    for name in names:
        if hasattr(module, name): delattr(module, name)
from linefinish.command.cli import main
sys.exit(main())
"""
PAGE = str(ROOT / "examples" / "fairy-godmother.png")


@pytest.mark.parametrize(
    "words",
    [
        (PAGE, "-o", "page.svg", "-o", "page.png", "-o", "page.pdf", "-q"),
        ("batch", PAGE, "-o", "done", "--jobs", "1", "-q"),
        ("verify", PAGE),
        ("book", PAGE, "-o", "book", "-q"),
        ("--version", "--verbose"),
    ],
    ids=lambda words: words[0].rpartition("/")[2],
)
def test_every_command_works_without_them(tmp_path: Path, words: tuple[str, ...]) -> None:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("LINEFINISH_K")}
    environment = {**plain, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", HIDE, *words], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    # A grey picture is not 1-bit; a book of one drawing is no book to a printer.
    assert done.returncode == {"verify": 1, "book": 3}.get(words[0], 0), done.stderr
