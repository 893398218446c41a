"""A storyboard: its pages edited, moved, dropped and added; priced; and ordered."""
from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from myjoe.errors import JobError
from myjoe.screening.screening import screen
from myjoe_studio.governing import asked, notice
from myjoe_studio.pages.drafts import SQL, draft_page
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import RefusalError, Visit, cleaned

pages = Pages()
# As long as the worker takes them (PageOrder).
TITLE_CHARS_MAX, PROMPT_CHARS_MAX, STYLE_CHARS_MAX = 200, 4000, 1000
PAGES_MAX = 400
CANNOT_LOOK = "Joe cannot look at the storyboard just now. Nothing was charged, and your changes are still here."


@dataclass
class Sent:
    """A storyboard as a form sent it."""

    title: str
    style: str
    pages: list[dict[str, str]]
    revision: int


@pages.post("/drafts/{draft:uuid}", Who.USER, reads=SQL["draft"])
async def edit(visit: Visit) -> Response:
    """Keep what was changed, and do what the button says."""
    sent = await _sent(visit)
    act, _, number = (await visit.field("act")).partition("-")
    here = _arranged(sent.pages, act, int(number) if number.isascii() and number.isdigit() else 0)
    if isinstance(answer := await _saved(visit, sent), Response):
        return answer
    return visit.go(f"/drafts/{visit.row['id']}{f'#page-{here}' if here else ''}")


@pages.post("/drafts/{draft:uuid}/quote", Who.USER, reads=SQL["draft"])
async def quote(visit: Visit) -> Response:
    """What the storyboard as it was last kept would cost now."""
    answer = notice(await asked(visit, "quote_draft", draft=visit.row["id"]))
    return visit.json(answer) if visit.wants_json else visit.go(f"/drafts/{visit.row['id']}#price")


@pages.post("/drafts/{draft:uuid}/submit", Who.USER, token=True, reads=SQL["draft"])
async def submit(visit: Visit) -> Response:
    """Order it for the price that was shown. What was changed meanwhile is kept first."""
    draft = visit.row
    if draft["state"] == "submitted":
        return visit.go(f"/runs/{draft['run_id']}")
    sent = await _sent(visit)
    agreed = await visit.number("agreed")
    if objection := await _objection(visit, sent):
        return await draft_page(visit, said=objection, kind="bad", status=422, title=sent.title, style=sent.style, pages=sent.pages)
    if isinstance(revision := await _saved(visit, sent, ordered=True), Response):
        return revision
    answer = await asked(visit, "submit_draft", draft=draft["id"], revision=revision, agreed=agreed)
    if answer.get("run_id"):
        return visit.go(f"/runs/{answer['run_id']}")
    now = vars(sent) | {"revision": revision}
    return await draft_page(visit, said=answer["message"] if answer["code"] in ("stale", "price_changed") else "", status=409, **now)


async def _sent(visit: Visit) -> Sent:
    form = await visit.form()
    titles, prompts = form.getlist("page-title"), form.getlist("page-prompt")
    if len(titles) != len(prompts) or len(titles) > PAGES_MAX:
        raise RefusalError(422, f"A book has 1 to {PAGES_MAX} pages.")
    revision = await visit.number("revision")
    return Sent(
        await visit.field("title", chars_max=TITLE_CHARS_MAX), await visit.field("style", chars_max=STYLE_CHARS_MAX),
        [{"title": cleaned(title, TITLE_CHARS_MAX), "prompt": cleaned(prompt, PROMPT_CHARS_MAX)}
         for title, prompt in zip(titles, prompts, strict=True)],
        -1 if revision is None else revision,
    )  # fmt: skip


async def _objection(visit: Visit, sent: Sent) -> str:
    """What moderation has against the words of a storyboard, in a sentence."""
    if visit.parts.moderator is None or _mistake(sent, ordered=True):
        return ""
    texts = [f"{sent.title}. {sent.style}", *(f"{page['title']}. {page['prompt']}" for page in sent.pages)]
    try:
        found = await visit.parts.moderator.objection(visit.person.id, texts, visit.row["request"]["audience"])
    except (JobError, TimeoutError):
        return CANNOT_LOOK
    if found is None:
        return ""
    number, why = found
    return f"{f'Page {number}' if number else 'The title or the style'} is nothing for a colouring book ({why})."


async def _saved(visit: Visit, sent: Sent, *, ordered: bool = False) -> int | Response:
    """The revision under which it is kept now, or the page that says why it is not."""
    if mistake := _mistake(sent, ordered):
        return await draft_page(visit, said=mistake, kind="bad", status=422, title=sent.title, style=sent.style, pages=sent.pages)
    answer = await asked(visit, "edit_draft", draft=visit.row["id"], **vars(sent))
    if answer["accepted"]:
        return int(answer["revision"])
    if answer.get("run_id"):
        return visit.go(f"/runs/{answer['run_id']}")
    return await draft_page(visit, said=answer["message"], status=409)


def _mistake(sent: Sent, ordered: bool) -> str:
    """What is wrong with a storyboard, in a sentence; a page may stay empty until it is ordered."""
    if not sent.pages:
        return "A book has one page at least."
    for number, page in enumerate(sent.pages, 1):
        if ordered and not page["prompt"]:
            return f"Page {number} shows nothing yet. Say what is on it, or drop it."
        if finding := screen(f"{page['title']}\n{page['prompt']}"):
            return f"Page {number}: {finding.sentence}"
    finding = screen(f"{sent.title}\n{sent.style}")
    return finding.sentence if finding else ""


def _arranged(storyboard: list[dict[str, str]], act: str, number: int) -> int:
    """Do what a button says, in place; the number of the page to show then, or 0."""
    there = 1 <= number <= len(storyboard)
    if act == "drop" and there:
        del storyboard[number - 1]
        return min(number, len(storyboard))
    if act in ("up", "down") and there:
        to = number - 1 if act == "up" else number + 1
        if 1 <= to <= len(storyboard):
            storyboard.insert(to - 1, storyboard.pop(number - 1))
            return to
    if act == "add":
        storyboard.append({"title": "", "prompt": ""})
        return len(storyboard)
    return number if there else 0
