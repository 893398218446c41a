"""The database of a fresh machine: up, down, and up again, alone and by several at once."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from myjoe.database import embedded
from myjoe.database.server import SUPERUSER, Server, embedded_binaries
from myjoe.errors import MigrationError
from tests.database import support
from tests.myjoe.database.test_migrating import made_before_the_first_release


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MYJOE_HOME")}
    return subprocess.run(
        [sys.executable, "-m", "myjoe_cli", *words], env={**clean, **environment}, capture_output=True, text=True, check=False
    )


def test_up_down_and_up_again_keeps_what_was_there(folder: Path) -> None:
    done = command("db", "up", MYJOE_HOME=str(folder.parent))
    assert done.returncode == 0, done.stderr
    url = done.stdout.strip()
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("select current_user::text, usesuper from pg_user where usename = current_user").fetchone() == (
            "postgres", False,
        )  # fmt: skip
        assert connection.execute("select balance_half from public.credit_accounts").fetchall() == [(1600,)]
        connection.execute("insert into auth.users (email) values ('kept@example.com')")
    assert command("db", "up", MYJOE_HOME=str(folder.parent)).stdout.strip() == url
    assert command("db", "down", MYJOE_HOME=str(folder.parent)).returncode == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    assert command("db", "up", "--folder", str(folder)).stdout.strip() == url
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from auth.users").fetchone() == (2,)


def test_a_database_of_an_earlier_version_gets_what_it_lacks(folder: Path) -> None:
    embedded.up(folder)
    superuser = Server(folder, embedded_binaries()).url(embedded.DATABASE, SUPERUSER)
    with psycopg.connect(superuser, autocommit=True) as connection:
        listed = "select count(*) from pg_indexes where schemaname = 'auth'"
        before = connection.execute(listed).fetchone()
        connection.execute("drop index auth.sessions_user, auth.refresh_tokens_session, auth.one_time_tokens_user")
        embedded.up(folder)
        assert connection.execute(listed).fetchone() == before
    embedded.down(folder)


def test_several_that_come_up_together_share_one_server(folder: Path) -> None:
    words = [sys.executable, "-m", "myjoe_cli", "db", "up", "--folder", str(folder)]
    starting = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = [client.communicate() for client in starting]
    assert [client.returncode for client in starting] == [0] * 4, outputs
    assert len({said for said, _ in outputs}) == 1


@pytest.mark.parametrize("version", support.VERSIONS)
def test_up_takes_any_database(version: int) -> None:
    with support.running_server(version, fsync="off") as server:
        support.make_database(server, "mine")
        url = server.url("mine", SUPERUSER)
        done = command("db", "up", DATABASE_URL=url)
        assert (done.returncode, done.stdout.strip()) == (0, url), done.stderr
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from public.projects").fetchone() == (1,)


def test_only_the_servers_folder_is_given_away(folder: Path) -> None:
    """As root the server runs as nobody: no account is made, and the folders above keep their
    rights.
    """
    folder.parent.chmod(0o711)
    accounts = Path("/etc/passwd").read_text()
    embedded.up(folder)
    assert Path("/etc/passwd").read_text() == accounts
    assert folder.parent.stat().st_mode & 0o777 == 0o711
    assert (folder / "socket").stat().st_mode & 0o777 == 0o700
    assert (folder / "data").stat().st_mode & 0o077 == 0
    embedded.down(folder)


def test_a_server_that_fell_over_comes_back(folder: Path) -> None:
    url = embedded.up(folder)
    Server(folder, embedded_binaries()).stop("immediate")
    assert embedded.up(folder) == url


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("db", "up", "--folder", f"/var/tmp/{'x' * 120}"), "is too long for a socket"),
        (("db", "up", "--folder", "/dev/null/x"), "not a directory"),
        (("db", "migrate", "--url", "postgresql://x@/x?host=/nonexistent"), "No such file or directory"),
        (("db", "migrate", "--url", "what is this"), "missing"),
    ],
)
def test_bad_input_gets_one_sentence_and_a_code(words: tuple[str, ...], sentence: str) -> None:
    done = command(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert done.stderr.startswith("myjoe: ") and done.stderr.count("\n") == 1


def test_a_migration_needs_to_know_where() -> None:
    done = command("db", "migrate")
    assert done.returncode == 1
    assert "--url" in done.stderr


def test_without_its_extra_it_says_what_is_missing() -> None:
    source = Path(embedded.__file__).parents[2]
    words = [sys.executable, "-S", "-m", "myjoe_cli", "db", "down"]
    done = subprocess.run(words, env={"PYTHONPATH": str(source)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "myjoe: psycopg is missing: install myjoe with its extra `worker`\n"


def test_down_where_nothing_is_up_is_no_error(folder: Path) -> None:
    assert command("db", "down", "--folder", str(folder)).returncode == 0


def test_a_database_of_before_the_first_release_is_refused_and_the_way_out_works(folder: Path) -> None:
    embedded.up(folder)
    made_before_the_first_release(Server(folder, embedded_binaries()).url(embedded.DATABASE, SUPERUSER))
    refused = command("db", "up", "--folder", str(folder))
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", (
        "myjoe: this database was made before the first release, by migrations that no longer exist: "
        f"run `myjoe db down --folder {folder}`, delete that folder, and run the command again\n"
    ))  # fmt: skip
    assert command("db", "down", "--folder", str(folder)).returncode == 0
    shutil.rmtree(folder)
    done = command("db", "up", "--folder", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(done.stdout.strip()) as connection:
        assert connection.execute("select balance_half from public.credit_accounts").fetchall() == [(1600,)]


def test_while_a_block_runs_it_runs_and_afterwards_as_before(folder: Path) -> None:
    server = Server(folder, embedded_binaries())
    with embedded.running(folder) as url:
        user, project = embedded.new_user(url, "other@example.com", 8)
        with psycopg.connect(url) as connection:
            [row] = connection.execute(
                "select a.balance_half, s.plan, p.user_id from public.credit_accounts a join public.subscriptions s using (user_id)"
                " join public.projects p using (user_id) where user_id = %s and p.id = %s", (user, project),
            ).fetchall()  # fmt: skip
            assert row == (16, "max", user)
        with embedded.running(folder) as same:
            assert same == url
        assert server.is_running(), "it ran before the inner block"
    assert not server.is_running()


def test_a_block_that_fails_stops_it_too(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="in the block"), embedded.running(folder):
        raise RuntimeError("in the block")
    assert not Server(folder, embedded_binaries()).is_running()


def test_it_lives_in_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYJOE_HOME", "/srv/joe")
    assert embedded.default_folder() == Path("/srv/joe/database")


def test_an_up_that_fails_leaves_nothing_running(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise MigrationError("it does not fit")

    monkeypatch.setattr(embedded, "migrate", refuse)
    with pytest.raises(MigrationError):
        embedded.up(folder)
    assert not embedded.is_running(folder)
    Server(folder, embedded_binaries()).start()
    with pytest.raises(MigrationError):
        embedded.up(folder)
    assert embedded.is_running(folder), "it ran before"


def test_it_comes_up_below_a_path_with_blanks_and_signs(folder: Path) -> None:
    place = folder.parent / "my joe's 100% & more"
    place.mkdir()
    done = command("db", "up", MYJOE_HOME=str(place))
    assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(done.stdout.strip()) as connection:
        assert connection.execute("select count(*) from public.projects").fetchone() == (1,)
    assert command("jobs", MYJOE_HOME=str(place)).stdout == "There are no such jobs.\n"
    assert command("db", "down", MYJOE_HOME=str(place)).returncode == 0
    refused = command("db", "up", "--folder", str(folder.parent / "a,b"))
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1) and "has a comma" in refused.stderr
    assert not (folder.parent / "a,b").exists()
