"""Image processes: what they do, what ends them, and that nothing of theirs reaches the parent."""
from __future__ import annotations

import asyncio
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from myjoe import telemetry
from myjoe.errors import ImageProcessError, ImageRefusedError
from myjoe_worker.imaging import processes
from myjoe_worker.imaging.examining import Examination, examine
from myjoe_worker.imaging.finishing import FinishedPage, finish_page
from myjoe_worker.imaging.processes import ImageProcesses
from tests.myjoe_worker.imaging import tasks
from tests.myjoe_worker.imaging.samples import GODMOTHER, order

ROOT = Path(__file__).parents[3]
# Seconds that things which take a tenth of one may take on a busy machine.
AGES = 120.0


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
    they need the tests, and this checkout's own packages.
    """
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))


def in_processes(work: Callable[[ImageProcesses], Awaitable[Any]], count: int = 1, **limits: Any) -> Any:
    async def main() -> Any:
        async with ImageProcesses(count, **limits) as processes:
            return await asyncio.wait_for(work(processes), AGES)

    return asyncio.run(main())


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that only waits to be fetched has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def computed(pid: int) -> int:
    """What a process has computed so far, in the system's ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


async def computes(pid: int) -> None:
    """Wait until a process is amid its work."""
    before = computed(pid)
    await eventually(lambda: computed(pid) > before + 2)


async def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + AGES
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


def test_work_is_done_by_the_same_warm_child() -> None:
    async def work(processes: ImageProcesses) -> None:
        first = await processes.run(tasks.pid)
        assert await processes.run(tasks.double, 21) == 42
        assert await processes.run(tasks.pid) == first != os.getpid()

    in_processes(work)


def test_as_many_work_at_once_as_there_are_children() -> None:
    async def work(processes: ImageProcesses) -> None:
        pids = await asyncio.gather(*[processes.run(tasks.pid) for _ in range(6)])
        assert len(set(pids)) == 2

    in_processes(work, count=2)


def test_messages_of_any_size_pass() -> None:
    async def work(processes: ImageProcesses) -> None:
        for size in (0, 1, 70_000, 9_000_001):
            content = os.urandom(size)
            assert await processes.run(tasks.echo, content) == content, size

    in_processes(work)


def test_the_jobs_error_comes_back_as_it_was() -> None:
    async def work(processes: ImageProcesses) -> None:
        before = await processes.run(tasks.pid)
        with pytest.raises(ImageRefusedError, match=r"^this is no page$"):
            await processes.run(tasks.refuse)
        assert await processes.run(tasks.pid) == before

    in_processes(work)


def test_a_fault_of_ours_is_told_with_its_traceback() -> None:
    async def work(processes: ImageProcesses) -> None:
        with pytest.raises(ImageProcessError, match=r"ValueError: a fault of ours") as caught:
            await processes.run(tasks.stumble)
        assert "in stumble" in "".join(caught.value.__notes__)

    in_processes(work)


@pytest.mark.parametrize(
    ("task", "said"), [(tasks.crash, r"ended \(by SIGSEGV\)"), (tasks.end_quietly, r"ended \(with exit code 3\)")]
)
def test_a_child_that_dies_costs_its_own_work_only(task: Callable[[], None], said: str, events: list[tuple[str, dict[str, Any]]]) -> None:
    async def work(processes: ImageProcesses) -> None:
        before = await processes.run(tasks.pid)
        with pytest.raises(ImageProcessError, match=said) as caught:
            await processes.run(task)
        assert events == [("image.process_died", {"pid": before, "reason": str(caught.value)})]
        assert await processes.run(tasks.pid) != before

    in_processes(work)


def test_who_takes_too_long_is_stopped() -> None:
    async def work(processes: ImageProcesses) -> None:
        with pytest.raises(ImageProcessError, match=r"longer than 0\.3 s"):
            await processes.run(tasks.compute_for_ever)
        processes._seconds_max = AGES
        assert await processes.run(tasks.double, 1) == 2

    in_processes(work, seconds_max=0.3)


def test_who_takes_too_much_memory_is_refused_and_lives() -> None:
    async def work(processes: ImageProcesses) -> None:
        with pytest.raises(ImageRefusedError, match="more memory"):
            await processes.run(tasks.take_memory, 900)
        assert await processes.run(tasks.take_memory, 1) == 1 << 20

    in_processes(work, memory_mib_max=800)


def test_cancelling_kills_the_child_though_it_hears_nothing(events: list[tuple[str, dict[str, Any]]]) -> None:
    async def work(processes: ImageProcesses) -> None:
        child = await processes.run(tasks.pid)
        task = asyncio.create_task(processes.run(tasks.compute_for_ever))
        await computes(child)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await eventually(lambda: is_gone(child))
        assert [(event, fields["pid"]) for event, fields in events] == [("image.process_died", child)]
        assert await processes.run(tasks.pid) != child

    in_processes(work)


def test_cancelling_who_waits_for_a_child_ends_nobody() -> None:
    async def work(processes: ImageProcesses) -> None:
        child = await processes.run(tasks.pid)
        busy = asyncio.create_task(processes.run(tasks.echo, bytes(50 << 20)))
        waiting = asyncio.create_task(processes.run(tasks.pid))
        await asyncio.sleep(0)
        waiting.cancel()
        assert len(await busy) == 50 << 20
        assert await processes.run(tasks.pid) == child

    in_processes(work)


