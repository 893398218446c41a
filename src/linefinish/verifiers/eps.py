"""EPS as drawing programs write it: paths, plain colours, and procedures made of nothing else.

PostScript is a programming language, so in general nobody can know what a file paints without
running it. This reads the subset in which it is plain to see, and says of everything else that it
cannot be verified.
"""
from __future__ import annotations

import re

from linefinish.verifiers.verdict import DamagedError, Facts, GrayError, shown

# Bytes of program text; drawings have a few MB.
TEXT_BYTES_MAX = 1 << 26

_OPERATORS = {
    b"moveto", b"rmoveto", b"lineto", b"rlineto", b"curveto", b"rcurveto", b"arc", b"arcn", b"closepath", b"newpath", b"clip", b"eoclip",
    b"rectclip", b"rectfill", b"rectstroke", b"fill", b"eofill", b"stroke", b"gsave", b"grestore", b"save", b"restore", b"translate",
    b"scale", b"rotate", b"concat", b"setlinewidth", b"setlinecap", b"setlinejoin", b"setmiterlimit", b"setdash", b"setflat", b"showpage",
    b"bind", b"def", b"load", b"begin", b"end", b"dict", b"exch", b"pop", b"dup", b"neg", b"mul", b"div", b"add", b"sub", b"true", b"false",
    b"roll", b"copy", b"index", b"abs", b"if", b"ifelse", b"eq", b"ne", b"le", b"lt", b"ge", b"gt", b"cvx", b"cvi", b"cvr", b"null",
    b"userdict", b"initclip", b"setstrokeadjust",
}  # fmt: skip
_COLOURS = {b"setgray": 1, b"setrgbcolor": 3, b"setcmykcolor": 4}
_TOKEN = re.compile(
    rb"[\s\0]*+(?:%(?P<comment>[^\r\n]*)|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![^\s\0\[\]{}/%])"
    rb"|/(?P<literal>[A-Za-z][\w.$-]*)|(?P<name>[A-Za-z@_][\w.$@-]*)|(?P<bracket>[\[\]{}]))"
)
_BOX = re.compile(rb"%BoundingBox:\s*(-?\d{1,7})\s+(-?\d{1,7})\s+(-?\d{1,7})\s+(-?\d{1,7})")


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if every word of the program is a path operator, a pure colour or a
    procedure of such.
    """
    facts.detail = "vector"
    if len(data) > TEXT_BYTES_MAX:
        raise DamagedError(f"more than {TEXT_BYTES_MAX >> 20} MiB of program")
    text = bytes(data)
    if not text[-4096:].rstrip(b"\0\x04 \t\r\n").endswith(b"%%EOF"):
        raise DamagedError("truncated: no %%EOF")
    defined: set[bytes] = set()
    called: dict[bytes, int] = {}
    operands: list[bytes] = []
    at, depth = 0, 0
    while match := _TOKEN.match(text, at):
        at = match.end()
        kind, token = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "number":
            operands.append(token)
            if len(operands) > 4:
                del operands[0]
            continue
        if kind == "comment":
            if box := _BOX.match(token):
                left, bottom, right, top = map(int, box.groups())
                facts.detail = f"vector, {right - left} × {top - bottom} pt"
        elif kind == "literal":
            if token in _OPERATORS or token in _COLOURS:
                raise DamagedError(f"cannot be verified: it gives {shown(token)} another meaning, byte {match.start()}")
            defined.add(token)
        elif kind == "bracket":
            depth += {b"{": 1, b"}": -1}.get(token, 0)
            if not 0 <= depth <= 100:
                raise DamagedError(f"the braces do not match, byte {match.start()}")
        elif token in _COLOURS:
            _judge(token, operands, match.start())
        elif token not in _OPERATORS:
            called.setdefault(token, match.start())
        if kind != "comment":
            operands.clear()
    if text[at:].strip(b"\0\x04 \t\r\n\f"):
        raise DamagedError(f"cannot be verified: {shown(text[at:].split(maxsplit=1)[0])!r}, byte {at}")
    if depth:
        raise DamagedError("the braces do not match")
    for name, place in called.items():
        if name not in defined:
            raise DamagedError(f"cannot be verified: the operator {shown(name)}, byte {place}")


def _judge(operator: bytes, operands: list[bytes], at: int) -> None:
    """A colour must be written out, and be pure."""
    count = _COLOURS[operator]
    if len(operands) < count:
        raise DamagedError(f"cannot be verified: {operator.decode()} takes a computed colour, byte {at}")
    values = [float(word) for word in operands[-count:]]
    pure = values in ([0, 0, 0, 0], [0, 0, 0, 1]) if count == 4 else values in ([0] * count, [1] * count)
    if not pure:
        told = " ".join(shown(word) for word in operands[-count:])
        raise GrayError(f"{told} {operator.decode()} at byte {at}", (operator.decode(), at))
