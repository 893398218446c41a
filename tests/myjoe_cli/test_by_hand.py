"""What an operator does by hand, as it is typed and as it is printed."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from myjoe_cli.__main__ import BROKEN_PIPE
from myjoe_cli.cli import main
from tests.database.support import Database
from tests.myjoe_cli.test_cli import Capture, dead_job, said, there
from tests.support.finished import page_file

__all__ = ["there"]  # a fixture


def drawn(database: Database, home: Path, pages: int = 2, of: int = 3) -> str:
    """A run of whose pages some are drawn, with files in the folder of the settings."""
    user = database.user(credits_half=40)
    run: str = database.submit(user, pages=of)["run_id"]
    for job, token in database.claim(pages):
        files = {}
        for kind in ("png", "svg", "pdf"):
            files[kind] = f"{user}/{job}/{token}/page.{kind}"
            path = home / "pages" / files[kind]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(page_file(1) if kind == "pdf" else b"<svg/>")
        Image.new("1", (60, 80), 1).save(home / "pages" / files["png"], dpi=(300, 300))
        database.book(job, 3000)
        result = {"provider": "sketch", "model": "sketch", "width_px": 60, "height_px": 80, "dpi": 300, "bit_depth": 1, "files": files}
        database.complete((job, token), result=result)
    return run


def test_a_run_s_files_are_told_whole_and_its_book_is_bound(there: Database, capsys: Capture, tmp_path: Path) -> None:
    run = drawn(there, tmp_path)
    keys = there.rows("select files from public.generations")
    paths = {str(tmp_path / "pages" / key) for (files,) in keys for key in files.values()}
    # As a newer version may keep one.
    there.run("update public.generations set files = files || '{\"film\": {\"key\": \"a.mp4\"}}'")
    code, out, _ = said(capsys, "run", run[:8])
    assert code == 0 and sum(path in out for path in paths) == 2, "each page's drawing, uncut"
    code, out, _ = said(capsys, "files", run[:8])
    assert code == 0 and {path for path in paths if path in out} == paths and "2 pages with files; the run cost $0.0060" in out
    assert {row["where"] for row in json.loads(said(capsys, "files", run[:8], "--json")[1])} == paths
    code, out, _ = said(capsys, "files", run[:8], "--to", str(tmp_path / "here"))
    assert code == 0 and {Path(line).parent for line in out.splitlines()} == {tmp_path / "here"} and len(out.splitlines()) == 6
    book = tmp_path / "a" / "book.pdf"
    code, out, err = said(capsys, "book", run[:8], "-o", str(book))
    assert (code, out, err) == (0, f"{book}\n", "myjoe: 1 of 3 pages is not drawn, and left out\n")
    assert book.read_bytes().startswith(b"%PDF") and book.read_bytes().count(b"/Type /Page ") == 2
    assert [path.name for path in book.parent.iterdir()] == ["book.pdf"]


def test_looking_takes_the_database_alone_whatever_the_environment(
    there: Database, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = there.submit(there.user(credits_half=4))["run_id"]
    monkeypatch.setenv("MYJOE_ENV", "production")
    for words in (["jobs"], ["run", run[:8]], ["users"], ["switch"], ["dead"]):
        assert said(capsys, *words)[0] == 0, words
    code, _, err = said(capsys, "book", run[:8])
    assert code == 1 and err.splitlines() == [
        f"myjoe: {name} is missing; MYJOE_STORAGE=supabase needs it" for name in ("SUPABASE_URL", "SUPABASE_SECRET_KEY")
    ]  # fmt: skip


def test_a_run_without_pictures_has_no_book(there: Database, capsys: Capture) -> None:
    run = there.submit(there.user(credits_half=4))["run_id"]
    assert said(capsys, "book", run[:8]) == (1, "", f"myjoe: no page of run {run[:8]} is drawn\n")
    assert said(capsys, "files", run[:8]) == (1, f"Run {run[:8]} has no files yet.\n", "")


def test_users_and_credits_by_hand(there: Database, capsys: Capture) -> None:
    user = there.user(credits_half=20)
    email = there.one("select email from auth.users where id = %s", user)
    code, out, _ = said(capsys, "users", email)
    assert code == 0 and out.splitlines()[1].split()[:3] == [str(user)[:8], "max", "10"] and email in out
    assert said(capsys, "users", "nobody@") == (0, "There are no such users.\n", "")
    words = ("credits", email, "--give", "2.5", "--reason", "an outage", "--request", "ticket 7")
    assert said(capsys, *words) == (0, f"2.5 credits given; {email} has 12.5 now.\n", "")
    assert said(capsys, *words) == (0, f"This request was booked before; {email} has 12.5 now.\n", "")
    assert said(capsys, "credits", email, "--take", "1", "--reason", "too many") == (0, f"1 credits taken; {email} has 11.5 now.\n", "")
    code, out, _ = said(capsys, "credits", str(user)[:8])
    assert code == 0 and out.startswith(f"{email}, user {user}: 11.5 credits\n") and "+2.5" in out and "an outage" in out
    assert said(capsys, "credits", email, "--take", "9")[2] == "myjoe: a reason is kept with what is done by hand: give one with --reason\n"
    assert said(capsys, "credits", email, "--take", "99", "--reason", "too many")[2] == "myjoe: the user has too few credits for that\n"
    there.check_books()


def test_operations_are_switched_by_hand(there: Database, capsys: Capture) -> None:
    code, out, _ = said(capsys, "switch")
    assert code == 0 and [line.split()[:2] for line in out.splitlines()[1:]] == [
        ["brain", "on"], ["fix_upscale", "on"], ["raster", "on"], ["vector", "on"]
    ]  # fmt: skip
    assert said(capsys, "switch", "vector", "off", "--reason", "it draws noise") == (0, "vector is off.\n", "")
    assert "it draws noise" in said(capsys, "switch")[1]
    assert said(capsys, "switch", "raster", "fallback", "--reason", "slow") == (0, "raster is on, by its fallback.\n", "")
    sentence = "myjoe: say how, and why: myjoe switch OPERATION on|off|first|fallback --reason REASON\n"
    for words in (["switch", "raster"], ["switch", "raster", "on"]):
        assert said(capsys, *words) == (1, "", sentence)


def test_dead_jobs_are_requeued_by_a_filter(there: Database, capsys: Capture) -> None:
    user = there.user(credits_half=20)
    jobs = [dead_job(there, user) for _ in range(3)]
    assert said(capsys, "requeue", "--reason", "an outage")[2].startswith("myjoe: which? Give the id of a job or of a run")
    assert said(capsys, "requeue", "--kind", "judge", "--reason", "an outage")[:2] == (1, "")
    assert said(capsys, "requeue", jobs[0][:8], "--reason", "an outage")[1].startswith("Job ")
    assert said(capsys, "requeue", "--kind", "provider", "--user", str(user)[:8], "--reason", "an outage") == (
        0, "2 dead jobs are tried again.\n", ""
    )  # fmt: skip
    there.check_books()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["order", ""], "the description says nothing"), (["order", " \n\t"], "the description says nothing"),
        (["order", "…!?"], "the description says nothing"), (["order", "x" * 4001], "4,000 are the most"),
    ],
)  # fmt: skip
def test_an_order_that_says_nothing_is_refused_and_not_charged(there: Database, capsys: Capture, words: list[str], sentence: str) -> None:
    user = there.user(credits_half=20)
    code, out, err = said(capsys, *words, "--user", str(user), "--project", str(there.project(user)))
    assert (code, out) == (1, "") and sentence in err and err.count("\n") == 1
    assert there.balance(user) == 20


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["order", "x", "--pages", "0"], "a whole number from 1 to 1000 is wanted, not '0'"),
        (["order", "x", "--pages", "-3"], "a whole number from 1 to 1000 is wanted"),
        (["order", "x", "--pages", "2.5"], "a whole number from 1 to 1000 is wanted"),
        (["order", "x", "--operations", ""], "names between commas are wanted, not ''"),
        (["order", "x", "--operations", "raster,"], "names between commas are wanted"),
        (["order", "x", "--key", " "], "argument --key: it is empty"), (["ask", ""], "argument question: it is empty"),
        (["run", ""], "argument ID: it is empty"), (["jobs", "--user", ""], "argument --user: it is empty"),
        (["credits", "a@b.c", "--give", "0"], "at least half a credit is wanted"),
        (["credits", "a@b.c", "--give", "1.25"], "credits are wanted, such as 8 or 2.5, not '1.25'"),
        (["credits", "a@b.c", "--give", "1e9"], "credits are wanted"), (["switch", "raster", "maybe"], "invalid choice: 'maybe'"),
        (["release", "", "--reason", "dead"], "argument WORKER: it is empty"),
    ],
)  # fmt: skip
def test_words_that_mean_nothing_are_refused_plainly(words: list[str], sentence: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    captured = capsys.readouterr()
    assert caught.value.code == 2 and captured.out == "" and sentence in captured.err and captured.err.count("\n") == 1


# ── at the terminal ───────────────────────────────────────────────────────────────────────────────

EVIL = "a\x1b]0;owned\x07b\x9b31m\u202etxt"


def test_what_others_wrote_does_not_steer_the_terminal(there: Database, capsys: Capture) -> None:
    user = there.user(credits_half=20)
    content = {"title": EVIL, "pages": [{"operations": ["raster"], "prompt": "a cat", "title": EVIL}]}
    run = there.submit_manifest(user, "k", content)["run_id"]
    [held] = there.claim()
    there.rows("select private.fail_job(%s, %s, %s, 'provider', true)", *held, EVIL)
    for words in (["jobs"], ["run", run[:8]], ["dead"], ["jobs", "--json"], ["run", run[:8], "--json"]):
        code, out, _ = said(capsys, *words)
        assert code == 0 and "owned" in out
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out), words
    assert json.loads(said(capsys, "dead", "--json")[1])[0]["last_error"] == EVIL
    with pytest.raises(SystemExit):
        main(["jobs", EVIL])
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(capsys.readouterr().err)
    _, _, err = said(capsys, "run", EVIL)
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(err)


@pytest.mark.parametrize("words", [["jobs", "--json"], ["dead", "--json"], ["--help"]])
def test_whoever_reads_may_leave_and_nobody_may_be_there(there: Database, words: list[str]) -> None:
    user = there.user(credits_half=200)
    there.submit(user, pages=30)
    call = [sys.executable, "-m", "myjoe_cli", *words]
    # A reader that has left before anything was written.
    script = '{ sleep 0.2; "$@"; echo $? >&3; } 3>&2 | true'
    done = subprocess.run(["sh", "-c", script, "sh", *call], capture_output=True, text=True, check=False)
    assert done.stderr.split() in ([str(BROKEN_PIPE)], ["0"]) and done.stdout == ""
    for closed in (">&-", ">&- 2>&-", "<&- >&- 2>&-"):
        done = subprocess.run(["sh", "-c", f'"$@" {closed}', "sh", *call], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), closed
    done = subprocess.run(["sh", "-c", '"$@" > /dev/full', "sh", *call], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "no space left on device" in done.stderr


def test_complaints_never_go_where_answers_go(there: Database) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" 2>&-', "sh", sys.executable, "-m", "myjoe_cli", "run", "ffffffff"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
