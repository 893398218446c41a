"""What Stripe's objects do to accounts: plans, payments and clawbacks, in any order."""
from __future__ import annotations

import itertools
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.database.support import Database

NOW = "2026-12-01 12:00:00Z"
FREEZE = "update public.credit_accounts set frozen_at = now(), frozen_reason = "


def put(
    database: Database, user: uuid.UUID, subscription: str, status: str, *, plan: str = "lite", started: str = NOW,
    reading: int | None = None,
) -> dict[str, Any]:
    """Put what a reading found; by default one that begins now."""
    number = reading or database.one("select private.begin_stripe_reading()")
    answer: dict[str, Any] = database.one(
        "select private.put_subscription_v2(%s, %s, 'cus_1', %s, %s, %s, null, null, %s)", user, subscription, plan, status, started, number
    )
    return answer


def plans(database: Database, user: uuid.UUID) -> list[tuple[Any, ...]]:
    return database.rows("select stripe_subscription_id, plan, status from public.subscriptions where user_id = %s order by 1, 2", user)


def pay(database: Database, user: uuid.UUID, credits_half: int, cents: int = 1000, intent: str | None = None) -> str:
    """A top-up that was paid; its payment intent."""
    intent = intent or f"pi_{uuid.uuid4()}"
    bought = [{"kind": "topup", "reference": f"topup:cs_{intent}", "credits_half": credits_half, "why": "a test"}]
    paid = [{"payment_intent": intent, "cents": cents}]
    database.one("select private.book_payment(%s, %s, %s, %s)", user, f"cs_{intent}", json.dumps(paid), json.dumps(bought))
    return intent


def claw(database: Database, intent: str, *, id: str = "re_1", cents: int = 1000, holds: bool = True, kind: str = "refund") -> bool:
    put_it: bool = database.one(
        "select private.put_clawback(%s, %s, %s, %s, %s, %s, private.begin_stripe_reading())", id, kind, intent, cents,
        "succeeded" if holds else "failed", holds,
    )  # fmt: skip
    return put_it


def account(database: Database, user: uuid.UUID) -> tuple[Any, ...]:
    """Balance, what is owed, and whether it is frozen."""
    [row] = database.rows("select balance_half, owed_half, frozen_at is not null from public.credit_accounts where user_id = %s", user)
    return row


def spend(database: Database, user: uuid.UUID, credits_half: int) -> None:
    database.run(
        "insert into public.credit_ledger (user_id, kind, amount_half, reference) values (%s, 'burn', %s, %s)", user, -credits_half,
        f"burn:{uuid.uuid4()}",
    )  # fmt: skip


# ── subscriptions ─────────────────────────────────────────────────────────────────────────────────
def test_two_events_of_one_second_end_as_stripe_says_now(database: Database) -> None:
    """The first fault: by the events' times, [active, incomplete] of one second ended
    incomplete.
    """
    user = database.user(None)
    # Two handlers begin, and read; the one that began first finds the old state and puts it last.
    first, second = (database.one("select private.begin_stripe_reading()") for _ in range(2))
    assert put(database, user, "sub_1", "active", reading=second)["changed"]
    assert not put(database, user, "sub_1", "incomplete", reading=first)["changed"]
    assert plans(database, user) == [("sub_1", "lite", "active")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_the_newest_subscription_is_in_force_whatever_comes_first(shared: Database, order: tuple[int, ...]) -> None:
    """The second fault: a second active one was a broken rule for ever, paid and no plan."""
    user = shared.user(None)
    told = [(f"sub_1{user}", "lite", "2026-12-01Z"), (f"sub_2{user}", "pro", "2026-12-02Z"), (f"sub_3{user}", "max", "2026-12-03Z")]
    for index in [*order, order[0]]:
        name, plan, started = told[index]
        answer = put(shared, user, name, "active", plan=plan, started=started)
    assert plans(shared, user) == [(told[0][0], "lite", "canceled"), (told[1][0], "pro", "canceled"), (told[2][0], "max", "active")]
    assert answer["superseded"] == [told[0][0], told[1][0]], "Stripe still has to be told of them"
    for name, plan, started in told[:2]:
        answer = put(shared, user, name, "canceled", plan=plan, started=started)
    assert answer["superseded"] == []


def test_a_paid_plan_ends_the_trial(database: Database) -> None:
    user = database.user(None)
    database.run("insert into public.subscriptions (user_id, plan, status, ends_at) values (%s, 'lite', 'trialing', now())", user)
    put(database, user, "sub_1", "incomplete", plan="pro")
    assert (None, "lite", "trialing") in plans(database, user), "which is not over before something is paid"
    assert put(database, user, "sub_1", "active", plan="pro") == {"changed": True, "superseded": []}
    assert sorted(plans(database, user), key=str) == [("sub_1", "pro", "active"), (None, "lite", "canceled")]


def test_an_ended_subscription_stays_ended(newest: Database) -> None:
    user = newest.user(None)
    put(newest, user, "sub_1", "canceled")
    assert not put(newest, user, "sub_1", "active")["changed"]
    assert plans(newest, user) == [("sub_1", "lite", "canceled")]


def test_a_past_due_plan_makes_room_and_comes_back(newest: Database) -> None:
    user = newest.user(None)
    for status in ("active", "past_due", "active"):
        put(newest, user, "sub_1", status)
        assert plans(newest, user) == [("sub_1", "lite", status)]


def test_a_subscription_is_one_users(newest: Database) -> None:
    owner, other = newest.user(None), newest.user(None)
    put(newest, owner, "sub_1", "active")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="another user"):
        put(newest, other, "sub_1", "active")


