"""Stripe's events: every order, with duplicates, gives one ledger; what is not understood is
parked; what could not be done is done later; and a killed process loses and doubles nothing.
"""
from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myjoe_studio.billing.billing import open_billing
from myjoe_studio.billing.local.objects import Object
from myjoe_studio.deciding import Decider
from myjoe_studio.reading import Connections
from tests.house.test_house import python_environment
from tests.support.peers import drop, hang, refuse
from tests.support.stripe import Shop


def without_ids(shop: Shop, user: uuid.UUID) -> list[tuple[str, int, str]]:
    """The ledger, with the kinds of Stripe's ids alone, so that two stories compare."""
    return sorted(
        (kind, amount, re.sub(r"(in|il|cs|re|dp)_\w+", r"\1", reference)) for kind, amount, reference in shop.ledger(user)
    )


def small_story(shop: Shop, user: uuid.UUID) -> list[Object]:
    """Purchase, upgrade, cancel, refund, dispute, as one event each."""
    objects, customer = shop.stripe.objects, shop.customer(user)
    topup = shop.paid_session(user, customer, "topup_50")
    first = shop.paid_session(user, customer, "lite_monthly")
    subscription = objects.all[first["subscription"]]
    objects.change(subscription, "pro_monthly", prorated=True)
    objects.refund(objects.all[topup["payment_intent"]], 300)
    payment = next(one for one in objects.of("invoice_payment") if one["invoice"] == first["invoice"])
    objects.dispute(objects.all[payment["payment"]["payment_intent"]])
    objects.cancel(subscription)
    with shop.stripe.lock:
        events, objects.events = objects.events, []
    told = {event["type"]: event for event in events}
    return [told[type] for type in ("checkout.session.completed", "customer.subscription.updated", "customer.subscription.deleted",
                                    "refund.created", "charge.dispute.created")]  # fmt: skip


def long_story(shop: Shop, user: uuid.UUID) -> Iterator[None]:
    """A customer's life, step by step."""
    objects, customer = shop.stripe.objects, shop.customer(user)
    first = shop.paid_session(user, customer, "lite_monthly")
    subscription = objects.all[first["subscription"]]
    yield
    topup = shop.paid_session(user, customer, "topup_50")
    slow = shop.paid_session(user, customer, "topup_150", slowly=True)
    yield
    objects.change(subscription, "pro_monthly", prorated=True)
    yield
    objects.renew(subscription)
    objects.arrive(slow)
    yield
    objects.refund(objects.all[topup["payment_intent"]], 300)
    failing = objects.refund(objects.all[slow["payment_intent"]])
    yield
    objects.fail(failing)
    payment = next(one for one in objects.of("invoice_payment") if one["invoice"] == first["invoice"])
    lost = objects.dispute(objects.all[payment["payment"]["payment_intent"]])
    won = objects.dispute(objects.all[slow["payment_intent"]])
    yield
    objects.close(lost, won=False)
    objects.close(won, won=True)
    objects.renew(subscription, paid=False)
    yield
    objects.settle(subscription)
    objects.cancel(subscription)
    yield


# What the long story comes to: Lite's month, two of Pro, two top-ups; half of one top-up and Lite's
# month went back.
LONG_LEDGER = [
    ("clawback", -230, "clawback:dp:1"), ("clawback", -50, "clawback:re:1"), ("grant", 230, "grant:in:il"), ("grant", 750, "grant:in:il"),
    ("grant", 750, "grant:in:il"), ("topup", 100, "topup:cs"), ("topup", 300, "topup:cs"),
]  # fmt: skip
LONG_ACCOUNT = {
    "balance": 1850, "owed": 0, "frozen": "A payment of yours is disputed at your bank.", "plans": [("pro", "canceled")],
}  # fmt: skip


