"""Placing an order and asking Joe, with a real database and OpenAI's side of the wire on real
sockets.
"""
from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from myjoe.errors import PromptRefusedError, ProviderAccountError, RequestError, SettingsError
from myjoe.ordering.placing import ask_joe, order_book
from myjoe.ordering.planner import BookOrder
from myjoe.settings.shared import Settings
from myjoe.settings.variables import Secret
from tests.database.support import Database
from tests.support.peers import OpenAIPeer

CATS = BookOrder("a cat and an owl", 3)


def settings(database: Database, peer: OpenAIPeer | None = None, **more: Any) -> Settings:
    """Offline, or with the peer for OpenAI."""
    told = Settings().with_database(database.server.url(database.name))
    if peer is not None:
        told = replace(told, providers="real", openai_api_key=Secret(OpenAIPeer.key), openai_base_url=peer.url)
    return replace(told, **more)


def order(told: Settings, database: Database, *, key: str = "k", book: BookOrder = CATS, quote: bool = False) -> Mapping[str, Any]:
    user = database.one("select user_id from public.projects")
    return asyncio.run(order_book(told, user, database.project(user), key, book, quote=quote))


def test_offline_the_sketcher_plans_for_nothing(newest: Database) -> None:
    newest.user(credits_half=20)
    answer = order(settings(newest), newest)
    assert answer["accepted"] and newest.one("select count(*) from public.jobs") == 3
    assert newest.one("select coalesce(sum(cost_micro_usd), 0) from public.cost_events") == 0


def test_a_quote_makes_nothing_and_asks_nobody(newest: Database) -> None:
    user = newest.user(credits_half=20)
    with OpenAIPeer() as peer:
        answer = order(settings(newest, peer), newest, quote=True)
        assert peer.received == []
    assert answer["accepted"] and answer["balance_half"] == 14 and newest.balance(user) == 20
    assert newest.one("select count(*) from public.runs") == 0


def test_with_real_providers_the_brain_plans_and_is_paid_by_the_user(newest: Database) -> None:
    user = newest.user(credits_half=20)
    with OpenAIPeer() as peer:
        assert order(settings(newest, peer), newest)["accepted"]
        assert order(settings(newest, peer), newest)["accepted"], "the same key, the same run"
        assert len(peer.billed) == 1
    assert newest.one("select count(*) from public.runs") == 1
    assert newest.one("select bool_and(user_id = %s and job_id is null) and sum(cost_micro_usd) > 0 from public.cost_events", user)


def test_what_we_do_not_draw_is_refused_before_anybody_is_asked() -> None:
    nowhere = Settings().with_database("postgresql://127.0.0.1:1/nowhere")
    with pytest.raises(PromptRefusedError, match="steampunk"):
        asyncio.run(order_book(nowhere, uuid.uuid4(), uuid.uuid4(), "k", BookOrder("a steampunk owl", 1), quote=True))


@pytest.mark.parametrize("ask", ["order", "joe"])
def test_a_database_of_others_is_refused(newest: Database, ask: str) -> None:
    user = newest.user(credits_half=20)
    newest.one("select private.mark_environment('production')")
    with OpenAIPeer() as peer, pytest.raises(SettingsError, match="marked as production"):
        if ask == "order":
            order(settings(newest, peer), newest)
        else:
            asyncio.run(ask_joe(settings(newest, peer), user, "Which margin?"))
    assert peer.received == [] and newest.balance(user) == 20


def test_joe_answers_and_each_question_is_booked_to_who_asked(newest: Database) -> None:
    user = newest.user()
    with OpenAIPeer() as peer:
        told = settings(newest, peer)
        assert {asyncio.run(ask_joe(told, user, "Which margin does KDP want?")) for _ in range(2)} == {"0.375 in up to 150 pages."}
        assert len(peer.billed) == 2
    booked = newest.rows("select user_id, operation, step, cost_micro_usd > 0 from public.cost_events where cost_micro_usd > 0")
    assert booked == [(user, "brain", "joe", True)] * 2


def test_joe_needs_a_key_and_one_that_is_accepted(newest: Database) -> None:
    user = newest.user()
    with pytest.raises(RequestError, match="set OPENAI_API_KEY"):
        asyncio.run(ask_joe(settings(newest), user, "Which margin?"))
    with OpenAIPeer() as peer, pytest.raises(ProviderAccountError):
        asyncio.run(ask_joe(settings(newest, peer, openai_api_key=Secret("wrong")), user, "Which margin?"))
    assert newest.one("select count(*) from public.cost_events where cost_micro_usd > 0") == 0


def test_no_connection_is_left_behind(newest: Database) -> None:
    newest.user(credits_half=20)
    order(settings(newest), newest, quote=True)
    there = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'myjoe'"
    deadline = time.monotonic() + 20
    while newest.one(there):  # the server notices a moment later
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_server_that_is_not_there_is_told_at_once_and_not_waited_for(tmp_path: Path) -> None:
    told = Settings().with_database(f"postgresql:///work?host={tmp_path}")
    with pytest.raises(psycopg.OperationalError, match="No such file"):
        asyncio.run(order_book(told, uuid.uuid4(), uuid.uuid4(), "k", CATS, quote=True))
