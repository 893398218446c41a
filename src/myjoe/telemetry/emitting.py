"""Every event the worker logs, in one table, and how it is logged: one JSON object a line, or one
plain line at a terminal.

Health and metrics are made of the same events (`subscribe`), so what is counted is what is logged.
No field holds a prompt, a key, an address with a signature, or a connection string with a password;
and since error messages of others may quote them, all text is scrubbed on its way out, to the log
and to Sentry (reporting.py) alike.
"""
from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from html import escape as html_escape
from types import MappingProxyType
from typing import Any, TextIO
from urllib.parse import quote, quote_plus, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from myjoe.formatting import escaped
from myjoe.settings.shared import DEVELOPMENT, Settings
from myjoe.settings.variables import Secret
from myjoe.telemetry import lines
from myjoe.telemetry.events import CONTEXT, ERROR, EVENTS, INFO, WARNING, Event
from myjoe.texts import washed

# Longer texts are cut, in characters. What a person needs of an error stands at its beginning; log
# services drop long lines whole.
TEXT_CHARS_MAX = 500
TRACEBACK_CHARS_MAX = 8000
# A secret of fewer characters than this is hidden only where it stands alone: a key `x` of a test
# machine is no reason to cut the names of models.
SHORT_SECRET_CHARS = 8


class UnknownEventError(LookupError):
    """An event or a field that is not in the table."""


# Whether an event that is not in the table is an error. In staging and production it is logged as
# it is: no page is lost for a log line.
strict = True

_context: ContextVar[Mapping[str, Any]] = ContextVar("telemetry_context", default=MappingProxyType({}))
_hidden: ContextVar[tuple[str, ...]] = ContextVar("telemetry_hidden", default=())
_secrets: tuple[re.Pattern[str], ...] = ()
_subscribers: list[Callable[[str, Mapping[str, Any]], None]] = []
_logger = logging.getLogger("myjoe")
_logger.addHandler(logging.NullHandler())  # commands that say what they find do not log it as well


def emit(event: str, /, *, error: BaseException | str | None = None, **fields: Any) -> None:
    """Log an event of the table. An exception as `error` is logged with its message, and where the
    event is an ERROR with its traceback.
    """
    known = EVENTS.get(event)
    if strict:
        _check(event, known, {*fields, *(["error"] if error is not None else [])})
    fields = {**_context.get(), **{name: value for name, value in fields.items() if value is not None}}
    if error is not None:
        fields["error"] = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else error
    for subscriber in list(_subscribers):
        subscriber(event, fields)
    level = known.level if known else WARNING
    if _logger.isEnabledFor(level):
        trace = error if level >= ERROR and isinstance(error, BaseException) else None
        _logger.log(level, event, extra={"event": event, "fields": {name: _plain(value) for name, value in fields.items()}, "trace": trace})


@contextmanager
def context(*, hide: Iterable[str | None] = (), **fields: Any) -> Iterator[None]:
    """Give fields of CONTEXT to all events inside, of tasks begun inside as well; texts to `hide`,
    such as prompts, appear in none.
    """
    if strict and (wrong := set(fields) - set(CONTEXT)):
        raise UnknownEventError(f"no fields of the context: {', '.join(sorted(wrong))}")
    was = _context.set({**_context.get(), **fields}), _hidden.set((*_hidden.get(), *(text for text in hide if text)))
    try:
        yield
    finally:
        _context.reset(was[0])
        _hidden.reset(was[1])


def subscribe(subscriber: Callable[[str, Mapping[str, Any]], None]) -> Callable[[], None]:
    """Call `subscriber` with each event and its fields, whatever its level, on the thread that
    emits it; the answer ends that.
    """
    _subscribers.append(subscriber)
    return lambda: _subscribers.remove(subscriber)


def start(settings: Settings, stream: TextIO | None = None) -> None:
    """Log as the settings say, to `stream` or standard error."""
    global strict
    strict = settings.env == DEVELOPMENT
    hide(settings.secrets())
    handler = lines.handler(stream or sys.stderr, lambda dropped: emit("log.dropped", lines=dropped, reason="the log was not read"))
    handler.setFormatter(_Json() if settings.log == "json" else _Plain())
    logging.basicConfig(handlers=[handler], level=WARNING, force=True)
    _logger.setLevel(INFO)


def hide(secrets: Iterable[str]) -> None:
    """From here on no text that is scrubbed shows one of these, nor the password alone of those
    that are addresses or connection strings, however it is written: as it is, decoded, quoted for
    an address, for JSON, for libpq, for SQL or for Python.
    """
    global _secrets
    spelt = {spelling for secret in secrets for part in _parts(secret) for spelling in _spellings(part)}
    # The longest first, so that a secret that is part of another leaves no rest of it.
    _secrets = tuple(_hiding(spelling) for spelling in sorted(spelt, key=lambda text: (-len(text), text)))


