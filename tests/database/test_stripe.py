"""Stripe's events: kept once, in any order, dealt with once."""
from __future__ import annotations

import itertools
import uuid

import psycopg
import pytest

from tests.database.support import Database


def test_an_event_is_dealt_with_once_and_one_that_failed_again(database: Database) -> None:
    def keep() -> bool:
        kept: bool = database.one("select private.keep_stripe_event('evt_1', 'invoice.paid', '2026-10-28.endive', now(), '{\"a\": 1}')")
        return kept

    assert keep() and keep()  # delivered twice before anybody dealt with it
    database.one("select private.finish_stripe_event('evt_1', 'no such user')")
    assert keep()
    database.one("select private.finish_stripe_event('evt_1')")
    assert not keep()
    database.one("select private.finish_stripe_event('evt_1', 'too late')")
    assert database.rows("select type, payload, error, processed_at = private.clock() from public.stripe_events") == [
        ("invoice.paid", {"a": 1}, None, True)
    ]


# What Stripe says of one subscription, by the second in which it was said.
STORY = [(1, "incomplete", "lite"), (2, "active", "lite"), (3, "active", "pro"), (4, "canceled", "pro")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_events_in_any_order_end_alike(shared: Database, order: tuple[int, ...]) -> None:
    user = shared.user(plan=None)
    for index in [*order, order[0]]:
        second, status, plan = STORY[index]
        shared.one(
            "select private.put_subscription(%s, %s, 'cus_1', %s, %s, to_timestamp(%s))", user, f"sub_{user}", plan, status, second
        )
    assert shared.rows("select status, plan from public.subscriptions where user_id = %s", user) == [("canceled", "pro")]


def test_one_plan_in_force_at_a_time(newest: Database) -> None:
    user = newest.user("lite")
    with pytest.raises(psycopg.errors.UniqueViolation):
        newest.one("select private.put_subscription(%s, 'sub_2', 'cus_1', 'pro', 'active', private.clock())", user)
    newest.one("select private.put_subscription(%s, %s, 'cus_1', 'lite', 'canceled', private.clock())", user, f"sub_{user}")
    assert newest.one("select private.put_subscription(%s, 'sub_2', 'cus_1', 'pro', 'active', private.clock())", user)


def test_a_subscription_does_not_change_hands(newest: Database) -> None:
    owner, other = newest.user("lite"), newest.user(None)
    assert not newest.one("select private.put_subscription(%s, %s, 'cus_2', 'max', 'active', private.clock())", other, f"sub_{owner}")
    assert newest.rows("select plan from public.subscriptions where user_id = %s", owner) == [("lite",)]


def test_an_event_id_is_stripes(newest: Database) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        newest.one("select private.keep_stripe_event(%s, 'invoice.paid', null, now(), '{}')", str(uuid.uuid4()))
