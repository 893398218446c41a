"""Light or dark, chosen by a form."""
from __future__ import annotations

import pytest

from tests.support.studio import Site


def test_a_choice_is_kept_and_can_be_taken_back(site: Site) -> None:
    visitor = site.visitor()
    assert "data-theme" not in visitor.get("/").text
    answer = visitor.post("/theme", data={"theme": "dark", "next": "/health"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/health")
    page = visitor.get("/").text
    assert '<html lang="en" data-theme="dark">' in page
    assert 'value="dark" aria-pressed="true"' in page
    # A page that is not there keeps to it.
    assert 'data-theme="dark"' in visitor.get("/nowhere").text
    visitor.post("/theme", data={"theme": "", "next": "/"})
    assert "data-theme" not in visitor.get("/").text


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "", "/\\example.com"])
def test_it_leads_to_no_other_site(site: Site, elsewhere: str) -> None:
    assert site.visitor().post("/theme", data={"theme": "dark", "next": elsewhere}).headers["location"] == "/"


def test_another_value_is_refused_in_a_sentence(site: Site) -> None:
    answer = site.visitor().post("/theme", data={"theme": "blue"})
    assert (answer.status_code, "light or dark" in answer.text) == (422, True)
