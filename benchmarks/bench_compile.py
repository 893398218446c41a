"""How long do kernels take to compile, by Numba as it is and by what a build needs of it?"""
from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Table, process, times
from benchmarks.settings import Settings

ROOT = Path(__file__).parents[1]
WAYS = ("numba", "linefinish")
# Modules of kernels from short to long. Others give the same picture; all of them take minutes by
# Numba as it is.
MODULES = ("histogram", "specks", "distance", "boundary")


def compiled(way: str, modules: tuple[str, ...]) -> dict[str, float]:
    """CPU seconds of one process, as compile_child.py prints them."""
    environment = {
        **os.environ, "LINEFINISH_KERNELS": "build", "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "",
        "NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.compile_child", way, ",".join(modules)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def run(settings: Settings) -> list[Table]:
    """CPU seconds by step and way, for a few modules; and of a whole build, with nothing kept from
    an earlier one.
    """
    columns = ["module", "kernels", "IR, Numba as it is", "IR, linefinish", "machine code, of Numba's IR", "of ours"]
    table = Table("Compiling kernels: CPU s, and Numba's as it is over ours", columns)
    for module in MODULES:
        taken: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(max(1, settings.rounds // 2)):
            for way in WAYS:
                taken[way].append(compiled(way, (module,)))
        middle = {way: {step: statistics.median(one[step] for one in taken[way]) for step in ("ir", "code", "kernels")} for way in WAYS}
        numba, ours = middle["numba"], middle["linefinish"]
        table.add(f"`{module}`", f"{ours['kernels']:.0f}", f"{numba['ir']:.2f} ({times(numba['ir'] / ours['ir'])})", f"{ours['ir']:.2f}",
                  f"{numba['code']:.2f}", f"{ours['code']:.2f}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        command = f"{sys.executable} -m linefinish.kernels._build --target x86-64-v3 -o {folder}/kernels.bin"
        whole = process(command, {**os.environ, "LINEFINISH_CACHE": folder})
    table.notes.append(f"A whole build with an empty cache: {whole['cpu']:.0f} CPU s, over as many processes as there are cores.")
    return [table]
