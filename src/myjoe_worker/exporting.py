"""`bind_export()`: a run's pages put together, as a ZIP of all files, a plain book, the interior
and the cover that a printer takes, or the pack that a shop takes.

payload → fetch → bind → store → finish. What is stored under one attempt's name is nobody's before
the database is told where it lies, so a worker that dies leaves nothing half. Printers' books and
packs are bound in a child process of their own (`binding.bind`), which ends with the job.
"""
from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import linefinish
from myjoe import telemetry
from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import DatabaseUnreachableError, ImageRefusedError, JobArgsError, LeaseLostError, NewerOrderError
from myjoe.ordering.page_order import UNKNOWN, PageOrder
from myjoe.storage.protocol import Storage
from myjoe_worker import binding
from myjoe_worker.customers import Customers
from myjoe_worker.imaging.processes import ImageProcesses
from myjoe_worker.job import Job
from myjoe_worker.page_pipeline import Held

SQL = statements("myjoe_worker")
# What is in a ZIP, by the names of its folders.
KINDS = ("svg", "png", "pdf")
# A file's time in a ZIP, which knows none before: the same pages give the same file.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# Characters of a file's name, beside its number and ending.
NAME_CHARS_MAX = 60
# How long the child may bind, in seconds. 400 pages take ten, and where all thin lines are made
# wider some four minutes. Larger: a hostile page holds the worker's only place for longer.
BIND_SECONDS_MAX = 1200.0
# How often the database is told how many pages are done, in seconds.
TELL_SECONDS = 1.0
# How a binding's folder is called, and after how many seconds one that is still there is that of a
# worker that was killed. No job runs for half as long.
FOLDER, LEFT_SECONDS = "myjoe-export-", 7200.0
MEDIA_TYPES = {".pdf": "application/pdf", ".png": "image/png", ".zip": "application/zip", ".json": "application/json",
               ".txt": "text/plain"}  # fmt: skip


class _Page(BaseModel):
    """A drawn page. What an older database does not say of it is not known; its margin is the one
    that pages have.
    """

    page: int = Field(ge=1)
    title: str | None = None
    # Kinds that a newer version adds are passed over, whatever stands there.
    files: Mapping[str, Any]
    provider: str | None = None
    model: str | None = None
    edited: bool = False
    margin_in: float = Field(default=PageOrder.model_fields["margin_in"].default, ge=0, le=2)


