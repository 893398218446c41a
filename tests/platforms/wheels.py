"""A platform's wheel, made here and unpacked, and what its command makes of drawings."""
from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tests.golden.harness import GOLDEN
from tests.packaging.conftest import LIBRARY, build_wheel

# What makes the kernels' calls again and prints what came of them.
DIGESTS = str(Path(__file__).parents[1] / "linefinish" / "kernels" / "mode_digests.py")

DRAWINGS = sorted(path for path in GOLDEN.glob("*/*/*.png") if not path.stem.endswith(".expected"))
FORMATS = ("svg", "png", "tiff", "pbm", "pdf", "eps", "dxf")


def unpacked(folder: Path, platform: str) -> tuple[str, Path]:
    """The wheel's name, and where it is unpacked."""
    source, out, site = (folder / name for name in ("source", "wheel", "site"))
    for each in (source, out, site):
        each.mkdir()
    build_wheel(source, LIBRARY, ".", out, LINEFINISH_PLATFORM=platform)
    (path,) = out.glob("*.whl")
    zipfile.ZipFile(path).extractall(site)
    return path.name, site


def ran(python: Sequence[str], path: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A Python that has nothing but its standard library and the wheel, run to its end."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("LINEFINISH_", "PYTHON"))}
    variables = {"PYTHONPATH": str(path), "SOURCE_DATE_EPOCH": "0", "LINEFINISH_CACHE": "/dev/null/cache", **more}
    command = [*python, "-B", "-S", *words]
    whole = {**plain, **variables}
    return subprocess.run(command, env=whole, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False)


def told(python: Sequence[str], path: Path, *words: str, **more: str) -> str:
    """What it prints."""
    done = ran(python, path, *words, **more)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def finished(python: Sequence[str], path: Path, drawing: Path, out: Path, **more: str) -> dict[str, bytes]:
    """What the command makes of a drawing, by format."""
    out.mkdir()
    places = [word for name in FORMATS for word in ("-o", str(out / f"page.{name}"))]
    told(python, path, "-m", "linefinish", "-q", str(drawing), *places, **more)
    return {name: (out / f"page.{name}").read_bytes() for name in FORMATS}
