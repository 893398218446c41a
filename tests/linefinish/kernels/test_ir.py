"""What Numba's front end made of a kernel module is kept, and found by the next build alone if it
is what that build would make.
"""
from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from linefinish.kernels import _ir

FOLDER = Path(_ir.__file__).parent


def words_of(name: str) -> set[str]:
    return {path.stem for path in _ir._imported(FOLDER / f"{name}.py", set())}


def test_the_other_cpu_level_is_made_of_the_same_ir(package: Any) -> None:
    source = (package.kernels / "small.py").read_text()
    assert package.build(source, "x86-64-v2").returncode == 0
    (path,) = package.cache.glob("ir-small-*.bin")
    inode = path.stat().st_ino
    assert package.build(source, "x86-64-v3").returncode == 0
    assert [(one, one.stat().st_ino) for one in package.cache.glob("ir-small-*.bin")] == [(path, inode)]


def test_an_edited_helper_makes_the_modules_new_that_import_it_and_no_other(package: Any) -> None:
    (package.kernels / "alone.py").write_text(
        'from linefinish.kernels._modes import kernel\n\n\n@kernel("i64(i64)")\ndef same(a):\n    return a\n'
    )
    assert package.run().stdout == "12\n"
    before = sorted(path.name for path in package.cache.glob("ir-*.bin"))
    helped = package.kernels / "helped.py"
    helped.write_text(helped.read_text().replace("2 * value", "3 * value"))
    assert package.run().stdout == "18\n"
    new = sorted(path.name.split("-")[1] for path in package.cache.glob("ir-*.bin") if path.name not in before)
    assert new == ["helped", "small"]


def test_a_module_s_hash_covers_the_border_and_what_its_imports_import() -> None:
    assert {"curves", "cubic", "_modes", "_registry", "_f64x4", "_f64x4_llvm"} <= words_of("curves")
    assert "curves" not in words_of("cubic")


def test_a_damaged_file_is_made_anew(package: Any) -> None:
    source = (package.kernels / "small.py").read_text()
    assert package.build(source).returncode == 0
    made = (package.folder / "made.bin").read_bytes()
    (path,) = package.cache.glob("ir-small-*.bin")
    whole = path.read_bytes()
    for damaged in (whole[:-9], b"", whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]):  # cut off, emptied, one bit
        path.write_bytes(damaged)
        for block in package.built():  # which the next build would take as it is
            block.unlink()
        assert package.build(source).returncode == 0
        assert (package.folder / "made.bin").read_bytes() == made
        assert path.read_bytes() != damaged


def test_what_no_build_has_asked_for_is_removed(built: Any) -> None:
    old, young = built.cache / "ir-gone-1.bin", built.cache / "ir-gone-2.bin"
    for path, days in ((old, 31), (young, 29)):
        path.touch()
        os.utime(path, times=(time.time() - days * 86400,) * 2)
    (built.kernels / "helped.py").write_text((built.kernels / "helped.py").read_text() + "\n# edited\n")
    assert built.run().stdout == "12\n"
    assert (old.exists(), young.exists()) == (False, True)


def test_a_build_goes_on_where_nothing_can_be_kept(package: Any) -> None:
    (package.folder / "file").touch()
    process = package.start(
        "-m", "linefinish.kernels._build", "--target", "x86-64-v2", "-o", str(package.folder / "made.bin"),
        LINEFINISH_CACHE=str(package.folder / "file" / "cache"),
    )  # fmt: skip
    out, err = process.communicate()
    assert (process.returncode, err, out) == (0, "", "1 of 2\n2 of 2\n")
    assert (package.folder / "made.bin").exists()
