"""The studio of a user."""
from __future__ import annotations

from tests.support.studio import Site


def test_a_user_sees_their_credits(site: Site) -> None:
    user = site.database.user(credits_half=231)
    page = site.visitor(user).get("/studio")
    assert page.status_code == 200
    assert "115.5 credits" in page.text


def test_a_visitor_signs_in_first_and_comes_back(site: Site) -> None:
    answer = site.visitor().get("/studio?tab=new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fstudio%3Ftab%3Dnew")
