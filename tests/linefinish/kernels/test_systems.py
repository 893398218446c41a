"""Memory that runs on Windows and macOS. The functions of these systems are stood in for; what can
be real on Linux is: mprotect, and the kernels that then run from the copied block.
"""
from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from linefinish.kernels import _native, _registry, _systems

CODE = bytes(range(256)) * 20


class Function:
    """One of a library's functions: what it was called with, and what it does."""

    def __init__(self, does: Any) -> None:
        self.does = does
        self.calls: list[Any] = []
        self.restype: Any = None

    def __call__(self, *arguments: Any) -> Any:
        self.calls.append([getattr(argument, "value", argument) for argument in arguments])
        return self.does(*arguments)


# --- Windows
# ------------------------------------------------------------


class Kernel32:
    """Windows' memory: pages that are written, made code, and flushed, in this order."""

    def __init__(self, *, memory: bool = True, code: bool = True) -> None:
        self.pages = ctypes.create_string_buffer(8192)
        self.told: list[Any] = []
        self.VirtualAlloc = Function(lambda *_: ctypes.addressof(self.pages) if memory else None)
        self.VirtualProtect = Function(lambda *_: self.told.append(self.pages.raw[: len(CODE)]) or code)
        self.FlushInstructionCache = Function(lambda *_: self.told.append("flushed"))
        self.GetCurrentProcess = Function(lambda: -1)


def test_on_windows_the_code_is_written_first_and_can_then_only_be_run() -> None:
    system = Kernel32()
    address = _systems.windows_copy(CODE, system)
    assert address == ctypes.addressof(system.pages)
    assert system.VirtualAlloc.calls == [[None, len(CODE), 0x3000, 0x04]]  # reserved and committed, to be written
    assert [call[:3] for call in system.VirtualProtect.calls] == [[address, len(CODE), 0x20]]  # to be read and run
    assert system.told == [CODE, "flushed"]
    assert system.VirtualAlloc.restype is ctypes.c_void_p  # an int of C would cut the address


@pytest.mark.parametrize("refusal", [{"memory": False}, {"code": False}])
def test_windows_may_refuse(refusal: dict[str, bool]) -> None:
    with pytest.raises(OSError, match="Windows error"):
        _systems.windows_copy(CODE, Kernel32(**refusal))


# --- macOS
# ------------------------------------------------------------


class Libc:
    """This system's C library with what macOS has beside it, and, if wanted, its refusals."""

    def __init__(self, *, hardened: bool = False, jit: bool = True) -> None:
        real = ctypes.CDLL(None, use_errno=True)
        self.told: list[Any] = []
        self.mmap = Function(lambda *a: (_systems._MAP_FAILED if a[3] & 0x800 and not jit else self._mapped(real, *a)))
        self.mprotect = Function(lambda *a: self._refused() if hardened else real.mprotect(*a))
        self.munmap = real.munmap
        self.sys_icache_invalidate = Function(lambda *_: self.told.append("flushed"))
        self.pthread_jit_write_protect_np = Function(lambda on: self.told.append(f"protected {on}"))

    def _mapped(self, real: Any, address: Any, size: Any, protection: int, flags: int, *rest: Any) -> Any:
        real.mmap.restype = ctypes.c_void_p
        return real.mmap(address, size, protection, flags & ~0x800, *rest)  # MAP_JIT is another flag here

    def _refused(self) -> int:
        ctypes.set_errno(13)
        return -1


def test_on_macos_the_code_is_copied_flushed_and_made_executable() -> None:
    libc = Libc()
    address = _systems.unix_copy(CODE, libc)
    assert ctypes.string_at(address, len(CODE)) == CODE
    assert libc.told == ["flushed"]
    assert libc.mprotect.calls == [[address, len(CODE), 1 | 4]]


def test_a_hardened_process_takes_map_jit() -> None:
    libc = Libc(hardened=True)
    address = _systems.unix_copy(CODE, libc)
    assert ctypes.string_at(address, len(CODE)) == CODE
    assert libc.told == ["flushed", "protected 0", "protected 1", "flushed"]
    assert libc.mmap.calls[-1][2:4] == [1 | 2 | 4, 0x800 | libc.mmap.calls[0][3]]


