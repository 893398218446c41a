"""HTML from templates: escaping, names that are not there, and how figures are said."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from jinja2 import DictLoader, UndefinedError
from jinja2.exceptions import TemplateNotFound

from myjoe_studio.rendering import Templates, day, moment, money, size
from myjoe_studio.static_files import StaticFiles


@pytest.fixture
def templates(monkeypatch: pytest.MonkeyPatch) -> Templates:
    """Templates of the test's own."""
    made = Templates(StaticFiles(), house="My Joe")
    pages = {
        "name.html": '<p title="{{ name }}">{{ name }} of {{ house }}</p>',
        "figures.html": "{{ cents | money }} {{ half | credits }}",
    }
    monkeypatch.setattr(made._environment, "loader", DictLoader(pages))
    return made


def test_what_people_wrote_is_escaped(templates: Templates) -> None:
    page = templates.render("name.html", {"name": "<b onclick='x'>\"&"})
    assert page == '<p title="&lt;b onclick=&#39;x&#39;&gt;&#34;&amp;">&lt;b onclick=&#39;x&#39;&gt;&#34;&amp; of My Joe</p>'


def test_a_name_that_is_not_there_is_an_error(templates: Templates) -> None:
    with pytest.raises(UndefinedError, match="name"):
        templates.render("name.html", {})
    with pytest.raises(TemplateNotFound):
        templates.render("nowhere.html", {})


@pytest.mark.parametrize(
    ("count", "said"), [(12, "1 kB"), (4_400, "4 kB"), (99_999, "100 kB"), (1_240_000, "1.2 MB"), (1_234_000_000, "1,234.0 MB")]
)
def test_sizes(count: int, said: str) -> None:
    assert size(count) == said


def test_filters_say_figures(templates: Templates) -> None:
    assert templates.render("figures.html", {"cents": 999, "half": 3}) == "$9.99 1.5"


@pytest.mark.parametrize(
    ("cents", "currency", "said"),
    [(0, "usd", "$0.00"), (5, "usd", "$0.05"), (123_456_789, "usd", "$1,234,567.89"), (-999, "usd", "−$9.99"), (100, "chf", "CHF 1.00"),
     (250, "eur", "€2.50"), (1, "gbp", "£0.01")],
)  # fmt: skip
def test_money(cents: int, currency: str, said: str) -> None:
    assert money(cents, currency) == said


def test_a_day_and_a_moment_as_text_and_as_time() -> None:
    assert day("2026-12-03T14:05:00+00:00") == "3 December 2026"
    assert moment("2026-12-03T14:05:59+00:00") == "3 December 2026, 14:05 UTC"
    assert moment(datetime(2026, 12, 3, 14, 5, tzinfo=UTC)) == "3 December 2026, 14:05 UTC"


def test_a_moment_of_another_zone_is_told_in_utc() -> None:
    late = datetime(2026, 12, 3, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert moment(late) == "4 December 2026, 04:30 UTC"
    assert moment(late.isoformat()) == "4 December 2026, 04:30 UTC"
