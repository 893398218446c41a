"""Pages bound: what is in the file, and that a worker that dies leaves nothing half."""
from __future__ import annotations

import asyncio
import io
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from myjoe.errors import DatabaseUnreachableError, FileMissingError, ImageRefusedError, JobArgsError, LeaseLostError, NewerOrderError
from myjoe.storage.folder import FolderStorage
from myjoe_worker.exporting import Shelf, bind_export, file_name
from myjoe_worker.job import Job
from tests.support.finished import page_file
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


def pages(folder: Path, count: int = 2) -> list[dict[str, Any]]:
    """Finished pages in the folder, as a job's payload names them."""
    made = []
    for number in range(1, count + 1):
        files = {}
        for kind in ("svg", "png", "pdf"):
            path = folder / f"u/{number}/1/page.{kind}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(page_file(number) if kind == "pdf" else f"{kind} {number}".encode())
            files[kind] = f"u/{number}/1/page.{kind}"
        made.append({"page": number, "title": "The Owl, at Night" if number == 1 else None, "files": files, "job": str(uuid4())})
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
    assert content.startswith(b"%PDF") and content.count(b"/Type /Page ") == 2


class Killable(Held):
    """A lease of a job whose child may have to be killed."""

    def on_stop(self, hook: Callable[[], object]) -> Callable[[], None]:
        self.hook = hook
        return lambda: None


PRINT = {"printer": "kdp", "trim": "8.5x11", "bleed": False, "single_sided": True, "title": "Owls", "author": "A. B."}


def test_a_print_is_bound_in_a_child_and_all_its_files_are_told(tmp_path: Path) -> None:
    drawn = [{**page, "provider": "recraft", "model": "v3"} for page in pages(tmp_path, 9)]
    order = job(kind="print", title="Owls", print=PRINT, pages=drawn)
    *noted, told = bound(order, tmp_path, Killable())[0]
    files, said = told["files"].obj, told["told"].obj
    assert set(files) >= {"interior.pdf", "cover.pdf", "report.json", "contact.png", "mockup.png"}
    for name, one in files.items():
        assert one["key"] == f"{USER}/{order.id}/3/{name}" and (tmp_path / one["key"]).stat().st_size == one["bytes"]
    assert said["ready"] and said["drawn_by"] == {"recraft (v3)": 9}
    assert all(note["token"] == 3 and 1 <= note["done"] <= 9 for note in noted)


def test_a_pack_is_bound_too(tmp_path: Path) -> None:
    order = job(kind="shop", print={"shop": "etsy", "title": "Owls", "author": ""}, pages=pages(tmp_path))
    told = bound(order, tmp_path, Killable())[0][-1]
    assert {"letter.pdf", "a4.pdf", "README.txt"} <= set(told["files"].obj) and told["told"].obj["ready"]


def test_what_is_not_ready_is_finished_all_the_same(tmp_path: Path) -> None:
    told = bound(job(kind="print", print=PRINT, pages=pages(tmp_path)), tmp_path, Killable())[0][-1]
    assert list(told["files"].obj) == ["report.json"] and not told["told"].obj["ready"]


@pytest.mark.parametrize(
    "asked",
    [{"kind": "print", "print": {**PRINT, "printer": "gutenberg"}}, {"kind": "shop", "print": {"shop": "market"}},
     {"kind": "print", "print": {**PRINT, "foil": True}}],
)  # fmt: skip
def test_a_printer_that_is_not_known_here_is_left_to_somebody_newer(tmp_path: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(NewerOrderError):
        bound(job(pages=pages(tmp_path), **asked), tmp_path)


def test_a_database_that_is_away_does_not_hear_how_far_it_is_and_that_is_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away(Kept):
        async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[Any]:
            if "note_binding" in sql:
                self.told.append("noted")
                raise DatabaseUnreachableError("away")
            return await super().rows(sql, params)

    monkeypatch.setattr("myjoe_worker.exporting.TELL_SECONDS", 0.001)
    told = bound(job(kind="print", print={**PRINT, "printer": "home"}, pages=pages(tmp_path)), tmp_path, Killable(), Away())[0]
    assert "noted" in told and told[-1]["told"].obj["ready"]


@pytest.mark.parametrize("kind", ["zip", "book"])
def test_what_an_older_database_asks_for_is_told_in_its_own_words(tmp_path: Path, kind: str) -> None:
    class Older(Kept):
        async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[Any]:
            assert "finish_export" in sql, "an older database knows no other"
            return await super().rows(sql, params)

    assert len(bound(job(kind=kind, title="Owls", pages=pages(tmp_path)), tmp_path, kept=Older())[0]) == 1


def test_what_a_killed_worker_left_is_removed_and_what_another_works_in_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    for name, age in (("myjoe-export-left", 3 * 3600), ("myjoe-export-used", 3000), ("somebody-else", 10**6)):
        (tmp_path / "tmp" / name).mkdir(parents=True)
        (tmp_path / "tmp" / name / "book.pdf").write_bytes(b"%PDF")
        os.utime(tmp_path / "tmp" / name, (time.time() - age,) * 2)
    bound(job(kind="zip", pages=pages(tmp_path)), tmp_path)
    assert sorted(path.name for path in (tmp_path / "tmp").iterdir()) == ["myjoe-export-used", "somebody-else"]


def test_a_page_that_is_damaged_is_tried_again(tmp_path: Path) -> None:
    order = job(kind="book", pages=pages(tmp_path))
    (tmp_path / "u/2/1/page.pdf").write_bytes(b"%PDF-1.4 half")
    with pytest.raises(ImageRefusedError, match="02"):
        bound(order, tmp_path)


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


def test_kinds_of_files_that_are_not_known_here_are_passed_over_and_one_that_is_missing_is_left_to_somebody_newer(tmp_path: Path) -> None:
    made = pages(tmp_path)
    for page in made:
        page["files"] |= {"webp": "a.webp", "film": {"key": "a.mp4", "seconds": 3}, "none": None}
    kept, _ = bound(job(kind="zip", pages=made), tmp_path)
    assert kept
    del made[0]["files"]["pdf"]
    with pytest.raises(NewerOrderError, match="page 1 has no pdf"):
        bound(job(kind="book", pages=made), tmp_path)


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
