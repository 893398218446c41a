"""Every step stands on its own: read and threshold a page, and stop at the bitmap. A 1-bit TIFF of
a scan needs no curves.
"""
import sys
from pathlib import Path

from linefinish import read_gray, threshold, write

HERE = Path(__file__).parent
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output")
folder.mkdir(parents=True, exist_ok=True)

bitmap = threshold(read_gray(HERE / "celtic-knot.jpg"), "sauvola")
write(bitmap, folder / "celtic-knot.tiff", dpi=300)
print(f"{bitmap.ink_count() / (bitmap.width * bitmap.height):.1%} of the page is ink")
