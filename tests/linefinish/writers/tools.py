"""Programs that are not ours and judge our files. A missing one fails the test: `apt-get install`
what its name says.
"""
from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PACKAGES = {
    "qpdf": "qpdf", "pdftoppm": "poppler-utils", "pdfimages": "poppler-utils", "gs": "ghostscript", "tiffinfo": "libtiff-tools",
    "tiffcp": "libtiff-tools", "pngcheck": "pngcheck",
}  # fmt: skip


def run(tool: str, *arguments: str | Path) -> str:
    """What the program says; anything but success fails the test."""
    assert shutil.which(tool), f"this test needs {tool}; apt-get install {PACKAGES[tool]}"
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, f"{tool}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr
