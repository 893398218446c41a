"""Many pages over any executor of concurrent.futures; threads serve, as kernels run without the interpreter's lock."""
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from linefinish import finish, read_gray

HERE = Path(__file__).parent
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output")
folder.mkdir(parents=True, exist_ok=True)


def one(page: Path) -> str:
    finished = finish(read_gray(page))
    finished.write(folder / f"{page.stem}.pdf")
    return f"{page.name}: {finished.curves.segment_count} segments"


with ThreadPoolExecutor(2) as threads:
    for line in threads.map(one, [HERE / "fairy-godmother.png", HERE / "celtic-knot.jpg"]):
        print(line)
