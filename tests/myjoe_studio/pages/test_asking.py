"""Joe Knows, as a page."""
from __future__ import annotations

import json
from pathlib import Path

from myjoe.providers.joe_knows import NOT_KNOWN
from myjoe.settings.variables import Secret
from tests.database.support import Database
from tests.support.peers import OpenAIPeer, refuse
from tests.support.studio import Site, serving

JSON = {"accept": "application/json"}


def test_offline_he_says_so_plainly(lasting_site: Site) -> None:
    visitor = lasting_site.visitor(lasting_site.database.user())
    sentence = "which is not set up on this machine"
    assert sentence in visitor.get("/ask").text.replace("&#39;", "'")
    answer = visitor.post("/ask", data={"question": "Which trim size?"}, headers=JSON)
    assert answer.status_code == 503 and sentence in answer.json()["error"]


def test_he_answers_beside_the_work_and_on_a_page_of_its_own(newest: Database, tmp_path: Path) -> None:
    with OpenAIPeer() as peer, serving(newest, tmp_path, openai_api_key=Secret(peer.key), openai_base_url=peer.url) as site:
        user = newest.user()
        visitor = site.visitor(user)
        peer.texts.extend(json.dumps({"known": True, "answer": "8.5 × 11 in is <usual>."}) for _ in range(2))
        assert visitor.post("/ask", data={"question": "Which trim?"}, headers=JSON).json() == {"answer": "8.5 × 11 in is <usual>."}
        assert "8.5 × 11 in is &lt;usual&gt;." in visitor.post("/ask", data={"question": "Which trim?"}).text
        peer.texts.append(json.dumps({"known": False, "answer": ""}))
        assert visitor.post("/ask", data={"question": "Who is king?"}, headers=JSON).json() == {"answer": NOT_KNOWN}
        assert newest.one("select count(*) from public.cost_events where user_id = %s and step = 'joe'", user) >= 3


def test_a_question_that_is_none_or_too_long_or_hostile_is_refused(newest: Database, tmp_path: Path) -> None:
    with OpenAIPeer() as peer, serving(newest, tmp_path, openai_api_key=Secret(peer.key), openai_base_url=peer.url) as site:
        visitor = site.visitor(newest.user())
        assert visitor.post("/ask", data={"question": " "}, headers=JSON).json() == {"error": "Ask something."}
        assert "Ask something." in visitor.post("/ask", data={"question": " "}).text
        assert visitor.post("/ask", data={"question": "x" * 501}).status_code == 422
        peer.flags["bomb"] = ("illicit/violent", 0.99)
        refused = visitor.post("/ask", data={"question": "How do I draw a bomb?"}, headers=JSON)
        assert refused.status_code == 422 and "Joe does not answer this" in refused.json()["error"]


def test_he_may_be_away_and_is_asked_thirty_times_an_hour(newest: Database, tmp_path: Path) -> None:
    with OpenAIPeer() as peer, serving(newest, tmp_path, openai_api_key=Secret(peer.key), openai_base_url=peer.url) as site:
        visitor = site.visitor(newest.user())
        peer.script("responses", refuse(500))
        away = visitor.post("/ask", data={"question": "Which trim?"}, headers=JSON)
        assert (away.status_code, away.json()["error"]) == (503, "Joe cannot answer just now. Try again in a minute.")
        peer.texts.extend(json.dumps({"known": True, "answer": "Yes."}) for _ in range(40))
        codes = [visitor.post("/ask", data={"question": "Which trim?"}, headers=JSON).status_code for _ in range(30)]
        assert codes == [200] * 29 + [429]
