"""What a person reads about money, in each state, and every refusal."""
from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from urllib.parse import urlsplit

import pytest

from tests.support.peers import drop, refuse
from tests.support.stripe import Shop, hidden


def text(html: str) -> str:
    """What a page says, without its markup."""
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split()).replace(" ,", ",")


# ── /billing ──────────────────────────────────────────────────────────────────────────────────────
def test_who_has_nothing_is_shown_the_plans(till: Shop) -> None:
    said = text(till.site.visitor(till.database.user(None)).get("/billing").text)
    assert "You have no plan. See the plans" in said
    assert "Nothing yet. Every credit that comes or goes will stand here, with its reason." in said
    assert "More credits" not in said


def test_a_plan_is_shown_with_its_next_date_and_the_ledger_in_words(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    till.buy(user, "topup_50")
    assert till.database.submit(user, pages=3)["accepted"]
    said = text(till.site.visitor(user).get("/billing").text)
    assert "162 credits to draw with" in said
    assert "Lite, $9.99 a month" in said
    assert re.search(r"The next payment is on \d+ \w+ 20\d\d\.", said)
    assert "A month's credits: Lite +115" in said and "Top-up: 50 credits +50" in said and "A book of 3 pages −3" in said


def test_a_trial_says_when_it_ends(till: Shop) -> None:
    user = till.database.user(None)
    till.database.run(
        "insert into public.subscriptions (user_id, plan, status, ends_at) values (%s, 'lite', 'trialing', '2026-12-08Z')", user
    )
    visitor = till.site.visitor(user)
    assert "You try it until 8 December 2026. It costs nothing, and ends by itself." in text(visitor.get("/billing").text)
    till.database.advance(8 * 86400)
    assert "You have no plan." in text(visitor.get("/billing").text)


def test_a_failed_payment_says_what_is_safe_and_what_waits(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    subscription = till.stripe.the("subscription")
    till.stripe.objects.renew(subscription, paid=False)
    till.tell()
    visitor = till.site.visitor(user)
    said = text(visitor.get("/billing").text)
    assert "Your last payment failed. Finished pages are safe; new runs wait. Pay by another card" in said
    assert urlsplit(till.manage(visitor, **{"for": "card"}).headers["location"]).hostname == "checkout.stripe.com"
    assert b"payment_method_update" in till.stripe.last("POST billing_portal/sessions").content
    till.stripe.objects.settle(subscription)
    till.tell()
    assert "failed" not in text(visitor.get("/billing").text)
    assert till.account(user) == {"balance": 460, "owed": 0, "frozen": None, "plans": [("lite", "active")]}


def test_a_plan_that_ends_with_its_month_says_so(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    till.stripe.objects.cancel_at_period_end(till.stripe.the("subscription"))
    till.tell()
    assert re.search(r"It ends on \d+ \w+ 20\d\d, as you wished\.", text(till.site.visitor(user).get("/billing").text))


def test_what_is_owed_is_told_and_who_is_frozen_can_still_pay(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    till.buy(user, "topup_50")
    for pages in (60, 55, 20):
        assert till.database.submit(user, pages=pages)["accepted"]
        till.database.advance(86400)
    till.stripe.objects.refund(till.stripe.the("payment_intent"))
    till.tell()
    visitor = till.site.visitor(user)
    said = text(visitor.get("/billing").text)
    assert "Credits of a refunded payment were spent already. You can read and download everything; new runs wait." in said
    assert "You owe 20 credits" in said and "Taken back: a payment was refunded −30" in said
    till.buy(user, "topup_50")
    assert till.account(user)["balance"] == 60 and till.account(user)["frozen"] is None


def test_a_dispute_freezes_and_buying_waits(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    dispute = till.stripe.objects.dispute(till.stripe.the("payment_intent"))
    till.tell()
    visitor = till.site.visitor(user)
    said = text(visitor.get("/billing").text)
    assert "A payment of yours is disputed at your bank." in said and "More credits" not in said
    refused = till.press(visitor, "topup_50")
    assert refused.status_code == 409 and "You can buy again once that is settled." in refused.text
    till.stripe.objects.close(dispute, won=True)
    till.tell()
    assert "Given back: a dispute ended +115" in text(visitor.get("/billing").text)
    assert till.account(user) == {"balance": 230, "owed": 0, "frozen": None, "plans": [("lite", "active")]}


def test_older_entries_are_a_page_further(till: Shop) -> None:
    user = till.database.user()
    for number in range(60):
        till.database.one("select private.add_credits(%s, 'topup', 2, %s, %s)", user, f"topup:{number}", f"number {number}")
    visitor = till.site.visitor(user)
    first = visitor.get("/billing").text
    older = re.search(r"/billing\?before=(\d+)", first)
    assert older is not None and "number 10 " in text(first) and "number 9 " not in text(first)
    second = text(visitor.get(older[0]).text)
    assert "number 9 " in second and "number 10 " not in second and "Older entries" not in second
    assert visitor.get("/billing?before=nonsense").status_code == 200


def test_nobody_sees_anothers_ledger(till: Shop) -> None:
    till.buy(till.database.user(None), "lite_monthly")
    assert "Nothing yet." in text(till.site.visitor(till.database.user(None)).get("/billing").text)


# ── to Stripe ─────────────────────────────────────────────────────────────────────────────────────
def test_two_clicks_make_one_checkout(till: Shop) -> None:
    visitor = till.site.visitor(till.database.user(None))
    page = visitor.get("/pricing").text
    form = {name: hidden(page, name) for name in ("form_token", "intent")}

    def click(_: int) -> str:
        return str(visitor.post("/billing/checkout", data={**form, "lookup_key": "lite_monthly"}).headers["location"])

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(click, range(6)))) == 1
    assert len(till.stripe.objects.of("checkout.session")) == 1
    assert len(till.stripe.objects.of("customer")) == 1


def test_the_button_that_bought_leads_to_what_it_bought(till: Shop) -> None:
    user = till.database.user(None)
    visitor = till.site.visitor(user)
    assert till.press(visitor, "lite_monthly", intent="the-same-button").status_code == 303
    session = till.stripe.the("checkout.session")
    till.stripe.objects.pay(session)
    till.tell()
    again = till.press(visitor, "lite_monthly", intent="the-same-button")
    assert again.headers["location"] == f"/billing/done?session_id={session['id']}"
    assert "115 credits are in your account." in text(visitor.get(again.headers["location"]).text)


def test_who_has_a_plan_changes_it_and_buys_no_second(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    refused = till.press(till.site.visitor(user), "pro_monthly", page="/billing")
    assert refused.status_code == 409
    assert "You have a plan already. Change it, or its card, on Stripe's page." in text(refused.text)


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"lookup_key": "topup_50"}, 409, "Top-ups add to a plan. Choose a plan first."),
        ({"lookup_key": "gold"}, 409, "This is not on sale."),
        ({"lookup_key": "lite_monthly", "intent": ""}, 422, "This button has no number."),
        ({"lookup_key": "lite_monthly", "form_token": "x"}, 403, "This form was open for too long"),
    ],
)
def test_refusals(till: Shop, form: dict[str, str], status: int, sentence: str) -> None:
    visitor = till.site.visitor(till.database.user(None))
    page = visitor.get("/pricing").text
    answer = visitor.post("/billing/checkout", data={**{name: hidden(page, name) for name in ("form_token", "intent")}, **form})
    assert (answer.status_code, sentence in text(answer.text)) == (status, True)
    assert till.stripe.received == []


