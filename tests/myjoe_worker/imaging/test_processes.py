"""The workshop: what its children do, what ends them, and that nothing of it reaches the parent."""
from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from myjoe import telemetry
from myjoe.errors import ImageRefusedError, WorkshopError
from myjoe_worker.imaging.processes import Workshop
from tests.myjoe_worker.imaging import tasks

ROOT = Path(__file__).parents[3]
# Seconds that things which take a tenth of one may take on a busy machine.
AGES = 30.0


@pytest.fixture
def events() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What is logged."""
    heard: list[tuple[str, dict[str, Any]]] = []
    forget = telemetry.subscribe(lambda event, fields: heard.append((event, dict(fields))))
    try:
        yield heard
    finally:
        forget()


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children are started so that they import nothing from where the parent happens to stand; here
    they need the tests.
    """
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def in_workshop(work: Callable[[Workshop], Awaitable[Any]], crew: int = 1, **limits: Any) -> Any:
    async def main() -> Any:
        async with Workshop(crew, **limits) as workshop:
            return await asyncio.wait_for(work(workshop), AGES)

    return asyncio.run(main())


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that only waits to be fetched has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


async def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + AGES
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


def test_work_is_done_by_the_same_warm_child() -> None:
    async def work(workshop: Workshop) -> None:
        first = await workshop.run(tasks.pid)
        assert await workshop.run(tasks.double, 21) == 42
        assert await workshop.run(tasks.pid) == first != os.getpid()

    in_workshop(work)


def test_as_many_work_at_once_as_there_are_children() -> None:
    async def work(workshop: Workshop) -> None:
        pids = await asyncio.gather(*[workshop.run(tasks.pid) for _ in range(6)])
        assert len(set(pids)) == 2

    in_workshop(work, crew=2)


@pytest.mark.parametrize("size", [0, 1, 70_000, 9_000_001])
def test_messages_of_any_size_pass(size: int) -> None:
    content = os.urandom(size)

    async def work(workshop: Workshop) -> None:
        assert await workshop.run(tasks.echo, content) == content

    in_workshop(work)


def test_the_jobs_error_comes_back_as_it_was() -> None:
    async def work(workshop: Workshop) -> None:
        before = await workshop.run(tasks.pid)
        with pytest.raises(ImageRefusedError, match=r"^this is no page$"):
            await workshop.run(tasks.refuse)
        assert await workshop.run(tasks.pid) == before

    in_workshop(work)


def test_a_fault_of_ours_is_told_with_its_traceback() -> None:
    async def work(workshop: Workshop) -> None:
        with pytest.raises(WorkshopError, match=r"ValueError: a fault of ours") as caught:
            await workshop.run(tasks.stumble)
        assert "in stumble" in "".join(caught.value.__notes__)

    in_workshop(work)


@pytest.mark.parametrize(
    ("task", "said"), [(tasks.crash, r"ended \(by SIGSEGV\)"), (tasks.end_quietly, r"ended \(with exit code 3\)")]
)
def test_a_child_that_dies_costs_its_own_work_only(task: Callable[[], None], said: str, events: list[tuple[str, dict[str, Any]]]) -> None:
    async def work(workshop: Workshop) -> None:
        before = await workshop.run(tasks.pid)
        with pytest.raises(WorkshopError, match=said) as caught:
            await workshop.run(task)
        assert events == [("workshop.died", {"pid": before, "reason": str(caught.value)})]
        assert await workshop.run(tasks.pid) != before

    in_workshop(work)


def test_who_takes_too_long_is_stopped() -> None:
    async def work(workshop: Workshop) -> None:
        with pytest.raises(WorkshopError, match=r"longer than 0\.3 s"):
            await workshop.run(tasks.compute_for_ever)
        assert await workshop.run(tasks.double, 1) == 2

    in_workshop(work, seconds_max=0.3)


def test_who_takes_too_much_memory_is_refused_and_lives() -> None:
    async def work(workshop: Workshop) -> None:
        with pytest.raises(ImageRefusedError, match="more memory"):
            await workshop.run(tasks.take_memory, 900)
        assert await workshop.run(tasks.take_memory, 1) == 1 << 20

    in_workshop(work, memory_mib_max=800)


def test_cancelling_kills_the_child_though_it_hears_nothing(events: list[tuple[str, dict[str, Any]]]) -> None:
    async def work(workshop: Workshop) -> None:
        child = await workshop.run(tasks.pid)
        task = asyncio.create_task(workshop.run(tasks.compute_for_ever))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await eventually(lambda: is_gone(child))
        assert [(event, fields["pid"]) for event, fields in events] == [("workshop.died", child)]
        assert await workshop.run(tasks.pid) != child

    in_workshop(work)


