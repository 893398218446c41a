"""What My Joe costs, as a visitor and as a customer read it."""
from __future__ import annotations

from tests.myjoe_studio.pages.test_billing import text
from tests.support.stripe import Shop


def test_a_visitor_sees_plans_and_top_ups(till: Shop) -> None:
    said = text(till.site.visitor().get("/pricing").text)
    assert "Lite $9.99 a month" in said and "115 credits a month" in said and "Books of up to 60 pages" in said
    assert "Choose Max" in said and "Draw a page for vectors" in said
    assert "400 credits $35.99 once" in said


def test_a_visitor_who_chooses_signs_in_first(till: Shop) -> None:
    visitor = till.site.visitor()
    visitor.headers["accept"] = "application/json"
    answer = till.press(visitor, "lite_monthly")
    assert (answer.status_code, answer.json()["sign_in"]) == (401, "/sign-in")
    assert till.stripe.received == []


def test_a_customer_sees_which_plan_is_theirs(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "pro_monthly")
    said = text(till.site.visitor(user).get("/pricing").text)
    assert "Your plan. See your billing" in said and said.count("Change your plan") == 2 and "Choose" not in said


def test_who_tries_it_may_choose(till: Shop) -> None:
    user = till.database.user(None)
    till.database.run(
        "insert into public.subscriptions (user_id, plan, status, ends_at) values (%s, 'lite', 'trialing', '2026-12-08Z')", user
    )
    assert "Choose Lite" in text(till.site.visitor(user).get("/pricing").text)


def test_what_is_off_sale_is_not_shown(till: Shop) -> None:
    till.database.run("update public.prices set on_sale = false where lookup_key in ('max_monthly', 'topup_400')")
    said = text(till.site.visitor().get("/pricing").text)
    assert "Choose Pro" in said and "Choose Max" not in said and "400 credits" not in said
