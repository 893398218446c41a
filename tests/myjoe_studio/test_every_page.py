"""Every page there is, as each kind of person finds it, held against the same rules: valid HTML, no
violation that axe knows, nothing from elsewhere, small, and no wider than the window. The pages
come from the table of addresses: whoever adds one is asked here where it can be seen.
"""
from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import Response, Route

from myjoe_studio.pages import PAGES
from myjoe_studio.routing import Who
from tests.myjoe_studio.trying.pictures import drawing, encoded
from tests.support.browser import Visitors, sideways
from tests.support.populated import Populated, populate
from tests.support.studio import Site
from tests.support.web_tools import axe_violations, html_mistakes

# The most that a page, its style and its script may weigh, in bytes as gzip sends them (studio.md,
# section 8).
HTML_MAX, CSS_MAX, JS_MAX = 15_000, 12_000, 12_000
NOBODY = "00000000-0000-0000-0000-000000000000"

# Addresses with parts, and those that show something only with a question: where each can be seen.
PLACES: Mapping[str, Callable[[Mapping[str, str]], list[str]]] = {
    "/": lambda at: ["/", "/?error=access_denied"],
    "/sign-in": lambda at: ["/sign-in", "/sign-in?said=google&next=/runs"],
    "/auth/confirm": lambda at: ["/auth/confirm?type=signup&token_hash=abc", "/auth/confirm?type=signup"],
    "/drafts/{draft:uuid}": lambda at: [at["storyboard"], at["unpaid"]],
    "/runs/{run:uuid}": lambda at: [at["run"], at["waiting"], at["troubled"], at["cancelled"]],
    "/runs/{run:uuid}/stop": lambda at: [f"{at['waiting']}/stop", f"{at['run']}/stop"],
    "/runs/{run:uuid}/redraw": lambda at: [f"{at['run']}/redraw?which=all"],
    "/runs/{run:uuid}/pages/{job:uuid}": lambda at: [f"{at['run']}/pages/{at['job']}"],
    "/runs/{run:uuid}/export": lambda at: [f"{at['run']}/export", f"{at['waiting']}/export"],
    "/exports/{export:uuid}": lambda at: [at["book"], at["binding"], at["printed"], at["unprinted"], at["pack"]],
    "/projects/{project:uuid}": lambda at: [at["project"]],
    "/admin/users": lambda at: ["/admin/users", "/admin/users?part=example", "/admin/users?part=nobody-at-all"],
    "/billing/done": lambda at: ["/billing/done?session_id=cs_none"],
    "/billing": lambda at: ["/billing", "/billing?nothing=1"],
    "/dev/pay": lambda at: ["/dev/pay?session=cs_none"],
}
# What is answered otherwise than by a page.
NO_PAGES = {
    "/health": "JSON for whoever watches",
    "/live": "a stream",
    "/runs/{run:uuid}/state": "JSON for a script",
    "/runs/{run:uuid}/pages/{job:uuid}.{kind}": "a link to a file",
    "/exports/{export:uuid}/file": "a link to a file",
    "/exports/{export:uuid}/files/{name}": "a link to a file",
    "/files/{key:path}": "a file",
    "/auth/google": "to Google",
    "/auth/callback": "from Google",
}


def addresses_for(person: str, populated: Populated) -> list[str]:
    """Where a person looks around: every page that they may come to; what is somebody else's is
    tried as well, and is a page that says so.
    """
    found = [f"/drafts/{NOBODY}", "/nowhere"]
    for page in PAGES:
        may = page.who is Who.VISITOR or (person != "visitor" and page.who is Who.USER) or (person == "admin" and page.who is Who.ADMIN)
        if page.method == "GET" and may and page.path not in NO_PAGES:
            found += PLACES[page.path](populated.addresses) if page.path in PLACES else [page.path]
    return found


