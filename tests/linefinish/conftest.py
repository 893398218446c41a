"""What the process tests share: a drawing, and the command as a person starts it."""
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import linefinish

SOURCE = Path(linefinish.__file__ or "").parents[1]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**more: str) -> dict[str, str]:
    """The environment in which a process of its own finds the package under test."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]), **more}


@pytest.fixture(scope="session")
def command() -> list[str]:
    """`linefinish`, to be followed by its arguments."""
    return [sys.executable, "-m", "linefinish"]


@pytest.fixture(scope="session")
def env() -> dict[str, str]:
    return environment()


@pytest.fixture
def run(command: list[str], env: dict[str, str], tmp_path: Path) -> Run:
    """Run `linefinish …` in an empty folder and wait for it. Whatever happens, no traceback reaches
    a person.
    """

    def start(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
        settings: dict[str, Any] = {"cwd": tmp_path, "env": env, "capture_output": True, "text": True, "timeout": 600, **more}
        done = subprocess.run([*command, *map(str, words)], check=False, **settings)
        assert "Traceback" not in (done.stderr if isinstance(done.stderr, str) else ""), done.stderr
        return done

    return start


@pytest.fixture(scope="session")
def page_bytes() -> bytes:
    """A drawing as a PNG with soft edges, 240 × 180, at 100 dpi: a ring, a diagonal, a solid square
    and one speck.
    """
    import io

    from PIL import Image, ImageDraw

    image = Image.new("L", (960, 720), 250)
    pen = ImageDraw.Draw(image)
    pen.ellipse((120, 120, 600, 600), outline=15, width=24)
    pen.line((80, 680, 900, 60), fill=20, width=14)
    pen.rectangle((700, 480, 860, 640), fill=10)
    stream = io.BytesIO()
    image.resize((240, 180), Image.Resampling.BOX).save(stream, "PNG", dpi=(100, 100))
    return stream.getvalue()


@pytest.fixture
def page(page_bytes: bytes, tmp_path: Path) -> Path:
    """The drawing as page.png in the test's folder."""
    path = tmp_path / "page.png"
    path.write_bytes(page_bytes)
    return path


@pytest.fixture
def pages(tmp_path: Path, page_bytes: bytes) -> Path:
    """A folder of five drawings, one of them broken, and a text."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in ("a", "b", "c", "d"):
        (folder / f"{name}.png").write_bytes(page_bytes)
    (folder / "broken.png").write_bytes(page_bytes[:200])
    (folder / "notes.txt").write_text("not a page")
    return folder


@pytest.fixture
def free_port() -> int:
    """A port of this machine that nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