def _parts(secret: str) -> set[str]:
    """The secret, and what is secret in it: the password of a connection string or an address."""
    parts = {secret}
    if "=" in secret or "://" in secret:
        with suppress(psycopg.Error):  # it is no connection string
            parts.add(str(conninfo_to_dict(secret).get("password") or ""))
    if "://" in secret:
        login = secret.partition("://")[2].partition("/")[0].rpartition("@")[0]
        password = login.partition(":")[2] or ("" if secret.startswith("postgres") else login)
        parts |= {password, unquote(password)}
    return parts - {""}


def _spellings(secret: str) -> set[str]:
    """The ways in which others write it."""
    escaped = secret.replace("\\", "\\\\")
    return {
        secret, quote(secret), quote(secret, safe=""), quote_plus(secret), quote(secret, safe="").lower(),
        json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1],
        escaped.replace("'", "\\'"), escaped.replace('"', '\\"'), secret.replace("'", "''"), html_escape(secret),
        b64encode(secret.encode(errors="surrogateescape")).decode(),
    }  # fmt: skip


def _hiding(secret: str) -> re.Pattern[str]:
    """Finds the secret. A short one may be part of a word that is none: it has to stand alone."""
    alone = r"(?<![\w-]){}(?![\w-])" if len(secret) < SHORT_SECRET_CHARS else "{}"
    return re.compile(alone.format(re.escape(secret)))


def scrub(text: str) -> str:
    """`text` without secrets, signatures, what the context hides, and what others quote of prompts
    and rows.
    """
    for secret in _secrets:
        text = secret.sub("…", text)
    for hidden in _hidden.get():
        text = text.replace(hidden, "…")
    for pattern, harmless in _PATTERNS:
        text = pattern.sub(harmless, text)
    return text


_PATTERNS = [
    (re.compile(pattern, re.DOTALL), harmless)
    for pattern, harmless in [
        (r"((?:postgres(?:ql)?|https?)://)[^\s/@\"']*@", r"\1…@"),  # name and password before a host; Sentry's DSN
        (r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+", r"\1?…"),  # a signature is in the query
        (r"(?i)\b(password|passwd|pwd|secret|token|api_?key|signature)(\"?\s*[=:]\s*\"?)[^\s\"',;&]+", r"\1\2…"),
        (r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}", r"\1 …"),
        (r"\b(sk-|r8_|sb_secret_|sb_publishable_|whsec_|AKIA)[\w-]{6,}", r"\1…"),
        (r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*", "…"),  # a JWT
        (r"(Failing row contains) \(.*\)", r"\1 (…)"),  # PostgreSQL quotes the whole row, the payload with it
        (r"(input_value=).*?(, input_type=)", r"\1…\2"),  # and pydantic what it was given
    ]
]


# ── the table, and what is written ────────────────────────────────────────────────────────────────


def _check(event: str, known: Event | None, names: set[str]) -> None:
    if known is None:
        raise UnknownEventError(f"there is no event {event} in telemetry.EVENTS")
    if wrong := names - set(known.fields) - set(CONTEXT):
        raise UnknownEventError(f"{event} has no field {', '.join(sorted(wrong))} in telemetry.EVENTS")


def _plain(value: Any) -> Any:
    """`value` as JSON has it, scrubbed."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Secret):
        return "…"
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    text = scrub(washed(str(value)))
    return text if len(text) <= TEXT_CHARS_MAX else text[:TEXT_CHARS_MAX] + "…"


def _written(record: logging.LogRecord) -> tuple[str, dict[str, Any]]:
    """The event of a record and its fields; a record of a library is the event "log"."""
    event, fields = getattr(record, "event", None), dict(getattr(record, "fields", {}))
    error = getattr(record, "trace", None) or (record.exc_info[1] if record.exc_info else None)
    if event is None:
        event, fields = "log", {"logger": record.name, "message": _plain(record.getMessage())}
    if error is not None:
        text = scrub(washed("".join(traceback.format_exception(error))))
        fields["traceback"] = text[-TRACEBACK_CHARS_MAX:]
    return event, fields


class _Json(logging.Formatter):
    """{"at", "level", "event", …}, one line."""

    def format(self, record: logging.LogRecord) -> str:
        event, fields = _written(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({"at": at, "level": record.levelname.lower(), "event": event, **fields}, ensure_ascii=False)


class _Plain(logging.Formatter):
    """Time, event, name=value …; a traceback on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        event, fields = _written(record)
        trace = fields.pop("traceback", "")
        words = [f"{name}={value if not isinstance(value, str) or ' ' not in value else json.dumps(value, ensure_ascii=False)}"
                 for name, value in fields.items()]  # fmt: skip
        clock = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        lines = [" ".join([clock, event, *words]).replace("\n", " "), *trace.rstrip().splitlines()]
        return "\n".join(escaped(line) for line in lines)
