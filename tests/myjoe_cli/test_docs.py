"""Each line of `myjoe` in the docs is typed, on one database: it does what the docs say, or is
tried where it is built, as it takes longer.
"""
from __future__ import annotations

import re
import shlex
import uuid
from pathlib import Path

import pytest

from myjoe_cli.cli import SEED_USER
from tests.database.support import Database
from tests.house.test_house import ROOT
from tests.myjoe_cli.test_by_hand import drawn
from tests.myjoe_cli.test_cli import Capture, said, there

__all__ = ["there"]  # a fixture

# They run until they are stopped, start or change servers, or ask a provider.
ELSEWHERE = (("demo",), ("studio",), ("worker", "run"), ("worker", "once"), ("db", "up"), ("db", "down"), ("db", "migrate"), ("ask",))
# What an operator puts his own in place of: a run or job, a user, a worker.
RUN, USER, WORKER = "3f2a91c0", "9b1d77e2", "fly-148e-1-77abcd"


def typed() -> list[tuple[str, ...]]:
    """Each command once, as a shell hands it over; another reason makes it no other command."""
    found = {}
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*/*.md"))]:
        for match in re.finditer(r"^ *(myjoe [a-z].*)$|`(myjoe [a-z][^`]*)`", page.read_text(encoding="utf-8"), re.MULTILINE):
            for command in (match[1] or match[2]).split("&&"):
                words = shlex.split(command, comments=True)[1:]
                found.setdefault(tuple("" if before == "--reason" else word for before, word in zip(["", *words], words)), tuple(words))
    return [words for words in found.values() if words[:1] not in ELSEWHERE and words[:2] not in ELSEWHERE]


def failed(database: Database, kind: str) -> tuple[str, uuid.UUID]:
    """A dead job and its user: of whoever is served next."""
    database.submit(database.user(credits_half=4))
    [(job, token)] = database.claim()
    database.one("select private.fail_job(%s, %s, 'it broke', %s, true, null)", job, token, kind)
    return str(job), database.one("select user_id from public.jobs where id = %s", job)


def prepared(words: tuple[str, ...], database: Database) -> list[str]:
    """The words with what is there in place of an operator's own, made for what changes it."""
    own = {"you@example.com": "joe@example.com"}
    if words[0] == "requeue":
        job, user = failed(database, words[words.index("--kind") + 1] if "--kind" in words else "provider")
        own |= {RUN: job[:8], USER: str(user)[:8]}
    elif words[0] == "cancel":
        own[RUN] = database.submit(database.user(credits_half=8), pages=2)["run_id"][:8]
    elif words[0] == "release" and WORKER in words:
        database.submit(database.user(credits_half=4))
        assert database.claim(worker=WORKER)
    elif "--user" in words:
        own[RUN] = str(SEED_USER)
    elif RUN in words:
        own[RUN] = database.one("select min(j.run_id::text) from public.generations g join public.jobs j on j.id = g.job_id")[:8]
    return [own.get(word, word) for word in words]


def test_each_line_of_the_docs_is_done(there: Database, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    there.run((ROOT / "supabase" / "seed.sql").read_text(encoding="utf-8"))  # who is joe@example.com
    drawn(there, tmp_path)
    lines = typed()
    assert len(lines) > 30 and {("users", "joe@example.com"), ("dead",), ("db", "mark", "production")} <= set(lines)
    refused = []
    for words in sorted(lines, key=lambda words: words[:2] == ("db", "mark")):  # what comes after is another environment's
        try:
            code, _, err = said(capsys, *prepared(words, there))
        except SystemExit:
            # A sentence may name a command of which the docs type more.
            code, err = int(not any(words == more[: len(words)] != more for more in lines)), capsys.readouterr().err
        if code != 0:
            refused.append((words, code, err))
    assert refused == [], "\n".join(map(str, refused))
