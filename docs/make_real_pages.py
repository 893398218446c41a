"""Before and after of what real pages taught: input beside result, whole and enlarged.

    python docs/make_real_pages.py                docs/images/real-pages.png: pages rebuilt small,
                                                  each of the kind that its name says
    python docs/make_real_pages.py DEGRADER.py    docs/images/real-kinds.png too: bundled drawings,
                                                  treated as that script's kinds

The script is one as the benchmarks take it, with `degrade(svg, size, kind, seed)`. All pages are
ours or in the public domain.
"""
from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from make_contact_sheet import DOCS, Page, sheet

from benchmarks import datasets
from linefinish import FinishOptions, Gray, read_gray

FIELD = DOCS.parent / "tests" / "linefinish" / "field"
# Names of pages, and the option that each wants, as on the command line.
SHOWN = {
    "shadow-half": "", "gutter": "", "bars-pink": "", "wash-turns-solid": "", "pencil-scan-edge": "", "checkerboard": "",
    "watermark": "", "small-text": "", "fan-hairlines": "", "white-on-black": "--invert", "grid-blue-pen": "--drop-colour blue",
}  # fmt: skip
# Which drawing shows which kind.
KINDS = {"dithered": "fairy-godmother", "posterised": "cartoon-mosquito", "greyfill": "delivery-van", "shadowed": "sleeping-cat"}


def of_field() -> Iterator[Page]:
    """The pages as they are read by default, with the option that each wants for its result."""
    for name, option in SHOWN.items():
        flag, _, colour = option.partition(" ")
        options = FinishOptions(invert=flag == "--invert", drop_colour=colour or None)
        yield f"{name} {option}", read_gray(FIELD / f"{name}.png"), FIELD / f"{name}.png", options


def of_kinds(degrader: Path) -> Iterator[Page]:
    """A drawing of each kind."""
    degrade = datasets.outside_degrader(degrader).degrade
    for kind, name in KINDS.items():
        page, _ = degrade(datasets.drawings()[name], 1024, kind, 1)
        gray = Gray.from_array(np.ascontiguousarray(page if page.ndim == 2 else datasets.luma(page)))
        yield f"{kind}: {name}", gray, gray, FinishOptions()


def main() -> None:
    """Write the pictures."""
    if len(sys.argv) > 2:
        sys.exit("make_real_pages: give nothing, or the script that treats drawings")
    sheet(of_field()).save(DOCS / "images" / "real-pages.png", optimize=True)
    if len(sys.argv) == 2:
        sheet(of_kinds(Path(sys.argv[1]))).save(DOCS / "images" / "real-kinds.png", optimize=True)


if __name__ == "__main__":
    main()
