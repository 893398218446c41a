"""The wheel as the image has it: it works from there alone, and writes nowhere but to its temporary
folder and the storage.
"""
from __future__ import annotations

import compileall
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.database.support import Database
from tests.packaging.test_wheel import wheel

__all__ = ["wheel"]  # a fixture


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file below, with its size and the time of its last change."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def test_a_page_is_made_from_the_wheel_alone_and_nothing_is_written_beside_it(wheel: Path, newest: Database, tmp_path: Path) -> None:
    site, temporary, nowhere = tmp_path / "site", tmp_path / "tmp", tmp_path / "none"
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
            "LINEFINISH_CACHE": str(nowhere), "DATABASE_URL": newest.server.url(newest.name), "MYJOE_HOME": str(nowhere),
            "MYJOE_STORAGE_FOLDER": str(tmp_path / "pages"),
        }  # fmt: skip
        command = [sys.executable, "-m", "myjoe_cli", *words]
        done = subprocess.run(command, env=environment, cwd=temporary, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    myjoe("worker", "once")
    assert "completed" in myjoe("run", run_id)
    assert "FAIL" not in myjoe("worker", "check")
    assert everything(site) == before and list(temporary.iterdir()) == [] and not nowhere.exists()


def test_what_is_read_at_run_time_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    read = {"myjoe_worker/health/figures.sql", "myjoe_worker/health/style.css", "myjoe/operating/queries.sql", "myjoe_worker/queues/queries.sql", "myjoe/providers/joe_knows.md"}
    assert read <= names
