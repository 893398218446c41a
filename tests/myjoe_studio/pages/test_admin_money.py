"""What admins do about money: with a reason, on record, and nobody else."""
from __future__ import annotations

from tests.myjoe_studio.pages.test_admin import admin
from tests.myjoe_studio.pages.test_admin_acts import acts, send
from tests.myjoe_studio.pages.test_billing import text
from tests.support.peers import refuse
from tests.support.stripe import Shop


def parked(till: Shop) -> str:
    """A purchase at a price that we do not know; the id of its event."""
    user = till.database.user(None)
    till.stripe.objects.all["price_topup_50"]["lookup_key"] = "topup_gold"
    till.paid_session(user, till.customer(user), "topup_50")
    till.tell()
    event: str = till.database.one("select id from private.open_stripe_events")
    return event


def test_a_parked_event_is_shown_with_its_reason_and_taken_up(till: Shop) -> None:
    event, visitor = parked(till), admin(till.site)
    assert "Parked: price_topup_50 has the lookup key topup_gold, which we do not sell" in text(visitor.get("/admin").text)
    till.database.one("select private.admin_learn_price('price_topup_50', 'topup_50', 100, 'its old name')::text")
    till.database.advance(61)
    assert send(visitor, "/admin/events", event=event, to="take_up").headers["location"] == "/admin?done=event"
    assert "The event was taken up again." in text(visitor.get("/admin?done=event").text)
    assert till.database.rows("select amount_half from public.credit_ledger") == [(100,)]
    assert till.database.rows("select * from private.open_stripe_events") == []
    assert acts(till.site)[-1] == ("take_up_event", "for a test")


def test_an_event_that_needs_nothing_is_closed(till: Shop) -> None:
    event, visitor = parked(till), admin(till.site)
    assert send(visitor, "/admin/events", event=event, to="close").headers["location"] == "/admin?done=close"
    assert till.database.rows("select * from private.open_stripe_events") == []
    assert acts(till.site) == [("close_event", "for a test")]


def test_what_cannot_be_is_refused_in_a_sentence(till: Shop) -> None:
    event, visitor = parked(till), admin(till.site)
    for fields, sentence in (
        ({"event": "evt_0", "to": "close"}, "there is no open event evt_0."), ({"event": event, "to": "x"}, "taken up"),
        ({"event": event, "to": "close", "reason": ""}, "A reason of three letters"),
    ):  # fmt: skip
        answer = send(visitor, "/admin/events", **fields)
        assert (answer.status_code, sentence in answer.text) == (422, True), fields
    assert acts(till.site) == []


def test_what_stripe_could_not_deliver_is_fetched(till: Shop) -> None:
    user, visitor = till.database.user(None), admin(till.site)
    till.paid_session(user, till.customer(user), "lite_monthly")
    till.stripe.script("GET events", *[refuse(500)] * 2)
    assert send(visitor, "/admin/events/fetch").status_code == 503
    till.stripe.faults.clear()
    assert send(visitor, "/admin/events/fetch").headers["location"] == "/admin?done=fetch"
    assert till.account(user)["balance"] == 230
    assert acts(till.site)[-1] == ("fetch_events", "for a test")


def test_a_debt_is_forgiven(till: Shop) -> None:
    user, visitor = till.database.user(None), admin(till.site)
    till.buy(user, "lite_monthly")
    assert till.database.submit(user, pages=60)["accepted"]
    till.stripe.objects.refund(till.stripe.the("payment_intent"))
    till.tell()
    assert till.account(user)["owed"] == 120
    looked = send(visitor, "/admin/look", user=str(user))
    assert "Forgive what is owed" in looked.text
    assert send(visitor, "/admin/forgive", user=str(user)).headers["location"] == "/admin?done=forgive"
    assert (till.account(user)["owed"], till.account(user)["frozen"]) == (0, None)


def test_others_do_none_of_it(till: Shop) -> None:
    visitor = till.site.visitor(till.database.user())
    for path in ("/admin/events", "/admin/events/fetch", "/admin/forgive"):
        assert visitor.post(path, data={"reason": "for me"}).status_code == 404
