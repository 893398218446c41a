"""Find, check and map the compiled kernels.

The machine code is one position-independent block that refers to nothing outside itself
(`_build.py` proves it), so loading it is one `mmap` of a file: no linker, no numba, no numpy. It is
looked for in two places:

1. beside this file, where a wheel carries one block per CPU level;
2. in the user's cache, where it is built once on first use, with a message. The name holds a hash
   over all kernel
   sources (which name Numba's version) and the CPU level, so an edited helper in another file is
   never overlooked.

File: a magic line; a line with the CRC of all that follows; `key value` lines; one line a kernel
module with its kernels' names, offsets and signatures and its public constants; padding to
HEADER_BYTES; then the code. The module lines spare a process the kernels' source, which is 1.6 ms
of its 20: `from linefinish.kernels import bits` gives a `KernelModule` where the machine code is at
hand.
"""
from __future__ import annotations

import mmap
import os
import sys
from _thread import RLock
from zlib import crc32

from linefinish.kernels._memory import HeldBuffer, function_at
from linefinish.kernels._registry import registered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linefinish.kernels._registry import Kernel

# mmap wants a file offset that is a multiple of the page; 64 KiB holds for every page size in use
# (4, 16 and 64 KiB).
HEADER_BYTES = 65536
MAGIC = b"linefinish-kernels 2\n"
# What makes up x86-64-v3 beyond v2, as /proc/cpuinfo spells it (x86-64 psABI, section 3.1.1).
_V3_FLAGS = {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"}
_HERE = os.path.dirname(os.path.abspath(__file__))  # os.path and not pathlib, which costs a cold process 11 ms


class NativeKernelsError(ImportError):
    """The compiled kernels cannot be had: no numba to make them, or a CPU or system that they do
    not know.
    """


class DamagedFileError(NativeKernelsError):
    """The file of compiled kernels is not as it was written."""


class Library:
    """A mapped block of machine code. `facts` has what its header says: source_hash, cpu, numba."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.facts: dict[str, str] = {}
        self._modules: dict[str, str] = {}
        self._words: dict[str, dict[str, str]] = {}
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size <= HEADER_BYTES:
                raise self._damaged()
            self._map = mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ | mmap.PROT_EXEC)
        # Jumping into half a file would end the process without a word, so it is looked through
        # first: 0.04 ms.
        head = MAGIC + b"crc32 %08x\n"
        if self._map[: len(head % 0)] != head % crc32(memoryview(self._map)[len(head % 0) :]):
            raise self._damaged()
        for line in self._map[len(MAGIC) : self._map.find(b"\n\n")].decode("ascii").split("\n"):
            key, _, value = line.partition(" ")
            if key[0] == "@":
                self._modules[key[1:]] = value
            else:
                self.facts[key] = value
        self._held = HeldBuffer(self._map)

    def _damaged(self) -> DamagedFileError:
        return DamagedFileError(f"{self.path} is damaged: it is not what was written")

    def words(self, module: str) -> dict[str, str] | None:
        """What the header tells of a kernel module: name → offset and signature of a kernel, or the
        value of a constant. None if there is no such module.
        """
        found = self._words.get(module)
        if found is None and module in self._modules:
            found = self._words[module] = {}
            for word in self._modules[module].split("; "):
                name, _, value = word.partition(" ")
                found[name] = value
        return found

    def address(self, kernel: Kernel) -> int:
        """Where the kernel's code begins."""
        words = self.words(kernel.module)
        assert words is not None  # the file's name or the wheel says that it was made of these sources
        return self._held.address + HEADER_BYTES + int(words[kernel.__name__].partition(" ")[0])


def bind(made: Kernel) -> Callable[..., Any]:
    """The kernel's machine code as a function, built first if need be."""
    return function_at(library().address(made), made)


class KernelModule:
    """A module's kernels and public constants, each made when it is asked for. Whatever else it is
    asked for (its helpers) comes from the source, which is then read.
    """

    def __init__(self, name: str, words: dict[str, str]) -> None:
        self.__name__ = f"linefinish.kernels.{name}"
        self._module = name
        self._words = words

    def __getattr__(self, name: str) -> Any:
        told = self._words.get(name)
        made: Any
        if told is None:
            if name.startswith("__"):
                raise AttributeError(name)
            __import__(self.__name__)
            return getattr(sys.modules[self.__name__], name)
        if name.isupper():
            made = float(told) if "." in told else int(told)
        else:
            made = registered(self._module, name, told.partition(" ")[2], bind)
        setattr(self, name, made)
        return made


def module_lines(constants: dict[str, dict[str, float]], kernels: dict[Kernel, int]) -> str:
    """What `Library.words` reads. `constants` by module, `kernels` with their
    offsets in the code.
    """
    lines = []
    for module, values in sorted(constants.items()):
        words = [f"{made.__name__} {offset} {made.signature_text}" for made, offset in kernels.items() if made.module == module]
        words += [f"{name} {value}" for name, value in values.items()]
        lines.append(f"@{module} {'; '.join(words)}")
    return "\n".join(lines)


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


def cache_folder() -> str:
    """Where kernels built on first use are kept: $LINEFINISH_CACHE, or the user's cache folder."""
    chosen = os.environ.get("LINEFINISH_CACHE")
    if chosen:
        return chosen
    user = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(user, "linefinish")


_library: Library | None = None
# Two threads whose first kernels are called at once would each map the file; one library would be
# let go, and its addresses lead nowhere.
_loading = RLock()


def library() -> Library:
    """The compiled kernels of this process; built first if need be."""
    global _library
    if _library is None:
        with _loading:
            if _library is None:
                _library = _loaded()
    return _library


def _loaded() -> Library:
    path, cpu, ours = _place()
    try:
        return Library(path)
    except (FileNotFoundError, NotADirectoryError, DamagedFileError) as error:
        if not ours:
            raise
        _build(path, cpu, replace=isinstance(error, DamagedFileError))
        return Library(path)


def library_at_hand() -> Library | None:
    """The compiled kernels, if they are there: whoever asks before a kernel is called must not have
    to wait until they are built.
    """
    global _library
    with _loading:
        if _library is None:
            try:
                _library = Library(_place()[0])
            except (OSError, NativeKernelsError):  # told when a kernel is called
                return None
    return _library


def _place() -> tuple[str, str, bool]:
    """The file of the compiled kernels, the CPU level, and whether it is the user's own copy, which
    may be made.
    """
    cpu = cpu_level()
    packaged = os.path.join(_HERE, f"kernels-{cpu}.bin")
    if os.path.exists(packaged):
        return packaged, cpu, False
    return os.path.join(cache_folder(), f"kernels-{source_hash()}-{cpu}.bin"), cpu, True


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
        # Many processes may start at once (a batch over a cluster): the first builds, the others
        # wait for its file.
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
