"""Does time grow with the page and no faster, and memory too? Also where pages are hostile: a
strip, noise, a checkerboard, a spiral.
"""
from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import datasets, installed
from benchmarks.measuring import Table, processes
from benchmarks.settings import Settings

TILE_PX = 1000  # one megapixel: a page of k² tiles has k² of them, and as much ink and edge in each
TILES = (1, 2, 4, 8, 10, 20)
# The fast path may take so much (bytes a pixel, MB) at its peak.
BYTES_A_PIXEL_MAX, FIXED_MB_MAX = 2, 50


def tile(drawing: str) -> Any:
    """A page of one megapixel with the drawing in it."""
    ink = datasets.page(datasets.drawings()[drawing], TILE_PX - 40, "clean")
    page = np.full((TILE_PX, TILE_PX), 255, np.uint8)
    page[20 : 20 + ink.shape[0], 20 : 20 + ink.shape[1]] = ink
    return page


def strip(tile_page: Any, length_px: int) -> Any:
    """Tiles in a row, 200 px high."""
    band = tile_page[400:600].copy()
    band[[0, -1]] = 255
    return np.tile(band, (1, length_px // TILE_PX))


def noise(side: int, share: float = 0.05) -> Any:
    """Single pixels at random."""
    return np.where(np.random.default_rng(1).random((side, side)) < share, 0, 255).astype(np.uint8)


def checkerboard(side: int) -> Any:
    """Every second pixel: as many edges as there can be."""
    y, x = np.ogrid[:side, :side]
    return ((y + x) % 2 * 255).astype(np.uint8)


def spiral(side: int, pitch_px: int = 12) -> Any:
    """One line from the middle to the edge: a single outline of all the page's length."""
    y, x = np.ogrid[:side, :side]
    y, x = y - side / 2 + 0.37, x - side / 2 + 0.41
    radius = np.hypot(x, y)
    phase = (radius / pitch_px - np.arctan2(y, x) / (2 * np.pi)) % 1
    line = np.clip((0.25 - np.abs(phase - 0.5)) * pitch_px + 0.5, 0, 1)
    return np.where(radius < side / 2 - 20, 255 - 255 * line, 255).astype(np.uint8)


def write_png(path: Path, rows: Callable[[], Iterator[Any]], width: int, height: int) -> None:
    """An 8-bit PNG row by row, filter Up, so that 400 megapixels need no memory here either."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    squeezer = zlib.compressobj(1)
    with path.open("wb") as file:
        header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        above = np.zeros(width, np.uint8)
        for row in rows():
            packed = squeezer.compress(b"\2" + (row - above).tobytes())
            above = row
            if packed:
                file.write(chunk(b"IDAT", packed))
        file.write(chunk(b"IDAT", squeezer.flush()) + chunk(b"IEND", b""))


def write_tiled(path: Path, page: Any, count: int) -> None:
    """count × count copies of a page."""
    height, width = page.shape
    wide = np.tile(page, (1, count))
    write_png(path, lambda: (row for _ in range(count) for row in wide), width * count, height * count)


def crack_count(page: Any) -> int:
    """Unit edges between ink and paper."""
    ink = np.pad(page < 128, 1)
    return int((ink[1:] != ink[:-1]).sum() + (ink[:, 1:] != ink[:, :-1]).sum())


def sizes(command: Path, folder: Path, drawing: str, tiles: tuple[int, ...], rounds: int) -> Table:
    """The same drawing again and again: CPU ms a megapixel beyond the start, and peak memory
    against what is allowed. Of each size the least time of the rounds is taken, and the start is
    measured between them: what is left of a small page when a start that was disturbed is taken
    off says nothing.
    """
    columns = ["megapixels", "CPU ms", "ms a megapixel", "peak MiB", "bytes a pixel", "allowed MiB"]
    table = Table(f"Scale, {drawing} in tiles of a megapixel", columns)
    page = tile(drawing)
    commands = {}
    for count in tiles:
        write_tiled(folder / f"{count}.png", page, count)
        commands[f"{count * count}"] = f"{command} {folder}/{count}.png -o {folder}/out.svg --quiet"
    write_tiled(folder / "dot.png", np.full((64, 64), 255, np.uint8), 1)
    commands["start"] = f"{command} {folder}/dot.png -o {folder}/out.svg --quiet 2> {folder}/warnings"
    taken = processes(commands, rounds)
    start = taken.pop("start")["least"]
    for name, used in taken.items():
        megapixels = int(name)
        allowed = (BYTES_A_PIXEL_MAX * megapixels + FIXED_MB_MAX) * 1e6 / 2**20
        table.add(name, f"{used['least'] * 1000:.0f}", f"{(used['least'] - start) * 1000 / megapixels:.2f}", f"{used['memory']:.0f}",
                  f"{used['memory'] * 2**20 / megapixels / 1e6:.2f}", f"{allowed:.0f}")  # fmt: skip
    table.notes.append(f"Of the time a megapixel the start is taken off: {start * 1000:.0f} ms, a page of 64 px.")
    return table


def shapes(command: Path, folder: Path, side: int, rounds: int) -> Table:
    """Pages built to hurt: CPU ms a megapixel, ns a crack, peak memory."""
    table = Table(f"Hostile shapes, {side} px", ["page", "CPU ms", "ms a megapixel", "million cracks", "ns a crack", "peak MiB"])
    pages = {
        "strip of 100,000 × 200 px": strip(tile("fairy-godmother"), 100_000), "the same on end": strip(tile("fairy-godmother"), 100_000).T,
        "5 % noise": noise(side), "checkerboard": checkerboard(side), "spiral": spiral(side),
    }  # fmt: skip
    facts, commands = {}, {}
    for number, (name, page) in enumerate(pages.items()):
        write_tiled(folder / f"shape{number}.png", np.ascontiguousarray(page), 1)
        facts[name] = page.size / 1e6, crack_count(page)
        commands[name] = f"{command} {folder}/shape{number}.png -o {folder}/out.svg --quiet"
    for name, used in processes(commands, rounds).items():
        megapixels, cracks = facts[name]
        table.add(name, f"{used['cpu'] * 1000:.0f}", f"{used['cpu'] * 1000 / megapixels:.1f}", f"{cracks / 1e6:.1f}",
                  f"{used['cpu'] * 1e9 / cracks:.0f}", f"{used['memory']:.0f}")  # fmt: skip
    return table


def run(settings: Settings) -> list[Table]:
    """Time and memory by size, on a sparse and a dense page, and of hostile shapes."""
    rounds = max(1, settings.rounds // 2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = installed.command(folder / "installed")
        return [
            sizes(command, folder, "fairy-godmother", TILES, rounds), sizes(command, folder, "mandala", TILES, rounds),
            shapes(command, folder, 4096, rounds),
        ]  # fmt: skip
