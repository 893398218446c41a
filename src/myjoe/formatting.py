"""How figures are said to people: spans of time, credits, dollars, ids."""
from __future__ import annotations

# How much of an id is shown, in characters: enough to be the only one among many thousands.
ID_CHARS = 8


def span(seconds: float | None) -> str:
    """A span of time as a person says it: 40 s, 3 min, 5 h, 2 d."""
    if seconds is None:
        return "never"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def short(id: object) -> str:
    """The beginning of an id, which commands take for the whole."""
    return "" if id is None else str(id)[:ID_CHARS]


def credits(half: int) -> str:
    """Half credits as people write them: 3 is 1.5."""
    return f"{half / 2:g}" if half % 2 else f"{half // 2:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """A number of things: 1 page, 1,200 pages. `many` is said of all but one, if not with an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def dollars(micro_usd: int) -> str:
    """Micro-USD as dollars, to a hundredth of a cent."""
    return f"${micro_usd / 1e6:.4f}"
