"""Exports: bound once, by the worker, and taken home."""
from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx2

from tests.support.studio import Site
from tests.support.working import drawn, ordered, run_id, work


def ask_for(visitor: httpx2.Client, address: str, kind: str, **fields: str) -> str:
    answer = visitor.post(f"{address}/export", data={"kind": kind, **fields})
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
    assert visitor.get(book, headers={"accept": "application/json"}).json() == {"state": "binding", "done": 0, "of": 2}
    assert visitor.get(f"{book}/file").status_code == 404
    work(site)
    ready = visitor.get(book).text
    assert "Your book is ready." in ready and "2 of 2 pages" in ready
    pdf = visitor.get(visitor.get(f"{book}/file").headers["location"])
    assert pdf.content.startswith(b"%PDF") and 'filename="a-cat-and-an-owl-in-the-garden.pdf"' in pdf.headers["content-disposition"]
    files = zipfile.ZipFile(io.BytesIO(visitor.get(visitor.get(f"{archive}/file").headers["location"]).content))
    assert files.testzip() is None
    assert [name.partition("/")[0] for name in files.namelist()] == ["pdf", "pdf", "png", "png", "svg", "svg"]
    assert files.namelist()[-1].startswith("svg/02-an-owl-")
    assert site.database.balance(user) == 16, "binding costs nothing"
    assert f'href="{book}"' in visitor.get(address).text


def test_a_book_for_a_printer_is_bound_and_all_of_it_is_there(site: Site) -> None:
    user = site.database.user(credits_half=40)
    visitor = site.visitor(user)
    run = drawn(site, user, 9)
    form = visitor.get(f"{run}/export").text
    assert 'value="Squares"' in form and '<option value="8.5x11" selected>' in form and '<option value="kdp" selected>' in form
    assert "images yes (all images)" in form and "recraft (v3) 9 pages" in form
    fields = {"title": "Squares & more", "author": "Ada Byron", "printer": "kdp", "trim": "8.5x11", "sides": "single"}
    export = ask_for(visitor, run, "print", **fields)
    waiting = visitor.get(export).text
    assert "Your book is being bound." in waiting and '<progress max="9" value="0"' in waiting
    before = site.database.balance(user)
    work(site)
    site.database.check_books()
    assert site.database.balance(user) == before, "binding costs nothing"
    page = visitor.get(export).text
    assert "Your book is ready." in page and "24 pages for Amazon KDP, paperback, 8.5 × 11 in, with 9 drawings." in page
    assert "Good to know" in page and "--" not in page[page.index("What the check says") :]
    for name, kind in (("interior.pdf", b"%PDF"), ("cover.pdf", b"%PDF"), ("mockup.png", b"\x89PNG"), ("contact.png", b"\x89PNG")):
        link = visitor.get(f"{export}/files/{name}?save")
        assert link.status_code == 302
        answer = visitor.get(link.headers["location"])
        assert answer.content.startswith(kind) and f'filename="squares-{name}"' in answer.headers["content-disposition"]
    assert visitor.get(f"{export}/files/nothing.pdf").status_code == 404
    report = visitor.get(visitor.get(f"{export}/files/report.json?save").headers["location"]).json()
    assert report["ready"] and report["author"] == "Ada Byron" and report["title"] != "Squares"
    assert ask_for(visitor, run, "print", **fields) == export
    assert f'href="{export}"' in visitor.get(run).text and f'href="{export}"' in visitor.get(f"{run}/export").text


def test_what_is_not_ready_says_why_and_shows_the_pages(site: Site) -> None:
    user = site.database.user(credits_half=40)
    visitor = site.visitor(user)
    run = drawn(site, user, 9)
    files = sorted(site.settings.storage_folder.rglob("page.pdf"))
    files[1].write_bytes(files[0].read_bytes())  # one drawing twice
    export = ask_for(visitor, run, "print")
    work(site)
    page = visitor.get(export).text
    assert "Your book is not ready for print yet." in page and "To be changed" in page and "The same drawing as page" in page
    assert "Draw one of the two again." in page and "Change the order" in page and "interior.pdf" not in page
    [picture, *_] = re.findall(rf'src="({export}/files/page-\d+\.png)"', page)
    assert visitor.get(visitor.get(picture).headers["location"]).content.startswith(b"\x89PNG")
    few = ask_for(visitor, run, "print", printer="lulu")
    work(site)
    assert "24 pages are fewer than the 32 of Lulu" in visitor.get(few).text


def test_a_pack_for_a_shop_is_made(site: Site) -> None:
    user = site.database.user(credits_half=40)
    visitor = site.visitor(user)
    export = ask_for(visitor, drawn(site, user, 3), "shop", title="Squares", author="Ada")
    work(site)
    page = visitor.get(export).text
    assert "Your pack is ready." in page and "Upload these 5 files" in page
    assert [name for name in ("letter.pdf", "a4.pdf", "svg.zip", "README.txt") if f"{export}/files/{name}?save" not in page] == []
    assert "The drawings were made with the help of AI." in page


