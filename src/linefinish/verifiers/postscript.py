"""The tokens of PostScript (PostScript Language Reference, 3rd edition, section 3.2), as all
interpreters read them.

White space is NUL, tab, line feed, form feed, carriage return and space; a vertical tab is part of
a name. A comment ends with its line; a form feed within one ends it for some, so it is refused.
Names that look like numbers are refused, because interpreters differ in which of them are.
"""

from __future__ import annotations

import re

from linefinish.verifiers.verdict import DamagedError, shown

_SPACE = rb"[\0\t\n\f\r ]"
_END = rb"(?![^\0\t\n\f\r ()<>\[\]{}/%])"
_NUMBER = rb"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?"
_NAME = rb"[A-Za-z@_$][A-Za-z0-9_.$@-]*"
_TOKEN = re.compile(
    _SPACE
    + rb"*+(?:(?P<number>"
    + _NUMBER
    + rb")"
    + _END
    + rb"|(?P<name>"
    + _NAME
    + rb")"
    + _END
    + rb"|/(?P<literal>"
    + _NAME
    + rb")"
    + _END
    + rb"|(?P<bracket>[\[\]{}])|%(?P<comment>[^\r\n\f\0\x0b]*+)(?=[\r\n]|\Z)|\((?P<string>[^()\\]*)\))"
)
# Numbers and the name that takes them: most of a drawing.
CALL = re.compile(
    rb"(?:" + _SPACE + rb"*+[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})" + _SPACE + rb"){0,20}+" + _SPACE + rb"*+(" + _NAME + rb")" + _END
)
_REST = re.compile(_SPACE + rb"*+\x04?" + _SPACE + rb"*+\Z")


def token_at(text: bytes, at: int) -> tuple[str, bytes, int] | None:
    """Kind and text of the next token, and where it ends: "number", "name", "literal", "bracket",
    "comment" or "string". None at the end; DamagedError for what is none of these.
    """
    match = _TOKEN.match(text, at)
    if match:
        kind = str(match.lastgroup)
        return kind, match[kind], match.end()
    if not _REST.match(text, at):
        raise DamagedError(f"cannot be verified: {shown(text[at:].split(maxsplit=1)[0])!r}, byte {at}")
    return None
