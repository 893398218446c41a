"""`finish_many()`: many drawings over any executor, results as they come; what is done already is
not done again.

A page is one task: a function of plain values that can be pickled, so that processes, threads,
Dask's executor and MPI's all run it. Tasks read and write files; only a page's report comes back.
What was done stands in a journal in the output folder (`journal.py`), with digests of the input and
of all that was asked for.
"""
from __future__ import annotations

import os
from functools import partial
from hashlib import blake2b  # noqa: TID253  # a batch is not the fast path

from linefinish import __version__
from linefinish.batch.journal import Journal
from linefinish.batch.workers import Failed, Lost, outcomes
from linefinish.checks import keywords, shown
from linefinish.delivering import Order, Target, check_order, check_targets, deliver, format_of
from linefinish.errors import ImageReadError, LinefinishError, OptionsError, WriteError
from linefinish.options import FinishOptions
from linefinish.records import fields, record, replace
from linefinish.writers import temporary_stem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from concurrent.futures import Executor
    from typing import Any

# What a folder is searched for. A file that is named itself is tried whatever its suffix.
SUFFIXES = frozenset((
    ".png", ".jpg", ".jpeg", ".jpe", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".pbm", ".pgm", ".ppm", ".pnm", ".pam",
))  # fmt: skip
# Our own pictures of a drawing before and after, which are no drawings.
COMPARISON_SUFFIX = ".compare.png"

DONE, KEPT, FAILED = "done", "kept", "failed"


@record(eq=True)
class Task:
    """One input and its outputs, by their full paths; of a TIFF of several pages one page, from 1
    on.
    """

    source: str
    targets: tuple[Target, ...]
    frame: int | None = None

    @property
    def name(self) -> str:
        """The input's path, and its page where it has several: what results and the journal call
        it.
        """
        return self.source if self.frame is None else f"{self.source} page {self.frame}"