def test_an_order_s_own_words_about_its_print_are_in_the_form(site: Site) -> None:
    user = site.database.user(credits_half=40)
    visitor = site.visitor(user)
    print = {"printer": "lulu", "trim": "8x10", "author": "Ada", "bleed": True, "single_sided": False}
    form = visitor.get(f"{drawn(site, user, 1, manifest={'book': {'paper': 'a4', 'print': print}})}/export").text
    for chosen in ('value="lulu" selected', 'value="8x10" selected', 'value="double" selected', 'value="on" checked', 'value="Ada"'):
        assert chosen in form
    plain = visitor.get(f"{drawn(site, user, 1, manifest={'book': {'paper': 'a4'}})}/export").text
    assert 'value="8.27x11.69" selected' in plain and 'value="on" checked' not in plain


def test_a_spine_of_the_printer_s_calculator_makes_a_cover(site: Site) -> None:
    user = site.database.user(credits_half=40)
    visitor = site.visitor(user)
    run = drawn(site, user, 9)
    asked = {"printer": "blurb", "trim": "8x10"}
    without = ask_for(visitor, run, "print", **asked)
    told = ask_for(visitor, run, "print", **asked, spine="6,2 mm")
    work(site)
    page = visitor.get(without).text
    assert "Write what the printer" in page and "No cover" in page and f"{without}/files/cover.pdf" not in page
    page = visitor.get(told).text
    assert f"{told}/files/cover.pdf?save" in page and "The spine is 0.244 in wide." in page and "No cover" not in page
    wrong = visitor.post(f"{run}/export", data={"kind": "print", **asked, "spine": "thick"})
    assert wrong.status_code == 422 and "Write a width such as 0.245 in" in wrong.text and '<details class="more" open>' in wrong.text


def test_what_is_wrong_with_a_print_is_said_beside_its_field(lasting_site: Site) -> None:
    user = lasting_site.database.user(credits_half=20)
    visitor, run = lasting_site.visitor(user), drawn(lasting_site, user, 1)
    answer = visitor.post(f"{run}/export", data={"kind": "print", "trim": "huge", "printer": "gutenberg", "author": "x" * 121})
    assert answer.status_code == 422 and answer.text.count("Choose one of these.") == 2 and "120 characters are the most." in answer.text
    assert lasting_site.database.rows("select from public.exports where run_id = %s", run_id(run)) == []


def test_who_has_changed_a_page_by_hand_says_so_and_it_is_in_the_answer(lasting_site: Site) -> None:
    user = lasting_site.database.user(credits_half=20)
    visitor, run = lasting_site.visitor(user), drawn(lasting_site, user, 2)
    [job, _] = re.findall(r'data-picture="([0-9a-f-]{36})"', visitor.get(run).text)
    page = f"{run}/pages/{job}"
    assert "I have changed it by hand" in visitor.get(page).text
    assert visitor.post(f"{page}/edited", data={"edited": "on"}).headers["location"] == page
    assert "and edited by you" in visitor.get(page).text
    assert "images yes (all images, 1 of them edited by a person afterwards)" in visitor.get(f"{run}/export").text
    other = lasting_site.visitor(lasting_site.database.user())
    assert other.post(f"{page}/edited", data={}).status_code == 404
    visitor.post(f"{page}/edited", data={"edited": ""})
    assert "and edited by you" not in visitor.get(page).text


