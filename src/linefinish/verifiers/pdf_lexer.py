"""The tokens and objects of a PDF (ISO 32000-2, sections 7.2 and 7.3).

White space is NUL, tab, line feed, form feed, carriage return and space; a vertical tab is part of
a word. A comment ends with its line. A key that stands twice in a dictionary is refused: some
viewers take the first, others the last.
"""
from __future__ import annotations

import re

from linefinish.verifiers.verdict import DamagedError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Arrays and dictionaries within one another; real files have ten.
DEPTH_MAX = 60

WHITE = rb"[\0\t\n\f\r ]"
# A form feed or NUL within a comment ends it for some readers, so it is refused.
SPACE = rb"(?:" + WHITE + rb"++|%[^\r\n\f\0\x0b]*+(?=[\r\n]|\Z))*+"
_END = rb"(?=[\0\t\n\f\r \[\]<>()/%{}]|\Z)"
_REGULAR = rb"[^\0\t\n\f\r \[\]<>()/%{}]"
TOKEN = re.compile(
    SPACE + rb"(?:(?P<number>[+-]?(?:\d++\.?\d*+|\.\d++))" + _END + rb"|/(?P<name>" + _REGULAR + rb"*+)|(?P<mark><<|>>|\[|\])"
    rb"|<(?P<hex>[0-9A-Fa-f\0\t\n\f\r ]*+)>|(?P<string>\()|(?P<word>" + _REGULAR + rb"++))"
)
_STRING_PART = re.compile(rb"(?:[^()\\]++|\\.)*+", re.DOTALL)
_REFERENCE = re.compile(WHITE + rb"++(\d{1,10})" + WHITE + rb"++R" + _END)


class Name(bytes):
    """/Name, without the slash and with #xx resolved."""


class Word(bytes):
    """A keyword or an operator."""


class Reference(tuple[int, int]):
    """`7 0 R`"""

    __slots__ = ()


class Stream:
    """A dictionary and the bytes after it, still packed."""

    __slots__ = ("entries", "packed")

    def __init__(self, entries: dict[bytes, Any], packed: memoryview) -> None:
        self.entries = entries
        self.packed = packed


class Lexer:
    """Reads objects from a place in a buffer on. `tick` is called every few thousand steps, and may
    raise.
    """

    def __init__(self, data: bytes | memoryview, at: int = 0, tick: Callable[[], None] | None = None) -> None:
        self.data = data
        self.at = at
        self.tick = tick
        self.steps = 0

    def step(self) -> None:
        """Work is counted."""
        self.steps += 1
        if self.tick and not self.steps & 4095:
            self.tick()

    def next(self, *, references: bool = True) -> Any:
        """The next object, `Word` for what is none, None at the end of the buffer."""
        return self._object(0, references)

    def _object(self, depth: int, references: bool) -> Any:
        if depth > DEPTH_MAX:
            raise DamagedError(f"more than {DEPTH_MAX} arrays in one another at byte {self.at}")
        self.step()
        match = TOKEN.match(self.data, self.at)
        if not match:
            rest = re.compile(SPACE).match(self.data, self.at)
            if rest and rest.end() < len(self.data):
                raise DamagedError(f"no object at byte {rest.end()}")
            return None
        self.at = match.end()
        kind = match.lastgroup
        if kind == "number":
            return self._number(match["number"], references)
        if kind == "name":
            return name(match["name"])
        if kind == "hex":
            digits = match["hex"].translate(None, b" \t\r\n\f\v\0")
            return bytes.fromhex((digits + b"0" * (len(digits) & 1)).decode())
        if kind == "string":
            return self._string()
        if kind == "mark":
            return self._collection(bytes(match["mark"]), depth, references)
        word = Word(match["word"])
        return {b"true": True, b"false": False}.get(word, word)

    def _number(self, text: bytes, references: bool) -> Any:
        if len(text) > 40:
            raise DamagedError(f"a number of {len(text)} digits at byte {self.at}")
        if references and text.isdigit() and (tail := _REFERENCE.match(self.data, self.at)):
            self.at = tail.end()
            return Reference((int(text), int(tail[1])))
        return float(text) if b"." in text else int(text)

    def _string(self) -> bytes:
        """A literal string as it stands, its escapes unresolved: nothing here needs them but an
        Indexed palette.
        """
        start, depth = self.at, 1
        while depth:
            self.step()
            self.at = _STRING_PART.match(self.data, self.at).end()  # type: ignore[union-attr]
            if self.at >= len(self.data):
                raise DamagedError(f"truncated: the string at byte {start} has no end")
            depth += 1 if self.data[self.at : self.at + 1] == b"(" else -1
            if self.data[self.at : self.at + 1] == b"\\":
                raise DamagedError(f"truncated: the string at byte {start} has no end")
            self.at += 1
        return unescaped(bytes(self.data[start : self.at - 1]))

    def _collection(self, mark: bytes, depth: int, references: bool) -> Any:
        if mark in (b">>", b"]"):
            return Word(mark)
        end = b"]" if mark == b"[" else b">>"
        items: list[Any] = []
        start = self.at
        while True:
            item = self._object(depth + 1, references)
            if item is None:
                raise DamagedError(f"truncated: what begins at byte {start} has no end")
            if isinstance(item, Word):
                if item == end:
                    break
                if item != b"null":
                    raise DamagedError(f"{shown(item)} has no place at byte {self.at}")
                item = None
            items.append(item)
        if mark == b"[":
            return items
        keys = items[::2]
        if len(items) % 2 or not all(isinstance(key, Name) for key in keys):
            raise DamagedError(f"the dictionary at byte {start} is damaged")
        found = dict(zip(keys, items[1::2], strict=True))
        if len(found) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise DamagedError(f"cannot be verified: /{shown(twice)} stands twice in the dictionary at byte {start}")
        return found


def number(value: Any) -> float | None:
    """A value, if it is a number; `true` is none."""
    return value if type(value) in (int, float) else None


def name_of(value: Any) -> bytes:
    """A name's bytes; empty for what is no name, a string among it."""
    return bytes(value) if isinstance(value, Name) else b""


def known_keys(entries: dict[bytes, Any], known: frozenset[bytes], what: str) -> None:
    """DamagedError if a dictionary says something that is not known here."""
    for key in entries:
        if key not in known and not key.startswith(b"PTEX."):  # pdfTeX's notes on where it had a picture from
            raise DamagedError(f"cannot be verified: /{shown(key)} of {what}")


def name(text: bytes) -> Name:
    """A name with its #xx resolved."""
    return Name(re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text) if b"#" in text else text)


def unescaped(text: bytes) -> bytes:
    """A literal string's bytes."""
    if b"\\" not in text:
        return text
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def resolve(match: re.Match[bytes]) -> bytes:
        code = match[1]
        if code[:1].isdigit() and code[:1] < b"8":
            return bytes([int(code, 8) & 255])
        return b"" if code in (b"\r\n", b"\n", b"\r") else plain.get(code, code)

    return re.sub(rb"\\([0-7]{1,3}|\r\n|.)", resolve, text, flags=re.DOTALL)
