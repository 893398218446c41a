"""The server in a folder."""
from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from myjoe.database.server import Server, embedded_binaries
from myjoe.errors import ServerError


def test_a_start_that_was_cut_off_is_begun_anew(folder: Path) -> None:
    server = Server(folder, embedded_binaries())
    server.data.mkdir(parents=True)
    (server.data / "half").touch()
    server.start()
    assert server.is_running()


def test_a_folder_that_root_cannot_share_is_refused() -> None:
    """As root only; for anybody else the server is their own process, and a shut folder of theirs
    is fine.
    """
    shut = Path(tempfile.mkdtemp(prefix="mj"))  # 0700
    server = Server(shut / "database", embedded_binaries())
    try:
        if os.geteuid() == 0:
            with pytest.raises(ServerError, match="cannot come through"):
                server.start()
        else:
            server.start()
            assert server.is_running()
    finally:
        server.stop("immediate")
        shutil.rmtree(shut)


def test_there_is_no_such_version() -> None:
    with pytest.raises(ServerError, match="no version 9"):
        embedded_binaries(9)
