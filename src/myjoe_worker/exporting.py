"""`bind_export()`: a run's pages put together, as a book to print or as a ZIP of all files.

payload → fetch → bind → store → finish. What is stored under one attempt's name is nobody's before
`finish_export` says where it lies, so a worker that dies leaves nothing half.
"""
from __future__ import annotations

import asyncio
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from myjoe import telemetry
from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import JobArgsError, LeaseLostError, NewerOrderError
from myjoe.ordering.page_order import UNKNOWN
from myjoe.storage.protocol import Storage
from myjoe_worker import binding
from myjoe_worker.customers import Customers
from myjoe_worker.job import Job
from myjoe_worker.page_pipeline import Held

SQL = statements("myjoe_worker")
# What is in a ZIP, by the names of its folders.
KINDS = ("svg", "png", "pdf")
# A file's time in a ZIP, which knows none before: the same pages give the same file.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# Characters of a file's name, beside its number and ending.
NAME_CHARS_MAX = 60


class _Page(BaseModel):
    page: int = Field(ge=1)
    title: str | None = None
    files: Mapping[str, str]


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: Literal["zip", "book"]
    pages: list[_Page] = Field(min_length=1)


@dataclass(frozen=True)
class Shelf:
    """Where files lie, and who is told."""

    storage: Storage
    database: Database
    customers: Customers | None = None


async def bind_export(job: Job, lease: Held, shelf: Shelf) -> None:
    """One attempt. Raises the errors of `errors.JobError`."""
    try:
        order = _Order.model_validate(dict(job.payload))
    except ValidationError as error:
        kind = NewerOrderError if {fault["type"] for fault in error.errors()} <= UNKNOWN else JobArgsError
        raise kind(f"the export cannot be made as ordered: {str(error)[:500]}") from error
    with tempfile.TemporaryDirectory(prefix="myjoe-export-") as folder:
        kinds = KINDS if order.kind == "zip" else ("png",)
        found = await _fetched(order.pages, kinds, Path(folder), lease, shelf.storage)
        name, media_type = ("book.pdf", "application/pdf") if order.kind == "book" else ("pages.zip", "application/zip")
        bound = Path(folder) / name
        await asyncio.to_thread(binding.book if order.kind == "book" else _zip, found, bound)
        key = f"{job.user_id}/{job.id}/{job.lease_token}/{name}"
        content = bound.read_bytes()
        await lease.check()
        await shelf.storage.put(key, content, media_type)
    await lease.check()
    values = {"job": job.id, "token": job.lease_token, "file": key, "bytes": len(content)}
    [(kept,)] = await shelf.database.rows(SQL["finish_export"], values)
    if not kept:
        raise LeaseLostError
    telemetry.emit("export.bound", kind=order.kind, pages=len(order.pages), bytes=len(content))


async def _fetched(pages: Sequence[_Page], kinds: Sequence[str], folder: Path, lease: Held, storage: Storage) -> list[Path]:
    """The files of all pages, each in its kind's folder under a name that a person would give."""
    found = []
    for page in pages:
        await lease.check()
        for kind in kinds:
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
