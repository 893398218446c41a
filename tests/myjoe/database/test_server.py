"""The server in a folder."""
from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from myjoe.database.server import Server, embedded_binaries
from myjoe.errors import ServerError


def test_a_start_that_was_cut_off_is_begun_anew(folder: Path) -> None:
    server = Server(folder, embedded_binaries())
    server.data.mkdir(parents=True)
    (server.data / "half").touch()
    server.start()
    assert server.is_running()


def test_a_folder_that_root_cannot_share_is_refused() -> None:
    """As root only; for anybody else the server is their own process, and a shut folder of theirs
    is fine.
    """
    shut = Path(tempfile.mkdtemp(prefix="mj"))  # 0700
    server = Server(shut / "database", embedded_binaries())
    try:
        if os.geteuid() == 0:
            with pytest.raises(ServerError, match="cannot come through"):
                server.start()
        else:
            server.start()
            assert server.is_running()
    finally:
        server.stop("immediate")
        shutil.rmtree(shut)


def test_there_is_no_such_version() -> None:
    with pytest.raises(ServerError, match="no version 9"):
        embedded_binaries(9)


# ── any path ──────────────────────────────────────────────────────────────────────────────────────

ODD = "a b%20&c'd\"e$HOME`id`;#?@=é\\f (1)"


def test_a_server_lives_below_any_path(folder: Path) -> None:
    """All of it at one go: what means something to a shell, to an address, or to a list."""
    server = Server(folder.parent / ODD / "database", embedded_binaries())
    (folder.parent / ODD).mkdir()
    try:
        server.start()
        assert server.is_running()
        with psycopg.connect(server.url("postgres", "supabase_admin")) as connection:
            assert connection.execute("show data_directory").fetchone() == (str(server.data),)
        server.start()  # it is found to run
    finally:
        server.stop()
    assert not server.is_running() and sorted(path.name for path in folder.parent.iterdir()) == [ODD]


@pytest.mark.parametrize(
    ("name", "why"),
    [("a,b", "has a comma"), ("a\nb", "has characters that no"), ("a\x1bb", "has characters that no"), ("x" * 120, "too long")],
)
def test_a_path_that_cannot_be_is_refused_before_anything_is_made(folder: Path, name: str, why: str) -> None:
    with pytest.raises(ServerError, match=why) as caught:
        Server(folder.parent / name / "database", embedded_binaries())
    assert str(caught.value).isprintable() and list(folder.parent.iterdir()) == []


# ── whose process it is ───────────────────────────────────────────────────────────────────────────


@contextmanager
def stranger(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's user that is no server."""
    process = subprocess.Popen(["sleep", "600"], user=server.account.pw_uid if server.account else None)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_stranger_who_has_a_dead_server_s_number_is_left_alone(folder: Path) -> None:
    server = Server(folder, embedded_binaries())
    server.start()
    told = (server.data / "postmaster.pid").read_text().splitlines()
    server.stop("immediate")
    with stranger(server) as process:
        file = server.data / "postmaster.pid"
        file.write_text("\n".join([str(process.pid), *told[1:]]) + "\n")
        if server.account:
            os.chown(file, server.account.pw_uid, server.account.pw_gid)
        assert not server.is_running()
        server.stop()
        assert process.poll() is None and file.exists(), "nothing runs, so nothing is stopped"
        server.start()
        assert server.is_running() and process.poll() is None
        server.stop()
        assert not server.is_running() and process.poll() is None


def test_a_server_whose_socket_is_gone_is_not_started_twice(folder: Path) -> None:
    server = Server(folder, embedded_binaries())
    server.start()
    sockets = server.socket_folder.rename(folder / "elsewhere")
    try:
        assert not server.is_running()
        with pytest.raises(ServerError, match=r"runs as process \d+, and does not answer at its socket"):
            server.start()
    finally:
        server.socket_folder.rmdir()
        sockets.rename(server.socket_folder)
    assert server.is_running()


def test_a_server_that_has_no_room_runs_and_can_be_stopped(folder: Path) -> None:
    small = {"max_connections": "5", "superuser_reserved_connections": "1", "reserved_connections": "0"}
    server = Server(folder, embedded_binaries(), small)
    server.start()
    full = [psycopg.connect(server.url("postgres", "supabase_admin")) for _ in range(5)]
    try:
        assert server.is_running()
        server.stop()
    finally:
        for connection in full:
            connection.close()
    assert not server.is_running()
