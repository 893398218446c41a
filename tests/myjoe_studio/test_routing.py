"""What a page is, and what the table of all pages promises."""
from __future__ import annotations

import re

from starlette.responses import Response

from myjoe_studio.pages import PAGES
from myjoe_studio.routing import FORM_BYTES_MAX, Page, Pages, Who
from myjoe_studio.visiting import Visit


async def answers(visit: Visit) -> Response:
    """A handler."""
    return visit.json({})


def test_get_and_post_add_a_page_and_leave_the_handler_as_it_is() -> None:
    pages = Pages()
    assert pages.get("/a/{b:uuid}", Who.USER, reads="select 1", query=("before",))(answers) is answers
    assert pages.post("/a", Who.ADMIN, token=True, body_bytes_max=10)(answers) is answers
    assert pages == [
        Page("/a/{b:uuid}", "GET", Who.USER, answers, "select 1", ("before",), False, FORM_BYTES_MAX),
        Page("/a", "POST", Who.ADMIN, answers, None, (), True, 10),
    ]


def test_an_address_has_one_page_a_method() -> None:
    known = [(page.path, page.method) for page in PAGES]
    assert sorted(set(known)) == sorted(known)


def test_what_admins_do_carries_a_token() -> None:
    posts = [page for page in PAGES if page.method == "POST" and page.who is Who.ADMIN]
    assert len(posts) >= 5
    assert [page.path for page in posts if not page.token] == []


def test_money_and_passwords_carry_a_token() -> None:
    careful = re.compile(r"/billing/(?!done)|/sign-in|/sign-up|/new-password|/account/(password|sessions|delete)|/submit$|/retry$|/redraw$")
    posts = [page for page in PAGES if page.method == "POST" and careful.search(page.path)]
    assert len(posts) >= 8
    assert [page.path for page in posts if not page.token] == []


def test_only_machines_that_sign_come_without_a_form() -> None:
    assert [page.path for page in PAGES if page.who is Who.STRIPE] == ["/webhooks/stripe"]


def test_a_statement_names_only_what_the_address_gives() -> None:
    for page in PAGES:
        asked = set(re.findall(r"%\((\w+)\)s", page.reads or ""))
        given = set(re.findall(r"{(\w+)", page.path)) | set(page.query)
        assert asked <= given, page.path
