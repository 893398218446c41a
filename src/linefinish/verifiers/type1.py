"""Type 1 font programs ("Adobe Type 1 Font Format", 1990). They are PostScript, and a viewer that
runs them as such, as Ghostscript did until 9.55, paints what they say.

A whitelist of words, for what stands in the clear and for what is encrypted. None of them paints,
sets a colour or makes a name of a text; what is carried out by `exec` is what fonts ask of the
interpreter by names that are known here. Adobe's first code for curves that are nearly flat
("flex"), and fonts of several masters, hold more than that: they cannot be verified.
"""
from __future__ import annotations

import re

from linefinish.verifiers.verdict import DamagedError, shown

# Bytes of one program; the largest fonts in use have 500 kB. A MB takes 0.3 s to decrypt.
_BYTES_MAX = 1 << 21
_CLEAR_WORDS = frozenset(
    b"def readonly noaccess executeonly currentdict begin dup dict end currentfile true false StandardEncoding exch put index array for and"
    b" ifelse if eq findfont get known FontDirectory save pop".split()
)
_PRIVATE_WORDS = frozenset(
    b"def readonly noaccess executeonly currentdict begin dup dict end currentfile true false StandardEncoding exch put index array for and"
    b" ifelse if eq findfont get known FontDirectory save pop not or lt le gt ge ne add sub mul cvi roll copy bind string mark"
    b" closefile definefont exec systemdict userdict errordict dtransform restore count clear".split()
)
# What fonts call their own procedures, which read a glyph and put it into its place. What reads it
# is defined in these words alone: an interpreter would carry out what another one leaves unread.
_OWN = frozenset((b"RD", b"ND", b"NP", b"|-", b"-|", b"|"))
_READ = frozenset((b"RD", b"-|"))
_READS = re.compile(rb"\s*\{\s*string\s+currentfile\s+exch\s+readstring\s+pop\s*\}")
# What `exec` may be given, by its name in a dictionary, and what may be asked of the system's.
_CARRIED_OUT = frozenset((b"/internaldict", b"/startlock", b"/strtlck", b"/invalidaccess"))
_OF_SYSTEM = frozenset((b"/internaldict",))
_TOKEN = re.compile(
    rb"[\0\t\n\f\r ]*+(?:(?P<comment>%[^\r\n\f\0]*+(?=[\r\n]|\Z))|(?P<string>\()|(?P<bracket>[{}\[\]])"
    rb"|(?P<word>/?[^\0\t\n\f\r ()<>\[\]{}/%]+))"
)
_IN_STRING = re.compile(rb"[^()\\]*+(?:\\.|([()]))?", re.DOTALL)
_NUMBER = re.compile(rb"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?|8#[0-7]{1,9}")
# What stands behind the encrypted part: 512 zeros, and the end of what was begun before it.
_AFTER = re.compile(rb"[\0\t\n\f\r 0]*+(?:cleartomark)?[\t\n\r ]*+(?:\{[ ]*restore[ ]*\}[ ]*if)?[\0\t\n\f\r ]*+\Z")
_KEY, _FACTOR, _SUMMAND, _FREE_BYTES = 55665, 52845, 22719, 4


def judge(program: bytes) -> None:
    """DamagedError for a program that may do more than tell its outlines."""
    if len(program) > _BYTES_MAX:
        raise _unverified(f"of {len(program):,} bytes")
    program = _joined(program)
    hidden = program[_words(program, _CLEAR_WORDS, b"eexec", has_strings=True) :]
    if not hidden:
        return
    hidden = hidden.lstrip(b" \t\r\n")  # the first encrypted byte is none of these
    if digits := re.match(rb"(?:[0-9a-fA-F]{2}\s*+)*+", hidden) if re.match(rb"[0-9a-fA-F]{4}", hidden) else None:
        encrypted, after = bytes.fromhex(digits[0].decode()), hidden[digits.end() :]
    else:
        encrypted, after = hidden, b""
    plain = _decrypted(encrypted)[_FREE_BYTES:]
    rest = len(plain) - _words(plain, _PRIVATE_WORDS, b"closefile", has_strings=False)
    # The zeros are no longer encrypted, and the line end before them is, in some.
    after = encrypted[len(encrypted) - rest :] + after if encrypted is hidden else after
    if not (_AFTER.match(after) or _AFTER.match(after[1:])):
        raise _unverified("that goes on behind its end")


