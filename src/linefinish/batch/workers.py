"""Who does the work of a batch: any concurrent.futures executor, or processes of our own that may
be killed.

`outcomes` hands tasks out, a few at a time, and yields each with what its worker returned. A worker
that dies (killed, or out of memory) breaks a process pool, and takes down all tasks that were out.
Each of them is then tried again, alone in a pool, so that who kills a worker is known; the rest
goes on in a new pool.
"""
from __future__ import annotations

import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager

from linefinish.errors import LinefinishError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from concurrent.futures import ProcessPoolExecutor
    from typing import Any

# Tasks handed to a pool of ours, for each worker: one in work and one waiting, so that no worker
# waits for us. More would only be lost together when a worker dies.
_WINDOW_PER_WORKER = 2
# How often a task is tried alone after a worker died that may have had it. Twice: the first time it
# may meet the same bad moment, such as memory that others had taken.
_ATTEMPTS_ALONE = 2
# Tasks handed to a foreign executor, which does not tell how many workers it has. Larger: a stop
# has more to call back; smaller: a cluster of more workers than this starves. A waiting task costs
# 1 kB.
_WINDOW_FOREIGN = 256
# How often the processes of a pool are started, if that fails.
_ATTEMPTS_TO_START = 3
# What the processes of broken pools were given. One that a killed fork server was about to start
# begins a moment later, and would print a traceback if its locks were gone.
_held: list[Any] = []
# What starting a process, or handing it a task, raises where there are none: EOFError and OSError
# if the fork server is gone.
_NO_WORKERS = (RuntimeError, OSError, EOFError)


class Lost:
    """The outcome of a task whose worker died."""


class Failed:
    """The outcome of a task that raised, or that the executor refused."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def outcomes(run: Callable[[Any], Any], tasks: Iterable[Any], *, executor: Executor | None, jobs: int) -> Iterator[tuple[Any, Any]]:
    """Each task with what `run(task)` returned, or with Lost or Failed; as they are done. Closing
    the iterator stops the work.
    """
    if executor is not None:
        waiting = deque(tasks)
        refusal = yield from _over(executor, run, waiting, _WINDOW_FOREIGN, call_back=True)
        for task in waiting:
            yield task, Failed(refusal)
    elif jobs == 1:
        for task in tasks:
            yield task, _attempt(run, task)
    else:
        yield from _over_processes(run, deque(tasks), jobs)


def _attempt(run: Callable[[Any], Any], task: Any) -> Any:
    try:
        return run(task)
    except Exception as error:  # a task's own fault must not end the others
        return Failed(error)


def _over_processes(run: Callable[[Any], Any], tasks: deque[Any], jobs: int) -> Iterator[tuple[Any, Any]]:
    while tasks:
        suspects, waiting = [], len(tasks)
        with _pool(min(jobs, len(tasks))) as executor:
            for task, outcome in _over(executor, run, tasks, _WINDOW_PER_WORKER * jobs):
                if isinstance(outcome, Lost):
                    suspects.append(task)
                else:
                    yield task, outcome
        for suspect in suspects:
            yield suspect, _alone(run, suspect)
        if len(tasks) == waiting:  # not even a new pool takes them: the system gives no processes
            for task in tasks:
                yield task, Failed(RuntimeError("no worker process can be started"))
            return


def _alone(run: Callable[[Any], Any], task: Any) -> Any:
    """The outcome of a task in a pool of its own."""
    for _ in range(_ATTEMPTS_ALONE):
        with _pool(1) as executor:
            for _, outcome in _over(executor, run, deque([task]), 1):
                if not isinstance(outcome, Lost):
                    return outcome
    return Lost()


def _over(
    executor: Executor, run: Callable[[Any], Any], tasks: deque[Any], window: int, *, call_back: bool = False
) -> Generator[tuple[Any, Any], None, BaseException | None]:
    """Take tasks from the left and yield them as they are done. Returns why the executor takes no
    more, if tasks are left.

    Whether tasks that are out are called back when the work is stopped. Those of a pool of ours are
    not: the pool ends with its workers, and before Python 3.13 its own thread died with a traceback
    of a task that was called back while the pool broke.
    """
    out: dict[Future[Any], Any] = {}
    refusal: BaseException | None = None
    try:
        while out or tasks and not refusal:
            while tasks and len(out) < window and not refusal:
                try:
                    out[executor.submit(run, tasks[0])] = tasks[0]
                    tasks.popleft()
                except _NO_WORKERS as error:  # it is broken (BrokenExecutor), shut down, or its fork server is gone
                    refusal = error
            done, _ = wait(out, return_when=FIRST_COMPLETED)
            for future in done:
                task = out.pop(future)
                try:
                    outcome = future.result()
                except BrokenExecutor:
                    outcome = Lost()
                except (Exception, CancelledError) as error:  # whatever a foreign executor says
                    outcome = Failed(error)
                yield task, outcome
    finally:
        for future in out if call_back else ():
            future.cancel()
    return refusal


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that leave when we do: at once if the work is stopped, and also if we are killed
    and cannot tell them.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Not fork: a child of a process with threads may hang. The fork server loads linefinish once
    # for all its children.
    methods = multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(["linefinish.batch.finish_many"])
    executor = _started(lambda: ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin_worker))
    internals: Any = executor
    queues = internals._call_queue, internals._result_queue
    try:
        yield executor
        if internals._broken:
            _held.append(queues)
    except BaseException:  # GeneratorExit: whoever asked for the results has left
        # Python 3.14 has terminate_workers(); before it, the pool's own table is the only way to
        # its processes.
        for process in list((executor._processes or {}).values()):
            process.terminate()
        executor.shutdown(wait=True, cancel_futures=True)
        raise
    executor.shutdown(wait=True)


def _started(make: Callable[[], ProcessPoolExecutor]) -> ProcessPoolExecutor:
    """A pool whose processes are started. A fork server that is killed meanwhile is started anew by
    the next attempt.
    """
    for attempt in range(_ATTEMPTS_TO_START):
        executor = make()
        try:
            with _signals_later():
                executor.submit(int)  # the first task starts the processes
            return executor
        except _NO_WORKERS as error:
            executor.shutdown(wait=False, cancel_futures=True)
            if attempt == _ATTEMPTS_TO_START - 1:
                raise LinefinishError(f"no worker process can be started ({type(error).__name__}); --jobs 1 works without") from error
    raise AssertionError("no attempt was made")


@contextmanager
def _signals_later() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM for ourselves until processes are started, and from these for
    ever.

    A stop in the middle would leave a process that nobody knows of, and Ctrl-C, which a terminal
    sends to all, would make each of them print a traceback: they inherit that the signals are
    blocked.
    """
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """In a worker: leave Ctrl-C to the parent, obey its SIGTERM, and end with it,
    whatever ends it.
    """
    import multiprocessing
    import signal
    import threading
    from multiprocessing.connection import wait as wait_for

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def watch(sentinel: int) -> None:
        wait_for([sentinel])
        os._exit(1)  # the pipe to the parent is gone; a worker that waits for tasks would wait for ever

    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=watch, args=[parent.sentinel], daemon=True).start()
