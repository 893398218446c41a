"""Records made by hand lead no kernel out of its buffer, in a process of their own."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
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
