"""Threads that work together: all of them work, and none fails in silence."""
from __future__ import annotations

import os
import threading

import pytest

from linefinish.memory.threads import together


def test_as_many_threads_as_asked_for_are_at_work_at_once() -> None:
    everybody = threading.Barrier(3, timeout=30)
    seen = set()

    def work() -> None:
        everybody.wait()
        seen.add(threading.get_ident())

    together(work, 3)
    assert len(seen) == 3
    assert threading.get_ident() in seen


@pytest.mark.parametrize("who", ["caller", "helper"])
def test_a_failure_of_any_thread_is_raised(who: str) -> None:
    caller = threading.get_ident()
    both = threading.Barrier(2, timeout=30)

    def work() -> None:
        both.wait()
        if (threading.get_ident() == caller) == (who == "caller"):
            raise ValueError("the drawing tore")

    with pytest.raises(ValueError, match="tore"):
        together(work, 2)


def test_a_forked_child_has_threads_of_its_own() -> None:
    together(lambda: None, 2)
    child = os.fork()
    if child == 0:
        together(lambda: None, 2)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
