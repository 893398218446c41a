"""The version is that of what is installed."""
from __future__ import annotations

import re
import subprocess
import sys

from myjoe.version import VERSION


def test_it_is_the_installed_distributions_and_the_command_says_it() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", VERSION)
    done = subprocess.run([sys.executable, "-m", "myjoe_cli", "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and VERSION in done.stdout.split()
