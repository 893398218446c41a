"""`myjoe demo`: a book of eight pages on a fresh machine, through everything that a real one
passes.

The database is the embedded one, the artist is the sketcher, the storage is a folder; governor,
queue, leases, worker, judge, finisher and ledger are those of production. Nothing leaves the
machine.
"""
from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID, uuid4

import linefinish
from myjoe import telemetry
from myjoe.costs.booking import Costs
from myjoe.database import embedded
from myjoe.database.connection import RetryingConnection
from myjoe.errors import RequestError
from myjoe.formatting import credits, dollars, short
from myjoe.operating.operator import Operator, Row
from myjoe.ordering.page_order import PageOrder
from myjoe.ordering.planner import BookOrder, Planner
from myjoe.providers.protocol import BookPlan, Meter
from myjoe_cli.storyboard import SEED, STORYBOARD, TITLE
from myjoe_worker import binding
from myjoe_worker.assembling import run_worker
from myjoe_worker.settings import WorkerSettings

# What the user of the demo is given.
CREDITS = 40
# Who it is by, and what its last page says: with that, eight drawings make KDP's least of 24 pages.
AUTHOR, END = "My Joe", "Thank you for colouring."
# The margin that pages have on their paper, in points.
MARGIN_PT = 72 * PageOrder.model_fields["margin_in"].default


def run(home: Path, folder: Path, pages: int, out: TextIO) -> None:
    """Make the book into `folder`, and tell `out` about it. Raises a MyJoeError if a page is
    missing in the end.
    """
    tell = _Teller(out)
    tell.line("A colouring book, on this machine alone: no account, no key, no network.\n")
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with embedded.running(home / "database") as url, (folder / "worker.log").open("w") as log:
        tell.about("database", f"PostgreSQL in {home / 'database'}, up after {time.monotonic() - began:.1f} s")
        settings = WorkerSettings(
            home=home, storage_folder=home / "pages", concurrency_per_user=WorkerSettings.concurrency
        ).with_database(url)
        telemetry.start(replace(settings, log="text"), log)
        _make(settings, folder, pages, tell)
        tell.about("log", str(folder / "worker.log"))


def _make(settings: WorkerSettings, folder: Path, pages: int, tell: _Teller) -> None:
    url = settings.database_url.reveal()
    user, project = embedded.new_user(url, f"demo-{uuid4().hex[:8]}@example.com", CREDITS)
    tell.about("user", f"a new one on the plan Max, with {CREDITS} credits")

    run_id = asyncio.run(_order(settings, user, project, pages, tell))
    began = time.monotonic()
    with tell.progress(run_id, pages):
        asyncio.run(run_worker(settings, once=True))
    seconds = time.monotonic() - began

    made, rows, account = asyncio.run(_found(url, run_id, user))
    done = [row for row in rows if row["state"] == "completed"]
    if not done:
        raise RequestError(f"no page was made: {folder / 'worker.log'} says why")
    tell.about("pages", f"{len(done)} of {pages} in {seconds:.1f} s, each of them proved to be 1-bit at 300 dpi")
    files = _collect(done, settings.storage_folder, folder)
    linefinish.bind_pages(files, folder / "book.pdf")
    printed = _bind(files, done, folder / "for-the-printer")
    _tell_money(tell, made, account)
    tell.line("")
    tell.about("look at", str(folder / "book.pdf"))
    tell.about("sell", printed)
    tell.about("pages", f"{folder / '01-…'}, each as SVG, PDF and PNG")
    tell.about("the web", "myjoe studio: describe a book in the browser, and watch it come")
    tell.about("more", f"myjoe run {short(run_id)} · myjoe jobs · myjoe worker run · myjoe --help")
    if len(done) < pages:
        raise RequestError(f"{pages - len(done)} of {pages} pages were not made: {folder / 'worker.log'} says why")


async def _order(settings: WorkerSettings, user: UUID, project: UUID, pages: int, tell: _Teller) -> UUID:
    async with RetryingConnection(settings.database_url.reveal(), name="myjoe demo") as connection:
        planner = Planner(connection, {"sketch": _Storyboard()}, Costs(connection), offline=True)
        book = BookOrder("Small wonders of house, garden and sky", pages, extra={"seed": SEED})
        quote = await planner.quote(user, project, book)
        tell.about("quote", f"{pages} pages for {credits(quote['credits_half'])} credits; with the real providers they would cost us "
                            f"{dollars(quote['cogs_worst_micro_usd'])} at worst")  # fmt: skip
        answer = await planner.order_book(user, project, f"demo-{uuid4()}", book)
        tell.about("order", f"accepted as run {short(answer['run_id'])}; {credits(answer['balance_half'])} credits are left\n")
        return UUID(answer["run_id"])


async def _found(url: str, run_id: UUID, user: UUID) -> tuple[Row, list[Row], Row]:
    """What became of the run: the run, its pages, and its user's account."""
    async with RetryingConnection(url, name="myjoe demo") as connection:
        operator = Operator(connection)
        return *await operator.run(str(run_id)), await operator.account(user)


