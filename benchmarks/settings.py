"""What every question is asked with."""
from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import datasets


@dataclasses.dataclass(frozen=True)
class Settings:
    """Rounds and sizes of a run.

    rounds      measured rounds per figure; the median of fewer than 5 is shaky
    sizes       names of datasets.SIZES_PX for in-process figures
    corpus      a folder of SVG drawings instead of the bundled ones
    degrader    a script with `degrade(svg, size, kind, seed)` → page, truth, and its `KINDS`,
                instead of our kinds
    drawings_max  how many drawings at most; the first ones by name
    """

    rounds: int = 5
    sizes: tuple[str, ...] = ("small", "page", "large")
    corpus: Path | None = None
    degrader: Path | None = None
    drawings_max: int | None = None

    def drawings(self) -> dict[str, str]:
        """Name → SVG text."""
        return dict(list(datasets.drawings(self.corpus).items())[: self.drawings_max])

    def kinds(self) -> tuple[str, ...]:
        """The kinds of pages that there are: ours, or the script's and bilevel."""
        return datasets.KINDS if self.degrader is None else ("bilevel", *datasets.outside_degrader(self.degrader).KINDS)

    def pages(self, size: str, kind: str) -> Iterator[tuple[str, str, Any]]:
        """Name, true SVG, and grey page of each drawing at a named size."""
        degrade = datasets.outside_degrader(self.degrader).degrade if self.degrader and kind != "bilevel" else None
        for name, svg in self.drawings().items():
            if degrade is None:
                yield name, svg, datasets.page(svg, datasets.SIZES_PX[size], kind)
            else:
                page, _ = degrade(svg, datasets.SIZES_PX[size], kind, 1)
                yield name, svg, page if page.ndim == 2 else datasets.luma(page)
