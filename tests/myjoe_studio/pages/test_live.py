"""Being told: the stream, and the ticket for Supabase's."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from myjoe.settings.variables import Secret
from tests.database.support import Database
from tests.support.studio import Site, serving


def events(answer: httpx2.Response) -> Iterator[dict[str, Any]]:
    """What the stream tells, until it is closed."""
    for line in answer.iter_lines():
        if line.startswith("data:"):
            yield json.loads(line.partition(":")[2])


def test_a_user_hears_of_their_own_runs_alone(site: Site) -> None:
    mine, others = site.database.user(credits_half=20), site.database.user(credits_half=20)
    earlier = site.database.submit(mine)["run_id"]
    with site.visitor(mine).stream("GET", "/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert (answer.headers["x-accel-buffering"], answer.headers["cache-control"]) == ("no", "private, no-store")
        heard = events(answer)
        # Who comes a little late hears what was told a moment ago.
        assert next(heard) == {"run_id": earlier, "status": "pending"}
        site.database.submit(others)
        run = site.database.submit(mine, pages=2)["run_id"]
        assert next(heard) == {"run_id": run, "status": "pending"}
        site.database.claim(2)
        assert next(heard) == {"run_id": earlier, "status": "in_progress"}


def test_who_is_not_signed_in_hears_nothing(lasting_site: Site) -> None:
    assert lasting_site.visitor().get("/live", headers={"accept": "application/json"}).status_code == 401


def test_where_supabase_tells_we_do_not(newest: Database, tmp_path: Path) -> None:
    told = {"live": "realtime", "supabase_url": "https://abc.supabase.co", "publishable_key": Secret("sb_publishable_1")}
    with serving(newest, tmp_path, **told) as site:
        user = newest.user()
        visitor = site.visitor(user)
        assert visitor.get("/live").status_code == 404
        tokens = {"access": "ey.the.token", "refresh": "r", "access_until": 0}
        visitor.cookies.set("myjoe", site.session(user, tokens=tokens))
        ticket = visitor.post("/live/ticket")
        assert ticket.json() == {
            "address": "wss://abc.supabase.co/realtime/v1/websocket?apikey=sb_publishable_1&vsn=1.0.0",
            "topic": f"realtime:user:{user}", "token": "ey.the.token",
        }  # fmt: skip
        assert ticket.headers["cache-control"] == "private, no-store"
        assert "connect-src 'self' wss://abc.supabase.co;" in visitor.get("/runs").headers["content-security-policy"]


def test_there_is_no_ticket_where_there_is_no_realtime(lasting_site: Site) -> None:
    assert lasting_site.visitor(lasting_site.database.user()).post("/live/ticket").status_code == 404
