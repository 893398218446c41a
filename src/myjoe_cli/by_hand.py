"""What an operator does at the command line: each command asks an `Operator` at the settings'
database, and prints what it says. What changes something takes a reason, which stays on record.
"""
from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import linefinish
from myjoe.database.connection import RetryingConnection
from myjoe.errors import RequestError
from myjoe.formatting import counted, credits, short, span
from myjoe.operating.operator import Operator, Row
from myjoe.storage.opening import open_storage, whole_address
from myjoe_cli import showing
from myjoe_cli.databases import with_database
from myjoe_worker.settings import WorkerSettings, read_settings

# How wide tables are where there is no terminal to ask.
WIDTH = 160

Found = TypeVar("Found")


# ── what there is to see ──────────────────────────────────────────────────────────────────────────


def jobs(args: argparse.Namespace) -> int:
    """The jobs that changed last, and why they wait."""
    settings = _settings()
    rows = _operated(settings, lambda operator: operator.jobs(args.state, args.user, args.count, settings.concurrency_per_user))
    print(showing.as_json(rows) if args.json else showing.jobs(rows, _width()))
    return 0


def run(args: argparse.Namespace) -> int:
    """One run and its pages, with where their files lie."""
    settings = _settings()
    one, pages = _operated(settings, lambda operator: operator.run(args.id))
    for page in pages:
        page["files"] = {kind: whole_address(settings, key) for kind, key in _known(page["files"])}
    print(showing.as_json({**one, "pages": pages}) if args.json else showing.run(one, pages, _width()))
    return 0


def dead(args: argparse.Namespace) -> int:
    """Jobs that failed for good."""
    rows = _operated(_settings(), lambda operator: operator.dead(requeued_too=args.all))
    print(showing.as_json(rows) if args.json else showing.dead(rows, _width()))
    return 0


def users(args: argparse.Namespace) -> int:
    """Users, with what they have."""
    rows = _operated(_settings(), lambda operator: operator.users(args.part, args.count))
    print(showing.as_json(rows) if args.json else showing.users(rows, _width()))
    return 0


def files(args: argparse.Namespace) -> int:
    """A run's files, whole paths, and what each page cost; with --to they are fetched."""
    settings = _settings(DATABASE if args.to is None else STORAGE)
    one, pages, bound = _operated(settings, lambda operator: operator.files(args.id))
    found = [{"page": page["page"], "title": page["title"], "kind": kind, "key": key, "where": whole_address(settings, key),
              "cost_micro_usd": page["cost_micro_usd"]}
             for page in pages for kind, key in _known(page["files"])]  # fmt: skip
    found += [{"page": None, "title": row["kind"], "kind": row["kind"], "key": row["file"], "where": whole_address(settings, row["file"]),
               "cost_micro_usd": None} for row in bound]  # fmt: skip
    if args.to is not None:
        for path in asyncio.run(_fetched(settings, [(_name(row), row["key"]) for row in found], args.to)):
            print(path)
    else:
        print(showing.as_json(found) if args.json else showing.files(one, pages, found, _width()))
    return 0 if found else 1


def book(args: argparse.Namespace) -> int:
    """The book of a run: the newest picture of each page, as one PDF."""
    settings = _settings(STORAGE)
    one, pages = _operated(settings, lambda operator: operator.pictures(args.id))
    if not pages:
        raise RequestError(f"no page of run {short(one['id'])} is drawn")
    target = args.output or Path(f"book-{short(one['id'])}.pdf")
    with tempfile.TemporaryDirectory(prefix="myjoe-book-") as folder:
        keys = [(f"{row['page']:04}.pdf", key) for row in pages for kind, key in _known(row["files"]) if kind == "pdf"]
        drawings = asyncio.run(_fetched(settings, keys, Path(folder)))
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            linefinish.bind_pages(drawings, target)
        except linefinish.LinefinishError as error:
            raise RequestError(f"the book cannot be bound: {error}") from error
    missing = one["page_count"] - len(pages)
    if missing:
        whole = f"of {one['page_count']:,} pages"
        showing.complain(f"{counted(missing, f'{whole} is', f'{whole} are')} not drawn, and left out")
    print(target.absolute())
    return 0


# ── what is done ──────────────────────────────────────────────────────────────────────────────────