def test_many_handlers_at_once_leave_one_plan_in_force(newest: Database) -> None:
    user = newest.user(None)

    def handle(number: int) -> None:
        with newest.connect() as connection:
            connection.execute(
                "select private.put_subscription_v2(%s, %s, 'cus_1', 'lite', 'active', to_timestamp(%s), null, null,"
                " private.begin_stripe_reading())", (user, f"sub_{number % 4}", number % 4),
            )  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(handle, range(40)))
    assert plans(newest, user) == [(f"sub_{n}", "lite", "active" if n == 3 else "canceled") for n in range(4)]


# ── prices ────────────────────────────────────────────────────────────────────────────────────────
def known(database: Database, price: str, key: str | None, cents: int = 999, currency: str = "usd") -> dict[str, Any]:
    answer: dict[str, Any] = database.one("select private.known_price(%s, %s, %s, %s)", price, key, cents, currency)
    return answer


def test_a_price_is_worth_what_it_was_when_it_was_learned(newest: Database) -> None:
    assert known(newest, "price_1", "lite_monthly")["credits_half"] == 230
    newest.run("update public.prices set cents = 1299, credits_half = 300 where lookup_key = 'lite_monthly'")
    # The lookup key has moved on to a new price, and subscribers of the old one go on.
    worth = {"lookup_key": "lite_monthly", "kind": "plan", "plan": "lite", "label": "Lite", "credits_half": 230}
    assert known(newest, "price_1", None) == worth
    assert known(newest, "price_2", "lite_monthly", 1299)["credits_half"] == 300


@pytest.mark.parametrize(
    ("key", "cents", "currency"),
    [("gold_monthly", 999, "usd"), (None, 999, "usd"), ("lite_monthly", 1, "usd"), ("lite_monthly", 999, "eur")],
)
def test_a_price_that_is_not_ours_is_not_learned(newest: Database, key: str | None, cents: int, currency: str) -> None:
    assert "price_1" in known(newest, "price_1", key, cents, currency)["unknown"]
    assert newest.one("select count(*) from public.stripe_prices") == 0


def test_what_is_sold_agrees_with_the_plans_and_never_undercuts_them(newest: Database) -> None:
    assert newest.rows(
        "select r.lookup_key from public.prices r join public.plans p on p.code = r.plan"
        " where (r.cents * 10000::bigint, r.credits_half) <> (p.price_micro_usd_month, p.credits_half_month)"
    ) == []
    before = newest.one("select private.revenue_per_half_micro_usd()")
    assert before == newest.one("select min(price_micro_usd_month::numeric / credits_half_month) from public.plans")
    newest.run("update public.prices set cents = 100 where lookup_key = 'topup_400'")
    assert newest.one("select private.revenue_per_half_micro_usd()") < before, "the margin counts the cheapest credit there is"


