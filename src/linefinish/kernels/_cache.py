"""The user's cache of compiled kernels, for a checkout, which carries none.

They are built once on first use, with a message. The file's name holds a hash over all kernel
sources (which name Numba's version) and the target, so an edited helper in another file is never
overlooked.
"""
from __future__ import annotations

import os
import sys

from linefinish.kernels._registry import cache_folder

__all__ = ["build", "cache_folder", "path_for", "source_hash"]

_HERE = os.path.dirname(os.path.abspath(__file__))


def path_for(target: str) -> str:
    """The file for a target and the kernels as they are now."""
    return os.path.join(cache_folder(), f"kernels-{source_hash()}-{target}.bin")


def source_hash() -> str:
    """Hash over every file of this folder: the kernels, their helpers and the
    compiler's settings.
    """
    from _blake2 import blake2b  # hashlib's own; through hashlib it costs 3 ms, as that loads OpenSSL

    digest = blake2b(digest_size=12)
    for name in sorted(os.listdir(_HERE)):
        if name.endswith(".py"):
            digest.update(name.encode())
            with open(f"{_HERE}/{name}", "rb", buffering=0) as file:
                digest.update(file.read())
    return digest.hexdigest()


def build(path: str, target: str, *, replace: bool) -> str:
    """Make the file of compiled kernels; returns what went wrong, "" if nothing did.

    They are compiled in a process of its own, as numba reads its CPU settings once, at import.
    """
    import subprocess

    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        lock = open(f"{path}.lock", "wb")  # noqa: SIM115  # the `with` below closes it
    except OSError as error:
        return f"the kernels cannot be kept in {os.path.dirname(path)}: {error.strerror}; LINEFINISH_CACHE may name another folder"
    with lock:
        # Many processes may start at once (a batch over a cluster): the first builds, the others
        # wait for its file.
        _wait_for(lock.fileno())
        if os.path.exists(path) and not replace:
            return ""
        words = f"linefinish: compiling its kernels for {target}, once"
        shown = sys.stderr.isatty()
        print(words, end="" if shown else " (about a minute) …\n", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "linefinish.kernels._build", "--target", target, "-o", path]
        source_root = os.path.dirname(os.path.dirname(_HERE))
        search = os.pathsep.join(filter(None, [source_root, os.environ.get("PYTHONPATH")]))
        last = "no message"
        with subprocess.Popen(
            command, env=dict(os.environ, PYTHONPATH=search), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last = line.strip() or last
                if shown and line[:1].isdigit():  # "3 of 47"
                    print(f"\r{words}: {last}", end="", file=sys.stderr, flush=True)
        if shown:
            print(file=sys.stderr)
    if process.returncode != 0:
        return f"the kernels could not be compiled: {last} (pip install 'linefinish[build]' brings the compiler)"
    return ""


def _wait_for(handle: int) -> None:
    """Hold the file's lock, which ends with the process at the latest. Who has to wait is told."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        told = False
        while True:
            try:
                return msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
            except OSError:  # it gives up after ten seconds
                told = told or _tell_of_another()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _tell_of_another()
        fcntl.flock(handle, fcntl.LOCK_EX)


def _tell_of_another() -> bool:
    print("linefinish: another process compiles the kernels (about a minute); waiting for it …", file=sys.stderr, flush=True)
    return True
