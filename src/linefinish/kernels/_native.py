"""Find, check and map the compiled kernels.

The machine code is one position-independent block that refers to nothing outside itself (`_build.py` proves it), so
loading it is one `mmap` of a file: no linker, no numba, no numpy. It is looked for in two places:

1. beside this file, where a wheel carries one block per CPU level;
2. in the user's cache, where it is built once on first use, with a message. The name holds a hash over all kernel
   sources (which name Numba's version) and the CPU level, so an edited helper in another file is never overlooked.

File: a magic line, `key value` lines, one `@symbol offset` line a kernel, padded with spaces to HEADER_BYTES; then the code.
"""
from __future__ import annotations

import mmap
import os
import sys
from zlib import crc32

from linefinish.kernels import _kernel

# mmap wants a file offset that is a multiple of the page; 64 KiB holds for every page size in use (4, 16 and 64 KiB).
HEADER_BYTES = 65536
MAGIC = "linefinish-kernels 1"
# What makes up x86-64-v3 beyond v2, as /proc/cpuinfo spells it (x86-64 psABI, section 3.1.1).
_V3_FLAGS = {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"}
_HERE = os.path.dirname(os.path.abspath(__file__))  # os.path and not pathlib, which costs a cold process 11 ms


class NativeKernelsError(ImportError):
    """The compiled kernels cannot be had: no numba to make them, or a CPU or system that they do not know."""


class DamagedFileError(NativeKernelsError):
    """The file of compiled kernels is not as it was written."""


class Library:
    """A mapped block of machine code. `facts` has what its header says: source_hash, cpu, numba, code_bytes, code_crc32."""

    def __init__(self, path: str) -> None:
        self.path = path
        with open(path, "rb") as file:
            self.facts, self._offsets = _header(file.read(HEADER_BYTES), path)
            size = os.fstat(file.fileno()).st_size - HEADER_BYTES
            # Jumping into half a file would end the process without a word, so it is looked through first: 0.1 ms per 100 kB.
            if size <= 0 or str(size) != self.facts.get("code_bytes"):
                raise DamagedFileError(f"{path} is damaged: it does not hold the code that its header states")
            self._map = mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ | mmap.PROT_EXEC, offset=HEADER_BYTES)
        if str(crc32(self._map)) != self.facts.get("code_crc32"):
            raise DamagedFileError(f"{path} is damaged: its code is not what was written")
        self._held = _kernel.HeldBuffer(self._map)

    def address(self, symbol: str) -> int:
        """Where the kernel's code begins."""
        return self._held.address + self._offsets[symbol]


def _header(raw: bytes, path: str) -> tuple[dict[str, str], dict[str, int]]:
    """The facts and the kernels' offsets that a file's first HEADER_BYTES state."""
    facts: dict[str, str] = {}
    offsets: dict[str, int] = {}
    try:
        magic, *lines = raw.rstrip().decode("ascii").split("\n")
        for line in lines:
            key, value = line.split(" ", 1)
            if key.startswith("@"):
                offsets[key[1:]] = int(value)
            else:
                facts[key] = value
    except ValueError:
        magic = ""
    if magic != MAGIC:
        raise DamagedFileError(f"{path} is damaged: it does not begin like a file of compiled kernels")
    return facts, offsets


def cpu_level() -> str:
    """The best CPU level that kernels are built for and this machine runs."""
    machine = os.uname().machine if hasattr(os, "uname") else "unknown"
    if sys.platform != "linux" or machine != "x86_64":
        raise NativeKernelsError(
            f"no native kernels for {sys.platform} on {machine}; set LINEFINISH_KERNELS=jit to use Numba's compiler instead"
        )
    with open("/proc/cpuinfo", "rb") as info:  # as text, and so through a decoder that nothing else loads, it costs 0.3 ms more
        flags = next((line for line in info if line.startswith(b"flags")), b"").decode("ascii", "replace").split()
    return "x86-64-v3" if set(flags) >= _V3_FLAGS else "x86-64-v2"


def source_hash() -> str:
    """Hash over every file of this folder: the kernels, their helpers and the compiler's settings."""
    from _blake2 import blake2b  # hashlib's own; through hashlib it costs 3 ms, as that loads OpenSSL

    digest = blake2b(digest_size=12)
    for name in sorted(os.listdir(_HERE)):
        if name.endswith(".py"):
            digest.update(name.encode())
            with open(f"{_HERE}/{name}", "rb", buffering=0) as file:
                digest.update(file.read())
    return digest.hexdigest()


def cache_folder() -> str:
    """Where kernels built on first use are kept: $LINEFINISH_CACHE, or the user's cache folder."""
    chosen = os.environ.get("LINEFINISH_CACHE")
    if chosen:
        return chosen
    user = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(user, "linefinish")


_library: Library | None = None


def library() -> Library:
    """The compiled kernels of this process; built first if need be."""
    global _library
    if _library is None:
        cpu = cpu_level()
        packaged = os.path.join(_HERE, f"kernels-{cpu}.bin")
        _library = Library(packaged) if os.path.exists(packaged) else _cached(cpu)
    return _library


def _cached(cpu: str) -> Library:
    """The user's own copy, made if it is missing and made anew if it is damaged."""
    path = os.path.join(cache_folder(), f"kernels-{source_hash()}-{cpu}.bin")
    try:
        return Library(path)
    except (FileNotFoundError, NotADirectoryError):
        damaged = False
    except DamagedFileError:
        damaged = True
    _build(path, cpu, damaged)
    return Library(path)


def _build(path: str, cpu: str, replace: bool) -> None:
    """Compile in a process of its own: numba reads its CPU settings once, at import."""
    import fcntl
    import subprocess

    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        lock = open(f"{path}.lock", "wb")  # noqa: SIM115  # the `with` below closes it
    except OSError as error:
        raise NativeKernelsError(
            f"the kernels cannot be kept in {os.path.dirname(path)}: {error.strerror}; LINEFINISH_CACHE may name another folder"
        ) from None
    with lock:
        # Many processes may start at once (a batch over a cluster): the first builds, the others wait for its file.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(path) and not replace:
            return
        print(f"linefinish: compiling its kernels for {cpu}, once (about a minute) …", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "linefinish.kernels._build", "--cpu", cpu, "-o", path]
        source_root = os.path.dirname(os.path.dirname(_HERE))
        search = os.pathsep.join(filter(None, [source_root, os.environ.get("PYTHONPATH")]))
        environment = dict(os.environ, PYTHONPATH=search)
        done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise NativeKernelsError(f"the kernels could not be compiled: {last} (pip install 'linefinish[build]' brings the compiler)")