# ── clawbacks ─────────────────────────────────────────────────────────────────────────────────────
def test_a_refund_takes_back_what_is_there(database: Database) -> None:
    user = database.user()
    intent = pay(database, user, 100)
    assert claw(database, intent)
    assert claw(database, intent), "a second reading changes nothing"
    assert account(database, user) == (0, 0, False)
    assert database.rows("select kind, amount_half, reference from public.credit_ledger order by id")[1:] == [
        ("clawback", -100, "clawback:re_1:1")
    ]
    database.check_books()


def test_what_was_spent_is_owed_and_settled_by_what_comes_in(database: Database) -> None:
    """The fifth fault: a spent top-up could not be taken back at all."""
    user = database.user()
    intent = pay(database, user, 100)
    spend(database, user, 70)
    claw(database, intent)
    assert account(database, user) == (0, 70, True)
    pay(database, user, 50)
    assert account(database, user) == (0, 20, True)
    database.one("select private.add_credits(%s, 'grant', 230, 'grant:in_2:il_1')", user)
    assert account(database, user) == (210, 0, False)
    assert database.rows("select amount_half from public.credit_ledger where kind = 'clawback' order by id") == [(-30,), (-50,), (-20,)]
    assert database.rows("select * from private.ledger_drift union all select * from private.owed_drift") == []


def test_a_refund_that_fails_gives_back(database: Database) -> None:
    user = database.user()
    intent = pay(database, user, 100)
    spend(database, user, 70)
    claw(database, intent)
    claw(database, intent, holds=False)
    assert account(database, user) == (30, 0, False)
    claw(database, intent, holds=True)
    assert account(database, user) == (0, 70, True)


def test_what_is_given_back_settles_others_first(newest: Database) -> None:
    user = newest.user()
    first, second = pay(newest, user, 100), pay(newest, user, 100)
    spend(newest, user, 150)
    claw(newest, first, id="dp_1", kind="dispute")
    claw(newest, second, id="re_2")
    assert account(newest, user) == (0, 150, True)
    claw(newest, first, id="dp_1", kind="dispute", holds=False)
    assert account(newest, user) == (0, 50, True)
    assert newest.rows("select * from private.ledger_drift union all select * from private.owed_drift") == []


def test_a_dispute_freezes_and_one_that_is_won_thaws(newest: Database) -> None:
    user = newest.user()
    intent = pay(newest, user, 100)
    claw(newest, intent, id="dp_1", kind="dispute")
    assert account(newest, user) == (0, 0, True)
    claw(newest, intent, id="dp_1", kind="dispute", holds=False)
    assert account(newest, user) == (100, 0, False)


def test_parts_take_parts_and_together_never_more_than_all(newest: Database) -> None:
    user = newest.user()
    intent = pay(newest, user, 100, cents=999)
    claw(newest, intent, id="re_1", cents=333)
    assert account(newest, user) == (67, 0, False)
    claw(newest, intent, id="dp_1", cents=999, kind="dispute")
    assert account(newest, user) == (0, 0, True)
    assert newest.one("select sum(taken_half)::int from public.clawbacks") == 100


def test_an_older_reading_of_a_refund_changes_nothing(newest: Database) -> None:
    user = newest.user()
    intent = pay(newest, user, 100)
    old = newest.one("select private.begin_stripe_reading()")
    claw(newest, intent, holds=False)
    assert not newest.one("select private.put_clawback('re_1', 'refund', %s, 1000, 'pending', true, %s)", intent, old)
    assert account(newest, user) == (100, 0, False)


def test_two_payments_of_an_invoice_share_what_it_was_worth(newest: Database) -> None:
    user = newest.user()
    paid = [{"payment_intent": "pi_1", "cents": 400}, {"payment_intent": "pi_2", "cents": 600}]
    bought = [{"kind": "grant", "reference": "grant:in_1:il_1", "credits_half": 100, "why": "a test"}]
    for fresh in (1, 0):
        assert newest.one("select private.book_payment(%s, 'in_1', %s, %s)", user, json.dumps(paid), json.dumps(bought)) == fresh
    claw(newest, "pi_2", cents=600)
    assert account(newest, user) == (40, 0, False)


