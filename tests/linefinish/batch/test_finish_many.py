"""Many pages: which, where to, what is done again, who works, and what a stop leaves behind."""
from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from linefinish import FinishOptions, OptionsError, WriteError, finish_many, verify
from linefinish.batch.finish_many import Task, plan
from linefinish.delivering import Order, Target
from linefinish.lengths import Length

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def statuses(results: Iterator[Any]) -> dict[str, str]:
    return {Path(result.source).stem: result.status for result in results}


ALL_DONE = {"a": "done", "b": "done", "c": "done", "d": "done", "broken": "failed"}
ALL_KEPT = {"a": "kept", "b": "kept", "c": "kept", "d": "kept", "broken": "failed"}


# --- which pages, and where to
# ------------------------------------------------------------

def test_the_plan(pages: Path, tmp_path: Path, page_bytes: bytes) -> None:
    (pages / "below").mkdir()
    (pages / "below" / "e.png").write_bytes(page_bytes)
    (pages / "a.jpg").write_bytes(page_bytes)
    (pages / ".hidden.png").write_bytes(page_bytes)
    out = str(pages / "done")
    os.mkdir(out)
    (pages / "done" / "old.png").write_bytes(page_bytes)

    def planned(**more: Any) -> list[str]:
        tasks = plan([str(pages)], out, ("svg",), **more)
        return [os.path.relpath(task.targets[0].path, out) for task in tasks]

    # Two inputs of one name keep their suffixes.
    assert planned() == ["a.jpg.svg", "a.png.svg", "b.svg", "broken.svg", "c.svg", "d.svg"]
    assert planned(recursive=True) == [*planned(), "below/e.svg"]


def test_plans_that_cannot_be(pages: Path, tmp_path: Path) -> None:
    shutil.copytree(pages, tmp_path / "more")
    with pytest.raises(OptionsError, match="would both become"):
        plan([str(pages), str(tmp_path / "more")], str(tmp_path / "out"), ("svg",))
    with pytest.raises(OptionsError, match="would overwrite it"):
        plan([str(pages)], str(pages), ("svg", "png"))
    with pytest.raises(ValueError, match="holds no images"):
        plan([str(tmp_path)], str(tmp_path / "out"), ("svg",))
    with pytest.raises(WriteError, match="there is no format docx"):
        plan([str(pages)], str(tmp_path / "out"), ("docx",))


def test_a_task_can_be_sent_anywhere() -> None:
    task = Task("/a.png", (Target("/out/a.svg", "svg"),))
    order = Order({"stroke_width_px_min": Length(0.75, "pt")}, dpi=300)
    assert pickle.loads(pickle.dumps((task, order))) == (task, order)


# --- any executor
# ------------------------------------------------------------

@pytest.mark.parametrize("kind", ["serial", "own processes", "threads", "processes"])
def test_any_executor_gives_the_same_files(kind: str, pages: Path, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"serial": {"jobs": 1}, "own processes": {"jobs": 2}}.get(kind, {})
    if kind == "threads":
        settings = {"executor": ThreadPoolExecutor(3)}
    if kind == "processes":
        settings = {"executor": ProcessPoolExecutor(2)}
    results = {Path(result.source).stem: result for result in finish_many([pages], tmp_path / "out", formats=["svg", "png"], **settings)}
    if "executor" in settings:
        settings["executor"].shutdown()
    assert {name: result.status for name, result in results.items()} == ALL_DONE
    assert "broken.png: the file ends in the middle" in results["broken"].error
    assert results["a"].report["segment_count"] > 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {".linefinish-journal", *(f"{name}.{suffix}" for name in "abcd" for suffix in ("svg", "png"))}
    assert len({(tmp_path / "out" / f"{name}.svg").read_bytes() for name in "abcd"}) == 1
    assert verify(tmp_path / "out" / "a.png").is_one_bit


# --- resume
# ------------------------------------------------------------