def answers_to_forms(populated: Populated) -> dict[str, str]:
    """Pages that only a form shows, by names of their own."""
    visitor, user = populated.site.visitor(), populated.site.visitor(populated.user)

    def sent(client: httpx2.Client, address: str, at: str, **fields: str) -> httpx2.Response:
        token = re.findall(r'name="form_token" value="([^"]+)"', client.get(at).text)
        return client.post(address, data={**({"form_token": token[0]} if token else {}), **fields})

    storyboard = populated.addresses["storyboard"]
    answers = {
        "sign in: does not fit": sent(visitor, "/sign-in", "/sign-in", email="joe@example.com", password="not the password"),
        "sign up: a password that is too short": sent(visitor, "/sign-up", "/sign-up", email="joe", password="short"),
        "sign up: a mail was sent": sent(visitor, "/sign-up", "/sign-up", email="new@example.com", password="a long password"),
        "forgot: a mail was sent": sent(visitor, "/forgot", "/forgot", email="joe@example.com"),
        "a form whose sender is not signed in": visitor.post("/drafts", data={"description": "<b>An owl</b>", "pages": "3"}),
        "a draft that lacks everything": user.post("/drafts", data={"key": NOBODY, "description": "", "pages": "0"}),
        "a storyboard of an older revision": sent(user, storyboard, storyboard, revision="0", act="save"),
        "a print that is wrong": user.post(f"{populated.addresses['run']}/export", data={"kind": "print", "trim": "x"}),
        "a question without a brain": user.post("/ask", data={"question": "Which paper does KDP take?"}),
        "a stale form": user.post(f"{storyboard}/submit", data={"form_token": "old"}),
        "a try": visitor.post("/try", files={"picture": ("a.png", encoded(drawing()), "image/png")}),
        "a try with no picture": visitor.post("/try", files={"picture": ("a.png", b"no", "image/png")}),
        "a theme that is none": visitor.post("/theme", data={"theme": "blue"}),
    }
    assert {name: answer.status_code for name, answer in answers.items() if "text/html" not in answer.headers.get("content-type", "")} == {}
    return {name: answer.text for name, answer in answers.items()}


def show(page: BrowserPage, html: str) -> None:
    """Show a page that only a form gives, at an address of its own, with our style and script."""
    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.unroute_all()
    page.route("**/shown", answer)
    page.goto("/shown")


def too_wide(page: BrowserPage) -> list[str]:
    """That the page is wider than the window, and by what."""
    over = sideways(page)
    outside = "[...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)"
    return [f"{over} px too wide: {page.evaluate(outside + '.map((one) => one.outerHTML.slice(0, 90)).slice(0, 3)')}"] if over else []


def from_elsewhere(populated: Populated, came: list[Response]) -> list[str]:
    """What of a page's answers is not ours."""
    ours = (f"{populated.site.address}/", "data:", "blob:")
    return [f"comes from elsewhere: {one.url}" for one in came if not one.url.startswith(ours)]


def too_heavy(came: list[Response]) -> list[str]:
    """Style or script that weighs too much."""
    found = []
    for kind, most in (("stylesheet", CSS_MAX), ("script", JS_MAX)):
        weight = sum(len(gzip.compress(one.body())) for one in came if one.request.resource_type == kind)
        if weight > most:
            found.append(f"{weight} bytes of {kind}")
    return found


def keeper(came: list[Response]) -> Callable[[Response], None]:
    """What keeps a page's answers."""
    def keep(one: Response) -> None:
        came.append(one)

    return keep


@pytest.fixture(scope="module")
def populated(one_site: Site) -> Populated:
    """One Studio for all of these tests: they only look."""
    return populate(one_site)


@pytest.fixture
def look(lasting_visitors: Visitors, populated: Populated) -> Iterator[Callable[..., BrowserPage]]:
    """A browser's page for a person by their kind; in the end nothing may have been complained of,
    but answers that refuse something.
    """
    yield lambda person, **how: lasting_visitors(populated.people[person], **how)
    assert [one for one in lasting_visitors.complaints if "the server responded with a status of 4" not in one] == []


def test_each_address_has_its_place_here() -> None:
    known = {page.path for page in PAGES if page.method == "GET"}
    assert {path for path in known if "{" in path} <= set(PLACES) | set(NO_PAGES), "say where this page can be seen"
    assert (set(PLACES) | set(NO_PAGES)) - known == set(), "this address is gone"
    assert set(PLACES) & set(NO_PAGES) == set()


