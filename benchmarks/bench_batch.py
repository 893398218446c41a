"""How long do many pages take on two cores, against xargs over mkbitmap and potrace?"""
from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks import installed, peers
from benchmarks.measuring import Table, processes, times
from benchmarks.settings import Settings

PAGES = 100  # of 2048 px


def run(settings: Settings) -> list[Table]:
    """Wall seconds, CPU seconds and the larger process's memory for a folder of 2048 px pages."""
    table = Table(f"{PAGES} pages of 2048 px on two cores", ["command", "wall s", "CPU s", "speed", "peak MiB of one process"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ("png", "pgm", "ours", "theirs"):
            (folder / kind).mkdir()
        grays = [gray for _, _, gray in settings.pages("page", "clean")]
        for i in range(PAGES):
            gray = grays[i % len(grays)]
            (folder / "png" / f"{i:03}.png").write_bytes(peers.png_bytes(gray))
            (folder / "pgm" / f"{i:03}.pgm").write_bytes(peers.pgm_bytes(gray))
        command = installed.command(folder / "installed")
        ours = f"rm -rf {folder}/ours; {command} batch {folder}/png -o {folder}/ours --format svg --jobs 2 --quiet"
        pipe = f"mkbitmap {{}} -o - | potrace -s -o {folder}/theirs/$(basename {{}}).svg"
        found, reference = {"linefinish batch --jobs 2, PNG in": ours}, "xargs -P2: mkbitmap | potrace -s, PGM in"
        if shutil.which("mkbitmap") and shutil.which("potrace"):
            found[reference] = f"ls {folder}/pgm/*.pgm | xargs -P2 -I{{}} sh -c '{pipe}'"
        taken = processes(found, max(1, settings.rounds // 2))
        for command, used in taken.items():
            speed = times(taken[reference]["wall"] / used["wall"]) if reference in taken else "–"
            table.add(command, f"{used['wall']:.2f}", f"{used['cpu']:.2f}", speed, f"{used['memory']:.0f}")
        if reference not in taken:
            table.add(reference, "missing: mkbitmap or potrace", "–", "–", "–")
    return [table]
