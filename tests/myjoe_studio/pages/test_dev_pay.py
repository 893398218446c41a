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
from tests.support.stripe import Shop, hidden
from tests.support.studio import Site, serving


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