class _Storyboard:
    """A brain whose book is planned already."""

    async def plan(self, description: str, audience: str, pages: int, model: str, meter: Meter) -> BookPlan:
        return BookPlan(TITLE, "", STORYBOARD[:pages])


def _bind(files: Sequence[Path], done: Sequence[Row], folder: Path) -> str:
    """Interior, cover and what stands beside them, for KDP where the pages are enough for it; in a
    sentence, what became of it.
    """
    pages = [
        {"file": str(path.absolute()), "name": path.stem, "page": row["page"], "title": row["title"], "margin_pt": MARGIN_PT,
         "provider": "sketch", "model": "sketch", "edited": False}
        for path, row in zip(files, done, strict=True)
    ]  # fmt: skip
    wanted = {"printer": "kdp", "trim": "8.5x11", "bleed": False, "single_sided": True, "title": TITLE, "author": AUTHOR, "end": END}
    with tempfile.TemporaryDirectory(prefix="myjoe-demo-") as name:
        made = binding.bind(name, pages, wanted)
        folder.mkdir(parents=True, exist_ok=True)
        for one in made["files"]:
            shutil.copyfile(Path(name) / "out" / one, folder / one)
    if made["told"]["ready"]:
        return f"{folder}: interior and cover for Amazon KDP, of whose check nothing failed"
    return f"nothing to KDP yet: {made['told']['findings'][0]['text']}"


def _collect(done: Sequence[Row], storage: Path, folder: Path) -> list[Path]:
    """Copy each page's files out of the storage, under names that a person would give; the PDFs."""
    pages = []
    for row in done:
        name = f"{row['page']:02}-{'-'.join(row['title'].lower().split())}"
        for kind in ("svg", "pdf", "png"):
            shutil.copyfile(storage / row["files"][kind], folder / f"{name}.{kind}")
        pages.append(folder / f"{name}.pdf")
    return pages


def _tell_money(tell: _Teller, run: Row, account: Row) -> None:
    adds_up = account["given_half"] - account["burned_half"] + account["refunded_half"] == account["balance_half"] == account["ledger_half"]
    tell.about(
        "credits",
        f"{credits(account['given_half'])} before, {credits(account['burned_half'])} spent, {credits(account['refunded_half'])} refunded, "
        f"{credits(account['balance_half'])} now; the ledger {'adds up' if adds_up else 'DOES NOT ADD UP'}",
    )
    tell.about("costs", f"{dollars(run['cost_micro_usd'])}: the sketcher draws for nothing")


@dataclass
class _Teller:
    """Tells a person what happens, as it happens."""

    out: TextIO

    def line(self, text: str) -> None:
        print(text, file=self.out, flush=True)

    def about(self, what: str, text: str) -> None:
        self.line(f"{what:10}{text}")

    @contextmanager
    def progress(self, run_id: UUID, pages: int) -> Iterator[None]:
        """A line for each page of the run as it is done, and at a terminal one below them that
        moves.
        """
        end = telemetry.subscribe(_Progress(self, run_id, pages, self.out.isatty()))
        try:
            yield
        finally:
            end()
            self.line("")


class _Progress:
    """Follows the pages of a run by the worker's events."""

    STEPS: Mapping[str, str] = {"job.started": "drawing", "page.judged": "finishing", "page.finished": "storing"}

    def __init__(self, tell: _Teller, run_id: UUID, pages: int, moving: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._run_id, self._pages, self._moving, self._clock = tell, run_id, pages, moving, clock
        self._began = clock()
        self._steps: dict[str, str] = {}
        self._page_of: dict[str, int] = {}
        self._done = 0

    def __call__(self, event: str, fields: Mapping[str, Any]) -> None:
        if fields.get("run") != self._run_id:
            return  # what else was in line is worked on as well
        job = str(fields.get("job"))
        if "page" in fields:
            self._page_of[job] = fields["page"]
        if event in self.STEPS:
            self._steps[job] = self.STEPS[event]
        elif event == "job.completed":
            self._done += 1
            self._steps.pop(job, None)
            page = self._page_of[job]
            self._line(f"  page {page}  {STORYBOARD[page - 1].title:28}{fields['seconds']:5.1f} s")
        elif event in ("job.retried", "job.failed"):
            self._steps.pop(job, None)
            self._line(f"  page {self._page_of.get(job, '?')}  {fields['error']}")
        if self._moving:
            under_way = ", ".join(f"page {self._page_of[job]} {step}" for job, step in self._steps.items() if job in self._page_of)
            moving = f"  {self._done} of {self._pages} done, {self._clock() - self._began:.0f} s{' · ' if under_way else ''}{under_way}"
            self._tell.out.write(f"\r\x1b[2K{moving[:100]}\r")
            self._tell.out.flush()

    def _line(self, text: str) -> None:
        self._tell.line(("\r\x1b[2K" if self._moving else "") + text)
