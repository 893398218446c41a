"""What a variable may be, how a mistake is said, and that secrets do not show themselves."""
from __future__ import annotations

import copy
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from myjoe.settings import variables
from myjoe.settings.variables import Secret, parsed, unknown, variable


@dataclass(frozen=True)
class Told:
    """Settings as a process declares them."""

    count: int = variable("MYJOE_COUNT", variables.count(1, 9), 4, "how many")
    folder: Path = variable("MYJOE_FOLDER", variables.folder, lambda: Path("/made"), "where")
    key: Secret = variable("API_KEY", variables.secret, Secret(), "a key")


# ── secrets ───────────────────────────────────────────────────────────────────────────────────────


def test_a_secret_shows_itself_to_nobody_who_does_not_ask() -> None:
    secret = Secret("hunter2")
    for written in (str(secret), repr(secret), f"{secret}", f"{Told(key=secret)!r}", str([secret]), str(copy.copy(secret))):
        assert "hunter2" not in written and "…" in written
    assert secret.reveal() == "hunter2"


def test_secrets_are_compared_by_their_text_and_an_empty_one_was_not_given() -> None:
    assert Secret("a") == Secret("a") != Secret("b") and Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") and not Secret() and repr(Secret()) == "Secret('')"


# ── what a variable may be ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (variables.text, "any thing", "any thing"), (variables.secret, "s", Secret("s")), (variables.one_of("a", "b"), "b", "b"),
        (variables.count(1, 64), "1", 1), (variables.count(1, 64), "064", 64), (variables.seconds(0, 600), "0", 0.0),
        (variables.seconds(0.1, 600), "1e2", 100.0), (variables.database, "host=db user=joe", Secret("host=db user=joe")),
        (variables.address, "https://a.example/", "https://a.example"),
        (variables.address, "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"),
        (variables.folder, "/srv/joe", Path("/srv/joe")), (variables.folder, "~/joe", Path.home() / "joe"),
        (variables.folder, "here", Path.cwd() / "here"), (variables.endpoint, ":8080", ("127.0.0.1", 8080)),
        (variables.endpoint, "0.0.0.0:0", ("0.0.0.0", 0)), (variables.endpoint, "[::1]:65535", ("::1", 65535)),
        (variables.limits, "replicate=4, recraft=2", {"replicate": 4, "recraft": 2}),
    ],
)  # fmt: skip
def test_what_is_right_is_read(parse: Callable[[str], object], text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "texts", "sentence"),
    [
        (variables.one_of("a", "b", "c"), ["", "A", "ab"], "a, b or c, not "),
        (variables.count(1, 64), ["many", "0", "65", "²", "-1", "1.5", "", "1 "], "a whole number from 1 to 64, not "),
        (variables.seconds(0.1, 600), ["nan", "inf", "-1", "601", "", "soon"], "seconds from 0.1 to 600, not "),
        (variables.database, ["nonsense", "postgresql://joe:pw@db:port/x?y"], "a PostgreSQL connection string, such as "),
        (variables.address, ["abc.example", "https://", "https:///x", "ftp://a.example", ""], "an address that begins with https://"),
        (variables.endpoint, ["everywhere", "host:", "host:65536", "host:-1", "host:²"], "host:port, such as 127.0.0.1:8080, not "),
        (variables.limits, ["replicate", "=4", "a=0", "a=4,", "a=x"], "a list such as replicate=4,recraft=4, not "),
    ],
)  # fmt: skip
def test_a_mistake_ends_the_sentence_name_has_to_be(parse: Callable[[str], object], texts: list[str], sentence: str) -> None:
    for text in texts:
        with pytest.raises(ValueError, match="^" + sentence.replace(".", r"\.")):
            parse(text)


def test_a_connection_string_is_quoted_nowhere_in_what_is_raised() -> None:
    with pytest.raises(ValueError, match="connection string") as caught:
        variables.database("postgresql://joe:hunter2@db:port/postgres?x")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value)).replace('variables.database("postgresql://joe:hunter2', "")


# ── how they are read ─────────────────────────────────────────────────────────────────────────────


def test_defaults_are_values_and_those_that_are_called_are_called() -> None:
    told = Told()
    assert (told.count, told.folder, told.key) == (4, Path("/made"), Secret())


def test_what_is_given_is_parsed_and_every_mistake_is_a_sentence() -> None:
    values: dict[str, Any]
    values, mistakes = parsed(Told, {"MYJOE_COUNT": "7", "API_KEY": "k", "OTHER": "x"})
    assert (values, mistakes) == ({"count": 7, "key": Secret("k")}, [])
    values, mistakes = parsed(Told, {"MYJOE_COUNT": "many", "MYJOE_FOLDER": "/srv"})
    assert (values, mistakes) == ({"folder": Path("/srv")}, ["MYJOE_COUNT has to be a whole number from 1 to 9, not 'many'"])


def test_a_name_of_ours_that_is_none_is_told_with_what_may_be_meant() -> None:
    assert unknown(Told, {"MYJOE_COUNT": "1", "PATH": "x", "API_KEYS": "x"}) == []
    assert unknown(Told, {"MYJOE_QZXWVKJH_1234567": "1", "MYJOE_CONUT": "1"}) == [
        "MYJOE_CONUT is no setting; perhaps MYJOE_COUNT is meant", "MYJOE_QZXWVKJH_1234567 is no setting",
    ]  # fmt: skip