def test_who_judges_here_does_judge(look: Callable[..., BrowserPage], tmp_path: Path) -> None:
    bad = '<!doctype html><html><title>x</title><main><img src="data:,"><ul><p>a<b></ul><pre style="width: 3000px">wide</pre></main></html>'
    page = look("visitor")
    show(page, bad)
    assert {"image-alt", "html-has-lang"} <= {one.partition(":")[0] for one in axe_violations(page)}
    assert "px too wide" in too_wide(page)[0]
    assert any("bad: 1: " in one and "p" in one for one in html_mistakes({"bad": bad}, tmp_path))


def test_html_is_valid_and_small(populated: Populated, tmp_path: Path) -> None:
    pages = answers_to_forms(populated)
    for person, user in populated.people.items():
        visitor = populated.site.visitor(user)
        for address in addresses_for(person, populated):
            answer = visitor.get(address, follow_redirects=True)
            assert answer.headers["content-type"].startswith("text/html"), address
            assert answer.status_code < 500, f"{address} to {person}: {populated.site.crashes}"
            pages[f"{address} to {person}"] = answer.text
    assert len(pages) > 60
    mistakes = html_mistakes(pages, tmp_path)
    assert not mistakes, "\n".join(mistakes)
    weights = {name: len(gzip.compress(html.encode())) for name, html in pages.items() if name != "a try"}
    assert {name: weight for name, weight in weights.items() if weight > HTML_MAX} == {}


# Each person is looked at in light at a desk or on a telephone in the dark; with MYJOE_TESTS_ALL=1
# everybody in both: a look takes many seconds.
DESK, TELEPHONE = ("light", 1280), ("dark", 320)
LOOKS = [("visitor", *TELEPHONE), ("user", *DESK), ("newcomer", *DESK), ("unlucky", *TELEPHONE), ("leaving", *TELEPHONE), ("admin", *DESK)]
if os.environ.get("MYJOE_TESTS_ALL"):
    LOOKS = [(person, *how) for person, *_ in LOOKS for how in (DESK, TELEPHONE)]


@pytest.mark.parametrize(("person", "theme", "width"), LOOKS)
def test_axe_finds_nothing_and_all_fits_and_is_small_and_ours(
    populated: Populated, look: Callable[..., BrowserPage], person: str, theme: str, width: int
) -> None:
    page = look(person, theme=theme, width=width)
    wrong = []
    for address in addresses_for(person, populated):
        came: list[Response] = []
        page.on("response", keep := keeper(came))
        page.goto(address)
        page.remove_listener("response", keep)
        found = [*axe_violations(page), *too_wide(page), *from_elsewhere(populated, came), *too_heavy(came)]
        wrong += [f"{address}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("theme", "width"), [("dark", 320)])
def test_axe_finds_nothing_in_what_forms_are_answered_with(
    populated: Populated, look: Callable[..., BrowserPage], theme: str, width: int
) -> None:
    page = look("user", theme=theme, width=width)
    wrong = []
    for name, html in answers_to_forms(populated).items():
        show(page, html)
        wrong += [f"{name}: {one}" for one in [*axe_violations(page), *too_wide(page)]]
    assert not wrong, "\n".join(wrong)


# What the browser is told, at once where one has nothing to do with the other: a zoom moves what
# stands on a page, colours and motion do not. With MYJOE_TESTS_ALL=1 each by itself.
TOLD: list[dict[str, object]] = [{"zoom": 2.0, "forced_colors": True, "reduced_motion": True}, {"script": False, "width": 320}]
if os.environ.get("MYJOE_TESTS_ALL"):
    TOLD = [{"zoom": 2.0}, {"forced_colors": True}, {"script": False, "width": 320}, {"reduced_motion": True}]


@pytest.mark.parametrize("how", TOLD)
@pytest.mark.parametrize("person", ["visitor", "user"] if os.environ.get("MYJOE_TESTS_ALL") else ["user"])
def test_it_can_be_used_whatever_the_browser_is_told(
    populated: Populated, look: Callable[..., BrowserPage], person: str, how: dict[str, object]
) -> None:
    page = look(person, **how)
    for address in addresses_for(person, populated):
        page.goto(address)
        assert page.locator("h1").first.is_visible(), address
        assert sideways(page) == 0, address
        if how.get("reduced_motion"):
            moving = "document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 0).length"
            assert page.evaluate(moving) == 0, address
