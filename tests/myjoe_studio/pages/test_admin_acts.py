"""What admins do by hand: each act with a reason, on record under their name, and once."""
from __future__ import annotations

import re
import uuid

import httpx2
import pytest

from tests.myjoe_studio.pages.test_admin import admin
from tests.myjoe_studio.pages.test_billing import text
from tests.support.peers import refuse
from tests.support.stripe import Shop
from tests.support.studio import Site


def send(visitor: httpx2.Client, path: str, **fields: str) -> httpx2.Response:
    """Send a form with the token that the page gave."""
    found = re.search(r'name="form_token" value="([^"]+)"', visitor.get("/admin").text)
    assert found
    return visitor.post(path, data={"form_token": found[1], "reason": "for a test", **fields})


def acts(site: Site) -> list[tuple[str, str]]:
    return [(action, reason) for action, reason in site.database.rows("select action, reason from public.admin_actions order by id")]


def test_credits_are_given_once_with_a_reason(site: Site) -> None:
    user, visitor = site.database.user(credits_half=10), admin(site)
    key = uuid.uuid4().hex
    for expected in ("credits", "again"):
        answer = send(visitor, "/admin/credits", user=str(user), credits="2.5", request=key)
        assert answer.headers["location"] == f"/admin?done={expected}"
    assert site.database.balance(user) == 15
    assert acts(site) == [("adjust_credits", "for a test")]
    actor = site.database.one("select actor from public.admin_actions")
    assert site.database.one("select count(*) from public.admins where user_id::text = %s", actor) == 1
    site.database.check_books()


@pytest.mark.parametrize(
    ("credits", "sentence"),
    [("", "a number"), ("twelve", "a number"), ("0", "counted in halves"), ("0.3", "counted in halves"), ("1e9", "counted in halves"),
     ("NaN", "counted in halves"), ("Infinity", "counted in halves"), ("-6", "too few credits")],
)  # fmt: skip
def test_credits_that_cannot_be_are_refused_in_a_sentence(site: Site, credits: str, sentence: str) -> None:
    user = site.database.user(credits_half=10)
    answer = send(admin(site), "/admin/credits", user=str(user), credits=credits, request=uuid.uuid4().hex)
    assert answer.status_code == 422 and sentence in answer.text
    assert site.database.balance(user) == 10


def test_without_a_reason_nothing_is_done(site: Site) -> None:
    answer = send(admin(site), "/admin/switch", operation="raster", to="off", reason="  x ")
    assert answer.status_code == 422 and "A reason of three letters" in answer.text
    assert site.database.one("select switched_off from public.operations where code = 'raster'") is False


def test_operations_are_switched(site: Site) -> None:
    visitor = admin(site)
    for to, state in (("off", (True, False)), ("fallback", (False, True)), ("on", (False, False))):
        assert send(visitor, "/admin/switch", operation="raster", to=to).status_code == 303
        assert site.database.rows("select switched_off, uses_fallback from public.operations where code = 'raster'") == [state]
    assert send(visitor, "/admin/switch", operation="raster", to="sideways").status_code == 422
    assert "There is no operation nothing." in send(visitor, "/admin/switch", operation="nothing", to="off").text.replace("there", "There")


def test_a_dead_page_is_tried_once_more_and_paid_anew(site: Site) -> None:
    user = site.database.user(credits_half=10)
    site.database.submit(user)
    [held] = site.database.claim()
    site.database.fail(held, for_good=True)
    visitor = admin(site)
    assert site.database.balance(user) == 10
    assert send(visitor, "/admin/requeue", job=str(held[0])).status_code == 303
    assert site.database.balance(user) == 8
    again = send(visitor, "/admin/requeue", job=str(held[0]))
    assert again.status_code == 422 and "was requeued before" in again.text
    assert send(visitor, "/admin/requeue", job="no id").status_code == 422
    site.database.check_books()


def test_a_frozen_account_is_unfrozen_and_looking_is_on_record(site: Site) -> None:
    user, visitor = site.database.user(credits_half=10), admin(site)
    site.database.run(
        "update public.credit_accounts set frozen_at = private.clock(), frozen_reason = 'A payment was disputed.' where user_id = %s", user
    )
    looked = send(visitor, "/admin/look", user=str(user))
    assert looked.status_code == 200 and "A payment was disputed." in looked.text
    assert send(visitor, "/admin/unfreeze", user=str(user)).headers["location"] == "/admin?done=unfreeze"
    assert send(visitor, "/admin/unfreeze", user=str(user)).headers["location"] == "/admin?done=again"
    assert [action for action, _ in acts(site)] == ["look", "unfreeze"]


