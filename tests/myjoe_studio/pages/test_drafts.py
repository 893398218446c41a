"""A draft, from its description to its plan."""
from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from myjoe.settings.variables import Secret
from myjoe_studio.planning import LEASE_SECONDS
from tests.database.support import Database
from tests.support.peers import OpenAIPeer, refuse
from tests.support.peers.server import Received
from tests.support.studio import Site, serving
from tests.support.working import described, form_of, hidden, planned

AWAY = "Joe cannot plan just now. Nothing was charged."


def test_a_book_is_described_and_planned_and_its_storyboard_shown(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    address = described(visitor).headers["location"]
    waiting = visitor.get(address).text
    assert "Joe is planning 3 pages…" in waiting and "Plan it now" in waiting
    assert visitor.get(address, headers={"accept": "application/json"}).json() == {"state": "planning"}
    assert visitor.post(f"{address}/plan", headers={"accept": "application/json"}).json() == {"state": "planned"}
    storyboard = visitor.get(address).text
    assert "A cat and an owl in the garden" in storyboard and storyboard.count('name="page-prompt"') == 3
    assert "3 pages: 3 credits." in storyboard and "You have 10; 7 would be left." in storyboard


def test_the_same_form_sent_twice_is_one_draft(site: Site) -> None:
    user = site.database.user()
    visitor = site.visitor(user)
    form = {"key": hidden(visitor.get("/studio").text, "key"), "description": "foxes", "pages": "3", "audience": "kids", "paper": "a4",
            "style": "", "wishes": "", "drawing": "raster"}  # fmt: skip
    with ThreadPoolExecutor(3) as clicks:
        answers = list(clicks.map(lambda _: site.visitor(user).post("/drafts", data=form), range(3)))
    assert len({answer.headers["location"] for answer in answers}) == 1
    # Who goes back, writes something else and sends it again means another book.
    assert visitor.post("/drafts", data={**form, "description": "owls"}).headers["location"] != answers[0].headers["location"]
    assert site.database.one("select count(*) from public.drafts") == 2


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("description", "", "Say in a few words what the book is about."), ("description", "Pikachu at the beach", "belongs to somebody"),
        ("wishes", "with brass gears, steampunk", "steampunk"), ("pages", "0", "A book has 1 to 400 pages."),
        ("pages", "many", "A book has 1 to 400 pages."), ("pages", "²", "A book has 1 to 400 pages."),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_said_beside_its_field(lasting_site: Site, field: str, value: str, sentence: str) -> None:
    visitor = lasting_site.visitor(lasting_site.database.user())
    answer = described(visitor, **{"wishes": "no hats", field: value})
    assert answer.status_code == 422 and sentence in answer.text
    assert ("no hats" in answer.text) == (field != "wishes"), "what was written is still there"


@pytest.mark.parametrize(
    ("change", "status", "sentence", "way_out"),
    [
        ("delete from public.subscriptions where user_id = %s", 402, "There is no plan in force.", "/billing"),
        ("update public.subscriptions set status = 'past_due' where user_id = %s", 402, "Your last payment failed", "/billing"),
        ("update public.subscriptions set ends_at = private.clock(), status = 'trialing' where user_id = %s", 402, "Your trial is over",
         "/billing"),
        ("update public.credit_accounts set frozen_at = now(), frozen_reason = 'a payment was disputed.' where user_id = %s", 403,
         "Nothing can be ordered", "/billing"),
        ("update public.profiles set deletion_requested_at = now(), deletion_at = '2027-01-01' where id = %s", 403, "will be deleted on",
         "/account"),
    ],
)  # fmt: skip
def test_who_may_not_order_is_told_before_anything_is_planned(
    lasting_site: Site, change: str, status: int, sentence: str, way_out: str
) -> None:
    user = lasting_site.database.user()
    lasting_site.database.run(change, user)
    answer = described(lasting_site.visitor(user))
    assert answer.status_code == status and sentence in answer.text and f'href="{way_out}"' in answer.text
    assert lasting_site.database.one("select count(*) from public.drafts where user_id = %s", user) == 0


def test_what_the_plan_lacks_or_is_too_large_is_refused(lasting_site: Site) -> None:
    visitor = lasting_site.visitor(lasting_site.database.user("lite"))
    assert "is not part of the plan Lite" in described(visitor, drawing="vector").text
    assert "has 60 pages at most; this has 61" in described(visitor, pages="61").text


def test_twenty_books_are_planned_a_day(site: Site) -> None:
    visitor = site.visitor(site.database.user())
    for number in range(20):
        assert described(visitor, description=f"foxes, {number}").status_code == 303
    answer = described(visitor, description="one more")
    assert answer.status_code == 409 and "You have had 20 books planned in 24 hours" in answer.text
    site.database.advance(86400)
    assert described(visitor, description="one more").status_code == 303


def test_a_draft_of_somebody_else_is_not_there(lasting_site: Site) -> None:
    address = planned(lasting_site.visitor(lasting_site.database.user(credits_half=20)))
    other = lasting_site.visitor(lasting_site.database.user(credits_half=20))
    assert other.get(address).status_code == 404
    own = form_of(other.get(planned(other)).text)
    assert [other.post(f"{address}{end}", data=own).status_code for end in ("", "/plan", "/quote", "/submit")] == [404] * 4


# ── with a brain that takes its time, or is away ──────────────────────────────────────────────────


class ThinkingPeer(OpenAIPeer):
    """OpenAI, which plans once it is allowed to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()

    def delay(self, request: Received) -> None:
        if request.route == "responses":
            assert self.may_answer.wait(60)


def told(peer: OpenAIPeer) -> dict[str, Any]:
    """The settings of a Studio whose brain this is. One connection: nobody may keep it while the
    brain thinks.
    """
    return {"providers": "real", "openai_api_key": Secret(peer.key), "openai_base_url": peer.url, "connections": 1}


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_two_clicks_and_a_reload_are_one_call_of_the_brain(newest: Database, tmp_path: Path) -> None:
    with ThinkingPeer() as peer, serving(newest, tmp_path, **told(peer)) as site, ThreadPoolExecutor(1) as first_click:
        user = newest.user()
        address = described(site.visitor(user)).headers["location"]
        first = first_click.submit(site.visitor(user).post, f"{address}/plan", headers={"accept": "application/json"})
        until(lambda: peer.count("responses") == 1)
        other = site.visitor(user)
        assert other.post(f"{address}/plan", headers={"accept": "application/json"}).json()["wait_seconds"] > 0
        assert "Look again" in other.get(address).text
        assert other.get("/health").status_code == 200
        peer.may_answer.set()
        assert first.result().json() == {"state": "planned"}
        assert 'name="page-prompt"' in other.get(address).text
        assert (peer.count("responses"), newest.one("select count(*) from public.drafts")) == (1, 1)
        assert newest.one("select count(*) from public.cost_events where user_id = %s and step = 'brain'", user) > 0


def test_a_brain_that_is_away_is_said_and_tried_again(newest: Database, tmp_path: Path) -> None:
    with OpenAIPeer() as peer, serving(newest, tmp_path, **told(peer)) as site:
        visitor = site.visitor(newest.user())
        address = described(visitor).headers["location"]
        peer.script("responses", refuse(500))
        assert visitor.post(f"{address}/plan").headers["location"] == address
        page = visitor.get(address).text
        assert AWAY in page and "Try again" in page
        visitor.post(f"{address}/plan")
        assert 'name="page-prompt"' in visitor.get(address).text


def test_what_the_brain_will_not_plan_is_said(newest: Database, tmp_path: Path) -> None:
    with OpenAIPeer() as peer, serving(newest, tmp_path, **told(peer)) as site:
        visitor = site.visitor(newest.user())
        address = described(visitor).headers["location"]
        peer.shapes.append("refusal")
        visitor.post(f"{address}/plan")
        page = visitor.get(address).text
        assert "The planner will not make a book of this description." in page and 'href="/studio"' in page
        assert visitor.post(f"{address}/plan", headers={"accept": "application/json"}).json() == {"state": "refused"}
        assert peer.count("responses") == 1


def test_a_planning_whose_process_died_is_taken_over(newest: Database, tmp_path: Path) -> None:
    with ThinkingPeer() as peer, serving(newest, tmp_path, **told(peer)) as site, ThreadPoolExecutor(1) as first_click:
        user = newest.user()
        visitor = site.visitor(user)
        address = described(visitor).headers["location"]
        with _process(newest, tmp_path, peer) as (origin, process):
            headers = {"accept": "application/json", "sec-fetch-site": "same-origin", "cookie": f"myjoe={site.session(user)}"}
            first = first_click.submit(httpx2.post, f"{origin}{address}/plan", headers=headers, timeout=60)
            until(lambda: peer.count("responses") == 1)
            process.kill()
            assert first.exception() is not None
        peer.may_answer.set()
        assert visitor.post(f"{address}/plan", headers={"accept": "application/json"}).json()["wait_seconds"] > 0
        newest.advance(LEASE_SECONDS)
        assert visitor.post(f"{address}/plan", headers={"accept": "application/json"}).json() == {"state": "planned"}
        assert newest.rows("select state, planning_token from public.drafts") == [("planned", 2)]


@contextmanager
def _process(database: Database, folder: Path, peer: OpenAIPeer) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Studio in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MYJOE_")} | {
        "DATABASE_URL": database.server.url(database.name), "MYJOE_HOME": str(folder), "MYJOE_PROVIDERS": "real",
        "OPENAI_API_KEY": peer.key, "OPENAI_BASE_URL": peer.url, "MYJOE_STUDIO_ADDRESS": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    command = [sys.executable, "-m", "uvicorn", "--factory", "myjoe_studio.asgi:production", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port))
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
