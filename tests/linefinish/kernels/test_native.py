"""How compiled kernels are made, kept, found and refused; each case is a fresh process over a small
package of its own.
"""
from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from linefinish.kernels import _native

USE = "from linefinish.kernels import small; print(small.total(bytes([1, 2, 3]), 3))"


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_the_first_use_builds_with_a_message_and_the_second_is_silent(package: Any) -> None:
    first, second = package.run(), package.run()
    assert (first.stdout, second.stdout) == ("12\n", "12\n")
    assert "compiling its kernels" in first.stderr
    assert second.stderr == ""
    assert len(package.built()) == 1


def test_an_edited_helper_in_another_file_is_noticed(package: Any) -> None:
    package.run()
    helped = package.kernels / "helped.py"
    helped.write_text(helped.read_text().replace("2 * value", "3 * value"))
    again = package.run()
    assert again.stdout == "18\n"
    assert "compiling its kernels" in again.stderr
    assert len(package.built()) == 2


def test_processes_that_start_together_build_once(package: Any) -> None:
    running = [package.start("-c", USE) for _ in range(4)]
    outputs = [process.communicate() for process in running]
    assert [out for out, _ in outputs] == ["12\n"] * 4
    assert sum("compiling" in err for _, err in outputs) == 1
    assert [path.name for path in package.cache.iterdir() if path.suffix not in (".bin", ".lock")] == []


@pytest.mark.parametrize("damage", ["truncated", "emptied", "header", "code"])
def test_a_damaged_cache_file_is_built_anew(package: Any, damage: str) -> None:
    package.run()
    (path,) = package.built()
    whole = path.read_bytes()
    path.write_bytes({
        "truncated": whole[:-100],
        "emptied": b"",
        "header": b"\xff" + whole[1:],
        "code": whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:],
    }[damage])  # fmt: skip
    again = package.run()
    assert again.stdout == "12\n", again.stderr
    assert "compiling its kernels" in again.stderr
    assert path.read_bytes() == whole


def test_a_damaged_packaged_file_is_named(package: Any) -> None:
    package.run()
    (path,) = package.built()
    packaged = package.packaged_path()
    packaged.write_bytes(path.read_bytes()[:-1])
    failed = package.run()
    assert failed.returncode != 0
    assert str(packaged) in last_line(failed.stderr)
    assert "damaged" in last_line(failed.stderr)


def test_packaged_kernels_need_no_compiler_and_no_cache(package: Any) -> None:
    package.run()
    (path,) = package.built()
    path.rename(package.packaged_path())
    without = package.run("import sys; sys.modules['numba'] = None\n" + USE, LINEFINISH_CACHE="/nonexistent/folder")
    assert (without.stdout, without.stderr) == ("12\n", "")


def test_without_numba_and_without_packaged_kernels_the_error_names_the_remedy(package: Any) -> None:
    (package.folder / "source" / "numba.py").write_text("raise ImportError(\"No module named 'numba'\")")
    failed = package.run()
    assert last_line(failed.stderr) == (
        "linefinish.kernels._native.NativeKernelsError: the kernels could not be compiled: No module named 'numba' "
        "(pip install 'linefinish[build]' brings the compiler)"
    )
    assert package.built() == []


def test_a_cache_that_cannot_be_written_is_named(package: Any) -> None:
    (package.folder / "file").touch()
    failed = package.run(LINEFINISH_CACHE=str(package.folder / "file" / "cache"))
    assert "the kernels cannot be kept in" in last_line(failed.stderr)
    assert "LINEFINISH_CACHE" in last_line(failed.stderr)


def test_an_unknown_mode_is_refused_by_name(package: Any) -> None:
    failed = package.run(LINEFINISH_KERNELS="fast")
    assert last_line(failed.stderr) == "ImportError: LINEFINISH_KERNELS is 'fast'; it may be one of native, jit, python"


def test_native_kernels_load_neither_numba_nor_numpy(package: Any) -> None:
    package.run()
    seen = package.run(USE + "\nimport sys; print(sorted({'numba', 'numpy', 'hashlib', 'dataclasses', 're'} & set(sys.modules)))")
    assert seen.stdout == "12\n[]\n"


@pytest.mark.parametrize("mode", ["jit", "python"])
def test_the_other_modes_run_without_any_build(package: Any, mode: str) -> None:
    done = package.run(LINEFINISH_KERNELS=mode)
    assert (done.stdout, done.stderr) == ("12\n", "")
    assert package.built() == []


def test_threads_that_call_their_first_kernels_at_once_share_one_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each used to map its own; the one that was let go took its machine code along, and whoever
    had an address in it crashed.
    """
    made = []

    class Slow:
        def __init__(self, path: str) -> None:
            made.append(path)
            time.sleep(0.05)

    monkeypatch.setattr(_native, "_library", None)
    monkeypatch.setattr(_native, "Library", Slow)
    with ThreadPoolExecutor(4) as threads:
        libraries = set(threads.map(lambda _: _native.library(), range(4)))
    assert len(libraries) == len(made) == 1