def test_every_order_of_five_events_with_duplicates_gives_one_ledger(till: Shop) -> None:
    post = till.site.visitor()
    outcomes = set()
    # Each of the 120 orders takes a second; one in six is told, and all where time is no matter.
    orders = list(itertools.permutations(range(5)))[:: 1 if os.environ.get("MYJOE_TESTS_ALL") else 6]
    for order in orders:
        user = till.database.user(None)
        events = small_story(till, user)
        till.stripe.deliver_all(post, [events[index] for index in (*order, order[0])])
        outcomes.add(json.dumps([without_ids(till, user), till.account(user)], default=str))
    [outcome] = outcomes
    ledger, account = json.loads(outcome)
    assert ledger == [
        ["clawback", -230, "clawback:dp:1"], ["clawback", -50, "clawback:re:1"], ["grant", 230, "grant:in:il"], ["topup", 100, "topup:cs"],
    ]  # fmt: skip
    assert account == {"balance": 50, "owed": 0, "frozen": LONG_ACCOUNT["frozen"], "plans": [["pro", "canceled"]]}
    till.database.check_books()


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_long_story_told_afterwards_in_any_order(till: Shop, seed: int) -> None:
    user, chance = till.database.user(None), random.Random(seed)
    till.stripe.objects.events = []
    for _ in long_story(till, user):
        pass
    events = till.stripe.shuffled(chance)
    till.stripe.objects.events = []
    till.stripe.deliver_all(till.site.visitor(), events)
    assert (without_ids(till, user), till.account(user)) == (LONG_LEDGER, LONG_ACCOUNT)


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_long_story_told_while_it_happens_late_and_out_of_order(till: Shop, seed: int) -> None:
    """What was taken and given back in between leaves rows; what they come to is the same."""
    user, post, chance = till.database.user(None), till.site.visitor(), random.Random(seed)
    till.stripe.objects.events = []
    late: list[Object] = []
    for _ in long_story(till, user):
        late += till.stripe.shuffled(chance)
        till.stripe.objects.events = []
        chance.shuffle(late)
        now = chance.randrange(len(late) + 1)
        till.stripe.deliver_all(post, late[:now])
        late = late[now:]
    till.stripe.deliver_all(post, late)
    sums: dict[str, int] = {}
    for kind, amount, reference in without_ids(till, user):
        name = "back" if kind in ("clawback", "restore") else reference
        sums[name] = sums.get(name, 0) + amount
    assert sums == {"back": -280, "grant:in:il": 1730, "topup:cs": 400}
    assert till.account(user) == LONG_ACCOUNT


def test_many_deliveries_at_once(till: Shop) -> None:
    user = till.database.user(None)
    for _ in long_story(till, user):
        pass
    events = till.stripe.shuffled(random.Random(1))
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda event: till.stripe.deliver(till.site.visitor(), event).status_code, events))
    assert set(statuses) == {200}
    assert (without_ids(till, user), till.account(user)) == (LONG_LEDGER, LONG_ACCOUNT)


def test_of_two_subscriptions_the_later_stays_and_stripe_ends_the_other(till: Shop) -> None:
    user = till.database.user(None)
    customer = till.customer(user)
    first = till.paid_session(user, customer, "lite_monthly")
    second = till.paid_session(user, customer, "pro_monthly")
    till.stripe.objects.all[second["subscription"]]["created"] += 1
    for event in reversed(till.stripe.told):
        till.stripe.deliver(till.site.visitor(), event)
    assert till.account(user) == {"balance": 980, "owed": 0, "frozen": None, "plans": [("lite", "canceled"), ("pro", "active")]}
    assert till.stripe.objects.all[first["subscription"]]["status"] == "canceled", "or the buyer would pay both"
    assert till.stripe.count("DELETE subscriptions/:id") == 1


def test_a_subscription_of_a_seed_is_ended_though_stripe_never_heard_of_it(till: Shop) -> None:
    user = till.database.user("lite")
    till.database.run("update public.subscriptions set created_at = '2026-01-01Z'")
    till.paid_session(user, till.customer(user), "pro_monthly")
    till.tell()
    assert sorted(till.account(user)["plans"]) == [("lite", "canceled"), ("pro", "active")]
    [going_on] = till.database.one("select private.subscriptions_at_stripe(%s)", user)
    assert going_on == {"id": till.stripe.the("subscription")["id"], "status": "active"}


# ── what is parked ────────────────────────────────────────────────────────────────────────────────
def waiting(shop: Shop) -> list[tuple[Any, ...]]:
    """Events that wait: how often they were tried, what went wrong, and why they are parked."""
    return shop.database.rows("select tries, error, parked_reason from private.open_stripe_events order by received_at, id")


