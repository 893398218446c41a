"""Threads that work on one page together. Kernels hold no interpreter lock, so they run side by
side.
"""
from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

# Threads are kept from page to page: starting one takes 60 µs, and its scratch memory would have to
# be touched anew.
_pool: ThreadPoolExecutor | None = None
_pool_size = 0
_pool_process = 0


def together(work: Callable[[], None], threads: int) -> None:
    """Call `work` in up to so many threads at once, the caller's own among them. Raises what any of
    the calls raised.

    A thread that comes too late, when the caller is done, is not waited for: `work` goes on as long
    as there is something to do.
    """
    if threads == 1:
        work()
        return
    helpers = _helpers(threads - 1)
    futures = [helpers.submit(work) for _ in range(threads - 1)]
    try:
        work()
    finally:
        for future in futures:
            if not future.cancel():  # what no thread has begun is not needed any more
                future.result()


def _helpers(count: int) -> ThreadPoolExecutor:
    """At least so many threads of this process; a child after a fork has none of its parent's."""
    global _pool, _pool_size, _pool_process
    if _pool is None or _pool_size < count or _pool_process != os.getpid():
        from concurrent.futures import ThreadPoolExecutor  # 8 ms that only who asks for threads pays

        _pool, _pool_size, _pool_process = ThreadPoolExecutor(count, thread_name_prefix="linefinish"), count, os.getpid()
    return _pool
