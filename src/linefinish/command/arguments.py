"""A command line as a table: parse it, explain what is wrong with it, render its help.

argparse would do, but its import costs a cold process 17 ms of its 30. A command is a `Command`
with `Flag`s in groups; `parse` gives the values by flag, and what is left over as operands;
`help_text` is the same table made readable.
"""
from __future__ import annotations

from linefinish.checks import told_once
from linefinish.errors import LinefinishError
from linefinish.records import nearest, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Columns of the help text. Terminals have 80 or more; fixed, because docs/reference/cli.md holds
# the same text.
HELP_COLUMNS = 96
_NAME_COLUMNS = 32


class UsageError(LinefinishError, ValueError):
    """The command line cannot be understood."""


@record
class Flag:
    """One flag: how it is spelled, what follows it, what it does.

    names   the long name first, then others that mean the same: "--output", "-o"
    value   what follows, for the help: "FILE"; "" for a switch, which is True when given
    read    text → value; a ValueError says what the text should have been
    many    may be given more than once; the value is then a list
    hidden  names that are understood and not mentioned
    into    the key of the value, where it is not the long name's own
    """

    names: tuple[str, ...]
    help: str
    value: str = ""
    read: Callable[[str], Any] = str
    many: bool = False
    hidden: tuple[str, ...] = ()
    into: str = ""

    @property
    def key(self) -> str:
        """The name under which `parse` returns the value: "--stroke-width-min" →
        "stroke_width_min".
        """
        return self.into or self.names[0].lstrip("-").replace("-", "_")


@record
class Command:
    """A command: its words for people, and its flags in titled groups."""

    name: str
    usage: tuple[str, ...]
    summary: str
    groups: tuple[tuple[str, tuple[Flag, ...]], ...]
    examples: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    def flags(self) -> dict[str, Flag]:
        """Every spelling of every flag."""
        return {name: flag for _, flags in self.groups for flag in flags for name in (*flag.names, *flag.hidden)}


def parse(command: Command, words: list[str]) -> tuple[dict[str, Any], list[str]]:
    """The values given, by `Flag.key`, and the operands. Raises UsageError with one sentence."""
    flags = command.flags()
    values: dict[str, Any] = {}
    operands: list[str] = []
    rest = iter(_split(flags, words))
    for word, attached in rest:
        if word == "--":
            operands.extend(operand for operand, _ in rest)
        elif not word.startswith("-") or word == "-":
            operands.append(word)
        elif word not in flags:
            raise UsageError(f"there is no option {word}{nearest(word, tuple(flags)) or ' (linefinish --help lists them)'}")
        else:
            flag = flags[word]
            if not flag.value:
                if attached is not None:
                    raise UsageError(f"{word} takes no value, got {attached!r}")
                values[flag.key] = True
                continue
            if attached is None:
                attached, tail = next(rest, (None, None))
                if attached is None or attached in flags:
                    raise UsageError(f"{word} needs a value: {word} {flag.value}")
                attached = attached if tail is None else f"{attached}={tail}"
            value = _read(flag, word, attached)
            if flag.many:
                values.setdefault(flag.key, []).append(value)
            elif flag.key in values:
                raise UsageError(f"{word} is given twice")
            else:
                values[flag.key] = value
    return values, operands


def _split(flags: dict[str, Flag], words: list[str]) -> list[tuple[str, str | None]]:
    """Words as (word, attached value): "--dpi=300" and "-oout.svg" carry theirs, "-qv" is two
    switches.
    """
    found: list[tuple[str, str | None]] = []
    for at, word in enumerate(words):
        if word == "--":
            return [*found, *((rest, None) for rest in words[at:])]
        if word.startswith("--") and "=" in word:
            name, _, attached = word.partition("=")
            found.append((name, attached))
        elif len(word) > 2 and word[0] == "-" and word[1] != "-" and word[:2] in flags and word not in flags:
            if flags[word[:2]].value:
                found.append((word[:2], word[2:]))
            else:
                found.extend((f"-{letter}", None) for letter in word[1:])
        else:
            found.append((word, None))
    return found


def _read(flag: Flag, word: str, text: str) -> Any:
    try:
        return flag.read(text)
    except ValueError as error:
        raise UsageError(told_once(word, text, error)) from None


# --- reading values
# ------------------------------------------------------------

def number(text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError("it takes a number") from None
    if value - value != 0:
        raise ValueError("it takes a finite number")
    return value


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError("it takes a whole number") from None


def count(text: str) -> int:
    """A whole number, 1 or more."""
    value = whole(text)
    if value < 1:
        raise ValueError("it takes a whole number, 1 or more")
    return value


def choice(*words: str) -> Callable[[str], str]:
    """One of a few words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"it may be {', '.join(words)}")
        return text

    return read


def words(text: str) -> list[str]:
    """Words between commas: "svg,png"."""
    found = [word.strip() for word in text.split(",") if word.strip()]
    if not found:
        raise ValueError("it takes names, separated by commas")
    return found


# --- help
# ------------------------------------------------------------

def help_text(command: Command) -> str:
    """The command explained: usage, summary, examples, then every flag."""
    lines = [("usage: " if at == 0 else "       ") + usage for at, usage in enumerate(command.usage)]
    lines += ["", *_wrap(command.summary, 0, HELP_COLUMNS)]
    if command.examples:
        lines += ["", "examples:", *_columns(command.examples)]
    for title, rows in command.notes:
        lines += ["", f"{title}:", *_columns(rows)]
    for title, flags in command.groups:
        lines += ["", f"{title}:", *_columns(tuple(_row(flag) for flag in flags))]
    return "\n".join(lines) + "\n"


def _row(flag: Flag) -> tuple[str, str]:
    shorts = [name for name in flag.names if not name.startswith("--")]
    longs = [name for name in flag.names if name.startswith("--")]
    spelled = ", ".join([*shorts, longs[0]]) + (f" {flag.value}" if flag.value else "")
    return spelled, flag.help + (f" (also {', '.join(longs[1:])})" if longs[1:] else "")


def _columns(rows: Any) -> list[str]:
    """Two columns; a left side that is too wide gets a line of its own."""
    lines = []
    for left, right in rows:
        body = _wrap(right, _NAME_COLUMNS, HELP_COLUMNS)
        if len(left) + 4 > _NAME_COLUMNS:
            lines.append(f"  {left}")
        else:
            body[0] = f"  {left}".ljust(_NAME_COLUMNS) + body[0].lstrip()
        lines += body
    return lines


def _wrap(text: str, indent: int, columns: int) -> list[str]:
    """Lines of at most `columns` characters, each behind `indent` spaces."""
    lines = [""]
    for word in text.split():
        if lines[-1] and indent + len(lines[-1]) + 1 + len(word) > columns:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return [" " * indent + line for line in lines]
