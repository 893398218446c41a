"""CSS as it stands in SVG files, by the tokens of CSS Syntax 3 (section 4).

Strings, comments, escapes, `url()`, blocks and the marks of HTML comments are told apart as the
standard says, and then only what every reader of CSS reads alike is let pass: no escapes, no blocks
in values, strings without the characters that end a declaration. Viewers have small parsers of
their own; what one of them may read otherwise cannot be verified.
"""
from __future__ import annotations

import re

from linefinish.verifiers.verdict import DamagedError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Characters of one `style` attribute; editors write 2,000.
_STYLE_CHARS_MAX = 1 << 16
# Tokens of one sheet: what it costs in memory, some 100 bytes each. A MiB of rules has 300,000.
_TOKENS_MAX = 400_000

_NAME = r"(?:--|-?[A-Za-z_\u0080-\U0010ffff])[\w\u0080-\U0010ffff-]*"
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n\f]+)"
    r"|(?P<comment>/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)"
    r"""|(?P<string>"[^"\\\r\n\f]*"|'[^'\\\r\n\f]*')"""
    rf"|(?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?:%|{_NAME})?)"
    r"|(?P<mark><!--|-->)"
    rf"|(?P<url>[uU][rR][lL]\([^()\\]*\))"
    rf"|(?P<function>{_NAME}\()|(?P<ident>{_NAME})|(?P<hash>\#[\w\u0080-\U0010ffff-]+)|(?P<at>@{_NAME})"
    r"|(?P<delim>[^\\\"'])",
)
# What a string may hold: no character that could end a declaration for a reader that does not know
# strings.
_SAFE_STRING = re.compile(r"[\w \u0080-\U0010ffff.,+&@=#%*?-]*")
_COMMENT_IN_STYLE = re.compile(r"/\*[^:;{}@]*\*/")
_SELECTOR_KINDS = frozenset(("space", "comment", "ident", "hash", "string"))
_SELECTOR_DELIMS = frozenset(".,*>+~:=[]")

Token = tuple[str, str]  # its kind, a group's name above, and its text


def tokens(text: str) -> list[Token]:
    """The tokens of a style or a sheet; DamagedError for what is none (an escape, a string without
    end).
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match or text.startswith("/*", at) and match.lastgroup != "comment":
            raise DamagedError(f"cannot be verified: the style {shown(text[at:])}")
        kind, token = str(match.lastgroup), match[0]
        if kind == "mark" or token.lower() == "url(" or (kind == "string" and not _SAFE_STRING.fullmatch(token[1:-1])):
            raise DamagedError(f"cannot be verified: the style {shown(token)}")
        found.append((kind, token))
        if len(found) > _TOKENS_MAX:
            raise DamagedError(f"cannot be verified: a style sheet of more than {_TOKENS_MAX:,} tokens")
        at = match.end()
    return found


def declarations(text: str) -> Iterator[tuple[str, list[Token]]]:
    """Name and value of each declaration of a `style` attribute."""
    if len(text) > _STYLE_CHARS_MAX:
        raise DamagedError(f"cannot be verified: a style of {len(text):,} characters")
    found = tokens(text)
    for kind, token in found:
        if kind == "comment" and not _COMMENT_IN_STYLE.fullmatch(token):
            raise DamagedError(f"cannot be verified: the comment {shown(token)} in a style")
    yield from _declarations(found)


def rules(text: str) -> Iterator[tuple[str, list[Token]]]:
    """Name and value of each declaration of a style sheet, whatever it selects; DamagedError for
    rules that are not plain. `@charset` says nothing that the file's own encoding does not.
    """
    found = tokens(text)
    at = 0
    while at < len(found):
        kind, token = found[at]
        if kind in ("space", "comment"):
            at += 1
        elif kind == "at" and token.lower() == "@charset":
            rest = [part for part in found[at + 1 : at + 4] if part[0] != "space"]
            if [part[0] for part in rest[:2]] != ["string", "delim"] or rest[1][1] != ";":
                raise DamagedError("cannot be verified: a damaged @charset")
            at = found.index(rest[1], at) + 1
        else:
            opening = _end_of_selector(found, at)
            closing = next((i for i in range(opening, len(found)) if found[i] == ("delim", "}")), -1)
            if closing < 0:
                raise DamagedError("cannot be verified: a style rule without an end")
            yield from _declarations(found[opening + 1 : closing])
            at = closing + 1


def _end_of_selector(found: list[Token], at: int) -> int:
    """Where the block of a rule opens; its selector must be plain."""
    for index in range(at, len(found)):
        kind, token = found[index]
        if (kind, token) == ("delim", "{"):
            return index
        if kind not in _SELECTOR_KINDS and not (kind == "delim" and token in _SELECTOR_DELIMS):
            raise DamagedError(f"cannot be verified: the style rule {shown(''.join(part for _, part in found[at : index + 1]))}")
    raise DamagedError(f"cannot be verified: the style rule {shown(''.join(part for _, part in found[at:]))}")


def _declarations(found: list[Token]) -> Iterator[tuple[str, list[Token]]]:
    """The declarations between the braces of a rule, or of an attribute."""
    at = 0
    while at < len(found):
        end = next((i for i in range(at, len(found)) if found[i] == ("delim", ";")), len(found))
        part = [token for token in found[at:end] if token[0] not in ("space", "comment")]
        at, begin = end + 1, at
        if not part:
            continue
        if len(part) < 2 or part[0][0] != "ident" or part[1] != ("delim", ":"):
            told = "".join(token for _, token in found[begin:end])
            raise DamagedError(f"cannot be verified: the style {shown(told.strip())}, which is no declaration")
        value = found[found.index(part[1], begin) + 1 : end]
        if any(kind == "at" or (kind == "delim" and token in "{}[]:(") for kind, token in value) or (
            sum(kind == "function" for kind, _ in value) != value.count(("delim", ")"))
        ):
            told = "".join(token for _, token in found[begin:end])
            raise DamagedError(f"cannot be verified: the style {shown(told.strip())}")
        yield part[0][1].lower(), _without_importance(value)


def _without_importance(value: list[Token]) -> list[Token]:
    """A value without its `!important`, and without the white space and comments around it."""
    plain = [(" ", " ") if kind in ("space", "comment") else (kind, token) for kind, token in value]
    while plain and plain[-1][1] == " ":
        plain.pop()
    while plain and plain[0][1] == " ":
        plain.pop(0)
    words = [token for token in plain if token[1] != " "]
    if len(words) > 1 and words[-1][1].lower() == "important" and words[-2][1] == "!":
        plain = plain[: len(plain) - 1 - plain[::-1].index(("delim", "!"))]
        while plain and plain[-1][1] == " ":
            plain.pop()
    return plain


def text_of(value: list[Token]) -> str:
    """A value's text."""
    return "".join(token for _, token in value)
