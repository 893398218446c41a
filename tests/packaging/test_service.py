"""Both wheels as the image has them: they work from there alone, and write nowhere but to their
temporary folder and the storage.
"""
from __future__ import annotations

import compileall
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.database.support import Database
from tests.packaging.conftest import ROOT, run


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file below, with its size and the time of its last change."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def test_a_page_is_made_from_the_wheel_alone_and_nothing_is_written_beside_it(
    library_wheel: Path, product_wheel: Path, newest: Database, tmp_path: Path
) -> None:
    site, temporary, nowhere = tmp_path / "site", tmp_path / "tmp", tmp_path / "none"
    for wheel in (library_wheel, product_wheel):
        zipfile.ZipFile(wheel).extractall(site)
    compileall.compile_dir(site, quiet=1)  # as the image is made
    temporary.mkdir()
    user = newest.user(credits_half=10)
    run_id = newest.submit_manifest(user, "k", {"pages": [{"operations": ["raster", "fix_upscale"], "prompt": "an owl"}]})["run_id"]
    before = everything(site)

    def myjoe(*words: str) -> str:
        # As in the image: what is installed comes first, no home, no cache of kernels, no Numba
        # that could be asked for one.
        environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": str(nowhere), "TMPDIR": str(temporary),
            "LINEFINISH_CACHE": "/dev/null/cache", "DATABASE_URL": newest.server.url(newest.name), "MYJOE_HOME": str(nowhere),
            "MYJOE_STORAGE_FOLDER": str(tmp_path / "pages"),
        }  # fmt: skip
        command = [sys.executable, "-m", "myjoe_cli", *words]
        done = subprocess.run(command, env=environment, cwd=temporary, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    myjoe("worker", "once")
    assert "completed" in myjoe("run", run_id)
    assert "FAIL" not in myjoe("worker", "check")
    assert everything(site) == before and list(temporary.iterdir()) == [] and not nowhere.exists()


def test_the_product_carries_its_packages_and_needs_the_library(product_wheel: Path) -> None:
    archive = zipfile.ZipFile(product_wheel)
    tops = {name.split("/")[0] for name in archive.namelist()}
    [info] = [top for top in tops if top.endswith(".dist-info")]
    assert tops == {"myjoe", "myjoe_worker", "myjoe_studio", "myjoe_cli", info}
    assert "Requires-Dist: linefinish==" in archive.read(f"{info}/METADATA").decode()
    assert b"myjoe = myjoe_cli.__main__:run" in archive.read(f"{info}/entry_points.txt")


def test_what_is_read_at_run_time_is_in_the_wheel(product_wheel: Path) -> None:
    names = set(zipfile.ZipFile(product_wheel).namelist())
    in_source = [
        str(path.relative_to(ROOT / "src"))
        for package in ("myjoe", "myjoe_worker", "myjoe_studio", "myjoe_cli")
        for path in (ROOT / "src" / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    ]
    assert any(name.endswith(".sql") for name in in_source) and any(name.endswith(".css") for name in in_source)
    assert set(in_source) <= names


def test_it_holds_the_migrations_and_finds_them(product_wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(product_wheel).extractall(tmp_path / "site")
    code = "from myjoe.database.migrating import *; print(supabase_folder()); print(*[m.version for m in migrations()])"
    done = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    folder, versions = done.stdout.splitlines()
    assert Path(folder) == tmp_path / "site" / "myjoe" / "database" / "supabase"
    assert versions.split() == [path.name[:14] for path in sorted((ROOT / "supabase" / "migrations").glob("*.sql"))]
    assert (Path(folder) / "seed.sql").read_bytes() == (ROOT / "supabase" / "seed.sql").read_bytes()
    assert (Path(folder).parent / "bootstrap.sql").exists()
