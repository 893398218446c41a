"""Which platforms' tests are always run: not Windows', as Wine takes half a gigabyte (`make
test-windows`). Its machine code is run in all cases, by `test_targets.py` of the kernels.
"""
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.platforms.wheels import DIGESTS

collect_ignore = [] if os.environ.get("MYJOE_TESTS_ALL") else ["test_windows.py"]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels' calls, recorded on this machine."""
    path = tmp_path_factory.mktemp("calls") / "calls.pickle"
    subprocess.run([sys.executable, DIGESTS, "record", str(path)], check=True)
    return path
