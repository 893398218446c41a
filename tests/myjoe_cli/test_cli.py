"""The command: what it prints, where, and with which exit code."""
from __future__ import annotations

import json
import socket
import uuid
from pathlib import Path

import psycopg
import pytest

from myjoe.database.migrating import migrations
from myjoe_cli.cli import main
from tests.database.support import Database, drop_database, make_database
from tests.support.peers import OpenAIPeer

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def there(newest: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Database:
    """A database that the environment names, and nothing else in it."""
    for name in ("MYJOE_ENV", "LISTEN_URL", "OPENAI_API_KEY", "MYJOE_PROVIDERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", newest.server.url(newest.name))
    monkeypatch.setenv("MYJOE_HOME", str(tmp_path))
    return newest


def said(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = main(words)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def dead_job(database: Database, user: uuid.UUID) -> str:
    database.submit(user)
    [held] = database.claim()
    database.fail(held, for_good=True)
    return str(held[0])


def test_jobs_runs_and_the_dead_are_shown(there: Database, capsys: Capture) -> None:
    user = there.user(credits_half=20)
    job = dead_job(there, user)
    code, out, _ = said(capsys, "jobs")
    headings = ["job", "state", "run", "page", "tries", "cost", "changed", "waits for, or error"]
    assert code == 0 and out.splitlines()[0].split(maxsplit=7) == headings
    assert job[:8] in out and job not in out and "provider: it broke" in out
    code, out, _ = said(capsys, "dead")
    run = there.one("select run_id::text from public.jobs")
    assert (code, out.splitlines()[1].split()[:5]) == (0, [job[:8], run[:8], "1", "provider", "1"])
    code, out, _ = said(capsys, "run", job[:8])
    assert code == 0 and "1 page for user" in out and "1 credits, 1 refunded" in out and "failed" in out


def test_machines_get_everything_as_json(there: Database, capsys: Capture) -> None:
    user = there.user(credits_half=20)
    job = dead_job(there, user)
    for words in (["jobs"], ["dead"]):
        code, out, _ = said(capsys, *words, "--json")
        assert code == 0 and [row["id"] for row in json.loads(out)] == [job]
    code, out, _ = said(capsys, "run", job, "--json")
    assert code == 0 and [page["id"] for page in json.loads(out)["pages"]] == [job]


def test_nothing_is_said_plainly(there: Database, capsys: Capture) -> None:
    assert said(capsys, "jobs") == (0, "There are no such jobs.\n", "")
    assert said(capsys, "dead") == (0, "No job is dead.\n", "")


def test_a_dead_job_is_requeued_and_a_run_cancelled(there: Database, capsys: Capture) -> None:
    user = there.user(credits_half=20)
    job = dead_job(there, user)
    code, out, _ = said(capsys, "requeue", job[:8], "--reason", "the provider was down")
    new = there.one("select requeued_as::text from public.dead_jobs")
    assert (code, out) == (0, f"Job {new} takes its place.\n")
    assert said(capsys, "cancel", new[:8]) == (0, "1 cancelled and refunded, 0 under way and asked to stop.\n", "")
    assert said(capsys, "requeue", job, "--reason", "again") == (1, "", f"myjoe: job {job} was requeued before, as {new}\n")
    there.check_books()


def test_a_book_is_quoted_ordered_and_the_same_key_orders_it_once(there: Database, capsys: Capture) -> None:
    user = there.user(credits_half=20)
    words = ("order", "a cat and an owl", "--pages", "3", "--user", str(user), "--project", str(there.project(user)))
    code, out, _ = said(capsys, *words, "--quote")
    assert code == 0 and out.startswith("Would be accepted: 3 pages for 3 credits; 7 are left then. At worst it costs us $0.")
    assert there.balance(user) == 20
    first, again = said(capsys, *words, "--key", "k", "--json"), said(capsys, *words, "--key", "k", "--json")
    assert first == again and json.loads(first[1])["accepted"] and there.balance(user) == 14
    code, out, _ = said(capsys, *words[:3], "4", *words[4:], "--key", "k")
    assert code == 1 and out.startswith("Refused (idempotency_conflict): ")
    [(titles,)] = there.rows("select array_agg(payload ->> 'title') from public.jobs")
    assert len(set(titles)) == 3


def test_an_order_says_how_it_is_to_be_printed(there: Database, capsys: Capture) -> None:
    user = there.user(credits_half=20)
    words = ("order", "an owl", "--pages", "1", "--user", str(user), "--project", str(there.project(user)))
    print = ("--printer", "lulu", "--trim", "8.5x11", "--author", "A. B.", "--bleed", "--double-sided")
    assert said(capsys, *words, *print, "--key", "k")[0] == 0
    [(kept,)] = there.rows("select manifest #> '{book,print}' from public.runs")
    assert kept == {"printer": "lulu", "trim": "8.5x11", "author": "A. B.", "bleed": True, "single_sided": False}
    assert said(capsys, *words)[0] == 0
    assert there.rows("select from public.runs where manifest -> 'book' ? 'print'") == [()], "nothing said is nothing kept"
    assert said(capsys, *words, "--author", "x" * 121) == (1, "", "myjoe: author of a print is longer than 120 characters\n")


@pytest.mark.parametrize(("flag", "value"), [("--printer", "gutenberg"), ("--trim", "a4"), ("--trim", "8.5x"), ("--author", " ")])
def test_a_print_that_is_none_is_no_command(capsys: Capture, flag: str, value: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["order", "an owl", flag, value])
    assert flag in capsys.readouterr().err


def test_what_cannot_be_drawn_or_made_is_refused_in_one_sentence(there: Database, capsys: Capture) -> None:
    code, out, err = said(capsys, "order", "a steampunk owl")
    assert (code, out) == (1, "") and err.startswith("myjoe: ") and err.count("\n") == 1
    user = there.user(credits_half=20)
    words = ("order", "an owl", "--user", str(user), "--project", str(there.project(user)))
    assert said(capsys, *words, "--operations", "raster,gold") == (1, "", "myjoe: there is no operation \"gold\" for page 1\n")
    assert said(capsys, "order", "an owl", "--user", str(uuid.uuid4()))[2].startswith("myjoe: there is no user ")
    assert there.balance(user) == 20


def test_joe_needs_a_key(there: Database, capsys: Capture) -> None:
    assert said(capsys, "ask", "Which margin?") == (1, "", "myjoe: Joe answers with OpenAI's help: set OPENAI_API_KEY\n")


def test_joe_answers_and_what_it_cost_is_booked_to_who_asked(there: Database, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    user = there.user()
    with OpenAIPeer() as peer:
        monkeypatch.setenv("OPENAI_API_KEY", OpenAIPeer.key)
        monkeypatch.setenv("OPENAI_BASE_URL", peer.url)
        words = ("ask", "Which inside margin does KDP want?", "--user", str(user))
        assert said(capsys, *words) == (0, "0.375 in up to 150 pages.\n", "")
        assert len(peer.billed) == 1
    # Moderation is free, and booked as such.
    booked = "select user_id, operation, step, provider, kind, cost_micro_usd > 0 from public.cost_events order by cost_micro_usd"
    assert there.rows(booked) == [(user, "brain", "joe", "openai", "measured", paid) for paid in (False, True)]


def test_a_database_is_marked_once(there: Database, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(capsys, "db", "mark", "staging") == (0, "This is the database of staging.\n", "")
    assert said(capsys, "db", "mark", "staging")[0] == 0
    assert said(capsys, "db", "mark", "production") == (1, "", "myjoe: this database is marked as staging\n")
    code, out, err = said(capsys, "order", "a cat")
    assert (code, out) == (1, "") and err == "myjoe: MYJOE_ENV is development, but the database is marked as staging\n"


def test_a_database_is_migrated_by_url(there: Database, capsys: Capture) -> None:
    make_database(there.server, "bare")
    try:
        url = there.server.url("bare", "supabase_admin")
        code, out, _ = said(capsys, "db", "migrate", "--url", url)
        assert code == 0 and out.split() == [migration.version for migration in migrations()]
        assert said(capsys, "db", "migrate", "--url", url) == (0, "", "")
        # As after a rollback, where this is the release command.
        with psycopg.connect(url) as connection:
            connection.execute("insert into supabase_migrations.schema_migrations (version) values ('20990101000000')")
        code, out, err = said(capsys, "db", "migrate", "--url", url)
        assert (code, out) == (0, "") and err.startswith("myjoe: this database is newer than this version") and err.count("\n") == 1
    finally:
        drop_database(there.server, "bare")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["frob"], "myjoe: argument COMMAND: invalid choice: 'frob'"), (["requeue", "abcd1234"], "arguments are required: --reason"),
        (["jobs", "--state", "lost"], "invalid choice: 'lost'"),
        (["jobs", "--count", "0"], "a whole number from 1 to 10000 is wanted, not '0'"),
        (["demo", "--pages", "9"], "a whole number from 1 to 8 is wanted"), (["order", "x", "--user", "me"], "invalid UUID value: 'me'"),
    ],
)  # fmt: skip
def test_words_that_are_no_command_are_one_line_and_code_2(words: list[str], sentence: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    captured = capsys.readouterr()
    assert caught.value.code == 2 and captured.out == "" and sentence in captured.err and captured.err.count("\n") == 1


def test_all_mistakes_in_the_settings_are_lines_of_their_own(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYJOE_CONCURRENCY", "many")
    monkeypatch.setenv("MYJOE_POL_SECONDS", "3")
    for words in (["worker", "run"], ["worker", "check"], ["jobs"]):
        code, out, err = said(capsys, *words)
        assert (code, out, len(err.splitlines())) == (1, "", 2) and err.startswith("myjoe: MYJOE_CONCURRENCY has to be"), words


def test_without_a_database_looking_makes_none(capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MYJOE_HOME", str(tmp_path / "none"))
    sentence = "myjoe: there is no database: set DATABASE_URL, or make one with `myjoe db up`\n"
    assert said(capsys, "jobs") == (1, "", sentence)
    assert not (tmp_path / "none").exists()
    assert said(capsys, "db", "migrate") == (1, "", "myjoe: which database? Give --url, or set DATABASE_URL\n")


def test_a_password_in_an_error_is_not_repeated(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://joe:hunter2@127.0.0.1:1/x")
    code, out, err = said(capsys, "jobs")
    assert (code, out) == (1, "") and err.startswith("myjoe: connection failed") and "hunter2" not in err


def test_a_check_says_a_line_for_each_part(there: Database, capsys: Capture) -> None:
    code, out, _ = said(capsys, "worker", "check")
    lines = [line.split(maxsplit=2) for line in out.splitlines()]
    assert code == 0 and {verdict for verdict, _, _ in lines} == {"ok"}
    assert [what for _, what, _ in lines] == [
        "database", "migrations", "environment", "rights", "queue", "routes", "listen", "storage", "images", "providers", "health",
        "sentry",
    ]  # fmt: skip


def test_a_check_is_json_for_machines_and_its_code_says_whether_anything_failed(
    there: Database, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for marked, code in ((None, 0), ("production", 1)):
        if marked:
            there.run("select private.mark_environment(%s)", marked)
        exit_code, out, err = said(capsys, "worker", "check", "--json")
        assert (exit_code, err) == (code, "")
        verdicts = {finding["what"]: finding["verdict"] for finding in json.loads(out)}
        assert ("FAIL" in verdicts.values()) == bool(code) and verdicts["environment"] == ("FAIL" if marked else "ok")


@pytest.mark.parametrize(
    "words", [["jobs"], ["run", "abcd1234"], ["users"], ["order", "a cat"], ["worker", "once"], ["db", "mark", "staging"]]
)
def test_a_database_that_was_never_migrated_is_told_what_to_do(
    there: Database, capsys: Capture, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    make_database(there.server, "raw")
    try:
        monkeypatch.setenv("DATABASE_URL", there.server.url("raw", "supabase_admin"))
        sentence = "myjoe: the database lacks what this version needs: bring it up to date with `myjoe db migrate`\n"
        assert said(capsys, *words) == (1, "", sentence)
    finally:
        drop_database(there.server, "raw")


def test_a_health_port_that_is_taken_names_its_setting(there: Database, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        monkeypatch.setenv("MYJOE_HEALTH_ADDRESS", address)
        sentence = f"myjoe: MYJOE_HEALTH_ADDRESS names {address}, which is taken by another process: give another, or none\n"
        assert said(capsys, "worker", "once") == (1, "", sentence)