def test_a_second_run_does_only_what_is_missing_or_changed(pages: Path, tmp_path: Path, page_bytes: bytes) -> None:
    out = tmp_path / "out"

    def again(options: FinishOptions | None = None, formats: tuple[str, ...] = ("svg",), **more: Any) -> dict[str, str]:
        return statuses(finish_many([pages], out, options, formats, jobs=1, **more))

    assert again() == ALL_DONE
    assert again() == ALL_KEPT
    assert again(FinishOptions(speckle_area_px_max=3)) == ALL_DONE  # other options
    assert again(FinishOptions(speckle_area_px_max=3), ("svg", "pbm")) == ALL_DONE  # another format
    assert again() == ALL_DONE
    (out / "b.svg").unlink()  # a result that is gone
    (out / "c.svg").write_text("<svg/>")  # a result that is not as it was written
    os.utime(pages / "a.png", (1, 1))  # another time, the same content
    (pages / "d.png").write_bytes(page_bytes + b"\0")  # other content
    (pages / "broken.png").write_bytes(page_bytes)  # repaired
    assert again() == {"a": "kept", "b": "done", "c": "done", "d": "done", "broken": "done"}
    assert set(again().values()) == {"kept"}
    assert set(again(force=True).values()) == {"done"}


def test_another_version_does_everything_again(pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert statuses(finish_many([pages], tmp_path / "out", jobs=1)) == ALL_DONE
    monkeypatch.setattr("linefinish.batch.finish_many.__version__", "999")
    assert statuses(finish_many([pages], tmp_path / "out", jobs=1)) == ALL_DONE


def test_what_was_done_before_a_stop_is_kept(pages: Path, tmp_path: Path) -> None:
    results = finish_many([pages], tmp_path / "out", jobs=1)
    first = next(results)
    results.close()
    assert next(iter(statuses(finish_many([pages], tmp_path / "out", jobs=1)).items())) == (Path(first.source).stem, "kept")


# --- stops
# ------------------------------------------------------------

# After four pages, those that are in work wait for a file named `go`, so that a stop meets some;
# the rest is the real command. Workers import what they run, so this goes in through the
# environment of the fork server.
DELAYED = """
import time
from pathlib import Path
from linefinish import delivering
quick = delivering.write
def write(*args, **more):
    while len(list(Path("out").glob("[0-9]*.svg"))) >= 4 and not Path("go").exists():
        time.sleep(0.02)
    quick(*args, **more)
delivering.write = write
"""


@pytest.fixture
def many(tmp_path: Path, page_bytes: bytes) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.png").write_bytes(page_bytes)
    return folder


def begin(command: list[str], env: dict[str, str], tmp_path: Path) -> subprocess.Popen[str]:
    """A batch of thirty pages that has finished four of them."""
    (tmp_path / "site").mkdir(exist_ok=True)
    (tmp_path / "site" / "sitecustomize.py").write_text(DELAYED)
    slow = {**env, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), env["PYTHONPATH"]])}
    process = subprocess.Popen(
        [*command, "batch", "many", "-o", "out", "--jobs", "2"],
        cwd=tmp_path, env=slow, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    journal = tmp_path / "out" / ".linefinish-journal"
    deadline = time.monotonic() + 120
    while not journal.exists() or journal.read_bytes().count(b"\n") < 4:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def children_of(parent: int) -> list[int]:
    """A process's children, theirs, and so on."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after[1]) == parent:
            child = int(status.parent.name)
            found += [child, *children_of(child)]
    return found


def workers_of(batch: int) -> list[int]:
    """Its fork server's children."""
    return [worker for child in children_of(batch) for worker in children_of(child)]


def alive(processes: list[int]) -> list[int]:
    """Those that still run; what is dead and waits for its parent does not."""
    running = []
    for process in processes:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                running.append(process)
        except OSError:
            continue
    return running


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_stop_loses_no_finished_page_and_leaves_no_half_file(
    sent: signal.Signals, code: int, command: list[str], env: dict[str, str], run: Run, many: Path, tmp_path: Path
) -> None:
    process = begin(command, env, tmp_path)
    workers = children_of(process.pid)
    assert len(workers_of(process.pid)) == 2
    process.send_signal(sent)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in told
    assert (sent == signal.SIGKILL) != ("of 30 pages; the same command goes on from there" in told)

    deadline = time.monotonic() + 60
    while alive(workers) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive(workers) == []
    for path in (tmp_path / "out").glob("[0-9]*.svg"):
        assert verify(path).is_one_bit
    finished = len(list((tmp_path / "out").glob("[0-9]*.svg")))

    done = run("batch", "many", "-o", "out", "-j", "2")
    assert done.returncode == 0
    # A page may have been written whose journal line was not; no more than the workers had in hand.
    kept = int(done.stdout.split(" already done")[0].rpartition(" ")[2])
    assert finished - 4 <= kept <= finished
    assert kept >= 4
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        ".linefinish-journal", "report.json", *(f"{number:02}.svg" for number in range(30))
    }  # fmt: skip


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.parametrize("after_seconds", [0.1, 0.17, 0.24, 0.31])
def test_ctrl_c_at_a_terminal_while_workers_start(
    after_seconds: float, command: list[str], env: dict[str, str], many: Path, tmp_path: Path
) -> None:
    """A terminal sends it to every process of the group; none of them answers with a traceback."""
    process = subprocess.Popen(
        [*command, "batch", "many", "-o", "out", "--jobs", "2"],
        cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(after_seconds)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode in (0, 130, -signal.SIGINT)
    assert "Traceback" not in told


def test_a_killed_worker_costs_no_page(command: list[str], env: dict[str, str], many: Path, tmp_path: Path) -> None:
    process = begin(command, env, tmp_path)
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    (tmp_path / "go").touch()
    told, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert (process.returncode, told.startswith("30 pages: 30 done, in ")) == (0, True), errors


def test_leftovers_of_a_killed_batch_are_removed(run: Run, pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "done"
    out.mkdir()
    (out / ".a.svg.123-7f.part").touch()
    (out / ".mine.part").touch()
    run("batch", "pages", "-o", "done", "-q")
    assert not (out / ".a.svg.123-7f.part").exists()
    assert (out / ".mine.part").exists()


def test_a_stopped_batch_sweeps_what_its_workers_left(pages: Path, tmp_path: Path) -> None:
    """A worker that is ended in the middle of writing cannot delete its hidden file."""
    out = tmp_path / "done"
    results = finish_many([pages], out, jobs=2)
    first = next(results)
    left = out / f".{Path(first.outputs[0]).name}.123-7f.part"
    left.touch()
    (out / ".mine.part").touch()
    results.close()
    assert not left.exists() and (out / ".mine.part").exists()


# --- Dask
# ------------------------------------------------------------

def test_a_dask_cluster(run: Run, pages: Path, tmp_path: Path, env: dict[str, str], free_port: int) -> None:
    """A scheduler and two workers in processes of their own, as `dask scheduler` and `dask worker`
    start them.
    """
    address = f"tcp://127.0.0.1:{free_port}"
    cluster = [subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"], env=env, stderr=subprocess.DEVNULL
    )]  # fmt: skip
    cluster += [subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"],
        env=env, cwd=tmp_path, stderr=subprocess.DEVNULL,
    ) for _ in range(2)]  # fmt: skip
    try:
        done = run("batch", "pages", "-o", "by-command", "--scheduler", address)
        assert done.stdout.startswith("5 pages: 4 done, 1 failed, in "), done.stderr
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            executor = client.get_executor()
            for _ in range(2):  # the second time nothing may come out of Dask's own memory
                assert statuses(finish_many([pages], tmp_path / "by-client", executor=executor, force=True)) == ALL_DONE
                assert (tmp_path / "by-client" / "a.svg").read_bytes() == (tmp_path / "by-command" / "a.svg").read_bytes()
                (tmp_path / "by-client" / "a.svg").unlink()
    finally:
        for process in cluster:
            process.kill()  # told to end, a worker would wait for its scheduler
            process.wait()
