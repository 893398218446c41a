"""What the tests of commands share."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from myjoe.database.server import Server, embedded_binaries


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the server's user may enter, which pytest's own are not where we are root."""
    folder = Path(tempfile.mkdtemp(prefix="mjc"))
    folder.chmod(0o755)
    yield folder
    Server(folder / "home" / "database", embedded_binaries()).stop("immediate")
    shutil.rmtree(folder)
