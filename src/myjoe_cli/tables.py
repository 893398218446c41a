"""Tables for people at a terminal: aligned, and no wider than it is."""
from __future__ import annotations

from collections.abc import Sequence

from myjoe.formatting import escaped

GAP = "  "


class Whole(str):
    """A cell of the last column that is never cut: a path is of use only whole."""


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], width: int = 120) -> str:
    """Rows under headings, one a line. Columns of numbers are set to the right; the last takes what
    is left of `width`, and is cut, unless it is `Whole`.
    """
    texts = [[_text(cell) for cell in row] for row in rows]
    right = [bool(rows) and all(isinstance(row[k], int | float) or row[k] is None for row in rows) for k in range(len(headings))]
    wide = [max(len(heading), *(len(row[k]) for row in texts), 0) if texts else len(heading) for k, heading in enumerate(headings)]
    room = max(width - sum(wide[:-1]) - len(GAP) * (len(wide) - 1), len(headings[-1]))
    wide[-1] = min(wide[-1], room)
    lines = []
    for line, whole in [(list(headings), False), *zip(texts, (isinstance(row[-1], Whole) for row in rows))]:
        cut = [cell if whole and k == len(wide) - 1 else _cut(cell, size) for k, (cell, size) in enumerate(zip(line, wide))]
        lines.append(GAP.join(cell.rjust(size) if r else cell.ljust(size) for cell, size, r in zip(cut, wide, right)).rstrip())
    return "\n".join(lines)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:,}" if isinstance(cell, int) else escaped(" ".join(str(cell).split()))


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: max(size - 1, 0)] + "…"
