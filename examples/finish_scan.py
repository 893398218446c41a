"""Finish a drawing with default settings, and write it as SVG and, from the same curves, as a 1-bit
PNG at print size.
"""
import sys
from pathlib import Path

from linefinish import finish, read_gray

HERE = Path(__file__).parent
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output")
folder.mkdir(parents=True, exist_ok=True)

finished = finish(read_gray(HERE / "fairy-godmother.png"))
finished.write(folder / "fairy-godmother.svg")
finished.write(folder / "fairy-godmother.png", dpi=300, width_pt=5 * 72)

print(finished.report.threshold_reason)
print(f"{len(finished.curves)} outlines of {finished.curves.segment_count} segments")
