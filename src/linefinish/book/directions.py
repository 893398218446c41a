"""`visual`: a line of words from left to right as it is seen, where Hebrew runs from right to left.

The Unicode bidirectional algorithm (UAX #9) without explicit embeddings: rules P2, W, N, L2, L4.
"""
from __future__ import annotations

# Below it every character runs from left to right: nothing more is loaded for them.
_FIRST_RIGHT_TO_LEFT = "\u0590"
# Whose letters change beside others, or change places: they need shaping, which we do not have.
# Arabic, Syriac, Thaana, NKo to Arabic's extensions; Devanagari to Sinhala; Tibetan, Myanmar;
# Khmer, Mongolian; forms of presentation, which are shaped already, are not among them.
_SHAPED = (
    ("Arabic", "\u0600", "\u06ff"), ("Syriac", "\u0700", "\u074f"), ("Arabic", "\u0750", "\u077f"), ("Thaana", "\u0780", "\u07bf"),
    ("N'Ko", "\u07c0", "\u07ff"), ("Mandaic", "\u0840", "\u085f"), ("Arabic", "\u0860", "\u08ff"), ("an Indic", "\u0900", "\u0dff"),
    ("Tibetan", "\u0f00", "\u0fff"), ("Myanmar", "\u1000", "\u109f"), ("Khmer", "\u1780", "\u17ff"), ("Mongolian", "\u1800", "\u18af"),
)  # fmt: skip
# Soft hyphen, zero-width space and joiner of words, byte order mark: of which faces make hyphens or
# boxes. And the Latin ligatures of forms of presentation.
_PLAIN: dict[int, str | None] = {
    0xAD: None, 0x200B: None, 0x2060: None, 0xFEFF: None,
    **dict(enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"), 0xFB00)),
}  # fmt: skip
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def unshaped(text: str) -> str:
    """The name of a script in the text whose letters would have to be shaped, or nothing."""
    if max(text, default="") < _FIRST_RIGHT_TO_LEFT:
        return ""
    return next((name for name, first, last in _SHAPED for character in text if first <= character <= last), "")


def composed(text: str) -> str:
    """Letters and their accents as one character each (NFC): names of files often have them apart,
    and faces have no outline for an accent alone. Without what text brings along from where it was
    copied and nobody sees; ligatures as letters.
    """
    if text.isascii():
        return text
    from unicodedata import normalize

    return normalize("NFC", text.translate(_PLAIN))


def visual(line: str) -> str:
    """The characters of a line as they are seen from left to right."""
    if max(line, default="") < _FIRST_RIGHT_TO_LEFT:
        return line
    from unicodedata import bidirectional

    classes = [bidirectional(character) for character in line]
    if not any(kind in ("R", "AL") for kind in classes):
        return line
    base = next("R" if kind in ("R", "AL") else "L" for kind in classes if kind in ("L", "R", "AL"))
    levels = _levels(_directions(classes, base), base)
    order = list(range(len(line)))
    for level in range(max(levels), 0, -1):
        begin = 0
        while begin < len(order):
            end = begin
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[begin:end] = order[begin:end][::-1]
            begin = max(end, begin + 1)
    return "".join(line[at].translate(_MIRRORED) if levels[at] & 1 else line[at] for at in order)


def _directions(classes: list[str], base: str) -> list[str]:
    """L, R or N (a number) for each character: numbers take marks beside them, marks what is on
    both sides of them, and else the line's own direction (rules W1 to W7, N1, N2).
    """
    kinds = ["R" if kind == "AL" else "N" if kind in ("EN", "AN") else kind for kind in classes]
    strong = base
    for at, kind in enumerate(kinds):
        beside = kinds[at - 1] if at else base
        after = kinds[at + 1] if at + 1 < len(kinds) else ""
        if kind in ("L", "R"):
            strong = kind
        elif kind == "NSM":
            kinds[at] = beside
        elif (kind in ("ES", "CS") and beside == after == "N") or (kind == "ET" and "N" in (beside, after)):
            kinds[at] = "N"
        if kinds[at] == "N" and strong == "L":
            kinds[at] = "L"
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] not in ("L", "R", "N"):
            end += 1
        before, after = (kinds[at - 1] if at else base), (kinds[end] if end < len(kinds) else base)
        sides = {"R" if kind == "N" else kind for kind in (before, after)}
        kinds[at:end] = [sides.pop() if len(sides) == 1 else base] * (end - at)
        at = end + 1
    return kinds


def _levels(directions: list[str], base: str) -> list[int]:
    """The depth of each: what is odd runs from right to left (rules I1, I2)."""
    depths = {"L": 0, "R": 1, "N": 2} if base == "L" else {"L": 2, "R": 1, "N": 2}
    return [depths[direction] for direction in directions]
