"""`linefinish batch`: `finish_many()` with a progress bar, a report, and manners when it is
stopped.
"""
from __future__ import annotations

import os
import sys
from time import monotonic

from linefinish.batch import finish_many as batch
from linefinish.batch.finish_many import DONE, FAILED, KEPT, PageResult
from linefinish.batch.report import REPORT_NAME, write_report
from linefinish.command import say
from linefinish.command.arguments import Command, Flag, UsageError, count, words
from linefinish.command.flags import CLEAN, CURVES, INK, LIMITS, NOTES, PAGE, SHEET, STROKES, TALK, order_of
from linefinish.command.progress import Bar
from linefinish.delivering import check_order
from linefinish.errors import LinefinishError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from typing import Any

    from linefinish.delivering import Order

# Seconds to wait for the scheduler's first answer. Longer: a wrong address keeps a person waiting;
# shorter: a busy scheduler is missed.
_SCHEDULER_SECONDS = 10
# Names of files that were left out which are told.
_SHOWN = 5


COMMAND = Command(
    "linefinish batch",
    ("linefinish batch SOURCE… -o FOLDER [options]",),
    "Finishes many drawings: files, and the images in folders. A second run does only what is missing or has changed. A page that "
    "fails is reported and does not stop the others. FOLDER/report.json tells it all. Exit code: 0 all fine, 1 a page failed, 2 a wrong "
    "command line.",
    (
        ("result", (
            Flag(("--output", "-o"), "folder for the results; made if need be", "FOLDER"),
            Flag(("--format", "-f"), "formats between commas, a file of each for every page [svg]", "NAMES", words),
            Flag(("--recursive", "-R"), "folders inside folders too"),
            Flag(("--force",), "do everything again"),
        )),
        ("workers", (
            Flag(("--jobs", "-j"), "pages at a time, each in a process of its own [one a CPU]", "N", count),
            Flag(("--scheduler",), "address of a Dask cluster that works for us, as in tcp://host:8786; it must see the same files "
                 "(pip install 'linefinish[dask]')", "ADDRESS"),
        )),
        ("size and page", PAGE),
        ("sheet of paper", SHEET),
        ("ink or paper", INK),
        ("clean-up (what changes the drawing is off unless asked for)", CLEAN),
        ("curves", CURVES),
        ("centre lines", STROKES),
        ("limits", LIMITS),
        ("messages", TALK),
    ),
    (
        ("linefinish batch pages/ -o done/", "an SVG of every page"),
        ("linefinish batch pages/ -o done/ --format svg,png --jobs 2", "two files each, two pages at a time"),
        ("linefinish batch a.png more/*.jpg -o done/ -f pdf --page a4", "files from anywhere"),
    ),
    NOTES,
)  # fmt: skip


def run(values: dict[str, Any], sources: list[str]) -> int:
    """Finish the drawings. Exit code 0 if all are fine, 1 if a page failed."""
    if not sources:
        raise UsageError("which drawings? linefinish batch SOURCE… -o FOLDER")
    if "output" not in values:
        raise UsageError("where to? add -o FOLDER")
    return run_batch(
        sources, values["output"], order_of(values), tuple(values.get("format") or ["svg"]),
        jobs=values.get("jobs") or batch.cpu_count(), scheduler=values.get("scheduler"), recursive=bool(values.get("recursive")),
        force=bool(values.get("force")), quiet=bool(values.get("quiet")),
    )  # fmt: skip


def run_batch(
    sources: list[str], out: str, order: Order, formats: tuple[str, ...], *, jobs: int, scheduler: str | None, recursive: bool,
    force: bool, quiet: bool,
) -> int:  # fmt: skip
    """Finish the pages, tell of them, write `out`/report.json; 0 if all are fine, 1
    if one failed.
    """
    tasks = batch.plan(sources, os.path.abspath(out), formats, recursive=recursive)
    check_order(tasks[0].targets if tasks else (), order)
    ours = {os.path.join(os.path.abspath(out), REPORT_NAME), *(target.path for task in tasks for target in task.targets)}
    others = [path for path in batch.left_out(sources, recursive=recursive) if os.path.abspath(path) not in ours]
    results: dict[str, PageResult] = {}
    begun = monotonic()
    executor, close = _dask(scheduler) if scheduler else (None, None)
    bar = Bar(len(tasks), quiet=quiet)
    pages = batch.run(tasks, os.path.abspath(out), order, executor=executor, jobs=jobs, force=force)
    try:
        for result in pages:
            results[result.source] = result
            bar.advance(_line(result), loud=result.status == FAILED or bool(result.report and result.report["warnings"]))
    except (KeyboardInterrupt, SystemExit):
        bar.close()
        if not quiet:
            say(f"linefinish: stopped after {len(results)} of {len(tasks)} pages; the same command goes on from there", sys.stderr)
        raise
    finally:
        pages.close()
        bar.close()
        if close:
            close()
        if results:
            write_report([results[task.name] for task in tasks if task.name in results], len(tasks), out)
    counted = {status: sum(result.status == status for result in results.values()) for status in (DONE, KEPT, FAILED)}
    if others and not quiet:
        say(f"left out {_listed(others)}: no pictures that linefinish reads, or its own comparisons", sys.stderr)
    if not quiet:
        told = ", ".join(f"{count} {words}" for count, words in (
            (counted[DONE], "done"), (counted[KEPT], "already done"), (counted[FAILED], "failed")) if count)  # fmt: skip
        warned = sum(bool(result.report and result.report.get("warnings")) for result in results.values())
        told += f"; {warned} to look at, with warnings" if warned else ""
        seconds, report = monotonic() - begun, os.path.join(out, REPORT_NAME)
        say(f"{len(tasks)} page{'s' * (len(tasks) != 1)}: {told}, in {seconds:.1f} s → {out} (all figures in {report})", sys.stdout)
    return 1 if counted[FAILED] else 0


def _listed(paths: list[str]) -> str:
    """Some file names, and how many more there are."""
    shown = ", ".join(os.path.basename(path) for path in paths[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"


def _line(result: PageResult) -> str:
    """What became of a page; nothing of one that was done before."""
    name = os.path.basename(result.source)
    if result.status == FAILED:
        return f"linefinish: {result.error}"
    if result.status == KEPT:
        return ""
    report = result.report or {}
    warning = "".join(f"; warning: {warning}" for warning in report["warnings"])
    return f"{name}: {report['segment_count']:,} segments in {sum(report['seconds'].values()):.2f} s{warning}"


def _dask(address: str) -> tuple[Executor, Callable[[], None]]:
    """A Dask cluster as an executor, and how to take leave of it."""
    try:
        import distributed
    except ImportError:
        raise LinefinishError("--scheduler needs Dask: pip install 'linefinish[dask]'") from None
    connect: Any = distributed.Client  # untyped
    try:
        client = connect(address, timeout=_SCHEDULER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise LinefinishError(f"no Dask scheduler answers at {address}: {error}") from error
    return client.get_executor(), client.close
