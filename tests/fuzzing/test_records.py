"""Records made by hand lead no kernel out of its buffer, in a process of their own."""
from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fuzzing.guards import fenced_copy
from tests.fuzzing.judging import in_a_child

ROOT = Path(__file__).parents[2]
PAGE = os.sysconf("SC_PAGESIZE")
# About four seconds; `make fuzz` makes more of them.
EXAMPLES = "3000" if os.environ.get("MYJOE_TESTS_ALL") else "120"


def test_records_made_by_hand_give_a_result_or_one_of_our_errors() -> None:
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.fuzzing.records", EXAMPLES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    for kind in ("Paths", "Curves", "Document", "Bitmap", "Gray", "Levels"):
        assert f"'{kind} used'" in done.stdout, done.stdout


def test_a_buffer_before_a_guard_page_ends_a_process_that_leaves_it() -> None:
    """The guard itself can fail: a kernel that is told one word too many dies here."""
    code = (
        "from tests.fuzzing.guards import guarded_copy\nfrom linefinish.kernels import bits\n"
        "words = guarded_copy(bytes(32), 'Q')\nprint(bits.count(words, 4), flush=True)\nbits.count(words, 5)\nprint('left it')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode < 0, done.stdout) == (True, "0\n"), (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(("at_end", "place", "dies"), [(True, 0, False), (True, 32, True), (False, 0, False), (False, -1, True)])
def test_a_buffer_between_guard_pages_has_one_at_its_end_or_at_its_begin(at_end: bool, place: int, dies: bool) -> None:
    """So can the guard at either side, and the one of what is const."""

    def touch(write: bool) -> str:
        faulthandler.disable()  # its report of a death that is meant to be would only be read as one that is not
        view = fenced_copy(bytes(range(32)), at_end=at_end, const=not write)
        pages: Any = view.obj  # three of them
        start = ctypes.addressof(ctypes.c_char.from_buffer(pages)) + (2 * PAGE - 32 if at_end else PAGE)
        if write:
            ctypes.memset(start + place, 7, 1)
        return str(ctypes.string_at(start + place, 1)[0])

    killed = f"died of {int(signal.SIGSEGV)}"
    assert in_a_child(lambda: touch(write=False)) == (killed if dies else "0")
    assert in_a_child(lambda: touch(write=True)) == (killed if dies else "7")


def test_what_is_const_is_not_written_to() -> None:
    def write() -> str:
        faulthandler.disable()
        view = fenced_copy(bytes(32), at_end=True, const=True)
        ctypes.memset(ctypes.addressof(ctypes.c_char.from_buffer(view)), 7, 1)
        return "wrote"

    assert in_a_child(write) == f"died of {int(signal.SIGSEGV)}"