def test_cancelling_who_waits_for_a_child_ends_nobody() -> None:
    async def work(workshop: Workshop) -> None:
        child = await workshop.run(tasks.pid)
        busy = asyncio.create_task(workshop.run(tasks.echo, bytes(50 << 20)))
        waiting = asyncio.create_task(workshop.run(tasks.pid))
        await asyncio.sleep(0)
        waiting.cancel()
        assert len(await busy) == 50 << 20
        assert await workshop.run(tasks.pid) == child

    in_workshop(work)


def test_another_thread_kills_the_work_of_one_owner() -> None:
    """The heart's way: it runs beside the event loop, and has to act when that hangs."""

    async def work(workshop: Workshop) -> None:
        ours = asyncio.create_task(workshop.run(tasks.compute_for_ever, owner="ours"))
        theirs = asyncio.create_task(workshop.run(tasks.compute_for_ever, owner="theirs"))
        await asyncio.sleep(0.2)
        heart = threading.Thread(target=workshop.kill, args=("ours",))
        heart.start()
        with pytest.raises(WorkshopError, match="SIGKILL"):
            await ours
        heart.join()
        assert not theirs.done()
        workshop.kill()
        with pytest.raises(WorkshopError, match="SIGKILL"):
            await theirs
        assert await asyncio.gather(workshop.run(tasks.double, 1), workshop.run(tasks.double, 2)) == [2, 4]

    in_workshop(work, crew=2)


def test_a_computing_child_holds_up_neither_the_loop_nor_its_threads() -> None:
    async def work(workshop: Workshop) -> None:
        await workshop.run(tasks.double, 1)
        task = asyncio.create_task(workshop.run(tasks.compute_for_ever))
        gaps = []
        for _ in range(20):
            begun = time.monotonic()
            await asyncio.sleep(0.02)
            gaps.append(time.monotonic() - begun)
        assert not task.done()
        assert sorted(gaps)[10] < 0.2  # the median: ten times what it is when nothing is in the way
        task.cancel()

    in_workshop(work)


def test_an_idle_child_that_somebody_ended_is_replaced() -> None:
    async def work(workshop: Workshop) -> None:
        child = await workshop.run(tasks.pid)
        os.kill(child, signal.SIGKILL)
        await eventually(lambda: is_gone(child))
        assert await workshop.run(tasks.pid) != child

    in_workshop(work)


def test_closing_ends_all_children_and_takes_no_more_work() -> None:
    async def main() -> None:
        workshop = Workshop(2)
        idle = await workshop.run(tasks.pid)
        task = asyncio.create_task(workshop.run(tasks.compute_for_ever))
        await asyncio.sleep(0.1)
        await workshop.close()
        with pytest.raises(WorkshopError):
            await task
        await eventually(lambda: is_gone(idle))
        with pytest.raises(WorkshopError, match="closed"):
            await workshop.run(tasks.pid)

    asyncio.run(main())


def test_a_child_sees_no_secrets_and_ignores_what_is_meant_for_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")

    async def work(workshop: Workshop) -> None:
        assert "secret" not in str(await workshop.run(tasks.environment))
        limits = await workshop.run(tasks.limits)
        assert limits == {
            "interrupt": True, "terminate": True, "nice": limits["nice"], "core": 0, "memory": 2048 << 20, "group": True
        }  # fmt: skip
        assert limits["nice"] > os.nice(0)

    in_workshop(work)


def test_nothing_that_a_child_sends_is_run() -> None:
    async def work(workshop: Workshop) -> None:
        with pytest.raises(WorkshopError, match=r"system is none of our records"):
            await workshop.run(tasks.treachery)

    in_workshop(work)


PARENT = """
import asyncio, sys
from myjoe_worker.imaging.processes import Workshop
from tests.myjoe_worker.imaging import tasks

async def main():
    workshop = Workshop(2)
    print(await workshop.run(tasks.pid), flush=True)
    await asyncio.gather(workshop.run(tasks.compute_for_ever), workshop.run(tasks.compute_for_ever))

asyncio.run(main())
"""


def test_children_die_with_a_parent_that_is_killed() -> None:
    """Also those that compute and look at no socket."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(0.3)
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        assert str(child) in children and len(children) == 2
        parent.kill()
        parent.wait()
    asyncio.run(eventually(lambda: all(is_gone(int(pid)) for pid in children)))