def _unverified(what: str) -> DamagedError:
    return DamagedError(f"cannot be verified: a Type 1 font {what}")


def _joined(program: bytes) -> bytes:
    """What the segments of a PFB hold."""
    if program[:1] != b"\x80":
        return program
    parts, at = [], 0
    while program[at : at + 1] == b"\x80" and program[at + 1 : at + 2] in (b"\1", b"\2"):
        size = int.from_bytes(program[at + 2 : at + 6], "little")
        parts.append(program[at + 6 : at + 6 + size])
        at += 6 + size
    return b"".join(parts)


def _decrypted(data: bytes) -> bytes:
    key, plain = _KEY, bytearray()
    for byte in data:
        plain.append(byte ^ key >> 8)
        key = (byte + key) * _FACTOR + _SUMMAND & 0xFFFF
    return bytes(plain)


def _words(text: bytes, known: frozenset[bytes], end: bytes, *, has_strings: bool) -> int:
    """Where a part ends, with a word. All that come before it must be known, and stand where fonts
    have them.
    """
    at = depth = 0
    last: list[bytes] = [b"", b""]
    while match := _TOKEN.match(text, at):
        at = match.end()
        kind, token = match.lastgroup, match[str(match.lastgroup)]
        if kind == "comment":
            continue
        if kind == "string":
            if not has_strings:
                raise _unverified("with a text where its glyphs are")
            at = _string_end(text, at)
        if token == end:
            return at
        depth += {b"{": 1, b"}": -1}.get(token, 0)
        if kind == "word" and not _NUMBER.fullmatch(token):
            _word(token, last, known)
            if token[:1] == b"/" and token[1:] in _READ:
                reads = _READS.match(text, at)
                if reads is None:
                    raise _unverified("that reads its glyphs in a way of its own")
                at = reads.end()
            elif token in _READ:
                if depth or not last[-1].isdigit():
                    raise _unverified("that reads glyphs of computed lengths")
                at += 1 + int(last[-1])
        if last[-1] == b"/FontType" and token not in (b"1", b"get"):
            raise _unverified("that is none")
        if last[-1] == b"systemdict" and token not in _OF_SYSTEM:
            raise _unverified("that asks the system for more than fonts do")
        last = [last[-1], token]
    if text[at:].strip(b"\0\t\n\f\r "):
        raise _unverified(f"with {shown(text[at:].split(maxsplit=1)[0])!r}")
    return len(text)


def _string_end(text: bytes, at: int) -> int:
    """Where a text ends that has begun: parentheses may stand in it in pairs."""
    depth = 1
    while depth and at < len(text):
        match = _IN_STRING.match(text, at)
        at = max(at + 1, match.end()) if match else at + 1
        depth += {b"(": 1, b")": -1}.get(match[1] or b"", 0) if match else 0
    if depth:
        raise _unverified("with a text without end")
    return at


def _word(token: bytes, last: list[bytes], known: frozenset[bytes]) -> None:
    if token[:1] == b"/":
        if token[1:] in _PRIVATE_WORDS or token in (b"/BuildChar", b"/BuildGlyph", b"/"):
            raise _unverified(f"that gives {shown(token[1:])} another meaning")
    elif token not in known and token not in _OWN:
        raise _unverified(f"with the operator {shown(token)}")
    elif token == b"exec" and not (last[-1] == b"get" and last[-2] in _CARRIED_OUT):
        raise _unverified("with a computed procedure")
