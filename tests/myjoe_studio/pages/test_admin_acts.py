"""What admins do by hand: each act with a reason, on record under their name, and once."""
from __future__ import annotations

import re
import uuid

import httpx2
import pytest

from tests.myjoe_studio.pages.test_admin import admin
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


def test_an_act_needs_the_token_of_ones_own_session(site: Site) -> None:
    visitor, other = admin(site), admin(site)
    token = re.search(r'name="form_token" value="([^"]+)"', other.get("/admin").text)
    assert token
    answer = visitor.post("/admin/switch", data={"form_token": token[1], "operation": "raster", "to": "off", "reason": "for a test"})
    assert answer.status_code == 403
    assert acts(site) == []


def test_no_act_is_there_for_others(site: Site) -> None:
    user = site.database.user()
    for path in ("look", "credits", "requeue", "switch", "unfreeze"):
        assert site.visitor(user).post(f"/admin/{path}", data={"reason": "for a test"}).status_code == 404
        assert site.visitor().post(f"/admin/{path}", data={"reason": "for a test"}).status_code == 404
