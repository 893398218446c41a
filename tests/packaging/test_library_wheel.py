"""The library's wheel alone is enough: kernels inside for both CPU levels, no compiler, no numba,
no numpy, no Pillow for PNG in and SVG out. It carries nothing of My Joe.
"""
from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from tests.packaging.conftest import ROOT, run


def test_it_holds_the_kernels_of_both_cpu_levels_and_serves_any_python(library_wheel: Path) -> None:
    names = zipfile.ZipFile(library_wheel).namelist()
    assert {"linefinish/kernels/kernels-x86-64-v2.bin", "linefinish/kernels/kernels-x86-64-v3.bin", "linefinish/py.typed"} <= set(names)
    assert library_wheel.name.endswith("-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64.whl")
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "golden/"))]


def test_it_carries_the_library_and_its_command_and_nothing_of_my_joe(library_wheel: Path) -> None:
    archive = zipfile.ZipFile(library_wheel)
    tops = {name.split("/")[0] for name in archive.namelist()}
    [info] = [top for top in tops if top.endswith(".dist-info")]
    [data] = [top for top in tops if top.endswith(".data")]
    assert tops == {"linefinish", info, data}
    told = archive.read(f"{info}/METADATA").decode()
    asked = [line for line in told.splitlines() if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert asked == ["Requires-Dist: numpy>=1.26", "Requires-Dist: pillow>=11"]
    assert not any(word in told for word in ("psycopg", "openai", "pgserver", "Requires-Dist: myjoe"))


def test_its_command_is_a_script_that_pip_points_at_the_interpreter(library_wheel: Path, tmp_path: Path) -> None:
    """Not an entry point: the script that pip makes of one imports `re`, which would be a sixth of
    a cold run.
    """
    names = zipfile.ZipFile(library_wheel).namelist()
    (script,) = [name for name in names if name.endswith(".data/scripts/linefinish")]
    assert not [name for name in names if name.endswith("entry_points.txt")]
    assert zipfile.ZipFile(library_wheel).read(script).startswith(b"#!python\n")
    zipfile.ZipFile(library_wheel).extractall(tmp_path)
    done = run(sys.executable, "-S", str(tmp_path / script), "--version", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "linefinish", "")


def test_it_finishes_drawings_with_nothing_but_the_standard_library(library_wheel: Path, tmp_path: Path) -> None:
    """Of every kind that there is a page of, as only some kinds take some ways."""
    zipfile.ZipFile(library_wheel).extractall(tmp_path / "site")
    pages = sorted(str(path) for folder in ("examples", "golden", "tests/linefinish/field") for path in (ROOT / folder).rglob("*.png"))
    assert len(pages) > 70
    code = (
        "import sys\nfrom linefinish.command.cli import main\n"
        "for page in sys.argv[1:]:\n"
        "    assert main(['-q', page, '-o', 'drawing.svg']) == 0, page\n"
        "    assert open('drawing.svg', 'rb').read().startswith(b'<svg'), page\n"
    )
    # -S: no site-packages, so numba, numpy and Pillow are not there to be found; and the cache is
    # no place to build in.
    done = run(
        sys.executable, "-S", "-c", code, *pages, cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"), LINEFINISH_CACHE="/dev/null/cache"
    )
    assert done.returncode == 0, done.stderr
    assert "compiling" not in done.stderr
