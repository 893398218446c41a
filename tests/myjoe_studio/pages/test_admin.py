"""What admins look at, and who may not."""
from __future__ import annotations

import uuid

import httpx2

from tests.support.studio import Site


def admin(site: Site) -> httpx2.Client:
    """A visitor who is signed in as an admin."""
    user = site.database.user()
    site.database.run("insert into public.admins (user_id, appointed_by, reason) values (%s, 'tests', 'for tests')", user)
    return site.visitor(user)


def test_to_others_the_pages_are_not_there(site: Site) -> None:
    for visitor in (site.visitor(), site.visitor(site.database.user())):
        for path in ("/admin", "/admin/record", "/admin/users?part=abc"):
            assert visitor.get(path).status_code == 404, path


def test_the_overview_says_what_waits_and_what_pages_cost(site: Site) -> None:
    user = site.database.user(credits_half=100)
    site.database.submit(user, pages=3)
    page = admin(site).get("/admin")
    assert page.status_code == 200
    assert "Draw a page" in page.text and "unknown" in page.text
    assert '<th scope="row">waiting</th><td class="amount">3</td>' in page.text
    assert "This must never be" not in page.text


def test_an_account_that_is_not_its_ledger_is_told_first(site: Site) -> None:
    user = site.database.user(credits_half=4)
    site.database.run("update public.credit_accounts set balance_half = 6 where user_id = %s", user)
    assert "1 account does not agree with the ledger" in admin(site).get("/admin").text


def test_users_are_found_by_a_part_of_their_address(site: Site) -> None:
    user = site.database.user()
    site.database.run("update auth.users set email = 'Ann.Smith@Example.com' where id = %s", user)
    visitor = admin(site)
    assert "Ann.Smith@Example.com" in visitor.get("/admin/users?part=smith@ex").text
    assert "No address holds “%_x”" in visitor.get("/admin/users", params={"part": "%_x"}).text
    assert str(user) not in visitor.get("/admin/users?part=an").text, "two letters find nobody"


def test_the_record_tells_who_did_what_and_why(site: Site) -> None:
    visitor = admin(site)
    actor = uuid.UUID(int=7)
    for number in range(51):
        site.database.run(
            "insert into public.admin_actions (actor, action, subject, reason, detail, at)"
            " values (%s, 'switch', 'raster', %s, '{\"off\": true}', private.clock())", str(actor), f"reason {number}",
        )  # fmt: skip
    first = visitor.get("/admin/record")
    assert "reason 50" in first.text and "reason 0<" not in first.text and "off True" in first.text
    older = first.text.partition('href="/admin/record?before=')[2].partition('"')[0]
    assert "reason 0<" in visitor.get(f"/admin/record?before={older}").text
