"""Exports: bound once, by the worker, and taken home."""
from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx2

from tests.support.studio import Site
from tests.support.working import ordered, work


def ask_for(visitor: httpx2.Client, address: str, kind: str) -> str:
    answer = visitor.post(f"{address}/export", data={"kind": kind})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_book_and_a_zip_are_bound_and_downloaded(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = ordered(visitor, pages="2")
    work(site)
    book, archive = ask_for(visitor, address, "book"), ask_for(visitor, address, "zip")
    assert ask_for(visitor, address, "book") == book, "the same pages are bound once"
    waiting = visitor.get(book).text
    assert "Your book is being bound." in waiting and "<noscript><meta http-equiv" in waiting
    assert visitor.get(book, headers={"accept": "application/json"}).json() == {"state": "binding"}
    assert visitor.get(f"{book}/file").status_code == 404
    work(site)
    ready = visitor.get(book).text
    assert "Your book is ready." in ready and "2 of 2 pages" in ready and "Images were created with AI tools." in ready
    pdf = visitor.get(visitor.get(f"{book}/file").headers["location"])
    assert pdf.content.startswith(b"%PDF") and 'filename="a-cat-and-an-owl-in-the-garden.pdf"' in pdf.headers["content-disposition"]
    files = zipfile.ZipFile(io.BytesIO(visitor.get(visitor.get(f"{archive}/file").headers["location"]).content))
    assert files.testzip() is None
    assert [name.partition("/")[0] for name in files.namelist()] == ["pdf", "pdf", "png", "png", "svg", "svg"]
    assert files.namelist()[-1].startswith("svg/02-an-owl-")
    assert site.database.balance(user) == 16, "binding costs nothing"
    assert f'href="{book}"' in visitor.get(address).text


def test_one_that_came_to_nothing_is_tried_again(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    address = ordered(visitor, pages="1")
    work(site)
    export = ask_for(visitor, address, "zip")
    site.database.fail(site.database.claim()[0], for_good=True)
    failed = visitor.get(export).text
    assert "could not be bound" in failed and "Nothing was charged" in failed
    assert ask_for(visitor, address, "zip") == export
    work(site)
    assert "Your ZIP is ready." in visitor.get(export).text


def test_nothing_is_bound_of_nothing_nor_for_somebody_else(lasting_site: Site) -> None:
    owner, other = (lasting_site.visitor(lasting_site.database.user(credits_half=20)) for _ in range(2))
    address = ordered(owner)
    early = owner.post(f"{address}/export", data={"kind": "book"})
    assert early.status_code == 409 and "No page of this book has been drawn yet." in early.text and f'href="{address}"' in early.text
    assert owner.post(f"{address}/export", data={"kind": "scroll"}).status_code == 422
    assert other.post(f"{address}/export", data={"kind": "book"}).status_code == 404


def test_an_export_of_somebody_else_is_not_there(site: Site) -> None:
    owner, other = (site.visitor(site.database.user(credits_half=20)) for _ in range(2))
    address = ordered(owner, pages="1")
    work(site)
    export = ask_for(owner, address, "zip")
    work(site)
    assert [other.get(export + end).status_code for end in ("", "/file")] == [404, 404]


def test_a_file_that_is_gone_says_so(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    address = ordered(visitor, pages="1")
    work(site)
    export = ask_for(visitor, address, "zip")
    work(site)
    for path in site.settings.storage_folder.rglob("pages.zip"):
        path.unlink()
    gone = visitor.get(f"{export}/file")
    assert gone.status_code == 404 and "not there any more" in gone.text and f'href="{address}"' in gone.text


def test_a_worker_that_is_killed_while_it_binds_leaves_nothing_half(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    address = ordered(visitor, pages="1")
    work(site)
    [drawing] = site.settings.storage_folder.rglob("page.svg")
    content = drawing.read_bytes()
    drawing.unlink()
    os.mkfifo(drawing)  # whoever reads it waits
    export = ask_for(visitor, address, "zip")
    worker = _worker(site)
    while not site.database.rows("select from public.jobs where type = 'bind' and status = 'in_progress'"):
        assert worker.poll() is None, "the worker left by itself"
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    assert "is being bound" in visitor.get(export).text
    assert list(site.settings.storage_folder.rglob("pages.zip")) == []
    drawing.unlink()
    drawing.write_bytes(content)
    site.database.advance(301)  # the dead worker's lease
    work(site)
    archive = visitor.get(visitor.get(f"{export}/file").headers["location"]).content
    assert zipfile.ZipFile(io.BytesIO(archive)).testzip() is None
    assert len(list(site.settings.storage_folder.rglob("pages.zip"))) == 1


def _worker(site: Site) -> subprocess.Popen[bytes]:
    """A real worker in a process of its own."""
    told = {"DATABASE_URL": site.database.server.url(site.database.name), "MYJOE_HOME": str(site.settings.home),
            "MYJOE_STORAGE_FOLDER": str(site.settings.storage_folder), "PYTHONPATH": str(Path(__file__).parents[3] / "src")}  # fmt: skip
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MYJOE_")}
    command = [sys.executable, "-m", "myjoe_cli", "worker", "run"]
    return subprocess.Popen(command, env={**inherited, **told}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
