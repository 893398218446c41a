"""What a variable of the environment may be: one parser for each kind, and how a dataclass of
variables is read. Every mistake is named at once.

A process's settings are a dataclass whose fields are made by `variable`: names, what they may be,
their defaults and what they mean stand there alone. Secrets are wrapped, so that no log line and no
traceback shows one by accident.
"""
from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict


class Secret:
    """A text that shows itself only to those who call `reveal`. An empty one is false: it was not
    given.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret('…')" if self._text else "Secret('')"


# ── what a variable may be ────────────────────────────────────────────────────────────────────────
# Each takes the text and returns the value, or raises ValueError with what it has to be, as the end
# of the sentence "NAME has to be …".


def text(text: str) -> str:
    """Any text."""
    return text


def secret(text: str) -> Secret:
    """A text that is kept out of logs."""
    return Secret(text)


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words."""
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"{', '.join(words[:-1])} or {words[-1]}, not {text!r}")
        return text

    return _taking(", ".join(words), parse)


def count(least: int, most: int) -> Callable[[str], int]:
    """A whole number of this range."""
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError(f"a whole number from {least} to {most}, not {text!r}")
        return int(text)

    return _taking(f"{least} to {most}", parse)


def seconds(least: float, most: float) -> Callable[[str], float]:
    """Seconds of this range, as a float."""
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:  # false for what is no number, too
            raise ValueError(f"seconds from {least:g} to {most:g}, not {text!r}")
        return value

    return _taking(f"{least:g} to {most:g} s", parse)


def database(text: str) -> Secret:
    """A connection string that libpq can read, kept out of logs."""
    # libpq's own message would quote the string, password and all.
    try:
        conninfo_to_dict(text)
    except Exception:
        raise ValueError("a PostgreSQL connection string, such as postgresql://user:password@host:5432/postgres") from None
    return Secret(text)


def address(text: str) -> str:
    """An address, without the slash at its end."""
    if not text.startswith(("https://", "http://")) or len(text.split("/")) < 3 or not text.split("/")[2]:
        raise ValueError("an address that begins with https://")
    return text.rstrip("/")


def folder(text: str) -> Path:
    """An absolute path."""
    return Path(text).expanduser().absolute()


def endpoint(text: str) -> tuple[str, int]:
    """A host and a port; without a host, this machine alone."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError(f"host:port, such as 127.0.0.1:8080, not {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)


def limits(text: str) -> Mapping[str, int]:
    """Names and whole numbers."""
    limits = {}
    for part in text.split(","):
        name, _, count = part.strip().partition("=")
        if not name or not (count.isascii() and count.isdigit() and int(count) > 0):
            raise ValueError(f"a list such as replicate=4,recraft=4, not {text!r}")
        limits[name.strip()] = int(count)
    return limits


# ── how they are described ────────────────────────────────────────────────────────────────────────

_TAKEN: dict[Callable[[str], Any], str] = {
    text: "any text", secret: "a secret", database: "a connection string", address: "an address, https://…", folder: "a path",
    endpoint: "host:port, or :port", limits: "name=N,name=N",
}  # fmt: skip


def _taking(values: str, parse: Callable[[str], Any]) -> Callable[[str], Any]:
    _TAKEN[parse] = values
    return parse


def values(parse: Callable[[str], Any]) -> str:
    """Which values a parser takes, in a few words."""
    return _TAKEN[parse]


# ── how they are read ─────────────────────────────────────────────────────────────────────────────


def variable(name: str, parse: Callable[[str], object], default: Any, text: str) -> Any:
    """A field that is read from the variable `name`. A callable default is called; both give the
    value itself, not its text.
    """
    how = {"default_factory": default} if callable(default) else {"default": default}
    return field(**how, metadata={"name": name, "parse": parse, "text": text})


def parsed(kind: type[Any], given: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The values of the fields of `kind` that are given, by field, and a sentence for
    each mistake.
    """
    values, mistakes = {}, []
    for one in fields(kind):
        name, parse = one.metadata["name"], one.metadata["parse"]
        if name in given:
            try:
                values[one.name] = parse(given[name])
            except ValueError as error:
                mistakes.append(f"{name} has to be {error}")
    return values, mistakes


def unknown(kind: type[Any], given: Mapping[str, str]) -> list[str]:
    """A sentence for each MYJOE_… that is no field: a misspelt name would silently do nothing."""
    known = [one.metadata["name"] for one in fields(kind)]
    mistakes = []
    for name in sorted(given):
        if name.startswith("MYJOE_") and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            mistakes.append(f"{name} is no setting" + (f"; perhaps {near[0]} is meant" if near else ""))
    return mistakes
