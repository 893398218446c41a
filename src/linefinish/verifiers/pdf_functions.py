"""Functions of a PDF (ISO 32000-2, section 7.10), at the two ends of what they take.

A tint transform says what a Separation is painted as. It is evaluated at 0 and at 1, as far as it
is one of the usual ones; of others nothing is known.
"""
from __future__ import annotations

import re

from linefinish.verifiers.pdf_lexer import Stream, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.verifiers.pdf_objects import File

# Functions within functions.
_DEPTH_MAX = 8
# Words of a calculator function; real ones have twenty.
_WORDS_MAX = 500
_WORD = re.compile(rb"[\0\t\n\f\r ]*([+-]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9})(?=[\0\t\n\f\r }])|[a-z]+|[{}])")


def end_of(file: File, value: Any, end: int, depth: int = 0) -> list[float] | None:
    """What a function of one number makes of 0 or 1; None if that cannot be told."""
    found = file.get(value)
    entries = found.entries if isinstance(found, Stream) else found
    if not isinstance(entries, dict) or depth > _DEPTH_MAX or numbers(file, entries.get(b"Domain")) != [0, 1]:
        return None
    kind = file.get(entries.get(b"FunctionType"))
    if type(kind) is not int:
        return None
    out: list[float] | None = None
    if kind == 0 and isinstance(found, Stream):
        out = _sampled(file, found, end)
    elif kind == 2:
        exponent = number(file.get(entries.get(b"N")))
        name, default = (b"C1", 1.0) if end else (b"C0", 0.0)
        out = (numbers(file, entries[name]) if name in entries else [default]) if exponent and exponent > 0 else None
    elif kind == 3:
        out = _stitched(file, entries, end, depth)
    elif kind == 4 and isinstance(found, Stream):
        out = _calculated(file.content(found), end)
    return _within(out, numbers(file, entries.get(b"Range"))) if b"Range" in entries else out


def numbers(file: File, value: Any) -> list[float] | None:
    """An array of numbers, else None."""
    found = file.get(value)
    values = [number(file.get(one)) for one in found] if isinstance(found, list) else [None]
    return None if any(one is None for one in values) else [float(one) for one in values if one is not None]


def _within(out: list[float] | None, limits: list[float] | None) -> list[float] | None:
    """The values, cut to their range."""
    if out is None or limits is None or len(limits) != 2 * len(out):
        return None
    return [min(max(value, low), high) for value, low, high in zip(out, limits[::2], limits[1::2], strict=True)]


def _sampled(file: File, stream: Stream, end: int) -> list[float] | None:
    """A table of samples, by its first or last row."""
    entries = stream.entries
    size, limits = numbers(file, entries.get(b"Size")), numbers(file, entries.get(b"Range"))
    bits = file.get(entries.get(b"BitsPerSample"))
    if not size or len(size) != 1 or not limits or len(limits) % 2 or type(bits) is not int or bits not in (8, 16):
        return None
    count, outputs, sample_bytes = int(size[0]), len(limits) // 2, bits // 8
    if count < 2 or (b"Encode" in entries and numbers(file, entries[b"Encode"]) != [0, count - 1]):
        return None
    decode = numbers(file, entries[b"Decode"]) if b"Decode" in entries else limits
    content = file.content(stream)
    row_bytes = outputs * sample_bytes
    if decode is None or len(decode) != len(limits) or len(content) < count * row_bytes:
        return None
    row = content[(count - 1) * row_bytes * end :][:row_bytes]
    samples = [int.from_bytes(row[i : i + sample_bytes], "big") / ((1 << bits) - 1) for i in range(0, row_bytes, sample_bytes)]
    return [low + sample * (high - low) for sample, low, high in zip(samples, decode[::2], decode[1::2], strict=True)]


def _stitched(file: File, entries: dict[bytes, Any], end: int, depth: int) -> list[float] | None:
    """Several functions side by side, by the first or the last of them."""
    functions = file.get(entries.get(b"Functions"))
    bounds, encode = numbers(file, entries.get(b"Bounds")), numbers(file, entries.get(b"Encode"))
    if not isinstance(functions, list) or not functions or bounds is None or encode is None:
        return None
    if len(bounds) != len(functions) - 1 or len(encode) != 2 * len(functions) or sorted({0, *bounds, 1}) != [0, *bounds, 1]:
        return None
    at = encode[-1] if end else encode[0]
    return end_of(file, functions[-1 if end else 0], int(at), depth + 1) if at in (0, 1) else None


def _calculated(program: bytes, end: int) -> list[float] | None:
    """A calculator function without conditions."""
    words, at = [], 0
    while match := _WORD.match(program, at):
        words.append(match[1])
        at = match.end()
    if program[at:].strip(b"\0\t\n\f\r ") or words[:1] != [b"{"] or words[-1:] != [b"}"] or len(words) > _WORDS_MAX:
        return None
    stack: list[float] = [float(end)]
    try:
        for word in words[1:-1]:
            _calculate(stack, word)
    except (ArithmeticError, LookupError, ValueError):
        return None
    return stack


def _calculate(stack: list[float], word: bytes) -> None:
    """One word; LookupError for one that is not known, and for a stack that is too short."""
    if word[:1] in b"+-.0123456789":
        stack.append(float(word))
    elif word in (b"dup", b"index"):
        depth = int(stack.pop()) if word == b"index" else 0
        if depth < 0:
            raise ValueError
        stack.append(stack[-1 - depth])
    elif word == b"copy":
        count = int(stack.pop())
        if not 0 <= count <= len(stack):
            raise ValueError
        stack.extend(stack[len(stack) - count :])
    elif word == b"roll":
        shift, count = int(stack.pop()), int(stack.pop())
        if not 0 < count <= len(stack):
            raise ValueError
        part = stack[-count:]
        stack[-count:] = part[-shift % count :] + part[: -shift % count]
    elif word == b"exch":
        stack[-2], stack[-1] = stack[-1], stack[-2]
    elif word == b"pop":
        stack.pop()
    elif word in (b"cvr", b"neg", b"abs"):
        value = stack.pop()
        stack.append({b"cvr": value, b"neg": -value, b"abs": abs(value)}[word])
    else:
        right, left = stack.pop(), stack.pop()
        stack.append({b"add": left + right, b"sub": left - right, b"mul": left * right}[word])
    if len(stack) > 100:
        raise ValueError