def test_an_open_event_is_closed_with_a_reason_and_once(site: Site) -> None:
    site.database.run(
        "select private.keep_stripe_event('evt_1', 'invoice.paid', '2026-10-28.endive', private.clock(), '{}');"
        "select private.park_stripe_event('evt_1', 'nobody knows the price')"
    )
    visitor = admin(site)
    assert "parked: nobody knows the price" in visitor.get("/admin").text
    assert send(visitor, "/admin/event", event="evt_1", to="close").status_code == 303
    assert "parked:" not in visitor.get("/admin").text
    again = send(visitor, "/admin/event", event="evt_1", to="close")
    assert again.status_code == 422 and "no open event evt_1" in again.text
    assert acts(site) == [("close_event", "for a test")]


def test_what_is_owed_is_forgiven(site: Site) -> None:
    user, visitor = site.database.user(credits_half=10), admin(site)
    assert send(visitor, "/admin/forgive", user=str(user)).headers["location"] == "/admin?done=forgive"
    assert send(visitor, "/admin/forgive", user=str(uuid.UUID(int=1))).status_code == 422
    assert acts(site) == [("forgive", "for a test")]


def parked_event(till: Shop) -> str:
    """A purchase at a price that we do not know; the id of its event."""
    user = till.database.user(None)
    till.stripe.objects.all["price_topup_50"]["lookup_key"] = "topup_gold"
    till.paid_session(user, till.customer(user), "topup_50")
    till.tell()
    event: str = till.database.one("select id from private.open_stripe_events")
    return event


def test_a_parked_event_is_shown_with_its_reason_and_taken_up(till: Shop) -> None:
    event, visitor = parked_event(till), admin(till.site)
    assert "parked: price_topup_50 has the lookup key topup_gold, which we do not sell" in text(visitor.get("/admin").text)
    named = {"price": "price_topup_50", "lookup_key": "topup_50", "credits": "50"}
    assert send(visitor, "/admin/price", **named).headers["location"] == "/admin?done=price"
    assert acts(till.site)[-1] == ("learn_price", "for a test")
    till.database.advance(61)
    assert send(visitor, "/admin/event", event=event, to="again").headers["location"] == "/admin?done=event"
    assert "The event was taken up again." in text(visitor.get("/admin?done=event").text)
    assert till.database.rows("select amount_half from public.credit_ledger") == [(100,)]
    assert till.database.rows("select * from private.open_stripe_events") == []
    assert acts(till.site)[-1] == ("take_up_event", "for a test")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [({"price": "topup"}, "is named price_"), ({"price": "price_é"}, "is named price_"), ({"credits": "-1"}, "more than no credits"),
     ({"credits": "x"}, "a number"), ({"lookup_key": "topup_gold"}, "Nothing is sold under"), ({"reason": ""}, "A reason of three")],
)  # fmt: skip
def test_a_price_that_cannot_be_is_refused_in_a_sentence(site: Site, changed: dict[str, str], sentence: str) -> None:
    answer = send(admin(site), "/admin/price", **{"price": "price_old", "lookup_key": "topup_50", "credits": "50", **changed})
    assert answer.status_code == 422 and sentence in answer.text
    assert site.database.rows("select * from public.stripe_prices") == []


def test_a_price_is_named_once(site: Site) -> None:
    visitor = admin(site)
    assert send(visitor, "/admin/price", price="price_old", lookup_key="topup_50", credits="50").status_code == 303
    again = send(visitor, "/admin/price", price="price_old", lookup_key="topup_50", credits="500")
    assert again.status_code == 422 and "That is known already." in again.text
    assert site.database.rows("select stripe_price_id, credits_half from public.stripe_prices") == [("price_old", 100)]


def test_an_event_that_needs_nothing_is_closed(till: Shop) -> None:
    event, visitor = parked_event(till), admin(till.site)
    assert send(visitor, "/admin/event", event=event, to="close").headers["location"] == "/admin?done=close"
    assert till.database.rows("select * from private.open_stripe_events") == []
    assert acts(till.site) == [("close_event", "for a test")]


def test_what_stripe_could_not_deliver_is_fetched(till: Shop) -> None:
    user, visitor = till.database.user(None), admin(till.site)
    till.paid_session(user, till.customer(user), "lite_monthly")
    till.stripe.script("GET events", *[refuse(500)] * 2)
    assert send(visitor, "/admin/events").status_code == 503
    till.stripe.faults.clear()
    assert send(visitor, "/admin/events").headers["location"] == "/admin?done=fetch"
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


def test_an_act_needs_the_token_of_ones_own_session(site: Site) -> None:
    visitor, other = admin(site), admin(site)
    token = re.search(r'name="form_token" value="([^"]+)"', other.get("/admin").text)
    assert token
    answer = visitor.post("/admin/switch", data={"form_token": token[1], "operation": "raster", "to": "off", "reason": "for a test"})
    assert answer.status_code == 403
    assert acts(site) == []


def test_no_act_is_there_for_others(site: Site) -> None:
    user = site.database.user()
    for path in ("look", "credits", "requeue", "switch", "unfreeze", "forgive", "event", "events", "price"):
        assert site.visitor(user).post(f"/admin/{path}", data={"reason": "for a test"}).status_code == 404
        assert site.visitor().post(f"/admin/{path}", data={"reason": "for a test"}).status_code == 404
