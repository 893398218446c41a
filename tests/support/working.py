"""The worker beside a Studio under test: it does what waits, with the sketcher, into the Studio's
folder.
"""
from __future__ import annotations

import asyncio
import os
import re
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import httpx2

from myjoe.settings.variables import Secret
from myjoe_worker.assembling import assembled
from myjoe_worker.settings import WorkerSettings
from tests.support.finished import page_file
from tests.support.studio import Site


def work(site: Site) -> None:
    """Do everything that waits. In a thread of its own, as a browser's test has a loop already."""
    settings = WorkerSettings(
        home=site.settings.home, storage_folder=site.settings.storage_folder, worker_name=f"w{os.getpid()}",
        database_url=Secret(site.database.server.url(site.database.name)),
    )  # fmt: skip

    async def once() -> None:
        async with assembled(settings) as worker:
            await worker.run(once=True)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, once()).result()


def described(visitor: httpx2.Client, **instead: str) -> httpx2.Response:
    """The answer to the form that describes a book, sent as a browser would."""
    page = visitor.get("/studio")
    form = {"key": hidden(page.text, "key"), "description": "A cat and an owl in the garden", "pages": "3", "audience": "kids",
            "paper": "letter", "style": "", "wishes": "", "drawing": "raster"}  # fmt: skip
    return visitor.post("/drafts", data={**form, **instead})


def planned(visitor: httpx2.Client, **instead: str) -> str:
    """The address of a draft that is planned."""
    answer = described(visitor, **instead)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    assert visitor.post(f"{address}/plan").headers["location"] == address
    return address


def ordered(visitor: httpx2.Client, **instead: str) -> str:
    """The address of a run that was ordered through the storyboard."""
    address = planned(visitor, **instead)
    answer = visitor.post(f"{address}/submit", data=form_of(visitor.get(address).text))
    assert answer.status_code == 303, answer.text
    location: str = answer.headers["location"]
    return location


def drawn(site: Site, user: uuid.UUID, count: int, *, provider: str = "recraft", manifest: Mapping[str, Any] | None = None) -> str:
    """The address of a run of so many pages that are drawn already: small ones, each another."""
    pages = [{"operations": ["raster"], "prompt": f"Squares {number}", "title": f"Squares {number}"} for number in range(1, count + 1)]
    run = site.database.submit_manifest(user, str(uuid.uuid4()), {"title": "Squares", "pages": pages, **(manifest or {})})["run_id"]
    for job, token in site.database.claim(count):
        number = site.database.one("select (payload ->> 'page')::integer from public.jobs where id = %s", job)
        files = {}
        for kind in ("pdf", "svg", "png"):
            files[kind] = f"{user}/{job}/{token}/page.{kind}"
            path = site.settings.storage_folder / files[kind]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(page_file(number, kind))
        files["thumbnail"] = files["png"]
        result = {"provider": provider, "model": "v3", "width_px": 850, "height_px": 1100, "dpi": 100, "bit_depth": 1, "files": files}
        site.database.complete((job, token), result=result)
    return f"/runs/{run}"


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no hidden field {name}"
    return found[1]


def form_of(page: str) -> dict[str, Any]:
    """What a browser would send of a storyboard's form, without the button."""
    fields: dict[str, Any] = {name: hidden(page, name) for name in ("form_token", "revision")}
    if 'name="agreed"' in page:
        fields["agreed"] = hidden(page, "agreed")
    fields["title"] = unescape(re.search(r'name="title" type="text" value="([^"]*)"', page)[1])  # type: ignore[index]
    fields["style"] = unescape(re.search(r'<textarea id="style"[^>]*>([^<]*)</textarea>', page)[1])  # type: ignore[index]
    fields["page-title"] = [unescape(one) for one in re.findall(r'name="page-title" value="([^"]*)"', page)]
    fields["page-prompt"] = [unescape(one) for one in re.findall(r'name="page-prompt"[^>]*>([^<]*)</textarea>', page)]
    return fields


def run_id(address: str) -> uuid.UUID:
    """The run behind an address."""
    return uuid.UUID(address.rsplit("/", 1)[1])
