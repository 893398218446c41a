"""Telemetry: nothing is logged that the table does not know, and nothing that must stay secret."""
from __future__ import annotations

import ast
import asyncio
import html
import io
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from psycopg.conninfo import make_conninfo

import myjoe_studio.events  # noqa: F401
import myjoe_worker.events  # noqa: F401  # both declare what their processes emit
from myjoe import telemetry
from myjoe.settings.variables import Secret
from myjoe.telemetry import emitting
from myjoe.telemetry.emitting import CONTEXT, TEXT_CHARS_MAX, UnknownEventError, context, emit, scrub
from myjoe_worker.settings import WorkerSettings, read_settings

SOURCE = Path(telemetry.__file__).parents[2]


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("myjoe")
    handlers, levels = root.handlers[:], (root.level, own.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])
    emitting.strict, emitting._secrets = True, ()


def started(**environment: str) -> io.StringIO:
    stream = io.StringIO()
    telemetry.start(read_settings({"MYJOE_LOG": "json", **environment}), stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


# ── the table ─────────────────────────────────────────────────────────────────────────────────────


def calls_of_emit() -> list[tuple[str, ast.Call]]:
    found = []
    for path in sorted(SOURCE.glob("myjoe*/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and path.parent.name != "telemetry":
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == "emit":
                    found.append((f"{path.relative_to(SOURCE)}:{node.lineno}", node))
    return found


def test_all_calls_in_the_source_are_in_the_table() -> None:
    wrong = []
    for where, call in calls_of_emit():
        event = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        if event is None:
            continue  # the name is computed; such a call is checked when it runs
        names = {word.arg for word in call.keywords if word.arg is not None}
        known = telemetry.EVENTS.get(event)
        if known is None or names - set(known.fields) - set(CONTEXT):
            wrong.append(f"{where} {event} {sorted(names)}")
    assert wrong == []


def test_every_event_of_the_table_happens() -> None:
    # A call may choose between names.
    names = (part for _, call in calls_of_emit() if call.args for part in ast.walk(call.args[0]) if isinstance(part, ast.Constant))
    emitted = {part.value for part in names}
    # The one is made of the records of libraries, the other by the log itself (test_lines.py).
    assert set(telemetry.EVENTS) - emitted == {"log", "log.dropped"}


@pytest.mark.parametrize(("event", "fields"), [("job.vanished", {}), ("job.started", {"prompt": "a cat"})])
def test_what_is_not_in_the_table_is_an_error(event: str, fields: dict[str, str]) -> None:
    with pytest.raises(UnknownEventError):
        emit(event, **fields)
    with pytest.raises(UnknownEventError), context(prompt="a cat"):
        pass


def test_in_production_no_page_is_lost_for_a_log_line() -> None:
    stream = started()
    emitting.strict = False
    emit("job.vanished", why="nobody knows")
    [line] = lines(stream)
    assert (line["event"], line["level"], line["why"]) == ("job.vanished", "warning", "nobody knows")


# ── lines ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_is_an_object_with_time_level_and_event() -> None:
    stream = started()
    emit("queue.claimed", jobs=3, seconds=0.12345)
    [line] = lines(stream)
    assert line.pop("at").endswith("Z")
    assert line == {"level": "info", "event": "queue.claimed", "jobs": 3, "seconds": 0.123}


def test_at_a_terminal_it_is_plain() -> None:
    stream = io.StringIO()
    telemetry.start(WorkerSettings(), stream)
    emit("job.retried", kind="timeout", error="no answer in 60 s\nnone at all", seconds=None)
    assert stream.getvalue()[9:] == 'job.retried kind=timeout error="no answer in 60 s\\nnone at all"\n'


def test_quiet_events_reach_subscribers_only() -> None:
    stream = started()
    seen: list[tuple[str, Any]] = []
    end = telemetry.subscribe(lambda event, fields: seen.append((event, dict(fields))))
    emit("loop.turned", held=2)
    end()
    emit("loop.turned", held=3)
    assert (seen, stream.getvalue()) == ([("loop.turned", {"held": 2})], "")


def test_a_crash_has_its_traceback_and_long_texts_are_cut() -> None:
    stream = started()
    try:
        raise ValueError("x" * 2000)
    except ValueError as error:
        emit("job.crashed", error=error)
        emit("job.retried", error=error)
    crashed, retried = lines(stream)
    assert crashed["error"].startswith("ValueError: xxx") and len(crashed["error"]) == TEXT_CHARS_MAX + 1
    assert "test_a_crash_has_its_traceback" in crashed["traceback"] and "traceback" not in retried


def test_what_libraries_say_is_an_event_too() -> None:
    stream = started(DATABASE_URL="postgresql://joe:hunter2@db/x")
    logging.getLogger("httpx2").info("too quiet")
    logging.getLogger("psycopg").warning("cannot reach %s", "postgresql://joe:hunter2@db/x")
    [line] = lines(stream)
    assert (line["event"], line["logger"]) == ("log", "psycopg") and "hunter2" not in line["message"]


def test_the_context_reaches_tasks_that_begin_in_it_and_no_others() -> None:
    stream = started()

    async def page(job: str) -> None:
        with context(job=job):
            await asyncio.sleep(0)
            await asyncio.gather(asyncio.create_task(step()))

    async def step() -> None:
        await asyncio.sleep(0)
        emit("page.stored", files=4)

    async def both() -> None:
        await asyncio.gather(page("a"), page("b"))
        emit("loop.failed", error="x")

    asyncio.run(both())
    assert [line.get("job") for line in lines(stream)] == ["a", "b", None]


# ── what must stay secret ─────────────────────────────────────────────────────────────────────────

LEAKS = [
    ("connection to postgresql://joe:hunter2@db.abc.supabase.co:5432/postgres failed", "hunter2"),
    ("host=db password=hunter2 user=joe", "hunter2"),
    ("GET https://abc.supabase.co/storage/v1/object/sign/pages/u/1.png?token=eyJhbGciOi.abc.def 403", "eyJhbGciOi"),
    ("https://bucket.s3.amazonaws.com/k?X-Amz-Credential=AKIA123&X-Amz-Signature=0af3", "0af3"),
    ("{'Authorization': 'Bearer r8_abcdefghijk'}", "abcdefghijk"),
    ("Incorrect API key provided: sk-proj-abcdef123", "abcdef123"),
    ("apikey: sb_secret_abcdef123", "abcdef123"),
    ('{"api_key": "0123456789"}', "0123456789"),
    ("dsn https://public@sentry.example.com/1", "public"),
    ('null value violates\nDETAIL:  Failing row contains (1, {"prompt": "my daughter Ida"}).', "Ida"),
    ("prompt: String too long [type=string_too_long, input_value='my daughter Ida', input_type=str]", "Ida"),
]


@pytest.mark.parametrize(("text", "secret"), LEAKS)
def test_it_is_scrubbed(text: str, secret: str) -> None:
    assert secret in text and secret not in scrub(text)


@pytest.mark.parametrize(
    "text", ["lease of host-1-abc ran out", "https://api.replicate.com/v1/predictions answered 429", "12 input_tokens", "a@b"]
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert scrub(text) == text


def test_secrets_of_the_settings_and_hidden_prompts_appear_nowhere() -> None:
    stream = started(RECRAFT_API_KEY="plain-words-as-a-key", SUPABASE_SECRET_KEY="plain")
    with context(job="j1", hide=["my daughter Ida", None]):
        try:
            raise ValueError("refused: my daughter Ida, plain-words-as-a-key")
        except ValueError as error:
            emit("job.crashed", error=error)
        emit("page.judged", judge="local", reasons=["no my daughter Ida"], accepted=False)
        emit("worker.started", worker=Secret("plain"))
    written = stream.getvalue()
    assert "Ida" not in written and "plain" not in written and written.count('"job": "j1"') == 3


def test_events_of_other_threads_are_logged_without_this_context() -> None:
    stream = started()
    with context(job="j1"):
        thread = threading.Thread(target=lambda: emit("lease.not_renewed", jobs=1, seconds_left=4.0))
        thread.start()
        thread.join()
    [line] = lines(stream)
    assert "job" not in line


# ── secrets, however they are written ─────────────────────────────────────────────────────────────

PASSWORD = "p@ss 'w\"o\\rd/ü&+%1"
SPELT = {
    "as it is": PASSWORD, "in an address": quote(PASSWORD, safe=""), "as a form writes it": quote_plus(PASSWORD),
    "as JSON": json.dumps(PASSWORD), "as JSON with letters": json.dumps(PASSWORD, ensure_ascii=False), "as Python": repr(PASSWORD),
    "for libpq": PASSWORD.replace("\\", "\\\\").replace("'", "\\'"), "as SQL": PASSWORD.replace("'", "''"),
    "as HTML": html.escape(PASSWORD),
}  # fmt: skip


@pytest.mark.parametrize("how", SPELT)
@pytest.mark.parametrize("kind", ["address", "words"])
def test_a_password_alone_is_hidden_however_it_is_written(how: str, kind: str) -> None:
    conninfo = {
        "address": f"postgresql://joe:{quote(PASSWORD, safe='')}@db.example.com:5432/postgres",
        "words": make_conninfo(host="db.example.com", user="joe", password=PASSWORD),
    }[kind]
    stream = started(DATABASE_URL=conninfo)
    emit("loop.failed", error=f"FATAL: it was not «{SPELT[how]}», said db.example.com")
    [line] = lines(stream)
    assert line["error"] == "FATAL: it was not «…», said db.example.com" or line["error"].replace('"', "").replace("'", "") == (
        "FATAL: it was not «…», said db.example.com"
    )


def test_a_short_secret_is_hidden_where_it_stands_alone_and_cuts_no_word() -> None:
    stream = started(RECRAFT_API_KEY="x", SUPABASE_SECRET_KEY="flux")
    emit("loop.failed", error="the key x is wrong for flux-schnell of maxwell, (x) and flux.")
    [line] = lines(stream)
    assert line["error"] == "the key … is wrong for flux-schnell of maxwell, (…) and …."


@pytest.mark.parametrize("name", ["flux-schnell", "flux-dev", "recraftv4_1_utility", "gpt-6-luna", "crisp_upscale", "real-esrgan"])
def test_names_of_models_are_no_secrets(name: str) -> None:
    stream = started(OPENAI_API_KEY="sk-proj-0123456789", REPLICATE_API_TOKEN="r8_0123456789", DATABASE_URL="postgresql://joe:x@db/x")
    emit("cost.booked", operation="raster", step="raster", provider="replicate", model=name, request_id="r", kind="measured", micro_usd=1)
    assert lines(stream)[0]["model"] == name


def test_at_a_terminal_a_log_line_steers_nothing() -> None:
    stream = io.StringIO()
    telemetry.start(WorkerSettings(), stream)
    emit("provider.failed", provider="openai", request_id="req-\x1b[31m\x9b", kind="provider", error="a\x07b")
    assert not {"\x1b", "\x9b", "\x07"} & set(stream.getvalue()) and "\\x1b[31m" in stream.getvalue()
