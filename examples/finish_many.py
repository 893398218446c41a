"""Many pages over any executor (processes, threads, Dask's, MPI's); a second run does only what is
missing or has changed.
"""
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from linefinish import FinishOptions, finish_many

HERE = Path(__file__).parent
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output")

pages = [HERE / "fairy-godmother.png", HERE / "celtic-knot.jpg"]
with ThreadPoolExecutor(2) as threads:  # kernels run without the interpreter's lock
    for page in finish_many(pages, folder, FinishOptions(pinhole_area_px_max=4), ["svg", "pdf"], executor=threads):
        if page.report is None:
            print(f"{page.source} failed: {page.error}")
        else:
            print(f"{Path(page.source).name} {page.status}: {page.report['segment_count']} segments")
