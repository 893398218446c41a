"""A place for a server of one's own."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from myjoe.database.server import Server, embedded_binaries


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place with a short path, which the server's user can reach."""
    place = Path(tempfile.mkdtemp(prefix="mj"))
    place.chmod(0o755)
    yield place / "database"
    if (place / "database" / "data").exists():
        Server(place / "database", embedded_binaries()).stop("immediate")
    shutil.rmtree(place)
