"""Planning a book: what is asked, what is refused before money is spent, and what
a plan has to be.
"""
from __future__ import annotations

import asyncio
import json

import pytest

from myjoe.errors import JobError, MyJoeError, PromptRefusedError, ProviderAnswerError
from myjoe.providers.brain import OpenAIBrain
from myjoe.providers.moderation import Moderation
from myjoe.providers.openai import OpenAI
from myjoe.providers.protocol import DESCRIPTION_CHARACTERS_MAX, BookPlan
from tests.support.meters import RecordingMeter
from tests.support.peers import OpenAIPeer, refuse


def plan(
    peer: OpenAIPeer, meter: RecordingMeter, description: str = "Friendly hedgehogs in autumn", *, audience: str = "kids", pages: int = 8
) -> BookPlan:
    async def planning() -> BookPlan:
        openai = OpenAI(OpenAIPeer.key, peer.url)
        try:
            return await OpenAIBrain(openai, Moderation(openai)).plan(description, audience, pages, "gpt-6-luna", meter)
        finally:
            await openai.close()

    return asyncio.run(planning())


def raises(kind: type[MyJoeError], call: object, words: str) -> MyJoeError:
    with pytest.raises(kind, match=words) as caught:
        call()  # type: ignore[operator]
    return caught.value


def manifest(pages: list[dict[str, str]], title: str = "A book", style: str = "bold outlines") -> str:
    return json.dumps({"title": title, "style": style, "pages": pages})


def page(number: int, prompt: str = "A hedgehog sails a leaf across a pond") -> dict[str, str]:
    return {"title": f"Page {number}", "prompt": f"{prompt}, scene {number}"}


def test_a_book_is_planned_in_one_bounded_call() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        book = plan(peer, meter)
        body = peer.last("responses").json
        assert set(peer.billed) <= set(meter.settled) and peer.count("responses") == 1
    assert len(book.pages) == 8 and book.title and book.style
    assert json.loads(body["input"][0]["content"][0]["text"]) == {
        "description": "Friendly hedgehogs in autumn", "audience": "kids", "pages": 8,
    }  # fmt: skip
    assert body["max_output_tokens"] < 1200


@pytest.mark.parametrize("pages", [1, 40, 41, 100])
def test_long_books_are_planned_in_parts_that_know_of_each_other(pages: int) -> None:
    with OpenAIPeer() as peer:
        book = plan(peer, RecordingMeter(), pages=pages)
        asked = [json.loads(one.json["input"][0]["content"][0]["text"]) for one in peer.received if one.route == "responses"]
        bounds = [one.json["max_output_tokens"] for one in peer.received if one.route == "responses"]
    assert len(book.pages) == len({one.prompt for one in book.pages}) == pages == sum(one["pages"] for one in asked)
    assert max(bounds) <= 4000  # what the governor reckons with for a call
    for number, one in enumerate(asked[1:], 1):
        assert one["style"] == book.style and len(one["earlier_pages"]) == sum(before["pages"] for before in asked[:number])


def test_moderation_comes_before_money_is_spent_and_looks_at_the_plan_as_well() -> None:
    with OpenAIPeer() as peer:
        plan(peer, RecordingMeter())
        assert [one.route for one in peer.received] == ["moderations", "responses", "moderations"]
        assert len(peer.received[0].json["input"]) == 1 and len(peer.received[2].json["input"]) == 9


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ("Pikachu at the beach", "belongs to somebody"), ("A steampunk city", "steampunk"), ("   ", "few words"),
        ("x" * (DESCRIPTION_CHARACTERS_MAX + 1), "characters"),
    ],
)  # fmt: skip
def test_what_we_do_not_draw_is_refused_without_asking_anybody(description: str, words: str) -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        raises(PromptRefusedError, lambda: plan(peer, meter, description), words)
        raises(PromptRefusedError, lambda: plan(peer, meter, pages=0), "pages")
        assert peer.received == [] and meter.entries == []


@pytest.mark.parametrize(("audience", "refused"), [("kids", True), ("adults", False)])
def test_a_description_that_moderation_objects_to_is_refused_before_it_is_planned(audience: str, refused: bool) -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.flags["dragon"] = ("violence", 0.45)
        if refused:
            raises(PromptRefusedError, lambda: plan(peer, meter, "A dragon", audience=audience), "nothing for a colouring book")
            assert peer.billed == {} and list(meter.settled.values()) == [0]
        else:
            assert plan(peer, meter, "A dragon", audience=audience).pages


@pytest.mark.parametrize("fault", ["missing score", "too few results"])
def test_moderation_that_does_not_answer_is_no_consent(fault: str) -> None:
    with OpenAIPeer() as peer:
        if fault == "missing score":
            peer.missing_scores.add("violence")
        else:
            peer.script("moderations", refuse(200, {"id": "m", "model": "m", "results": []}))
        raises(ProviderAnswerError, lambda: plan(peer, RecordingMeter()), "moderation")
        assert peer.billed == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no JSON", "not what was asked for"),
        (manifest([page(1)]), "1 pages where 2"),
        (manifest([page(1), {"title": "", "prompt": "x" * 20}]), "pages.1.title"),
        (manifest([page(1), page(2, "x" * 700)]), "pages.1.prompt"),
        (manifest([page(1), page(2)], style=""), "style"),
        (manifest([page(1), {**page(1), "title": "Other"}]), "same page twice"),
        (manifest([page(1), page(2, "Mickey Mouse waves")]), "on page 2: .*mickey mouse"),
        (manifest([page(1), page(2)], style="steampunk all over"), "on page 0: .*steampunk"),
    ],
)
def test_a_plan_that_is_none_costs_what_it_cost_and_is_refused(text: str, words: str) -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.texts.append(text)
        error = raises(ProviderAnswerError, lambda: plan(peer, meter, pages=2), words)
        assert isinstance(error, JobError) and set(peer.billed) <= set(meter.settled)


def test_pages_beyond_what_was_asked_for_are_left_out() -> None:
    with OpenAIPeer() as peer:
        peer.texts.append(manifest([page(1), page(2), page(3)]))
        assert [one.title for one in plan(peer, RecordingMeter(), pages=2).pages] == ["Page 1", "Page 2"]


def test_a_planned_page_that_moderation_objects_to_is_refused() -> None:
    with OpenAIPeer() as peer:
        peer.flags["scene 2"] = ("violence/graphic", 0.9)
        raises(ProviderAnswerError, lambda: plan(peer, RecordingMeter()), "page 2 of the plan")


@pytest.mark.parametrize("number", [31, 32, 40])
def test_moderation_looks_at_every_page_of_a_long_book(number: int) -> None:
    with OpenAIPeer() as peer:
        peer.flags[f"scene {number}"] = ("violence/graphic", 0.9)
        raises(ProviderAnswerError, lambda: plan(peer, RecordingMeter(), pages=40), f"page {number} of the plan")


def test_a_planner_that_refuses_is_a_description_that_is_refused() -> None:
    with OpenAIPeer() as peer:
        peer.shapes.append("refusal")
        raises(PromptRefusedError, lambda: plan(peer, RecordingMeter()), "will not make a book")


def test_a_plan_that_was_cut_is_the_callers_to_try_again() -> None:
    meter = RecordingMeter()
    with OpenAIPeer() as peer:
        peer.shapes.append("incomplete")
        raises(ProviderAnswerError, lambda: plan(peer, meter), "incomplete")
        assert peer.count("responses") == 1 and set(peer.billed) <= set(meter.settled)