def test_another_thread_kills_the_work_of_one_owner() -> None:
    """The lease renewer's way: it runs beside the event loop, and has to act when that hangs."""

    async def work(processes: ImageProcesses) -> None:
        ours = asyncio.create_task(processes.run(tasks.compute_for_ever, owner="ours"))
        theirs = asyncio.create_task(processes.run(tasks.compute_for_ever, owner="theirs"))

        def kill() -> None:
            while not ours.done():  # before it has a child there is nobody to kill
                processes.kill("ours")
                time.sleep(0.05)

        renewer = threading.Thread(target=kill)
        renewer.start()
        with pytest.raises(ImageProcessError, match="SIGKILL"):
            await ours
        renewer.join()
        assert not theirs.done()
        processes.kill()
        with pytest.raises(ImageProcessError, match="SIGKILL"):
            await theirs
        assert await asyncio.gather(processes.run(tasks.double, 1), processes.run(tasks.double, 2)) == [2, 4]

    in_processes(work, count=2)


def test_a_computing_child_holds_up_neither_the_loop_nor_its_threads() -> None:
    async def work(processes: ImageProcesses) -> None:
        await processes.run(tasks.double, 1)
        task = asyncio.create_task(processes.run(tasks.compute_for_ever))
        # It never ends: who had to wait for it would not come through here.
        for _ in range(20):
            await asyncio.sleep(0.01)
            assert await asyncio.to_thread(threading.get_ident) != threading.get_ident()
        assert not task.done()
        task.cancel()

    in_processes(work)


def test_an_idle_child_that_somebody_ended_is_replaced() -> None:
    async def work(processes: ImageProcesses) -> None:
        child = await processes.run(tasks.pid)
        os.kill(child, signal.SIGKILL)
        await eventually(lambda: is_gone(child))
        assert await processes.run(tasks.pid) != child

    in_processes(work)


def test_closing_ends_all_children_and_takes_no_more_work() -> None:
    async def main() -> None:
        processes = ImageProcesses(2)
        idle = await processes.run(tasks.pid)
        task = asyncio.create_task(processes.run(tasks.compute_for_ever))
        await asyncio.sleep(0.1)
        await processes.close()
        with pytest.raises(ImageProcessError):
            await task
        await eventually(lambda: is_gone(idle))
        with pytest.raises(ImageProcessError, match="closed"):
            await processes.run(tasks.pid)

    asyncio.run(main())


def test_a_child_sees_no_secrets_and_ignores_what_is_meant_for_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")

    async def work(processes: ImageProcesses) -> None:
        assert "secret" not in str(await processes.run(tasks.environment))
        limits = await processes.run(tasks.limits)
        assert limits == {
            "interrupt": True, "terminate": True, "nice": limits["nice"], "core": 0, "memory": 2048 << 20, "group": True
        }  # fmt: skip
        assert limits["nice"] > os.nice(0)

    in_processes(work)


def test_nothing_that_a_child_sends_is_run() -> None:
    async def work(processes: ImageProcesses) -> None:
        with pytest.raises(ImageProcessError, match=r"system is none of our records"):
            await processes.run(tasks.treachery)

    in_processes(work)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("myjoe_worker.imaging.examining", "examine"), ("myjoe_worker.imaging.finishing", "Examination"),
        ("myjoe_worker.imaging.pictures", "decoded"), ("builtins", "eval"), ("os", "system"), ("collections", "OrderedDict"),
    ],
)  # fmt: skip
def test_only_the_records_are_unpickled(module: str, name: str) -> None:
    stream = b"c" + f"{module}\n{name}\n".encode() + b"."
    with pytest.raises(pickle.UnpicklingError, match="none of our records"):
        processes._PlainUnpickler(io.BytesIO(stream)).load()


def test_the_records_are_the_two_that_steps_return() -> None:
    returned = {get_type_hints(step)["return"] for step in (examine, finish_page)}
    assert {(record.__module__, record.__qualname__) for record in returned} == processes.RECORDS


def test_both_records_come_back_from_a_child() -> None:
    async def work(processes: ImageProcesses) -> None:
        examination = await processes.run(examine, GODMOTHER, "image/png", order())
        assert type(examination) is Examination and examination == examine(GODMOTHER, "image/png", order())
        page = await processes.run(finish_page, GODMOTHER, "image/png", order())
        assert type(page) is FinishedPage and page.files == finish_page(GODMOTHER, "image/png", order()).files

    in_processes(work)


PARENT = """
import asyncio, sys
from myjoe_worker.imaging.processes import ImageProcesses
from tests.myjoe_worker.imaging import tasks

async def main():
    processes = ImageProcesses(2)
    print(await processes.run(tasks.pid), flush=True)
    await asyncio.gather(processes.run(tasks.compute_for_ever), processes.run(tasks.compute_for_ever))

asyncio.run(main())
"""


def test_children_die_with_a_parent_that_is_killed() -> None:
    """Also those that compute and look at no socket."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        children: list[str] = []

        def both() -> bool:
            children[:] = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
            return len(children) == 2

        asyncio.run(eventually(both))
        assert str(child) in children
        asyncio.run(computes(child))
        parent.kill()
        parent.wait()
    asyncio.run(eventually(lambda: all(is_gone(int(pid)) for pid in children)))
