"""Joe Knows: a question about My Joe or about printing, answered beside the work."""
from __future__ import annotations

from starlette.responses import Response

from myjoe.errors import JobError
from myjoe.providers.protocol import QUESTION_CHARACTERS_MAX
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import RefusalError, Visit

pages = Pages()
# How often a user may ask: each answer costs us. More helps who has many questions, fewer leaves
# less to a script.
QUESTIONS, QUESTIONS_SECONDS = 30, 3600
AWAY = "Joe cannot answer just now. Try again in a minute."
NOT_SET_UP = "Joe answers questions with OpenAI's help, which is not set up on this machine."


@pages.get("/ask", Who.USER)
async def show(visit: Visit) -> Response:
    """The form."""
    return _page(visit, "", "")


@pages.post("/ask", Who.USER)
async def answer(visit: Visit) -> Response:
    """What Joe knows about it."""
    question = await visit.field("question", chars_max=QUESTION_CHARACTERS_MAX)
    if not question:
        return visit.json({"error": "Ask something."}, 422) if visit.wants_json else _page(visit, "", "", mistake="Ask something.")
    if visit.parts.joe is None:
        raise RefusalError(503, NOT_SET_UP)
    await visit.take_rate(f"ask:{visit.person.id}", QUESTIONS, QUESTIONS_SECONDS, "That were many questions.")
    try:
        said = await visit.parts.joe.answer(visit.person.id, question)
    except (JobError, TimeoutError) as error:
        raise RefusalError(503, AWAY) from error
    return visit.json({"answer": said}) if visit.wants_json else _page(visit, question, said)


def _page(visit: Visit, question: str, said: str, mistake: str = "") -> Response:
    values = {"question": question, "said": said, "mistake": mistake, "away": visit.parts.joe is None}
    return visit.page("ask.html", status=422 if mistake else 200, **values)
