"""Pages bound: what is in the file, and that a worker that dies leaves nothing half."""
from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from myjoe.errors import FileMissingError, JobArgsError, LeaseLostError, NewerOrderError
from myjoe.storage.folder import FolderStorage
from myjoe_worker.exporting import Shelf, bind_export, file_name
from myjoe_worker.job import Job
from tests.support.leases import Held

USER = uuid4()


class Kept:
    """A database that keeps what it is told, or says that the job is somebody else's."""

    def __init__(self, accepts: bool = True) -> None:
        self.accepts = accepts
        self.told: list[Any] = []

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[Any]:
        self.told.append(params)
        return [(self.accepts,)]

    async def records(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[dict[str, Any]]:
        raise AssertionError("nobody asks so")


def pages(folder: Path) -> list[dict[str, Any]]:
    """Two finished pages in the folder, as a job's payload names them."""
    made = []
    for number, title in ((1, "The Owl, at Night"), (2, None)):
        files = {}
        for kind in ("svg", "png", "pdf"):
            path = folder / f"u/{number}/1/page.{kind}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{kind} {number}".encode())
            files[kind] = f"u/{number}/1/page.{kind}"
        Image.new("1", (85, 110), 1).save(folder / files["png"], dpi=(100, 100))
        made.append({"page": number, "title": title, "files": files, "job": str(uuid4())})
    return made


def job(**payload: Any) -> Job:
    return Job(uuid4(), 3, "bind", payload, (), USER, uuid4(), 1, 3, None)


def bound(job: Job, folder: Path, lease: Held | None = None, kept: Kept | None = None) -> tuple[Any, Held]:
    kept, lease = kept or Kept(), lease or Held()
    asyncio.run(bind_export(job, lease, Shelf(FolderStorage(folder), kept)))
    return kept.told, lease


def test_a_zip_has_every_file_under_a_clean_name_and_is_the_same_every_time(tmp_path: Path) -> None:
    order = job(kind="zip", title="Owls", pages=pages(tmp_path))
    [told], _ = bound(order, tmp_path)
    key = f"{USER}/{order.id}/3/pages.zip"
    content = (tmp_path / key).read_bytes()
    assert told == {"job": order.id, "token": 3, "file": key, "bytes": len(content)}
    files = zipfile.ZipFile(io.BytesIO(content))
    assert files.namelist() == ["pdf/01-the-owl-at-night.pdf", "pdf/02.pdf", "png/01-the-owl-at-night.png", "png/02.png",
                                "svg/01-the-owl-at-night.svg", "svg/02.svg"]  # fmt: skip
    assert files.read("svg/02.svg") == b"svg 2" and files.testzip() is None
    bound(order, tmp_path)
    assert (tmp_path / key).read_bytes() == content


def test_a_book_has_the_pages_in_their_order(tmp_path: Path) -> None:
    order = job(kind="book", title="Owls", pages=pages(tmp_path))
    bound(order, tmp_path)
    content = (tmp_path / f"{USER}/{order.id}/3/book.pdf").read_bytes()
    assert content.startswith(b"%PDF") and content.count(b"/Type /Page\n") == 2


@pytest.mark.parametrize("lost_at", [1, 2, 3])
def test_a_lease_that_is_lost_leaves_nothing_that_is_named(tmp_path: Path, lost_at: int) -> None:
    order, kept = job(kind="zip", pages=pages(tmp_path)), Kept()
    with pytest.raises(LeaseLostError):
        bound(order, tmp_path, Held(lost_at), kept)
    assert kept.told == []
    assert not (tmp_path / f"{USER}").exists()


def test_what_the_database_does_not_take_is_lost(tmp_path: Path) -> None:
    with pytest.raises(LeaseLostError):
        bound(job(kind="zip", pages=pages(tmp_path)), tmp_path, kept=Kept(accepts=False))


def test_a_page_whose_file_is_gone_is_an_error(tmp_path: Path) -> None:
    order = job(kind="zip", pages=pages(tmp_path))
    (tmp_path / "u/2/1/page.svg").unlink()
    with pytest.raises(FileMissingError):
        bound(order, tmp_path)


@pytest.mark.parametrize(
    "payload", [{}, {"kind": "scroll", "pages": []}, {"kind": "zip", "pages": []}, {"kind": "zip", "pages": [{"page": 0}]}]
)
def test_an_order_that_makes_no_sense_is_dead_at_once(tmp_path: Path, payload: dict[str, Any]) -> None:
    with pytest.raises(JobArgsError):
        bound(job(**payload), tmp_path)


def test_a_kind_of_export_that_is_not_known_here_is_put_off_for_somebody_newer(tmp_path: Path) -> None:
    with pytest.raises(NewerOrderError):
        bound(job(kind="scroll", pages=pages(tmp_path)), tmp_path)


@pytest.mark.parametrize(
    ("title", "name"),
    [("The Owl, at Night!", "03-the-owl-at-night"), ("../../etc", "03-etc"), ("", "03"), (None, "03"), ("x" * 99, f"03-{'x' * 60}")],
)
def test_names_are_those_that_a_person_would_give(title: str | None, name: str) -> None:
    assert file_name(3, title) == name


def test_the_same_name_is_the_same_user_s(tmp_path: Path) -> None:
    order = job(kind="book", pages=pages(tmp_path))
    [told], lease = bound(order, tmp_path)
    assert UUID(told["file"].partition("/")[0]) == USER and lease.checks == 4
