"""The Stripe of one's own: the whole way of a purchase on one machine, by the code of
production.
"""
from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest

from myjoe.settings.variables import Secret
from tests.database import support
from tests.myjoe_studio.pages.test_billing import text
from tests.support.browser import Visitors, sideways
from tests.support.stripe import Shop, hidden
from tests.support.studio import Site, serving
from tests.support.web_tools import axe_violations, html_mistakes


def press(visitor: httpx2.Client, page: str, address: str, **fields: str) -> httpx2.Response:
    """Send a form of a page, and follow where it leads."""
    html = visitor.get(page).text
    names = set(re.findall(r'name="(form_token|intent|id|portal)"', html))
    form = {name: hidden(html, name) for name in names}
    return visitor.post(address, data={**form, **fields}, follow_redirects=True)


@pytest.fixture
def buyer(site: Site) -> httpx2.Client:
    return site.visitor(site.database.user(None))


def bought(buyer: httpx2.Client, lookup_key: str = "lite_monthly", act: str = "pay") -> httpx2.Response:
    pay = press(buyer, "/pricing", "/billing/checkout", lookup_key=lookup_key)
    assert "No money moves." in text(pay.text)
    return press(buyer, str(pay.url), "/dev/pay", act=act)


def portal(buyer: httpx2.Client) -> str:
    return str(press(buyer, "/billing", "/billing/portal").url)


def test_a_plan_is_bought(buyer: httpx2.Client) -> None:
    assert "115 credits are in your account." in text(bought(buyer).text)
    assert "Lite, $9.99 a month" in text(buyer.get("/billing").text)


def test_who_leaves_has_bought_nothing(buyer: httpx2.Client) -> None:
    assert "Nothing was bought, and nothing was charged." in text(bought(buyer, act="leave").text)


def test_a_payment_that_takes_days(buyer: httpx2.Client) -> None:
    bought(buyer)
    assert "Your bank takes a few days for it." in text(bought(buyer, "topup_50", "slowly").text)


def test_a_subscriptions_life(buyer: httpx2.Client) -> None:
    bought(buyer)
    manage = portal(buyer)
    seen = []
    for act in ("fail", "settle", "renew", "pro_monthly", "cancel_at_period_end", "cancel"):
        press(buyer, manage, "/dev/pay", act=act)
        seen.append(text(buyer.get("/billing").text))
    assert "Your last payment failed." in seen[0] and "Your last payment failed." not in seen[1]
    assert "345 credits" in seen[2] and "Pro, $29.99" in seen[3] and "It ends on" in seen[4] and "You have no plan." in seen[5]


def test_money_goes_back(buyer: httpx2.Client, site: Site) -> None:
    bought(buyer)
    manage = portal(buyer)
    [payment] = re.findall(r'value="(pi_\w+)"', buyer.get(manage).text)
    assert press(buyer, manage, "/dev/pay", act="dispute", id=payment).status_code == 200
    assert "A payment of yours is disputed at your bank." in text(buyer.get("/billing").text)
    refused = press(buyer, manage, "/dev/pay", act="refund", id=payment)
    assert refused.status_code == 409 and "That cannot be refunded." in text(refused.text)
    site.database.check_books()


def test_a_checkout_that_is_over_is_not_paid_again(buyer: httpx2.Client) -> None:
    pay = press(buyer, "/pricing", "/billing/checkout", lookup_key="lite_monthly")
    press(buyer, str(pay.url), "/dev/pay", act="pay")
    again = buyer.get(str(pay.url))
    assert again.status_code == 410 and "This checkout is over." in text(again.text)


def test_what_was_bought_is_there_after_a_restart(newest: support.Database, tmp_path: Path) -> None:
    user = newest.user(None)
    with serving(newest, tmp_path) as site:
        bought(site.visitor(user))
    with serving(newest, tmp_path) as site:
        visitor = site.visitor(user)
        press(visitor, portal(visitor), "/dev/pay", act="renew")
    assert newest.balance(user) == 460


def test_what_is_not_there_is_not_there(buyer: httpx2.Client) -> None:
    for address in ("/dev/pay", "/dev/pay?session=cs_1", "/dev/pay?portal=bps_1"):
        assert buyer.get(address).status_code == 404


def test_where_stripe_is_used_there_is_no_such_page(till: Shop) -> None:
    assert till.site.visitor(till.database.user(None)).get("/dev/pay?session=cs_1").status_code == 404


def test_outside_development_it_is_not_even_loaded(newest: support.Database, tmp_path: Path) -> None:
    newest.one("select private.mark_environment('staging')::text")
    told = {"env": "staging", "identity": "supabase", "stripe_secret_key": Secret("sk_test_1"), "stripe_webhook_secret": Secret("whsec_1")}
    with serving(newest, tmp_path, **told) as site:
        assert site.visitor(newest.user(None)).get("/dev/pay").status_code == 404


# What is pressed one after the other, by the words on the buttons, and what the page then says.
WAY = [
    ("Choose Lite", "No money moves."), ("Pay", "115 credits are in your account."), ("See your billing", "The next payment is on"),
    ("50 credits for $5.99", "No money moves."), ("Pay by a method that takes days", "Your bank takes a few days for it."),
    ("/billing", "What came in and what went out"), ("Change plan, card or address; see invoices", "Lite: active"),
    ("The next month, not paid", "Lite: past_due"), ("Back to billing", "Your last payment failed."),
    ("Pay by another card", "Lite: past_due"),
    ("Pay the open invoice", "Lite: active"), ("Dispute it", "Lite: active"), ("Back to billing", "is disputed at your bank."),
]  # fmt: skip


@pytest.mark.parametrize(("width", "theme"), [(320, "dark")])
def test_the_whole_way_in_a_browser(site: Site, visitors: Visitors, tmp_path: Path, width: int, theme: str) -> None:
    page = visitors(site.database.user(None), width=width, theme=theme)
    page.goto("/pricing")
    shown = {}
    for press, said in WAY:
        if press.startswith("/"):
            page.goto(press)
        else:
            page.get_by_role("button", name=press, exact=True).or_(page.get_by_role("link", name=press, exact=True)).first.click()
        page.get_by_text(said).first.wait_for()
        assert (press, axe_violations(page), sideways(page)) == (press, [], 0)
        shown[f"after {press}"] = page.content()
    assert visitors.complaints == []
    folder = tmp_path / "html"
    folder.mkdir()
    assert html_mistakes(shown, folder) == []


def test_a_page_that_waits_for_stripe_shows_when_it_has_told_us(site: Site, visitors: Visitors) -> None:
    user = site.database.user(None)
    pay = press(site.visitor(user), "/pricing", "/billing/checkout", lookup_key="lite_monthly")
    session = str(pay.url).partition("session=")[2]
    page = visitors(user)
    page.goto(f"/billing/done?session_id={session}")
    page.get_by_text("Paid. Stripe is telling us; this takes seconds.").wait_for()
    assert axe_violations(page) == []
    press(site.visitor(user), f"/dev/pay?session={session}", "/dev/pay", act="pay")
    page.get_by_text("115 credits are in your account.").wait_for()
    assert visitors.complaints == []
