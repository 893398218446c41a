"""Which database a command means, and what is said where one is started that nobody asked for."""
from __future__ import annotations

from pathlib import Path

import pytest

from myjoe.database import embedded
from myjoe.settings.variables import Secret
from myjoe_cli.databases import with_database
from myjoe_worker.settings import WorkerSettings
from tests.myjoe.database.conftest import folder
from tests.myjoe_cli.test_cli import Capture, said

__all__ = ["folder"]  # a fixture


def test_one_that_is_named_is_meant() -> None:
    settings = WorkerSettings(database_url=Secret("postgresql://joe@db/x"))
    assert with_database(settings, make=False) is settings


def test_a_stopped_server_is_started_and_that_is_said_once(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MYJOE_HOME", str(folder.parent))
    embedded.up(folder)
    assert said(capsys, "jobs") == (0, "There are no such jobs.\n", "")
    embedded.down(folder)
    sentence = "myjoe: the embedded database was stopped; it is started, and `myjoe db down` stops it again\n"
    assert said(capsys, "jobs") == (0, "There are no such jobs.\n", sentence)
    assert said(capsys, "jobs") == (0, "There are no such jobs.\n", "")
