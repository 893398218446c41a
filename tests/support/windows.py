"""A Python for Windows on Linux: CPython as it is made for Windows, and Wine, which runs it.

No registry has that Python by itself. The wheel of Panda3D for Windows has what an application
takes along: the interpreter's library and the extension modules of its standard library, as
python.org built them. The rest of the standard library is the same on every system and is taken
from the Python that runs this, and a `python.exe` of ten lines is compiled here. It lies below
build/ and is not installed; `make test-windows` fetches it before it needs it
(`python -m tests.support.windows`).
"""
from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

HOME = Path(__file__).parents[2] / "build" / "windows"
WHEEL = "panda3d==1.10.16"
MINOR = sys.version_info[1]
COMPILER = "x86_64-w64-mingw32-gcc"
WINE = "/usr/lib/wine/wine64"
PROGRAM = f"""
#include <windows.h>
int wmain(int count, wchar_t **words) {{
    HMODULE python = LoadLibraryW(L"python3{MINOR}.dll");
    if (!python) return 99;
    return ((int (*)(int, wchar_t **)) (void *) GetProcAddress(python, "Py_Main"))(count, words);
}}
"""


def python() -> list[str]:
    """The command that runs a Python for Windows. What it is given as paths may begin with "/", as
    Wine's drive Z: is the root.
    """
    return [WINE, str(_installed() / "python.exe")]


def environment() -> dict[str, str]:
    """The variables that Wine needs: its own Windows, and no messages."""
    return {"WINEPREFIX": str(HOME / "prefix"), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}


def compiled(source: Path, folder: Path) -> Path:
    """A program of C's for Windows."""
    program = folder / f"{source.stem}.exe"
    _told(COMPILER, "-municode" if "wmain" in source.read_text() else "-Wall", "-O2", "-o", str(program), str(source))
    return program


def _installed() -> Path:
    HOME.mkdir(parents=True, exist_ok=True)
    root, mark, wanted = HOME / "python", HOME / "installed", f"{WHEEL} {MINOR} {PROGRAM}"
    with (HOME / "installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != wanted:
            shutil.rmtree(root, ignore_errors=True)
            _unpack(root)
            mark.write_text(wanted)
    return root


def _unpack(root: Path) -> None:
    (root / "DLLs").mkdir(parents=True)
    _told(
        sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "--platform", "win_amd64",
        "--python-version", f"3.{MINOR}", "-d", str(HOME), WHEEL,
    )  # fmt: skip
    (wheel,) = HOME.glob("panda3d-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            folder, _, file = name.rpartition("/")
            # Wine has the C library; no window is opened.
            if folder == "deploy_libs" and not file.startswith(("api-ms-", "tcl", "tk", "_tkinter")):
                (root / ("DLLs" if file.endswith(".pyd") else ".") / file).write_bytes(archive.read(name))
    wheel.unlink()
    (HOME / "python.c").write_text(PROGRAM)
    compiled(HOME / "python.c", root)
    left_out = shutil.ignore_patterns("__pycache__", "test", "tests", "site-packages", "dist-packages", "lib-dynload", "idlelib", "tkinter")
    shutil.copytree(sysconfig.get_path("stdlib"), root / "Lib", ignore=left_out)
    _told(WINE, "wineboot", "--init", environment={**os.environ, **environment()})


def _told(*command: str, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)} failed: {done.stderr}"
    return done.stdout


if __name__ == "__main__":
    print(*python())