def test_a_plan_that_we_do_not_sell_is_parked_and_taken_up_when_it_is_known(till: Shop) -> None:
    """The fourth fault: an unknown plan was a broken rule, and Stripe sent the event again for
    ever.
    """
    user = till.database.user(None)
    price = till.stripe.objects.all["price_lite_monthly"]
    price["lookup_key"], price["unit_amount"] = "gold_monthly", 49900
    till.paid_session(user, till.customer(user), "lite_monthly")
    events, till.stripe.objects.events = till.stripe.told, []
    till.stripe.deliver_all(till.site.visitor(), events)
    assert till.account(user)["plans"] == []
    reasons = {reason for _, _, reason in waiting(till)}
    assert reasons == {"price_lite_monthly has the lookup key gold_monthly, which we do not sell"}
    till.database.one("select private.admin_learn_price('price_lite_monthly', 'max_monthly', 1600, 'the old name of Max')::text")
    for event in events:
        if (event["id"],) in till.database.rows("select id from private.open_stripe_events"):
            till.database.one("select private.admin_take_up_event(%s, 'it is known now')::text", event["id"])
    till.database.advance(61)
    till.stripe.deliver(till.site.visitor(), {**events[0], "id": "evt_other", "type": "customer.updated"})
    till.database.advance(61)
    till.stripe.deliver(till.site.visitor(), {**events[0], "id": "evt_another", "type": "customer.updated"})
    assert waiting(till) == []
    assert till.account(user) == {"balance": 1600, "owed": 0, "frozen": None, "plans": [("max", "active")]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"api_version": "2024-06-20"}, "the event speaks version 2024-06-20 of Stripe's API"),
        ({"api_version": None}, "the event speaks version None"),
        ({"livemode": True}, "the event is about real money"),
    ],
)
def test_an_event_that_is_not_for_us_is_parked(till: Shop, changes: dict[str, Any], reason: str) -> None:
    user = till.database.user(None)
    till.paid_session(user, till.customer(user), "lite_monthly")
    for event in till.stripe.told:
        assert till.stripe.deliver(till.site.visitor(), event, **changes).status_code == 200
    assert till.ledger(user) == []
    assert waiting(till) != [] and all(parked.startswith(reason) for _, _, parked in waiting(till))


def test_words_of_stripes_that_we_do_not_know_are_parked(till: Shop) -> None:
    user = till.database.user(None)
    till.paid_session(user, till.customer(user), "topup_50")
    till.tell()
    intent = till.stripe.the("payment_intent")
    refund = till.stripe.objects.refund(intent, 100)
    dispute = till.stripe.objects.dispute(intent)
    refund["status"] = dispute["status"] = "bewildered"
    till.tell()
    assert till.account(user)["balance"] == 100
    reasons = {f"{one['id']} is bewildered, a word that we do not know" for one in (refund, dispute)}
    assert {reason for _, _, reason in waiting(till)} == reasons


def test_money_that_bought_nothing_from_us_is_parked(till: Shop) -> None:
    objects = till.stripe.objects
    charge = objects.add("ch", "charge", amount=100, amount_refunded=0, disputed=False)
    objects.refund(objects.add("pi", "payment_intent", latest_charge=charge["id"]))
    till.stripe.deliver_all(till.site.visitor())
    assert {reason.partition(" is ")[2] for _, _, reason in waiting(till)} == {"of a payment that bought nothing from us"}


def test_a_customer_who_is_nobodys_is_parked(till: Shop) -> None:
    for whose in (uuid.uuid4(), "nobody"):
        customer = till.stripe.objects.add("cus", "customer", email="a@example.com", metadata={"user_id": str(whose)})
        till.paid_session(uuid.uuid4(), customer["id"], "topup_50")
    till.tell()
    assert [reason.partition(" is ")[2] for _, _, reason in waiting(till)] == ["no user of ours"] * 2


def test_events_about_nothing_of_ours_are_kept_and_done(till: Shop) -> None:
    till.stripe.objects.tell("product.created", {"id": "prod_1"})
    till.tell()
    assert waiting(till) == [] and till.database.rows("select type from public.stripe_events") == [("product.created",)]


# ── what is done later ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fault", [refuse(500), refuse(429), drop()], ids=["500", "429", "cut off"])
@pytest.mark.parametrize("route", ["GET checkout/sessions/:id", "GET subscriptions/:id", "GET invoices/:id"])
def test_while_stripe_is_away_an_event_stays_open_and_a_later_call_takes_it_up(till: Shop, route: str, fault: Any) -> None:
    user = till.database.user(None)
    till.paid_session(user, till.customer(user), "lite_monthly")
    [event] = [event for event in till.stripe.told if event["type"] == "checkout.session.completed"]
    till.stripe.script(route, *[fault] * 3)
    assert till.stripe.deliver(till.site.visitor(), event).status_code == 503
    assert till.ledger(user) == []
    [(tries, error, parked)] = waiting(till)
    assert (tries, error is not None, parked) == (1, True, None)
    till.stripe.faults.clear()
    till.database.advance(61)
    till.stripe.objects.events = []
    till.stripe.objects.tell("product.created", {"id": "prod_1"})
    till.tell()
    assert waiting(till) == []
    assert till.account(user) == {"balance": 230, "owed": 0, "frozen": None, "plans": [("lite", "active")]}