def test_an_admin_forgives_with_a_reason(newest: Database) -> None:
    user = newest.user()
    intent = pay(newest, user, 100)
    spend(newest, user, 70)
    claw(newest, intent, id="dp_1", kind="dispute")
    assert newest.one("select private.admin_forgive(%s, 'settled by mail')", user) == 70
    assert account(newest, user) == (0, 0, False)
    pay(newest, user, 50)
    assert account(newest, user) == (50, 0, False)
    assert newest.rows("select action, detail from public.admin_actions") == [("forgive", {"owed_half": 70})]


def test_an_admin_who_thaws_an_account_has_the_last_word(newest: Database) -> None:
    user = newest.user()
    intent = pay(newest, user, 100)
    spend(newest, user, 70)
    claw(newest, intent)
    assert newest.one("select private.admin_unfreeze(%s, 'a good customer')", user)
    pay(newest, user, 50)
    claw(newest, intent)
    assert account(newest, user) == (0, 20, False), "what is owed is settled all the same"
    claw(newest, pay(newest, user, 30), id="re_2")
    assert account(newest, user) == (0, 20, True), "a new refund is a new reason"


def test_a_payment_is_one_users(newest: Database) -> None:
    pay(newest, newest.user(), 100, intent="pi_1")
    with pytest.raises(psycopg.errors.UniqueViolation, match="another user"):
        pay(newest, newest.user(), 100, intent="pi_1")


def test_credits_that_come_in_while_a_refund_is_booked_settle_it_once(newest: Database) -> None:
    user = newest.user()
    intents = [pay(newest, user, 20) for _ in range(10)]
    spend(newest, user, 150)

    def act(number: int) -> None:
        with newest.connect() as connection:
            if number % 2:
                connection.execute("select private.add_credits(%s, 'grant', 15, %s)", (user, f"grant:in_{number}"))
            else:
                connection.execute(
                    "select private.put_clawback(%s, 'refund', %s, 1000, 'succeeded', true, private.begin_stripe_reading())",
                    (f"re_{number}", intents[number // 2]),
                )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(20)))
    assert account(newest, user) == (0, 0, False)  # 50 were there, 150 came in, 200 were taken
    assert newest.rows("select * from private.ledger_drift union all select * from private.owed_drift") == []


# ── checkouts ─────────────────────────────────────────────────────────────────────────────────────
def begin(database: Database, user: uuid.UUID, key: str = "lite_monthly", intent: str = "intent-1") -> dict[str, Any]:
    answer: dict[str, Any] = database.one("select private.begin_checkout(%s, %s, %s)", user, intent, key)
    return answer


def test_two_clicks_are_one_checkout(newest: Database) -> None:
    user = newest.user("lite")

    def click(_: int) -> str:
        with newest.connect() as connection:
            row = connection.execute("select private.begin_checkout(%s, 'intent-1', 'topup_50')", (user,)).fetchone()
            assert row is not None
            return str(row[0]["checkout_id"])

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(click, range(12)))) == 1
    assert begin(newest, user, "topup_50", "intent-2")["checkout_id"] != begin(newest, user, "topup_50")["checkout_id"]


def test_the_same_plan_in_two_tabs_is_one_checkout(newest: Database) -> None:
    user = newest.user(None)
    assert begin(newest, user, intent="tab-one-1")["checkout_id"] == begin(newest, user, intent="tab-two-2")["checkout_id"]


def test_a_checkout_that_is_too_old_makes_room(newest: Database) -> None:
    user = newest.user(None)
    first = begin(newest, user)["checkout_id"]
    newest.one("select private.open_checkout(%s, 'cs_1', 'https://pay')", first)
    assert begin(newest, user)["url"] == "https://pay"
    newest.advance(24 * 3600)
    assert begin(newest, user)["checkout_id"] != first


def test_what_was_bought_is_not_bought_again_by_the_same_click(newest: Database) -> None:
    user = newest.user("lite")
    first = begin(newest, user, "topup_50")["checkout_id"]
    newest.one("select private.put_checkout(%s, 'cs_1', 'complete')", first)
    again = begin(newest, user, "topup_50")
    assert (again["checkout_id"], again["status"], again["session_id"]) == (first, "complete", "cs_1")


