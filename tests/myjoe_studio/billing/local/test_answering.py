"""What the Stripe of one's own answers, and what it refuses as the real one does."""
from __future__ import annotations

from urllib.parse import urlencode

import pytest

from myjoe_studio.billing.local.answering import Answers, read_params
from myjoe_studio.billing.local.objects import Objects
from tests.support.peers.stripe import PRICES

FORM = {"mode": "subscription", "line_items[0][price]": "price_lite_monthly", "line_items[0][quantity]": "1", "success_url": "https://a",
        "cancel_url": "https://b"}  # fmt: skip


@pytest.fixture
def answers() -> Answers:
    return Answers(Objects(PRICES), "http://here")


def test_forms_are_read_as_stripe_reads_them() -> None:
    form = "a=1&b[c]=2&b[d][e]=3&f[0][g]=4&f[1][g]=5&h[0]=6&empty="
    assert read_params(form) == {"a": "1", "b": {"c": "2", "d": {"e": "3"}}, "f": [{"g": "4"}, {"g": "5"}], "h": ["6"], "empty": ""}


def test_the_same_key_gets_the_same_answer_and_for_something_else_none(answers: Answers) -> None:
    first = answers.answer("POST", "/v1/customers", "email=a%40b", "key")
    assert answers.answer("POST", "/v1/customers", "email=a%40b", "key") == first
    status, body = answers.answer("POST", "/v1/customers", "email=c%40d", "key")
    assert (status, body["error"]["type"]) == (400, "idempotency_error")
    assert answers.answer("POST", "/v1/customers", "email=a%40b", "other")[1]["id"] != first[1]["id"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"mode": "payment"}, "parameter_invalid"), ({"line_items[0][price]": "price_gold"}, "resource_missing"),
     ({"customer": "cus_nobody"}, "resource_missing")],
)  # fmt: skip
def test_a_session_that_cannot_be(answers: Answers, changes: dict[str, str], code: str) -> None:
    customer = answers.answer("POST", "/v1/customers", "")[1]["id"]
    status, body = answers.answer("POST", "/v1/checkout/sessions", urlencode({**FORM, "customer": customer, **changes}))
    assert (status // 100, body["error"]["code"]) == (4, code)


def test_a_session_is_paid_on_its_own_page(answers: Answers) -> None:
    customer = answers.answer("POST", "/v1/customers", "")[1]["id"]
    session = answers.answer("POST", "/v1/checkout/sessions", urlencode({**FORM, "customer": customer}))[1]
    assert session["url"] == f"http://here/dev/pay?session={session['id']}"


def test_what_is_not_there_is_missing(answers: Answers) -> None:
    for path, code in (("/v1/refunds/re_1", "resource_missing"), ("/v1/sub-scriptions", "unknown_route")):
        status, body = answers.answer("GET", path, "")
        assert (status, body["error"]["code"]) == (404, code)


def test_prices_are_found_by_their_lookup_keys(answers: Answers) -> None:
    found = answers.answer("GET", "/v1/prices", "lookup_keys[0]=pro_monthly&lookup_keys[1]=gold&active=true")[1]["data"]
    assert [price["id"] for price in found] == ["price_pro_monthly"]