@record(eq=True)
class PageResult:
    """What became of a page, `source` being its `Task.name`: `status` is "done", "kept" (it was
    done before) or "failed"; `error` says why it failed.

    `report` is the mapping of its `FinishReport`, or None if it failed.
    """

    source: str
    outputs: tuple[str, ...]
    status: str
    report: dict[str, Any] | None = None
    error: str | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Names and values in order, ready for JSON."""
        return {name: getattr(self, name) for name in fields(self)}


@keywords
def finish_many(
    paths: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    options: FinishOptions | Order | None = None,
    formats: Iterable[str] = ("svg",),
    *,
    executor: Executor | None = None,
    jobs: int | None = None,
    recursive: bool = False,
    force: bool = False,
) -> Generator[PageResult, None, None]:
    """Finish many drawings into the folder `out`, and yield a `PageResult` for each as it is done,
    in no fixed order.

    paths     files, and folders whose images are taken, in folders below them too if `recursive`
    options   for all pages; an `Order` has page sizes and lengths in physical units beside them
    executor  any concurrent.futures.Executor; it is not shut down here. Its workers must see the
    same files.
    jobs      without an executor: processes of our own; None for one a CPU, 1 for none
    force     do pages again that were done before with the same content, options and version

    A page that fails is a result with status "failed", and the others go on. Closing the iterator
    stops the work: pages in work are given up, and no file is left half written. Raises
    OptionsError for options that cannot be, WriteError if `out` cannot be written.
    """
    order = Order.of(options)
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 0):
        raise OptionsError(f"jobs is {shown(jobs)}; it takes a whole number, or None for one a CPU")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise OptionsError(f"executor is {shown(executor)}; it takes a concurrent.futures.Executor")
    if isinstance(formats, str):
        formats = (formats,)
    try:
        sources, out, formats = [os.fsdecode(path) for path in paths], os.path.abspath(os.fsdecode(out)), tuple(formats)
    except TypeError as error:
        raise OptionsError(f"paths, out and formats take file names, a folder's and formats' names: {error}") from None
    tasks = plan(sources, out, formats, recursive=recursive)
    check_order(tasks[0].targets if tasks else (), order)
    return run(tasks, out, order, executor=executor, jobs=jobs or cpu_count(), force=force)


def run(
    tasks: list[Task], out: str, order: Order, *, executor: Executor | None, jobs: int, force: bool = False
) -> Generator[PageResult, None, None]:
    """The results of planned tasks: first those that are kept, then the others as they are done,
    each journalled before it is told.
    """
    try:
        os.makedirs(out, exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a NUL in its name
        raise WriteError(f"the folder {out} cannot be made: {(getattr(error, 'strerror', None) or str(error)).lower()}") from error
    journal = Journal(out)
    found: Any = None
    try:
        _remove_leftovers(tasks)
        waiting = []
        for task in tasks:
            entry = journal.pages.get(task.name)
            if entry and not force and _is_done(task, entry, _wanted(task, out, order), out):
                yield PageResult(task.name, _paths(task), KEPT, entry["report"])
            else:
                waiting.append(task)
        # Dask takes equal calls for one and gives the old result; a run's own name makes them
        # differ.
        work = partial(finish_task, order=order, run_name=os.urandom(8).hex())
        found = outcomes(work, waiting, executor=executor, jobs=jobs)
        for task, outcome in found:
            if isinstance(outcome, Lost):
                outcome = {"error": f"{task.name}: its worker was killed each time (out of memory?)" if executor is None else
                           f"{task.name}: its worker was killed, and the executor is broken"}  # fmt: skip
            elif isinstance(outcome, Failed):
                outcome = {"error": f"{task.name}: {type(outcome.error).__name__}: {outcome.error}"}
            if "error" in outcome:
                yield PageResult(task.name, _paths(task), FAILED, None, outcome["error"])
                continue
            sizes = {os.path.relpath(path, out): _size_of(path) for path in _paths(task)}
            journal.add({"input": task.name, "wanted": _wanted(task, out, order), "outputs": sizes, **outcome})
            yield PageResult(task.name, _paths(task), DONE, outcome["report"])
    finally:
        try:
            if found is not None:
                found.close()  # the workers are gone
                if executor is None:  # of another's we do not know whether they are
                    _remove_leftovers(tasks)
        finally:
            journal.close()


# --- which pages
# ------------------------------------------------------------

def plan(sources: list[str], out: str, formats: tuple[str, ...], *, recursive: bool = False) -> list[Task]:
    """Every input, and where its results go. OptionsError if two inputs would become one file, or
    an output an input.
    """
    for name in formats:
        if not isinstance(name, str):
            raise OptionsError(f"formats holds {shown(name)}; it takes names of formats")
        format_of(Target(f"drawing.{name}", name))
    stems: dict[str, str] = {}  # input → its name below `out`, without suffix
    for source in map(os.path.abspath, sources):
        if os.path.isdir(source):
            found = list(_images(source, out, recursive))
            if not found:
                raise ImageReadError(f"{source} holds no images{'' if recursive else ' (--recursive looks into its folders)'}")
            stems.update((path, os.path.splitext(os.path.relpath(path, source))[0]) for path in found)
        else:
            stems[source] = os.path.splitext(os.path.basename(source))[0]
    sharing: dict[str, int] = {}
    for stem in stems.values():
        sharing[stem] = sharing.get(stem, 0) + 1
    tasks, taken = [], dict[str, str]()
    for source, stem in stems.items():
        # page.png and page.jpg keep their suffix: page.png.svg, page.jpg.svg
        name = stem + os.path.splitext(source)[1] if sharing[stem] > 1 else stem
        other = taken.setdefault(name, source)
        if other != source:
            raise OptionsError(f"{other} and {source} would both become {os.path.join(out, name)}.{formats[0]}; do them in two batches")
        for frame, page in _pages(source, name):
            targets = tuple(Target(os.path.join(out, f"{page}.{suffix}"), suffix) for suffix in formats)
            for target in targets:
                if target.path in stems:
                    raise OptionsError(
                        f"{target.path} is an input, and the result of {source} would overwrite it; give another folder with -o"
                    )
            if page != name and taken.setdefault(page, source) != source or page != name and page in stems.values():
                raise OptionsError(f"page {frame} of {source} and another input would both become {page}; do them in two batches")
            tasks.append(Task(source, targets, frame))
    return tasks


def _pages(source: str, name: str) -> list[tuple[int | None, str]]:
    """The pages of an input, each with its name below the output folder: all of a TIFF's."""
    if not source.lower().endswith((".tif", ".tiff")):
        return [(None, name)]
    from linefinish.readers.pillow import page_count

    count = page_count(source)
    if count == 1:
        return [(None, name)]
    return [(page, f"{name}-{page:0{len(str(count))}}") for page in range(1, count + 1)]


