"""How long does the command take, from a file on disk to a file on disk, started cold, and how much
memory at its peak?
"""
from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import datasets, installed, peers
from benchmarks.measuring import Table, processes, times
from benchmarks.settings import Settings

# vtracer has no command of its own here; this is the shortest program around it.
_VTRACER = "import sys, vtracer; vtracer.convert_image_to_svg_py(sys.argv[1], sys.argv[2], colormode='binary')"
PAGES = {"1024 px": ("small", "fairy-godmother"), "2048 px": ("page", "fairy-godmother"), "2048 px, dense": ("page", "mandala"),
         "600 dpi letter": ("letter_600dpi", "fairy-godmother")}  # fmt: skip


def commands(folder: Path, gray: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Name → shell command for one page, and name → reason for the missing ones. The page lies
    there as PNG, PGM and PBM.
    """
    (folder / "page.png").write_bytes(peers.png_bytes(gray))
    (folder / "page.pgm").write_bytes(peers.pgm_bytes(gray))
    (folder / "page.pbm").write_bytes(peers.pbm_bytes(gray < 128))
    page = f"{folder}/page"
    ours = folder / "installed" / "bin" / "linefinish"
    if not ours.exists():
        installed.command(folder / "installed")
    found = {"linefinish, PNG in": f"{ours} {page}.png -o {page}.ours.svg --quiet",
             "a bare Python": f"{ours.with_name('python')} -c pass"}  # what no Python program can be below
    missing: dict[str, str] = {}
    wanted = {
        "potrace -s, ready PBM in": (("potrace",), f"potrace -s {page}.pbm -o {page}.potrace.svg"),
        "mkbitmap | potrace -s, PGM in": (("mkbitmap", "potrace"), f"mkbitmap {page}.pgm -o - | potrace -s -o {page}.mkbitmap.svg"),
        "mkbitmap -x -s 1 | potrace -s, PGM in": (
            ("mkbitmap", "potrace"), f"mkbitmap -x -s 1 -t 0.5 {page}.pgm -o - | potrace -s -o {page}.plain.svg"),
    }  # fmt: skip
    for name, (tools, text) in wanted.items():
        try:
            for tool in tools:
                peers.command(tool)
            found[name] = text
        except peers.MissingError as error:
            missing[name] = str(error)
    try:
        peers.imported("vtracer")
        found["vtracer, PNG in"] = f'{sys.executable} -c "{_VTRACER}" {page}.png {page}.vtracer.svg'
    except peers.MissingError as error:
        missing["vtracer, PNG in"] = str(error)
    return found, missing


def run(settings: Settings) -> list[Table]:
    """CPU ms (against `potrace -s` fed a ready PBM) and peak memory of whole processes."""
    table = Table("Whole process, cold: CPU ms (over potrace's) · peak MiB", ["command", *PAGES])
    cells: dict[str, list[str]] = {}
    missing: dict[str, str] = {}
    drawings = datasets.drawings()
    with tempfile.TemporaryDirectory() as folder:
        for size, drawing in PAGES.values():
            gray = datasets.page(drawings[drawing], datasets.SIZES_PX[size], "clean")
            found, missing = commands(Path(folder), gray)
            taken = processes(found, settings.rounds)
            reference = taken.get("potrace -s, ready PBM in")
            for name, used in taken.items():
                ratio = f" ({times(used['cpu'] / reference['cpu'])})" if reference else ""
                cells.setdefault(name, []).append(f"{used['cpu'] * 1000:.0f}{ratio} · {used['memory']:.0f}")
    for name, row in cells.items():
        table.add(name, *row)
    for name, reason in missing.items():
        table.add(name, f"missing: {reason}", *["–"] * (len(PAGES) - 1))
    table.notes.append("Of a pipeline the CPU times are added, and the memory is that of its larger process.")
    return [table]
