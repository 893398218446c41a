"""The wheel alone is enough: kernels inside for both CPU levels, no compiler, no numba, no numpy,
no Pillow for PNG in and SVG out.
"""
from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LINEFINISH_", "PYTHONPATH"))}
    return subprocess.run(command, cwd=cwd, env={**environment, **variables}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `pip install .` builds it, from the files under version control alone, but with the
    compiler that is already here.
    """
    base = tmp_path_factory.getbasetemp()
    # Side by side, the test processes share one: it takes minutes of CPU to build.
    out = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "wheel"
    out.mkdir(exist_ok=True)
    with (out / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not list(out.glob("*.whl")):
            build(tmp_path_factory.mktemp("source"), out)
    (path,) = out.glob("*.whl")
    return path


def build(source: Path, out: Path) -> None:
    wanted = ("src", "scripts", "supabase", "*.toml", "setup.*", "MANIFEST.in", "README.md", "LICENSE")
    listed = run("git", "ls-files", "-co", "--exclude-standard", *wanted, cwd=ROOT)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    built = run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(out), str(source), cwd=source)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]


def test_it_holds_the_kernels_of_both_cpu_levels_and_serves_any_python(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"linefinish/kernels/kernels-x86-64-v2.bin", "linefinish/kernels/kernels-x86-64-v3.bin", "linefinish/py.typed"} <= set(names)
    assert "-py3-none-linux_x86_64" in wheel.name
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "golden/"))]


def test_its_command_is_a_script_that_pip_points_at_the_interpreter(wheel: Path, tmp_path: Path) -> None:
    """Not an entry point: the script that pip makes of one imports `re`, which would be a sixth of
    a cold run.
    """
    names = zipfile.ZipFile(wheel).namelist()
    (script,) = [name for name in names if name.endswith(".data/scripts/linefinish")]
    (points,) = [name for name in names if name.endswith("entry_points.txt")]
    assert b"linefinish =" not in zipfile.ZipFile(wheel).read(points)
    assert zipfile.ZipFile(wheel).read(script).startswith(b"#!python\n")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    done = run(sys.executable, "-S", str(tmp_path / script), "--version", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "linefinish", "")


def test_it_holds_the_migrations_and_finds_them(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "from myjoe.database.migrating import *; print(supabase_folder()); print(*[m.version for m in migrations()])"
    done = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    folder, versions = done.stdout.splitlines()
    assert Path(folder) == tmp_path / "site" / "myjoe" / "database" / "supabase"
    assert versions.split() == [path.name[:14] for path in sorted((ROOT / "supabase" / "migrations").glob("*.sql"))]
    assert (Path(folder) / "seed.sql").read_bytes() == (ROOT / "supabase" / "seed.sql").read_bytes()
    assert (Path(folder).parent / "bootstrap.sql").exists()


def test_it_finishes_a_drawing_with_nothing_but_the_standard_library(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    page, drawing = ROOT / "examples" / "fairy-godmother.png", tmp_path / "drawing.svg"
    # -S: no site-packages, so numba, numpy and Pillow are not there to be found; and the cache is
    # no place to build in.
    done = run(
        sys.executable, "-S", "-m", "linefinish", str(page), "-o", str(drawing),
        cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"), LINEFINISH_CACHE="/nonexistent/cache",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "compiling" not in done.stderr
    assert drawing.read_bytes().count(b"<path") >= 1