def requeue(args: argparse.Namespace) -> int:
    """Try dead jobs once more: one, those of a run, or those of a filter."""
    if not (args.id or args.kind or args.user or args.all):
        raise RequestError("which? Give the id of a job or of a run, --kind, --user, or --all")
    done, refused = _operated(_settings(), lambda operator: operator.requeue(args.id, args.reason, kind=args.kind, user=args.user))
    if len(done) == 1 and not refused:
        print(f"Job {done[0][1]} takes its place.")
    elif done:
        print(f"{len(done)} dead jobs are tried again.")
    for job, sentence in refused:
        showing.complain(sentence if not done and len(refused) == 1 else f"{short(job)}: {sentence}")
    return 1 if refused else 0


def cancel(args: argparse.Namespace) -> int:
    """Stop a run, or one job of it."""
    cancelled, requested = _operated(_settings(), lambda operator: operator.cancel(args.id))
    print(f"{cancelled} cancelled and refunded, {requested} under way and asked to stop.")
    return 0


def release(args: argparse.Namespace) -> int:
    """Give back what a dead worker holds."""
    name, count, seconds = _operated(_settings(), lambda operator: operator.release(args.worker, args.reason))
    print(f"{counted(count, f'job of {name} waits', f'jobs of {name} wait')} again; "
          f"nothing was heard of it for {span(seconds)}.")  # fmt: skip
    return 0


def user_credits(args: argparse.Namespace) -> int:
    """A user's credits and the last rows of the ledger, or credits given or taken by hand."""
    half = (args.give or 0) - (args.take or 0)
    if not half:
        account, rows = _operated(_settings(), lambda operator: operator.ledger(args.user))
        print(showing.as_json({**account, "ledger": rows}) if args.json else showing.ledger(account, rows, _width()))
        return 0
    if not args.reason:
        raise RequestError("a reason is kept with what is done by hand: give one with --reason")
    booked, account = _operated(_settings(), lambda operator: operator.adjust(args.user, half, args.reason, args.request))
    if args.json:
        print(showing.as_json({**account, "booked": booked}))
    else:
        said = f"{credits(abs(half))} credits {'given' if half > 0 else 'taken'}" if booked else "This request was booked before"
        print(f"{said}; {account['email']} has {credits(account['balance_half'])} now.")
    return 0


def switch(args: argparse.Namespace) -> int:
    """Operations and how they are switched, or one of them switched."""
    if args.operation is None:
        rows = _operated(_settings(), lambda operator: operator.operations())
        print(showing.as_json(rows) if args.json else showing.operations(rows, _width()))
        return 0
    if args.to is None or not args.reason:
        raise RequestError("say how, and why: myjoe switch OPERATION on|off|first|fallback --reason REASON")
    row = _operated(_settings(), lambda operator: operator.switch(args.operation, args.to, args.reason))
    print(f"{row['operation']} is {showing.switched(row)}.")
    return 0


# ── at which database, from which storage ─────────────────────────────────────────────────────────


# What has to be given for what: an operator's machine need not know the providers' keys.
DATABASE = frozenset({"DATABASE_URL"})
STORAGE = DATABASE | {"MYJOE_STORAGE_FOLDER", "SUPABASE_URL", "SUPABASE_SECRET_KEY", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"}


def _settings(needed: Collection[str] = DATABASE) -> WorkerSettings:
    return with_database(read_settings(os.environ, needed=needed), make=False)


def _operated(settings: WorkerSettings, act: Callable[[Operator], Awaitable[Found]]) -> Found:
    """What an operator finds, or has done, at the settings' database."""
    return asyncio.run(_operating(settings, act))


async def _operating(settings: WorkerSettings, act: Callable[[Operator], Awaitable[Found]]) -> Found:
    async with RetryingConnection(settings.database_url.reveal(), name="myjoe") as connection:
        await connection.open()
        return await act(Operator(connection))


async def _fetched(settings: WorkerSettings, keys: Sequence[tuple[str, str]], folder: Path) -> list[Path]:
    """The files under these names, out of the storage."""
    storage = open_storage(settings)
    try:
        found = []
        for name, key in keys:
            path = folder / name
            content = await storage.get(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            found.append(path)
        return found
    finally:
        await storage.close()


def _known(files: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The files of a page: kind and key. What a newer version keeps otherwise is passed over."""
    return [(kind, key) for kind, key in sorted(files.items()) if isinstance(key, str)]


def _name(row: Row) -> str:
    """How a person would call a file."""
    from myjoe_worker.exporting import file_name

    stored = Path(str(row["key"])).name
    return stored if row["page"] is None else f"{file_name(row['page'], row['title'])}-{stored}"


def _width() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
