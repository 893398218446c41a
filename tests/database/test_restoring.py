"""A backup that is put in place as docs/operating/backup.md says: the books add up, the pages go
on, and no lease's token is given twice.
"""
from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import psycopg

from myjoe.database.migrating import migrate
from myjoe.database.server import SUPERUSER
from tests.database import support

PAGE = Path(__file__).parents[2] / "docs" / "operating" / "backup.md"


def lines(program: str) -> list[list[str]]:
    """The page's commands of this program, in order."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return [words for block in blocks for line in block.splitlines() if (words := shlex.split(line))[0] == program]


def run(words: list[str], folder: Path, **instead: str) -> str:
    """A command of the page, with what stands for a database replaced."""
    program = support.binaries(18) / words[0]
    given = [instead.get(word, word) for word in words[1:]]
    given = [re.sub("^--dbname=myjoe$", f"--dbname={instead['myjoe']}", word) for word in given]
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run([str(program), *given], cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_copy_goes_on_where_the_first_one_was(newest: support.Database, tmp_path: Path) -> None:
    user = newest.user(credits_half=20)
    newest.submit(user, pages=3)
    done, held, _ = newest.claim(3)
    newest.complete(done)
    server = newest.server
    urls = {"$LISTEN_URL": server.url(newest.name, SUPERUSER), "$DATABASE_URL": server.url("restored", SUPERUSER),
            "myjoe": server.url("restored", SUPERUSER)}  # fmt: skip
    [dump], [restore], [epoch, books] = lines("pg_dump"), lines("pg_restore"), lines("psql")
    run(dump, tmp_path, **urls)
    support.make_database(server, "restored")
    with psycopg.connect(server.url("restored", SUPERUSER), autocommit=True) as connection:
        connection.execute("alter database restored owner to postgres")
    try:
        run(restore, tmp_path, **urls)
        run(epoch, tmp_path, **urls)
        assert migrate(urls["myjoe"]) == []
        assert "(0 rows)" in run(books, tmp_path, **urls)
        copy = support.Database(server, "restored")
        try:
            assert copy.balance(user) == 14 and copy.status(done[0]) == "completed" and copy.status(held[0]) == "in_progress"
            copy.advance(600)
            assert copy.one("select private.reclaim_jobs()") == 0, "a server that opens gives leases half their time more"
            copy.advance(600)
            copy.one("select private.reclaim_jobs()")
            tokens = dict(copy.claim(2))
            assert held[0] in tokens and min(tokens.values()) > 10**15, "far ahead of all that were given"
            assert copy.complete((held[0], held[1])) == [], "whoever had it before has it no more"
            assert len(copy.complete(*tokens.items())) == 2
            copy.check_books()
        finally:
            copy.close()
    finally:
        support.drop_database(server, "restored")
