"""A user who goes: their files, then their words."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from myjoe.errors import JobArgsError, LeaseLostError
from myjoe.storage.folder import FolderStorage
from myjoe_worker import erasing
from myjoe_worker.erasing import erase_user
from myjoe_worker.exporting import SQL, Shelf
from myjoe_worker.job import Job

USER = uuid4()


class Held:
    """A lease that is lost at its so manieth check."""

    def __init__(self, lost_at: int = 0) -> None:
        self.checks, self.lost_at = 0, lost_at

    async def check(self) -> None:
        self.checks += 1
        if self.checks == self.lost_at:
            raise LeaseLostError

    def on_stop(self, hook: Callable[[], object]) -> Callable[[], None]:
        raise AssertionError("nothing here has to be killed")


class Records:
    """A database that knows which files there are, and is told to erase."""

    def __init__(self, files: list[str]) -> None:
        self.files = files
        self.erased: list[Any] = []

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[Any]:
        if sql == SQL["files_of_user"]:
            assert params == {"user": USER}
            return [(file,) for file in self.files]
        assert sql == SQL["erase_user"]
        self.erased.append(params)
        return [({},)]

    async def records(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[dict[str, Any]]:
        raise AssertionError("nobody asks so")


def job(payload: dict[str, Any]) -> Job:
    return Job(uuid4(), 5, "erase", payload, (), USER, None, 1, 3, None)


def stored(folder: Path, count: int) -> list[str]:
    keys = [f"{USER}/{number}/1/page.png" for number in range(count)]
    for key in [*keys, "other/1/1/page.png"]:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return keys


def left(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_the_files_go_first_and_then_the_words_under_the_jobs_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "FILES_A_TIME", 2)
    records, order = Records(stored(tmp_path, 5)), job({"user_id": str(USER)})
    lease = Held()
    asyncio.run(erase_user(order, lease, Shelf(FolderStorage(tmp_path), records)))
    assert left(tmp_path) == 1, "what is somebody else's stays"
    assert records.erased == [{"user": USER, "job": order.id, "token": 5}]
    assert lease.checks == 4


def test_who_changes_their_mind_keeps_what_is_left_and_another_attempt_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "FILES_A_TIME", 2)
    records, order = Records(stored(tmp_path, 5)), job({"user_id": str(USER)})
    with pytest.raises(LeaseLostError):
        asyncio.run(erase_user(order, Held(lost_at=2), Shelf(FolderStorage(tmp_path), records)))
    assert (left(tmp_path), records.erased) == (4, [])
    asyncio.run(erase_user(order, Held(), Shelf(FolderStorage(tmp_path), records)))
    assert (left(tmp_path), len(records.erased)) == (1, 1)


@pytest.mark.parametrize("payload", [{}, {"user_id": "everybody"}, {"user_id": None}])
def test_a_job_that_names_nobody_erases_nobody(tmp_path: Path, payload: dict[str, Any]) -> None:
    records = Records(stored(tmp_path, 1))
    with pytest.raises(JobArgsError):
        asyncio.run(erase_user(job(payload), Held(), Shelf(FolderStorage(tmp_path), records)))
    assert (left(tmp_path), records.erased) == (2, [])
