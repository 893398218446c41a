"""The table-driven reader of command lines."""
from __future__ import annotations

import pytest

from linefinish.command import batch, book, compare, finish, impose, preflight, verify
from linefinish.command.arguments import HELP_COLUMNS, Command, Flag, UsageError, choice, help_text, parse, whole, words

COMMANDS = [module.COMMAND for module in (finish, batch, verify, compare, book, impose, preflight)]

TINY = Command(
    "tiny", ("tiny FILE",), "A command.",
    (("flags", (
        Flag(("--output", "-o"), "where to", "FILE", many=True),
        Flag(("--level", "-k", "--blacklevel"), "a number", "N", whole, hidden=("--threshold-level-px",), into="threshold_level"),
        Flag(("--mode",), "a word", "a|b", choice("a", "b")),
        Flag(("--names",), "words", "NAMES", words),
        Flag(("--quiet", "-q"), "a switch"),
        Flag(("--verbose", "-v"), "a switch"),
    )),),
)  # fmt: skip


@pytest.mark.parametrize(("line", "values", "operands"), [
    ("", {}, []),
    ("a.png", {}, ["a.png"]),
    ("a.png -o b -o c", {"output": ["b", "c"]}, ["a.png"]),
    ("-ob a.png", {"output": ["b"]}, ["a.png"]),
    ("--output=b=c", {"output": ["b=c"]}, []),
    ("--output b=c", {"output": ["b=c"]}, []),
    ("-o - -", {"output": ["-"]}, ["-"]),
    ("-qv", {"quiet": True, "verbose": True}, []),
    ("--level -3", {"threshold_level": -3}, []),
    ("-k7", {"threshold_level": 7}, []),
    ("--blacklevel 7", {"threshold_level": 7}, []),
    ("--threshold-level-px 7", {"threshold_level": 7}, []),
    ("--names=a,b,,c", {"names": ["a", "b", "c"]}, []),
    ("-q -- -o --mode", {"quiet": True}, ["-o", "--mode"]),
])  # fmt: skip
def test_what_is_understood(line: str, values: dict[str, object], operands: list[str]) -> None:
    assert parse(TINY, line.split()) == (values, operands)


@pytest.mark.parametrize(("line", "sentence"), [
    ("--outptu b", "there is no option --outptu; did you mean --output?"),
    ("--zebra", "there is no option --zebra (linefinish --help lists them)"),
    ("-x", "there is no option -x"),
    ("-qx", "there is no option -x"),
    ("-o", "-o needs a value: -o FILE"),
    ("--level --quiet", "--level needs a value: --level N"),
    ("--level x", "--level is 'x'; it takes a whole number"),
    ("--level 1 -k 2", "-k is given twice"),
    ("--mode c", "--mode is 'c'; it may be a, b"),
    ("--quiet=yes", "--quiet takes no value, got 'yes'"),
    ("--names ,", "--names is ','; it takes names, separated by commas"),
])  # fmt: skip
def test_what_is_refused(line: str, sentence: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(TINY, line.split())
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_value_that_is_refused_is_told_once(command: Command) -> None:
    refused = 0
    for word, flag in command.flags().items():
        for text in ("8,5x11", "-1.5z", "99999x1", "nan") if flag.value else ():
            try:
                parse(command, [f"{word}={text}"])
            except UsageError as error:
                assert str(error).count(text) == 1, str(error)
                refused += 1
    assert refused > 1 or not any(flag.value for flag in command.flags().values())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_no_two_flags_share_a_spelling(command: Command) -> None:
    spelled = [name for _, flags in command.groups for flag in flags for name in (*flag.names, *flag.hidden)]
    assert len(spelled) == len(set(spelled))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_shows_every_flag_and_fits_a_terminal(command: Command) -> None:
    text = help_text(command)
    for _, flags in command.groups:
        for flag in flags:
            assert all(name in text for name in flag.names), flag.names
            assert flag.help.split()[0] in text
    # Only a left side that cannot be broken, such as an example, may be longer.
    assert [line for line in text.splitlines() if len(line) > HELP_COLUMNS and line.startswith(" " * 10)] == []
