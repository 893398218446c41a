"""A storyboard: edited, priced, ordered."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from myjoe.settings.variables import Secret
from tests.database.support import Database
from tests.support.peers import OpenAIPeer, refuse
from tests.support.studio import Site, serving
from tests.support.working import form_of, hidden, planned


def prompts(visitor: httpx2.Client, address: str) -> list[str]:
    return list(form_of(visitor.get(address).text)["page-prompt"])


@pytest.mark.parametrize(
    ("act", "order", "here"),
    [
        ("up-2", [2, 1, 3], 1), ("down-2", [1, 3, 2], 3), ("up-1", [1, 2, 3], 1), ("down-3", [1, 2, 3], 3), ("drop-2", [1, 3], 2),
        ("drop-3", [1, 2], 2), ("drop-9", [1, 2, 3], 0), ("up-²", [1, 2, 3], 0), ("save", [1, 2, 3], 0),
    ],
)  # fmt: skip
def test_pages_are_moved_and_dropped_without_script(lasting_site: Site, act: str, order: list[int], here: int) -> None:
    visitor = lasting_site.visitor(lasting_site.database.user(credits_half=20))
    address = planned(visitor)
    before = prompts(visitor, address)
    answer = visitor.post(address, data={**form_of(visitor.get(address).text), "act": act})
    assert answer.headers["location"] == address + (f"#page-{here}" if here else "")
    assert prompts(visitor, address) == [before[number - 1] for number in order]


def test_titles_and_prompts_are_edited_and_a_page_is_added(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = planned(visitor)
    sent = form_of(visitor.get(address).text)
    sent |= {"title": "Owls & <Cats>", "style": "bold", "page-title": ["A", "B", "C"], "page-prompt": ["an owl", "a cat", "both"]}
    assert visitor.post(address, data={**sent, "act": "add"}).headers["location"] == f"{address}#page-4"
    page = visitor.get(address).text
    assert "Owls &amp; &lt;Cats&gt;" in page and "4 pages: 4 credits." in page
    refused = visitor.post(f"{address}/submit", data=form_of(page))
    assert refused.status_code == 422 and "Page 4 shows nothing yet." in refused.text
    dropped = visitor.post(address, data={**form_of(page), "act": "drop-4"})
    assert dropped.status_code == 303
    run = visitor.post(f"{address}/submit", data=form_of(visitor.get(address).text)).headers["location"]
    assert "Owls &amp; &lt;Cats&gt;" in visitor.get(run).text
    [(payload, *_), *_] = site.database.rows("select payload from public.jobs order by payload -> 'page'")
    assert {**payload} == {"page": 1, "title": "A", "prompt": "an owl", "style": "bold", "audience": "kids", "paper": "letter",
                           "operations": ["raster"]}  # fmt: skip


@pytest.mark.parametrize(("field", "text"), [("page-prompt", "Pikachu on the beach"), ("title", "Mickey Mouse"), ("style", "steampunk")])
def test_what_we_do_not_draw_is_said_and_nothing_is_lost(lasting_site: Site, field: str, text: str) -> None:
    visitor = lasting_site.visitor(lasting_site.database.user(credits_half=20))
    address = planned(visitor)
    sent: dict[str, Any] = form_of(visitor.get(address).text)
    sent[field] = [text, *sent[field][1:]] if isinstance(sent[field], list) else text
    sent["page-title"][1] = "My own words"
    for end in ("", "/submit"):
        answer = visitor.post(f"{address}{end}", data=sent)
        assert answer.status_code == 422 and 'role="alert"' in answer.text
        assert text in answer.text and "My own words" in answer.text
    assert "My own words" not in visitor.get(address).text


def test_a_triple_click_makes_one_run(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = planned(visitor)
    sent = form_of(visitor.get(address).text) | {"style": "changed before the order"}
    visitor.cookies.set("myjoe", visitor.cookies["myjoe"])
    clicks = [visitor, *(site.visitor() for _ in range(2))]
    for one in clicks[1:]:
        one.cookies.set("myjoe", visitor.cookies["myjoe"])
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda one: one.post(f"{address}/submit", data=sent), clicks))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert site.database.one("select count(*) from public.runs") == 1
    assert site.database.balance(user) == 14
    site.database.check_books()
    # Back after the order, and whatever is sent then, leads to the run.
    run = answers[0].headers["location"]
    for answer in (visitor.get(address), visitor.post(address, data=sent), visitor.post(f"{address}/submit", data=sent)):
        assert (answer.status_code, answer.headers["location"]) == (303, run)


def test_a_change_in_another_window_is_not_overwritten(site: Site) -> None:
    visitor = site.visitor(site.database.user(credits_half=20))
    address = planned(visitor)
    first = second = form_of(visitor.get(address).text)
    assert visitor.post(address, data={**first, "title": "The first window"}).status_code == 303
    for end in ("", "/submit"):
        answer = visitor.post(f"{address}{end}", data={**second, "title": "The second window"})
        assert answer.status_code == 409 and "changed in another window" in answer.text and "The first window" in answer.text
    assert site.database.one("select count(*) from public.runs") == 0


def test_the_price_that_is_ordered_for_is_the_one_that_was_shown(site: Site) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = planned(visitor)
    sent = form_of(visitor.get(address).text)
    assert sent["agreed"] == "6"
    site.database.run("update public.operations set credits_half = 4 where code = 'raster'")
    answer = visitor.post(f"{address}/submit", data=sent)
    assert answer.status_code == 409 and "The price is 6 credits now." in answer.text
    assert visitor.post(f"{address}/submit", data=form_of(answer.text)).status_code == 303
    assert site.database.balance(user) == 8


@pytest.mark.parametrize(
    ("change", "sentence", "way_out"),
    [
        ("select private.admin_adjust_credits(%s, -19, 'a test', 'r1')", "This needs 3 credits, and you have 0.5.", "/billing"),
        ("update public.subscriptions set status = 'canceled' where user_id = %s", "There is no plan in force.", "/billing"),
        ("update public.operations set cogs_max_micro_usd = 1 where code = 'raster' and %s is not null",
         "This cannot be made at a fair price now. You were not charged.", "/runs"),
        ("update public.operations set switched_off = true where code = 'raster' and %s is not null", "is switched off just now", "/runs"),
        ("update public.plans set pages_per_day_max = 2 where %s is not null", "allows 2 pages in 24 hours", "/billing"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_one_way_out(site: Site, change: str, sentence: str, way_out: str) -> None:
    user = site.database.user(credits_half=20)
    visitor = site.visitor(user)
    address = planned(visitor)
    sent = form_of(visitor.get(address).text)
    site.database.run(change, user)
    for answer in (visitor.get(address), visitor.post(f"{address}/submit", data=sent)):
        assert sentence in answer.text and f'href="{way_out}"' in answer.text and "USD" not in answer.text
        assert "Order for" not in answer.text
    quoted = visitor.post(f"{address}/quote", headers={"accept": "application/json"}).json()
    assert quoted["accepted"] is False and sentence in quoted["sentence"] and "detail" not in quoted
    assert site.database.one("select count(*) from public.runs") == 0


def test_a_quote_is_a_price_and_no_more(lasting_site: Site) -> None:
    visitor = lasting_site.visitor(lasting_site.database.user(credits_half=20))
    address = planned(visitor)
    quoted = visitor.post(f"{address}/quote", headers={"accept": "application/json"}).json()
    assert quoted == {"accepted": True, "page_count": 3, "credits_half": 6, "balance_half": 14}
    assert visitor.post(f"{address}/quote").headers["location"] == f"{address}#price"


def test_an_order_carries_a_token_of_this_browser(lasting_site: Site) -> None:
    visitor = lasting_site.visitor(lasting_site.database.user(credits_half=20))
    address = planned(visitor)
    sent = form_of(visitor.get(address).text)
    other = lasting_site.visitor(lasting_site.database.user(credits_half=20))
    sent["form_token"] = hidden(other.get(planned(other)).text, "form_token")
    assert visitor.post(f"{address}/submit", data=sent).status_code == 403


def test_edited_words_are_looked_at_before_they_are_drawn(newest: Database, tmp_path: Path) -> None:
    with OpenAIPeer() as peer, serving(
        newest, tmp_path, providers="real", openai_api_key=Secret(peer.key), openai_base_url=peer.url
    ) as site:  # fmt: skip
        user = newest.user(credits_half=20)
        visitor = site.visitor(user)
        address = planned(visitor)
        sent = form_of(visitor.get(address).text)
        peer.flags["bloody"] = ("violence/graphic", 0.9)
        bad = visitor.post(f"{address}/submit", data={**sent, "page-prompt": ["a fox", "a bloody fight", "an owl"]})
        assert bad.status_code == 422 and "Page 2 is nothing for a colouring book (violence graphic)." in bad.text
        assert "a bloody fight" in bad.text and newest.one("select count(*) from public.runs") == 0
        peer.script("moderations", refuse(500))
        away = visitor.post(f"{address}/submit", data=sent)
        assert away.status_code == 422 and "Joe cannot look at the storyboard just now. Nothing was charged" in away.text
        assert visitor.post(f"{address}/submit", data=sent).status_code == 303
        assert newest.balance(user) == 14
