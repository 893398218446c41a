"""The user's cache of compiled kernels: where it is, when it is made, and by whom."""
from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import linefinish
from linefinish.kernels import _cache

USE = "from linefinish.kernels import small; print(small.total(bytes([1, 2, 3]), 3))"


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_it_lies_where_the_user_says_or_keeps_such_things(monkeypatch: pytest.MonkeyPatch) -> None:
    for variables, folder in (
        ({"LINEFINISH_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a"),
        ({"LINEFINISH_CACHE": "", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/linefinish"),
        ({"LINEFINISH_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/c"}, "/c/.cache/linefinish"),
    ):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert _cache.cache_folder() == folder
        path = _cache.path_for("x86-64-v3")
        assert os.path.dirname(path) == folder
        assert os.path.basename(path) == f"kernels-{_cache.source_hash()}-x86-64-v3.bin"


def test_the_hash_is_over_every_source_file_of_the_kernels_and_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cache, "_HERE", str(tmp_path))
    hashes = [_cache.source_hash()]
    for change in ("a.py", "b.py", "_border.py"):
        (tmp_path / change).write_text("x = 1")
        hashes.append(_cache.source_hash())
    (tmp_path / "a.py").write_text("x = 2")
    hashes.append(_cache.source_hash())
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    hashes.append(_cache.source_hash())
    assert len(set(hashes)) == len(hashes)
    (tmp_path / "README.md").write_text("words")
    (tmp_path / "__pycache__").mkdir()
    assert _cache.source_hash() == hashes[-1]


def test_the_kernels_are_all_in_the_folder_that_is_hashed() -> None:
    """A folder in it would not be."""
    kernels = Path(linefinish.__file__ or "").parent / "kernels"
    assert Path(_cache._HERE) == kernels
    assert [path for path in kernels.rglob("*.py") if path.parent != kernels] == []


def test_a_file_that_another_process_made_meanwhile_is_not_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cache" / "kernels.bin"
    path.parent.mkdir()
    path.write_bytes(b"made")
    assert _cache.build(str(path), "x86-64-v2", replace=False) == ""
    assert path.read_bytes() == b"made"
    assert capsys.readouterr().err == ""


def test_who_waits_for_another_process_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "kernels.bin"
    waiting = threading.Thread(target=_cache.build, args=(str(path), "x86-64-v3"), kwargs={"replace": False})
    with (tmp_path / "kernels.bin.lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting.start()
        told = ""
        while not told and waiting.is_alive():
            told = capsys.readouterr().err
            time.sleep(0.005)
        path.write_bytes(b"made by another process")
    waiting.join(60)
    assert told == "linefinish: another process compiles the kernels (about a minute); waiting for it …\n"
    assert not waiting.is_alive() and capsys.readouterr().err == ""


def test_the_first_use_builds_with_a_message_and_the_second_is_silent(package: Any) -> None:
    first, second = package.run(), package.run()
    assert (first.stdout, second.stdout) == ("12\n", "12\n")
    assert "compiling its kernels" in first.stderr
    assert second.stderr == ""
    assert len(package.built()) == 1


def test_an_edited_helper_in_another_file_is_noticed(built: Any) -> None:
    helped = built.kernels / "helped.py"
    helped.write_text(helped.read_text().replace("2 * value", "3 * value"))
    again = built.run()
    assert again.stdout == "18\n"
    assert "compiling its kernels" in again.stderr
    assert len(built.built()) == 2


def test_processes_that_start_together_build_once(package: Any) -> None:
    running = [package.start("-c", USE) for _ in range(4)]
    outputs = [process.communicate() for process in running]
    assert [out for out, _ in outputs] == ["12\n"] * 4
    assert sum("compiling" in err for _, err in outputs) == 1
    assert [path.name for path in package.cache.iterdir() if path.suffix not in (".bin", ".lock") and path.name[:7] != "tested-"] == []


@pytest.mark.parametrize("damage", ["truncated", "emptied", "header", "code"])
def test_a_damaged_cache_file_is_built_anew(built: Any, damage: str) -> None:
    (path,) = built.built()
    whole = path.read_bytes()
    path.write_bytes({
        "truncated": whole[:-100],
        "emptied": b"",
        "header": b"\xff" + whole[1:],
        "code": whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:],
    }[damage])  # fmt: skip
    again = built.run()
    assert again.stdout == "12\n", again.stderr
    assert "compiling its kernels" in again.stderr
    assert path.read_bytes() == whole


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