def test_who_never_bought_has_no_portal(till: Shop) -> None:
    user = till.database.user("lite")
    refused = till.manage(till.site.visitor(user))
    assert refused.status_code == 409 and "You have bought nothing yet." in text(refused.text)


@pytest.mark.parametrize("route", ["POST customers", "GET prices", "POST checkout/sessions"])
@pytest.mark.parametrize("fault", [refuse(500), refuse(409), refuse(429), drop()], ids=["500", "409", "429", "cut off"])
def test_stripe_is_away_and_then_is_not(till: Shop, route: str, fault: object) -> None:
    till.stripe.script(route, *[fault] * 3)  # type: ignore[list-item]
    visitor = till.site.visitor(till.database.user(None))
    refused = till.press(visitor, "lite_monthly")
    if refused.status_code != 303:  # the client asks again where that may help
        assert refused.status_code == 503
        assert "Stripe does not answer just now. You were not charged. Please try again in a minute." in text(refused.text)
    till.stripe.faults.clear()
    assert till.press(visitor, "lite_monthly").status_code == 303
    assert len(till.stripe.objects.of("checkout.session")) == 1


# ── and back ──────────────────────────────────────────────────────────────────────────────────────
def test_who_is_back_before_stripe_told_us_waits_and_then_we_ask(till: Shop) -> None:
    user = till.database.user(None)
    session = till.buy(user, "lite_monthly", told=False)
    visitor = till.site.visitor(user)
    address = f"/billing/done?session_id={session['id']}"
    page = visitor.get(address).text
    assert "Paid. Stripe is telling us; this takes seconds." in text(page) and 'http-equiv="refresh" content="3"' in page
    assert visitor.get(address, headers={"accept": "application/json"}).json() == {"state": "waiting"}
    assert till.account(user)["balance"] == 0, "coming back gives nothing"
    till.stripe.script("GET checkout/sessions/:id", *[refuse(500)] * 3)
    till.database.advance(61)
    assert "Not here yet. Nothing is lost: we keep looking." in text(visitor.get(address).text)
    till.stripe.faults.clear()
    till.database.advance(61)
    assert "115 credits are in your account." in text(visitor.get(address).text)
    till.tell()
    assert till.account(user) == {"balance": 230, "owed": 0, "frozen": None, "plans": [("lite", "active")]}


def test_a_payment_that_takes_days_says_so(till: Shop) -> None:
    user = till.database.user("lite")
    for paid, sentence in ((True, "50 credits are in your account."), (False, "You were not charged, and nothing was bought.")):
        session = till.buy(user, "topup_50", slowly=True)
        visitor = till.site.visitor(user)
        address = f"/billing/done?session_id={session['id']}"
        assert "Your bank takes a few days for it." in text(visitor.get(address).text)
        till.stripe.objects.arrive(session, paid=paid)
        till.tell()
        assert sentence in text(visitor.get(address).text)
    assert till.account(user)["balance"] == 100


def test_a_checkout_that_nobody_paid_is_over(till: Shop) -> None:
    user = till.database.user(None)
    visitor = till.site.visitor(user)
    till.press(visitor, "lite_monthly")
    session = till.stripe.the("checkout.session")
    till.stripe.objects.expire(session)
    till.tell()
    assert "Nothing was bought, and nothing was charged." in text(visitor.get(f"/billing/done?session_id={session['id']}").text)
    assert till.press(visitor, "lite_monthly").status_code == 303


def test_another_persons_checkout_is_not_there(till: Shop) -> None:
    session = till.buy(till.database.user(None), "lite_monthly")
    stranger = till.site.visitor(till.database.user(None))
    assert stranger.get(f"/billing/done?session_id={session['id']}").status_code == 404
    assert stranger.get("/billing/done").status_code == 404
