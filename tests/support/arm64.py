"""A Python for AArch64 on a machine of another kind: Debian's own for arm64, and QEMU's emulator of
one program. They are unpacked below build/ and not installed; `make test` fetches them before it
needs them (`python -m tests.support.arm64`).
"""
from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

HOME = Path(__file__).parents[2] / "build" / "arm64"
# What Python's standard library is linked with, so far as the library and its tests import it.
PACKAGES = (
    "python3.11-minimal:arm64", "libpython3.11-minimal:arm64", "libpython3.11-stdlib:arm64", "libc6:arm64", "zlib1g:arm64",
    "libexpat1:arm64", "libffi8:arm64", "libbz2-1.0:arm64", "liblzma5:arm64", "libcrypt1:arm64", "libssl3:arm64",
)  # fmt: skip
EMULATOR = "qemu-user-static"
# A state of apt's that knows both kinds of machine and nothing that is installed here.
APT = """
APT::Architectures {{ "{here}"; "arm64"; }};
APT::Sandbox::User "";
Dir::State "{home}/state";
Dir::State::lists "{home}/lists";
Dir::State::status "{home}/state/status";
Dir::Cache "{home}/cache";
"""


def python() -> list[str]:
    """The command that runs a Python for AArch64; the emulator itself runs for what it starts,
    too, only where the system has it registered.
    """
    root = _installed()
    return [str(root / "usr/bin/qemu-aarch64-static"), "-L", str(root), str(root / "usr/bin/python3.11")]


def _installed() -> Path:
    HOME.mkdir(parents=True, exist_ok=True)
    root, mark, wanted = HOME / "root", HOME / "installed", "\n".join([EMULATOR, *PACKAGES])
    with (HOME / "installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != wanted:
            shutil.rmtree(root, ignore_errors=True)
            _unpack(root)
            mark.write_text(wanted)
    return root


def _unpack(root: Path) -> None:
    for folder in ("state", "lists/partial", "cache/archives/partial", "packages"):
        (HOME / folder).mkdir(parents=True, exist_ok=True)
    (HOME / "state/status").touch()
    root.mkdir()
    here = _told("dpkg", "--print-architecture").strip()
    (HOME / "apt.conf").write_text(APT.format(here=here, home=HOME))
    environment = {**os.environ, "APT_CONFIG": str(HOME / "apt.conf")}
    _told("apt-get", "-qq", "update", environment=environment)
    _told("apt-get", "-qq", "download", EMULATOR, *PACKAGES, environment=environment)
    for package in (HOME / "packages").glob("*.deb"):
        if package.name.startswith(EMULATOR):  # of its 300 MB, one file
            files = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE)
            subprocess.run(["tar", "x", "-C", str(root), "./usr/bin/qemu-aarch64-static"], stdin=files.stdout, check=True)
            files.communicate()
        else:
            _told("dpkg-deb", "-x", str(package), str(root))
    for folder in ("lists", "cache", "packages"):
        shutil.rmtree(HOME / folder)


def _told(*command: str, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=HOME / "packages", env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)} failed: {done.stderr}"
    return done.stdout


if __name__ == "__main__":
    print(*python())