def left_out(sources: list[str], *, recursive: bool = False) -> list[str]:
    """Files in the folders among the sources that a batch passes over: our own comparisons, and
    what is no picture that we read.
    """
    found: list[str] = []
    for source in sources:
        if os.path.isdir(source):
            for folder, below, names in os.walk(source):
                below[:] = sorted(name for name in below if recursive and not name.startswith("."))
                found += [os.path.join(folder, name) for name in sorted(names) if not name.startswith(".") and not _is_image(name)]
    return found


def _is_image(name: str) -> bool:
    lower = name.lower()
    return os.path.splitext(lower)[1] in SUFFIXES and not lower.endswith(COMPARISON_SUFFIX)


def _images(folder: str, out: str, recursive: bool) -> Iterator[str]:
    """The images of a folder in order of their names, those of its folders after them; never what a
    batch has written.
    """
    below = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                below.append(entry.path)
            elif _is_image(entry.name):
                yield entry.path
    if recursive:
        for path in below:
            if not (os.path.exists(out) and os.path.samefile(path, out)):
                yield from _images(path, out, recursive)


def _paths(task: Task) -> tuple[str, ...]:
    return tuple(target.path for target in task.targets)


def cpu_count() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# --- one page
# ------------------------------------------------------------

def finish_task(task: Task, order: Order, run_name: str) -> dict[str, Any]:
    """What a worker runs: finish one page and write its files. Returns the report and what the
    input was, or the error's sentence.
    """
    try:
        for path in _paths(task):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        check_targets(task.source, task.targets)
        # Before the page is read: if it changes meanwhile, the next run sees that and does it
        # again.
        about = _about(task.source) if os.path.isfile(task.source) else {}  # deliver() says what is wrong with it
        if task.frame is not None:
            order = replace(order, options={**(order.options or {}), "frame": task.frame})
        report = deliver(task.source, task.targets, order)
        return {**about, "report": report.to_mapping()}
    except LinefinishError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": f"{task.source}: there is not enough memory for this image"}
    except OSError as error:
        return {"error": f"{task.source}: {(error.strerror or str(error)).lower()}"}


# --- what is done already
# ------------------------------------------------------------

def _wanted(task: Task, out: str, order: Order) -> str:
    """Digest of all that the results depend on but the input's content."""
    parts = [__version__, repr(order), *(f"{os.path.relpath(target.path, out)} {target.format}" for target in task.targets)]
    return blake2b(os.fsencode("\n".join(parts)), digest_size=16).hexdigest()


def _about(path: str) -> dict[str, Any]:
    """An input's size, time and content."""
    digest = blake2b(digest_size=16)
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "content": digest.hexdigest()}


def _is_done(task: Task, entry: dict[str, Any], wanted: str, out: str) -> bool:
    """Whether the input is as it was, the same was asked for, and its files are still there as they
    were written.
    """
    if entry["wanted"] != wanted or any(_size_of(os.path.join(out, name)) != size for name, size in entry["outputs"].items()):
        return False
    try:
        status = os.stat(task.source)
        if status.st_size != entry.get("size"):
            return False
        # A new time alone (a copy, a fresh checkout) is no change; the bytes decide.
        return bool(status.st_mtime_ns == entry["mtime_ns"] or _about(task.source)["content"] == entry["content"])
    except OSError:
        return False


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return -1


def _remove_leftovers(tasks: list[Task]) -> None:
    """Delete the hidden, unfinished files that a killed batch left beside its outputs. (Nobody else
    writes here: the journal is locked.)
    """
    names: dict[str, set[str]] = {}
    for task in tasks:
        for path in _paths(task):
            folder, name = os.path.split(path)
            names.setdefault(folder, set()).add(temporary_stem(name))
    for folder, expected in names.items():
        if os.path.isdir(folder):
            for name in os.listdir(folder):
                # .NAME.<random>.part, as writers.replace_file calls them
                if name.endswith(".part") and name.startswith(".") and name[1:].rsplit(".", 2)[0] in expected:
                    os.unlink(os.path.join(folder, name))
