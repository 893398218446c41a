"""How figures are said to people: spans of time, credits, dollars, ids."""
from __future__ import annotations

import unicodedata

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


def escaped(text: str, *, json: bool = False) -> str:
    """`text` with all that a terminal would obey, or hide, as Python or JSON writes it: control
    characters, line breaks, marks that turn the direction of writing, and halves of surrogates.
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(_written(character, json) if unicodedata.category(character) in _OBEYED else character for character in text)


# Control and format characters, surrogates, and breaks of lines and paragraphs.
_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _written(character: str, json: bool) -> str:
    code = ord(character)
    if json:
        return f"\\u{code:04x}" if code < 0x10000 else "".join(f"\\u{half:04x}" for half in _halves(code))
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _halves(code: int) -> tuple[int, int]:
    """A character beyond the first plane, as UTF-16 and JSON write it."""
    return 0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code - 0x10000 & 0x3FF)