@pytest.mark.parametrize(
    ("key", "plan", "prepare", "code"),
    [
        ("gold", None, "", "not_on_sale"),
        ("lite_monthly", "lite", "", "has_plan"),
        ("topup_50", None, "", "no_plan"),
        ("topup_50", "lite", "update public.profiles set deletion_requested_at = now(), deletion_at = now()", "leaving"),
        ("topup_50", "lite", FREEZE + "private.freeze_by_dispute()", "disputed"),
        ("topup_50", "lite", FREEZE + "private.freeze_by_debt()", None),
        ("topup_50", "lite", "update public.prices set on_sale = false", "not_on_sale"),
    ],
)
def test_refusals(newest: Database, key: str, plan: str | None, prepare: str, code: str | None) -> None:
    user = newest.user(plan)
    if prepare:
        newest.run(prepare)
    answer = begin(newest, user, key)
    assert answer.get("refused") == code
    assert code is None or answer["message"].endswith(".")


@pytest.mark.parametrize("order", list(itertools.permutations(["open", "processing", "complete"])), ids=str)
def test_a_checkout_only_goes_on(shared: Database, order: tuple[str, ...]) -> None:
    checkout = begin(shared, shared.user(None))["checkout_id"]
    for status in order:
        assert shared.one("select private.put_checkout(%s, %s, %s)", checkout, f"cs_{checkout}", status)
    assert shared.one("select status from public.checkouts where id = %s", checkout) == "complete"


def test_a_buyer_who_is_back_has_stripe_asked_after_a_minute_by_one_caller(newest: Database) -> None:
    user = newest.user(None)
    newest.one("select private.open_checkout(%s, 'cs_1', 'https://pay')", begin(newest, user)["checkout_id"])

    def see() -> tuple[float, bool]:
        seen = newest.one("select private.see_checkout(%s, 'cs_1')", user)
        return float(seen["waited_seconds"]), seen["look"]

    assert see() == (0, False)
    newest.advance(59)
    assert see() == (59, False)
    newest.advance(1)
    assert see() == (60, True)
    assert see() == (60, False)
    newest.advance(60)
    assert see() == (120, True)
    assert newest.one("select private.see_checkout(%s, 'cs_1')", newest.user(None)) is None, "nobody sees another's"


# ── events ────────────────────────────────────────────────────────────────────────────────────────
def keep(database: Database, event: str = "evt_1") -> bool:
    kept: bool = database.one("select private.keep_stripe_event(%s, 'invoice.paid', '2026', now(), %s)", event, json.dumps({"id": event}))
    return kept


def test_a_parked_event_waits_for_an_admin(newest: Database) -> None:
    assert keep(newest)
    newest.one("select private.park_stripe_event('evt_1', 'price_1 is unknown')::text")
    assert not keep(newest)
    newest.advance(3600)
    assert newest.one("select private.take_open_events(9)") == []
    assert newest.rows("select id, parked_reason from private.open_stripe_events") == [("evt_1", "price_1 is unknown")]
    newest.one("select private.admin_take_up_event('evt_1', 'the price is known now')::text")
    newest.advance(61)
    assert newest.one("select private.take_open_events(9)") == [{"id": "evt_1"}]
    newest.one("select private.admin_take_up_event('evt_1', 'nothing to do', true)::text")
    assert newest.rows("select * from private.open_stripe_events") == []
    assert newest.rows("select action from public.admin_actions order by id") == [("take_up_event",), ("close_event",)]
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        newest.one("select private.admin_take_up_event('evt_1', 'again')::text")


def test_open_events_are_taken_up_by_one_caller_at_a_time(newest: Database) -> None:
    for number in range(5):
        keep(newest, f"evt_{number}")
    assert newest.one("select private.take_open_events(9)") == [], "whoever took them is at it"
    newest.advance(61)
    assert [event["id"] for event in newest.one("select private.take_open_events(3)")] == ["evt_0", "evt_1", "evt_2"]
    assert [event["id"] for event in newest.one("select private.take_open_events(9)")] == ["evt_3", "evt_4"]
    assert newest.rows("select distinct tries from public.stripe_events") == [(2,)]