def test_an_error_that_nobody_foresaw_leaves_the_event_open(till: Shop) -> None:
    user = till.database.user(None)
    session = till.paid_session(user, till.customer(user), "lite_monthly")
    del session["line_items"], session["payment_status"]
    event = till.stripe.told[-1]
    assert till.stripe.deliver(till.site.visitor(), event).status_code == 503
    [(tries, error, parked)] = waiting(till)
    assert (tries, parked) == (1, None) and error.startswith("KeyError")


# ── a killed process ──────────────────────────────────────────────────────────────────────────────
@contextmanager
def a_studio_process(shop: Shop) -> Iterator[tuple[subprocess.Popen[bytes], httpx2.Client]]:
    """A Studio as a process of its own, and a client of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = shop.site.settings
    environment = {
        **python_environment(), "MYJOE_STUDIO_ADDRESS": f"http://127.0.0.1:{port}", "MYJOE_STUDIO_SECRET": told.secret.reveal(),
        "DATABASE_URL": told.database_url.reveal(), "MYJOE_HOME": str(told.home),
        "STRIPE_SECRET_KEY": shop.stripe.key, "STRIPE_WEBHOOK_SECRET": shop.stripe.webhook_secret, "STRIPE_BASE_URL": shop.stripe.origin,
    }  # fmt: skip
    arguments = [sys.executable, "-m", "uvicorn", "--factory", "myjoe_studio.asgi:production", "--port", str(port)]
    process = subprocess.Popen(arguments, env=environment)
    client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    try:
        while True:
            try:
                assert client.get("/health").status_code == 200
                break
            except httpx2.TransportError:
                assert process.poll() is None, "the Studio did not start"
                time.sleep(0.05)
        yield process, client
    finally:
        client.close()
        if process.poll() is None:
            process.kill()
        process.wait()


def at_stripe(shop: Shop, user: uuid.UUID) -> Callable[[], None]:
    """It is killed while it reads from Stripe."""
    shop.stripe.script("GET invoices/:id", hang(60))
    return lambda: None


def in_the_books(shop: Shop, user: uuid.UUID) -> Callable[[], None]:
    """It is killed while the database books the payment: somebody else holds the account."""
    holder = shop.database.connect(autocommit=False)
    holder.execute("select from public.credit_accounts where user_id = %s for update", (user,))
    return holder.close


def before_the_end(shop: Shop, user: uuid.UUID) -> Callable[[], None]:
    """It is killed after the payment was booked, before the event is finished."""
    holder = shop.database.connect(autocommit=False)
    holder.execute("lock table public.checkouts in exclusive mode")
    return holder.close


@pytest.mark.parametrize("moment", [at_stripe, in_the_books, before_the_end])
def test_kill_9_loses_and_doubles_nothing(till: Shop, moment: Callable[[Shop, uuid.UUID], Callable[[], None]]) -> None:
    user = till.database.user(None)
    till.paid_session(user, till.customer(user), "lite_monthly")
    [event] = [event for event in till.stripe.told if event["type"] == "checkout.session.completed"]
    release = moment(till, user)
    with a_studio_process(till) as (process, client), ThreadPoolExecutor(1) as pool:
        delivery = pool.submit(till.stripe.deliver, client, event)
        while till.database.one("select count(*) from public.stripe_events") == 0 or not stuck(till):
            assert not delivery.done(), delivery.result().text
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(httpx2.TransportError):
            delivery.result()
    release()
    till.stripe.faults.clear()
    assert till.database.one("select count(*) from private.open_stripe_events") == 1
    for _ in range(2):
        assert till.stripe.deliver(till.site.visitor(), event).status_code == 200
    assert without_ids(till, user) == [("grant", 230, "grant:in:il")]
    assert till.account(user) == {"balance": 230, "owed": 0, "frozen": None, "plans": [("lite", "active")]}
    assert waiting(till) == []


def stuck(shop: Shop) -> bool:
    """Whether a handler waits: for a lock, or for a Stripe that hangs."""
    locked = shop.database.one("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
    return locked > 0 or (not shop.stripe.faults["GET invoices/:id"] and shop.stripe.count("GET invoices/:id") > 0)


# ── what never came ───────────────────────────────────────────────────────────────────────────────
def test_what_stripe_could_not_deliver_is_fetched(till: Shop) -> None:
    user = till.database.user(None)
    for _ in long_story(till, user):
        pass

    async def catch_up() -> int:
        connections = Connections(till.database.server.url(till.database.name), 1)
        try:
            async with open_billing(till.site.settings, Decider(connections)) as billing:
                return await billing.events.catch_up()
        finally:
            await connections.close()

    assert asyncio.run(catch_up()) == len(till.stripe.told)
    assert (without_ids(till, user), till.account(user)) == (LONG_LEDGER, LONG_ACCOUNT)
    assert asyncio.run(catch_up()) == 0
