"""`myjoe studio`, as a person on a fresh machine gets it: the web, and everything behind it."""
from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from myjoe.database.server import Server, embedded_binaries
from myjoe.settings.variables import Secret
from myjoe_cli.studio import worker_environment
from myjoe_studio.settings import StudioSettings


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def started(home: Path, port: int, *words: str, **variables: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MYJOE_", "DATABASE_URL"))}
    return subprocess.Popen(
        [sys.executable, "-m", "myjoe_cli", "studio", "--port", str(port), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**environment, "MYJOE_HOME": str(home / "home"), **variables},
    )  # fmt: skip


def lines_until(process: subprocess.Popen[str], start: str) -> list[str]:
    """What it says, up to the line that begins so."""
    said: list[str] = []
    assert process.stdout
    for line in process.stdout:
        said.append(line)
        if line.startswith(start):
            return said
    raise AssertionError("".join(said) + (process.stderr.read() if process.stderr else ""))


def running(pattern: str) -> list[int]:
    """The processes whose command line and environment hold this text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if pattern.encode() in (folder / "environ").read_bytes() and b"worker\0run" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue  # it has ended, or is somebody else's
    return found


def test_a_link_signs_joe_in_and_a_book_is_drawn_and_nothing_is_left_running(home: Path, heeds_interrupts: None) -> None:
    port = free_port()
    studio = started(home, port)
    link = lines_until(studio, "sign in")[-1].split()[2]
    assert link.startswith(f"http://127.0.0.1:{port}/auth/confirm?")
    with httpx2.Client(headers={"sec-fetch-site": "same-origin"}, follow_redirects=True, timeout=60) as joe:
        form = joe.get(link).text.partition('action="/auth/confirm"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
        arrived = joe.post(f"http://127.0.0.1:{port}/auth/confirm", data=fields)
        assert arrived.url.path == "/studio" and "800 credits" in arrived.text, arrived.text
        again = httpx2.post(f"http://127.0.0.1:{port}/auth/confirm", data=fields, headers={"sec-fetch-site": "same-origin"})
        assert again.status_code != 303, "the link holds once"
    assert len(running(str(home))) == 1
    studio.send_signal(signal.SIGINT)
    out, _ = studio.communicate(timeout=120)
    assert studio.returncode == 0, out
    assert running(str(home)) == []
    assert not Server(home / "home" / "database", embedded_binaries()).is_running()


def test_the_worker_goes_with_a_studio_that_is_killed(home: Path) -> None:
    studio = started(home, free_port())
    lines_until(studio, "sign in")
    [worker] = running(str(home))
    studio.kill()
    studio.wait()
    deadline = time.monotonic() + 120
    while Path(f"/proc/{worker}/cmdline").exists() and Path(f"/proc/{worker}/cmdline").read_bytes():
        assert time.monotonic() < deadline, "the worker is left behind"
        time.sleep(0.1)


def test_a_worker_that_dies_is_started_again_and_said(home: Path) -> None:
    studio = started(home, free_port())
    lines_until(studio, "sign in")
    [worker] = running(str(home))
    os.kill(worker, signal.SIGKILL)
    assert "is started again in" in lines_until(studio, "worker")[-1]
    deadline = time.monotonic() + 120
    while not (found := running(str(home))) or found == [worker]:
        assert time.monotonic() < deadline, "no worker came in its place"
        time.sleep(0.1)
    studio.terminate()
    studio.communicate(timeout=120)


def test_a_port_that_is_taken_is_told_before_anything_is_started(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        studio = started(home, port)
        out, err = studio.communicate(timeout=120)
    assert (studio.returncode, out) == (1, "")
    assert err == f"myjoe: 127.0.0.1:{port} cannot be served: address already in use; --port takes another\n"
    assert not (home / "home" / "database").exists()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"MYJOE_ENV": "production"}, "MYJOE_STUDIO_ADDRESS is missing"),
        ({"MYJOE_STUDIO_ADRESS": "http://x"}, "perhaps MYJOE_STUDIO_ADDRESS is meant"),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "takes real money"),
    ],
)
def test_settings_that_will_not_do_are_told_in_sentences(home: Path, variables: dict[str, str], sentence: str) -> None:
    studio = started(home, free_port(), **variables)
    out, err = studio.communicate(timeout=120)
    assert (studio.returncode, out) == (1, "") and sentence in err
    assert all(line.startswith("myjoe: ") for line in err.splitlines())


def test_the_worker_is_told_the_same_database_and_folders_and_nothing_of_the_studio() -> None:
    settings = StudioSettings(home=Path("/h"), storage_folder=Path("/h/pages"), database_url=Secret("postgresql:///x"))
    told = worker_environment({"MYJOE_STUDIO_SECRET": "s", "OPENAI_API_KEY": "k"}, settings)
    assert "MYJOE_STUDIO_SECRET" not in told
    assert (told["DATABASE_URL"], told["MYJOE_HOME"], told["MYJOE_STORAGE_FOLDER"], told["OPENAI_API_KEY"]) == (
        "postgresql:///x", "/h", "/h/pages", "k",
    )  # fmt: skip