def test_where_a_process_may_have_neither_the_system_s_reason_is_told() -> None:
    with pytest.raises(PermissionError, match="Permission denied"):
        _systems.unix_copy(CODE, Libc(hardened=True, jit=False))


@pytest.mark.parametrize(("lacks", "has"), [("", True), ("avx2_0", False), ("fma", False)])
def test_macos_tells_the_level_of_the_processor(lacks: str, has: bool) -> None:
    def sysctlbyname(name: bytes, value: Any, size: Any, *_: Any) -> int:
        assert name.startswith(b"hw.optional.") and size._obj.value == 4
        value._obj.value = int(name.decode().rpartition(".")[2] != lacks)
        return 0

    assert _systems.macos_has_v3(SimpleNamespace(sysctlbyname=sysctlbyname)) is has


def test_a_name_that_macos_does_not_know_is_no_instruction() -> None:
    assert not _systems.macos_has_v3(SimpleNamespace(sysctlbyname=lambda *_: -1))


# --- the block, copied
# ------------------------------------------------------------


def test_kernels_run_from_a_copied_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows and macOS, where no file is mapped as code."""
    path = _native.library().path
    monkeypatch.setattr(_native, "_FILES_RUN", False)
    library = _native.Library(path)
    told = library.told("bits", "count")
    made = _registry.registered("bits", "count", told.partition(" ")[2], _native.bind)
    assert _native.function_at(library.address(made), made)(b"\xff" * 64, 8) == 512


def test_a_file_that_may_not_be_run_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that is mounted noexec."""

    def refused(*_: Any, **__: Any) -> Any:
        raise PermissionError(1, "Operation not permitted")

    path = _native.library().path
    copied: list[bytes] = []
    monkeypatch.setattr(_native.mmap, "mmap", refused)
    monkeypatch.setattr(_systems, "executable", lambda code: copied.append(code) or 4096)
    _native.Library(path)
    assert len(copied[0]) > 100_000


def test_a_system_that_lets_no_code_be_loaded_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_code: bytes) -> int:
        raise PermissionError(13, "Permission denied")

    path = _native.library().path
    monkeypatch.setattr(_native, "_FILES_RUN", False)
    monkeypatch.setattr(_systems, "executable", refused)
    with pytest.raises(_native.UnfitError, match=r"does not let machine code be loaded \(Permission denied\)"):
        _native.Library(path)


@pytest.mark.skipif(sys.platform == "win32", reason="asks the C library for what Windows has otherwise")
def test_this_system_s_own_functions_do_it() -> None:
    assert ctypes.string_at(_systems.executable(CODE), len(CODE)) == CODE


MACOS = """
import ctypes, sys
sys.platform = "darwin"
from linefinish.kernels import _native, _systems
_systems.has_x86_64_v3 = lambda: sys.argv.pop() == "v3"
from linefinish.command.cli import main
sys.exit(main())
"""


def test_the_command_runs_as_it_would_on_a_mac(tmp_path: Path) -> None:
    """As far as this system can stand in for it: the targets, the copied block, the self-test."""
    level = _native.targets()[0]
    source = str(Path(_native.__file__).parents[2])
    page = str(Path(__file__).parents[3] / "examples" / "fairy-godmother.png")
    plain = {key: value for key, value in os.environ.items() if not key.startswith("LINEFINISH_K")}
    code = MACOS.replace("sys.argv.pop()", repr(level[-2:]))
    made = []
    for name, words in (("mac", ["-c", code]), ("here", ["-m", "linefinish"])):
        out = str(tmp_path / f"{name}.svg")
        done = subprocess.run(
            [sys.executable, *words, page, "-o", out, "--verbose"],
            env={**plain, "PYTHONPATH": source, "LINEFINISH_CACHE": _registry.cache_folder()}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert f"native, {level}" in done.stdout
        assert ("darwin on" in done.stdout) == (name == "mac")
        made.append(Path(out).read_bytes())
    assert made[0] == made[1]