def test_one_that_came_to_nothing_is_tried_again(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor, address = site.visitor(user), drawn(site, user, 1)
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
    users = [site.database.user(credits_half=20) for _ in range(2)]
    owner, other = (site.visitor(user) for user in users)
    address = drawn(site, users[0], 1)
    export = ask_for(owner, address, "zip")
    work(site)
    assert [other.get(export + end).status_code for end in ("", "/file")] == [404, 404]


def test_a_file_that_is_gone_says_so(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor, address = site.visitor(user), drawn(site, user, 1)
    export = ask_for(visitor, address, "zip")
    work(site)
    for path in site.settings.storage_folder.rglob("pages.zip"):
        path.unlink()
    gone = visitor.get(f"{export}/file")
    assert gone.status_code == 404 and "not there any more" in gone.text and f'href="{address}"' in gone.text


def test_a_worker_that_is_killed_while_it_fetches_leaves_nothing_half(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor, address = site.visitor(user), drawn(site, user, 1)
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
    drawing.unlink()
    drawing.write_bytes(content)
    bound = _bound_by_another(site, visitor, export, "pages.zip")
    assert zipfile.ZipFile(io.BytesIO(bound)).testzip() is None


def test_a_worker_that_is_killed_while_its_child_binds_leaves_nothing_half(site: Site, tmp_path: Path) -> None:
    user = site.database.user(credits_half=20)
    visitor, address = site.visitor(user), drawn(site, user, 9)
    export = ask_for(visitor, address, "print")
    (tmp_path / "tmp").mkdir()
    worker = _worker(site, TMPDIR=str(tmp_path / "tmp"))
    while not list(tmp_path.glob("tmp/myjoe-export-*/progress")):
        assert worker.poll() is None, "the worker left by itself"
        time.sleep(0.002)
    worker.kill()
    worker.wait()
    while _children_of(worker.pid):
        time.sleep(0.002)
    bound = _bound_by_another(site, visitor, export, "interior.pdf")
    assert bound.startswith(b"%PDF") and bound.rstrip().endswith(b"%%EOF")


def _bound_by_another(site: Site, visitor: httpx2.Client, export: str, name: str) -> bytes:
    """The file that another worker makes after one has died, which has left none."""
    assert "is being bound" in visitor.get(export).text
    assert list(site.settings.storage_folder.rglob(name)) == []
    site.database.advance(301)  # the dead worker's lease
    work(site)  # nobody was there meanwhile, so leases have half their time more
    site.database.advance(151)
    work(site)
    assert "is ready." in visitor.get(export).text
    assert len(list(site.settings.storage_folder.rglob(name))) == 1
    site.database.check_books()
    return visitor.get(visitor.get(f"{export}/file").headers["location"]).content


def _children_of(worker: int) -> list[str]:
    """Processes that work on images for a worker, by what they were started with."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = entry.read_bytes().split(b"\0")
            if b"myjoe_worker.imaging.processes" in words and str(worker).encode() in words:
                found.append(entry.parent.name)
    return found


def _worker(site: Site, **more: str) -> subprocess.Popen[bytes]:
    """A real worker in a process of its own."""
    told = {"DATABASE_URL": site.database.server.url(site.database.name), "MYJOE_HOME": str(site.settings.home),
            "MYJOE_STORAGE_FOLDER": str(site.settings.storage_folder), "PYTHONPATH": str(Path(__file__).parents[3] / "src"),
            **more}  # fmt: skip
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MYJOE_")}
    command = [sys.executable, "-m", "myjoe_cli", "worker", "run"]
    return subprocess.Popen(command, env={**inherited, **told}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_what_a_newer_version_has_made_is_shown_as_far_as_it_is_known(site: Site) -> None:
    # Kinds, states, files and reports that nobody here knows, as from a newer schema and a newer
    # worker while a deploy rolls.
    database, user = site.database, site.database.user(credits_half=40)
    visitor, run = site.visitor(user), drawn(site, user, 3)
    database.run("alter table public.exports drop constraint exports_kind_check")
    database.run("alter table public.jobs drop constraint jobs_status_check")
    key = f"{user}/new/1/calendar.pdf"
    (site.settings.storage_folder / key).parent.mkdir(parents=True)
    (site.settings.storage_folder / key).write_bytes(b"%PDF-1.7")
    made = """
        insert into public.exports (user_id, run_id, job_id, kind, content_hash, page_count, file, bytes, files, report, ready, finished_at)
        select e.user_id, e.run_id, e.job_id, %s, %s, e.page_count, %s, 8, %s::jsonb, %s::jsonb, true, private.clock()
        from public.exports e where e.kind = 'zip' returning id"""
    ask_for(visitor, run, "zip")
    report = '{"findings": [{"level": "fail", "code": "new", "text": "New.", "count": 1}, {"level": "odd"}], "cover": 3}'
    files = f'{{"calendar.pdf": {{"key": "{key}", "bytes": 8, "colour": "blue"}}}}'
    several = database.one(made, "calendar", b"1", key, files, report)
    alone = database.one(made, "film", b"2", key, "{}", "{}")
    printed = database.one(made, "print", b"3", key, files, report)
    job = visitor.get(run).text.partition('data-picture="')[2][:36]
    database.run("update public.generations set files = files || '{\"webp\": {\"key\": \"x\"}}'::jsonb")
    database.run("update public.jobs set status = 'paused', completed_at = null where type = 'page' and (payload ->> 'page') = '2'")

    exports = [f"/exports/{one}" for one in (alone, several, printed)]
    of_the_run = [run + part for part in ("", "/state", "/export", "/stop", "/redraw?which=all", f"/pages/{job}")]
    for address in ("/runs", *of_the_run, *exports, "/gallery", "/projects", "/account"):
        assert visitor.get(address).status_code == 200, address
    assert visitor.get(f"{run}/state").json()["pages"][1]["state"] == "waiting"
    assert f'href="/exports/{several}"' in visitor.get(run).text and "Files: 3 pages" in visitor.get(f"{run}/export").text
    for address in (f"/exports/{several}/files/calendar.pdf?save", f"/exports/{alone}/file"):
        assert address in visitor.get(address.partition("/file")[0]).text
        assert visitor.get(visitor.get(address).headers["location"]).content == b"%PDF-1.7"