class _Print(BaseModel):
    """What is asked of a print (private.print_order), or with `shop` of a pack."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    author: str = ""
    shop: Literal["etsy"] = "etsy"
    printer: str = "kdp"
    trim: str = "8.5x11"
    bleed: bool = False
    single_sided: bool = True
    # What the printer's calculator or template says, in inches; "" computes it.
    spine: str = Field(default="", pattern=r"^([0-9]([.][0-9]{1,4})?)?$")
    cover_size: str = Field(default="", pattern=r"^([0-9]{1,2}([.][0-9]{1,4})?x[0-9]{1,2}([.][0-9]{1,4})?)?$")


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: Literal["zip", "book", "print", "shop"]
    pages: list[_Page] = Field(min_length=1)
    print: _Print = _Print()


@dataclass(frozen=True)
class Shelf:
    """Where files lie, and who is told. `room` is for one child that binds; two would only take
    turns.
    """

    storage: Storage
    database: Database
    customers: Customers | None = None
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))


async def bind_export(job: Job, lease: Held, shelf: Shelf) -> None:
    """One attempt. Raises the errors of `errors.JobError`."""
    order = _ordered(job)
    await asyncio.to_thread(_sweep, Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=FOLDER) as name:
        folder = Path(name)
        if order.kind in ("zip", "book"):
            await _bind_one(job, lease, shelf, order, folder)
        else:
            await _bind_print(job, lease, shelf, order, folder)


def _sweep(among: Path) -> None:
    """Remove what workers that were killed have left."""
    for folder in among.glob(f"{FOLDER}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > LEFT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _ordered(job: Job) -> _Order:
    try:
        order = _Order.model_validate(dict(job.payload))
    except ValidationError as error:
        kind = NewerOrderError if {fault["type"] for fault in error.errors()} <= UNKNOWN else JobArgsError
        raise kind(f"the export cannot be made as ordered: {str(error)[:500]}") from error
    if order.kind == "print" and order.print.printer not in linefinish.read_printers():
        raise NewerOrderError(f"there is no printer called {order.print.printer!r} here")
    return order


# ── a ZIP, a plain book ───────────────────────────────────────────────────────────────────────────


async def _bind_one(job: Job, lease: Held, shelf: Shelf, order: _Order, folder: Path) -> None:
    """One file, as every version of the database knows it."""
    found = await _fetched(order.pages, KINDS if order.kind == "zip" else ("pdf",), folder, lease, shelf.storage)
    bound = folder / ("book.pdf" if order.kind == "book" else "pages.zip")
    try:
        await asyncio.to_thread(linefinish.bind_pages if order.kind == "book" else _zip, found, bound)
    except linefinish.ImageReadError as error:
        raise ImageRefusedError(f"a page cannot be bound: {error}") from error
    [(key, size)] = (await _stored(job, lease, shelf, [bound])).values()
    await lease.check()
    await _accepted(shelf, "finish_export", {"job": job.id, "token": job.lease_token, "file": key, "bytes": size})
    telemetry.emit("export.bound", kind=order.kind, pages=len(order.pages), bytes=size, ready=True)


# ── a printer's book, a shop's pack ───────────────────────────────────────────────────────────────


async def _bind_print(job: Job, lease: Held, shelf: Shelf, order: _Order, folder: Path) -> None:
    found = await _fetched(order.pages, ("pdf",), folder, lease, shelf.storage)
    pages = [
        {"file": str(path.relative_to(folder)), "name": path.stem, "page": page.page, "title": page.title or "",
         "margin_pt": 72 * page.margin_in, "provider": page.provider, "model": page.model, "edited": page.edited}
        for page, path in zip(order.pages, found, strict=True)
    ]  # fmt: skip
    others = {"printer", "trim", "bleed", "single_sided", "spine", "cover_size"}
    wanted = order.print.model_dump(exclude={"shop"} if order.kind == "print" else others)
    async with shelf.room, _telling(job, shelf, folder / binding.PROGRESS), ImageProcesses(1, seconds_max=BIND_SECONDS_MAX) as child:
        await lease.check()
        forget = lease.on_stop(child.kill)
        try:
            made: Mapping[str, Any] = await child.run(binding.bind, str(folder), pages, wanted, owner=job.id)
        finally:
            forget()
    stored = await _stored(job, lease, shelf, [folder / "out" / name for name in made["files"]])
    await lease.check()
    files = {name: {"key": key, "bytes": size} for name, (key, size) in stored.items()}
    await _accepted(
        shelf, "finish_binding", {"job": job.id, "token": job.lease_token, "files": Jsonb(files), "told": Jsonb(made["told"])}
    )
    size = sum(size for _, size in stored.values())
    telemetry.emit("export.bound", kind=order.kind, pages=len(order.pages), bytes=size, ready=made["told"]["ready"])


@asynccontextmanager
async def _telling(job: Job, shelf: Shelf, progress: Path) -> AsyncIterator[None]:
    """While the block runs, the database is told how many pages are done. It is a courtesy: a
    database that is away, or a lease that is lost, is noticed elsewhere.
    """
    async def tell() -> None:
        told = 0
        while True:
            await asyncio.sleep(TELL_SECONDS)
            done = progress.stat().st_size if progress.exists() else 0
            if done != told:
                with suppress(DatabaseUnreachableError):
                    await shelf.database.rows(SQL["note_binding"], {"job": job.id, "token": job.lease_token, "done": done})
                    told = done

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


# ── what they share ───────────────────────────────────────────────────────────────────────────────


async def _stored(job: Job, lease: Held, shelf: Shelf, files: Sequence[Path]) -> dict[str, tuple[str, int]]:
    """The files in the storage: key and bytes by name."""
    stored = {}
    for path in files:
        await lease.check()
        content, key = await asyncio.to_thread(path.read_bytes), f"{job.user_id}/{job.id}/{job.lease_token}/{path.name}"
        await shelf.storage.put(key, content, MEDIA_TYPES[path.suffix])
        stored[path.name] = (key, len(content))
    return stored


async def _accepted(shelf: Shelf, statement: str, values: Mapping[str, Any]) -> None:
    [(kept,)] = await shelf.database.rows(SQL[statement], values)
    if not kept:
        raise LeaseLostError


async def _fetched(pages: Sequence[_Page], kinds: Sequence[str], folder: Path, lease: Held, storage: Storage) -> list[Path]:
    """The files of all pages, each in its kind's folder under a name that a person would give.
    NewerOrderError for a page that has not all of these kinds.
    """
    found = []
    for page in pages:
        await lease.check()
        for kind in kinds:
            if not isinstance(page.files.get(kind), str):
                raise NewerOrderError(f"page {page.page} has no {kind} that is known here")
            path = folder / kind / f"{file_name(page.page, page.title)}.{kind}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(await storage.get(page.files[kind]))
            found.append(path)
    return found


def file_name(page: int, title: str | None) -> str:
    """03-the-owl-at-night."""
    words = "-".join(re.findall(r"[a-z0-9]+", (title or "").lower()))[:NAME_CHARS_MAX].strip("-")
    return f"{page:02}-{words}" if words else f"{page:02}"


def _zip(files: Sequence[Path], target: Path) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(files):
            # PNG and PDF are compressed already.
            kind = zipfile.ZIP_DEFLATED if path.suffix == ".svg" else zipfile.ZIP_STORED
            entry = zipfile.ZipInfo(f"{path.parent.name}/{path.name}", ZIP_TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), kind)
