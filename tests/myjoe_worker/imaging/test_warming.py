"""Warming up leaves nothing to be loaded by the first page."""
from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from myjoe_worker.imaging.warming import warm_up
from tests.myjoe_worker.imaging.samples import GODMOTHER, order
warm_up()
before = set(sys.modules)
from myjoe_worker.imaging.examining import examine
from myjoe_worker.imaging.finishing import finish_page
examine(GODMOTHER, "image/png", order())
finish_page(GODMOTHER, "image/png", order())
print(sorted(set(sys.modules) - before))
"""


def test_the_first_page_loads_nothing_that_warming_up_has_not() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
