"""What a person may do with what is theirs."""
from __future__ import annotations

import json

from tests.support.accounts import new_address, sign_in, signed_up
from tests.support.forms import forms_of, send
from tests.support.peers import refuse
from tests.support.stripe import Shop
from tests.support.studio import Site


def test_who_has_no_plan_tries_ten_pages_for_nothing(lasting_site: Site) -> None:
    client = signed_up(lasting_site, new_address())
    page = client.get("/account")
    assert "Try 10 pages for nothing" in page.text and "/account/trial" in forms_of(client.get("/studio"))
    assert send(client, page, "/account/trial").headers["location"] == "/studio"
    assert send(client, page, "/account/trial").status_code == 303, "a second click is the same trial"
    after = client.get("/account")
    assert "10 credits" in after.text and "/account/trial" not in forms_of(after)


def test_nobody_tries_twice(lasting_site: Site) -> None:
    email = new_address()
    client = signed_up(lasting_site, email)
    page = client.get("/account")
    send(client, page, "/account/trial")
    lasting_site.database.run(
        "update public.subscriptions set ends_at = private.clock() where user_id = (select id from auth.users where email = %s)", email
    )
    refused = send(client, page, "/account/trial")
    assert refused.status_code == 409
    assert "You have tried My Joe before." in refused.text and 'href="/pricing"' in refused.text


def test_who_has_a_plan_is_offered_none(lasting_site: Site) -> None:
    client = lasting_site.visitor(lasting_site.database.user())
    assert "/account/trial" not in forms_of(client.get("/account"))


def test_all_that_is_theirs_is_one_file(lasting_site: Site) -> None:
    user = lasting_site.database.user(credits_half=20)
    assert lasting_site.database.submit(user, pages=2)["accepted"]
    answer = lasting_site.visitor(user).post("/account/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-joe.json"'
    data = json.loads(answer.text)
    assert data["account"]["user_id"] == str(user) and data["credits"]["balance"] == 8 and len(data["pages"]) == 2
    assert [page["prompt"] for page in data["books"][0]["manifest"]["pages"]] == ["a cat, 0", "a cat, 1"]
    other = lasting_site.visitor(lasting_site.database.user()).post("/account/export")
    assert str(user) not in other.text and "a cat" not in other.text


def test_an_account_is_closed_and_kept_after_all(lasting_site: Site) -> None:
    email = new_address()
    client = signed_up(lasting_site, email)
    page = send(client, client.get("/account"), "/account/delete", word="please")
    assert page.status_code == 422
    assert "Write delete to close your account." in page.text
    closed = send(client, page, "/account/delete", word=" Delete ")
    assert closed.headers["location"] == "/sign-in?said=deleted"
    assert "within seven days" in client.get("/sign-in?said=deleted").text
    assert client.get("/account").status_code == 303, "all sessions have ended"
    assert sign_in(client, email).status_code == 303
    back = client.get("/account")
    assert "Your account will be deleted on 8 December 2026." in back.text
    assert send(client, back, "/account/delete").headers["location"] == "/account?done=kept"
    kept = client.get("/account?done=kept")
    assert "Your account stays." in kept.text and "will be deleted" not in kept.text


def test_after_the_grace_it_is_too_late(site: Site) -> None:
    email = new_address()
    client = signed_up(site, email)
    send(client, client.get("/account"), "/account/delete", word="delete")
    site.database.advance(7 * 86400)
    [(job, token)] = site.database.claim()
    sign_in(client, email)
    late = send(client, client.get("/account"), "/account/delete")
    assert late.status_code == 409
    assert "It is too late" in late.text
    user = site.database.one("select user_id from public.jobs where id = %s", job)
    assert site.database.one("select private.erase_user(%s, %s, %s)", user, job, token) == {"erased": True}
    assert client.get("/account").status_code == 303
    assert sign_in(client, email).status_code == 422
    # The same person is a new one, who has tried before only if they have.
    signed_up(site, email)
    assert site.database.one("select count(*) from auth.users where email = %s", email) == 1


def test_who_pays_pays_no_longer_and_goes_on_if_they_stay(till: Shop) -> None:
    user = till.database.user(None)
    till.buy(user, "lite_monthly")
    client = till.site.visitor(user)
    page = client.get("/account")
    till.stripe.script("POST subscriptions/:id", *[refuse(500)] * 2)
    away = send(client, page, "/account/delete", word="delete")
    assert away.status_code == 503
    assert "your account was not closed" in away.text
    assert till.database.one("select deletion_at from public.profiles where id = %s", user) is None
    assert send(client, page, "/account/delete", word="delete").headers["location"] == "/sign-in?said=deleted"
    assert till.stripe.the("subscription")["cancel_at_period_end"]
    back = till.site.visitor(user)
    page = back.get("/account")
    till.stripe.script("POST subscriptions/:id", *[refuse(500)] * 2)
    assert send(back, page, "/account/delete").headers["location"] == "/account?done=kept_without_plan"
    assert "Your plan still ends with its month" in back.get("/account?done=kept_without_plan").text
    send(back, back.get("/account"), "/account/delete", word="delete")
    again = till.site.visitor(user)
    assert send(again, again.get("/account"), "/account/delete").headers["location"] == "/account?done=kept"
    assert not till.stripe.the("subscription")["cancel_at_period_end"]


def test_an_admin_is_dismissed_first(lasting_site: Site) -> None:
    user = lasting_site.database.user()
    lasting_site.database.run("insert into public.admins (user_id, appointed_by, reason) values (%s, 'a test', 'a test')", user)
    client = lasting_site.visitor(user)
    page = send(client, client.get("/account"), "/account/delete", word="delete")
    assert page.status_code == 422
    assert "Have another admin dismiss you first." in page.text


def test_closing_asks_for_the_token_of_our_page(lasting_site: Site) -> None:
    client = lasting_site.visitor(lasting_site.database.user())
    page = client.get("/account")
    assert send(client, page, "/account/delete", word="delete", form_token="").status_code == 403
