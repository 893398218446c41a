"""What people and programs send who mean no good: every address there is, by every persona, with
values that no browser sends. Nothing ends in an error that nobody foresaw, and no answer holds a
secret.
"""
from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from myjoe.database.server import Server
from myjoe.settings.variables import Secret
from myjoe_studio.pages import PAGES
from myjoe_studio.routing import Page, Who
from tests.database import support
from tests.support.studio import SECRET, Site, serving

STRIPE_KEY, STRIPE_SECRET, OPENAI_KEY = "sk_test_canary51", "whsec_canary52", "sk-canary53"
# All fields that any form of ours has; each form is sent those of all others, too.
FIELDS = sorted(
    set(
        re.findall(
            r'(?:field|password|address|get|getlist)\(\s*f?"([a-z_]+)',
            "".join(path.read_text() for path in (Path(__file__).parents[2] / "src" / "myjoe_studio").rglob("*.py")),
        )
    )
    | {"email", "password", "title", "prompt", "pages", "picture"}
)
VALUES = [
    "", " ", "0", "-1", "1e309", "99999999999999999999", "NaN", "true", "null", "[]", "{}", "x" * 5000, "\x00", "\ud7ff\U0010ffff",
    "\u202e", "'; drop table jobs; --", "<script>alert(1)</script>", "{{ 7 * 7 }}", "%s%(user)s", "../../etc/passwd", "//evil.example",
    "\\\\evil", "https://evil.example/", "javascript:alert(1)", str(uuid.UUID(int=0)), "a@b", "a@example.com\nBcc: b@example.com",
    "١٢", "½", "plan_pro",
]  # fmt: skip
SEED = 20261129


@pytest.fixture(scope="module")
def open_site(servers: Callable[[int], Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A Studio that was told secrets of which each can be told from any other text."""
    server = servers(18)
    support.make_database(server, "studio_hostile", "template_myjoe")
    database = support.Database(server, "studio_hostile")
    try:
        told = {
            "stripe_secret_key": Secret(STRIPE_KEY), "stripe_webhook_secret": Secret(STRIPE_SECRET), "openai_api_key": Secret(OPENAI_KEY),
            "stripe_base_url": "http://127.0.0.1:1", "openai_base_url": "http://127.0.0.1:1",
        }  # fmt: skip
        with serving(database, tmp_path_factory.mktemp("hostile"), **told) as site:
            yield site
    finally:
        database.close()
        support.drop_database(server, "studio_hostile")


def persona(site: Site, who: Who) -> httpx2.Client:
    if who in (Who.VISITOR, Who.STRIPE):
        return site.visitor()
    user = site.database.user(credits_half=40)
    if who is Who.ADMIN:
        site.database.run("insert into public.admins (user_id, appointed_by, reason) values (%s, 'tests', 'for tests')", user)
    return site.visitor(user)


def address(page: Page, chance: random.Random, ids: list[str]) -> str:
    """The page's address with its parts filled in: ids of one's own and of others, and texts."""
    parts = {"uuid": ids, "path": ["a/b.png", "..%2f..%2fsecret", "%00", "x" * 300], "": ["svg", "png", "exe"]}
    return re.sub(r"\{\w+(?::(\w+))?\}", lambda match: chance.choice(parts[match[1] or ""]), page.path)


def ids_of(site: Site) -> list[str]:
    """Ids of everything that has one, of this user and of others."""
    owner = site.database.user(credits_half=100)
    run = site.database.submit(owner, pages=2)["run_id"]
    jobs = [str(job) for (job,) in site.database.rows("select id from public.jobs where run_id = %s", run)]
    return [run, *jobs, str(site.database.project(owner)), str(owner), str(uuid.uuid4())]


def form_token(client: httpx2.Client) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get("/sign-in").text) or re.search(
        r'name="form_token" value="([^"]+)"', client.get("/account").text
    )
    return found[1] if found else ""


def send(client: httpx2.Client, page: Page, path: str, chance: random.Random, token: str) -> httpx2.Response:
    values = {name: chance.choice(VALUES) for name in chance.sample(FIELDS, min(len(FIELDS), 12))}
    accept = {"accept": chance.choice(["text/html", "application/json"])}
    if page.method == "GET":
        asked = {name: chance.choice(VALUES) for name in (*page.query, "next", "error")}
        return client.get(path, params=asked, headers=accept)
    how = chance.random()
    if how < 0.1:
        return client.post(path, content=chance.randbytes(200), headers={**accept, "content-type": "multipart/form-data; boundary=x"})
    if how < 0.2:
        return client.post(path, content=b"%ff=%fe&a=%&&&=", headers={**accept, "content-type": "application/x-www-form-urlencoded"})
    if how < 0.3:
        files = {"picture": ("x.png", chance.randbytes(60)), "email": ("e", b"x")}
        return client.post(path, files=files, data={"form_token": token}, headers=accept)
    return client.post(path, data={**values, "form_token": token}, headers=accept)


@pytest.mark.parametrize("who", [Who.VISITOR, Who.USER, Who.ADMIN])
def test_no_address_falls_over_and_none_tells_a_secret(open_site: Site, who: Who) -> None:
    chance = random.Random(f"{SEED} {who}")
    site = open_site
    database_url = site.database.server.url(site.database.name)
    ids, fallen = ids_of(site), list[str]()
    for round_number in range(3):
        client = persona(site, who)
        token = form_token(client)
        secrets = [SECRET, STRIPE_KEY, STRIPE_SECRET, OPENAI_KEY, database_url, client.cookies.get("myjoe") or SECRET]
        for page in PAGES:
            if page.path in ("/live", "/sign-out"):  # the first is a stream, the second would end the persona
                continue
            path = address(page, chance, ids)
            answer = send(client, page, path, chance, token)
            said = f"{who} {page.method} {path} (round {round_number}): {answer.status_code}"
            if answer.status_code >= 500 and answer.status_code != 503:
                fallen.append(said)
            found = [secret for secret in secrets if secret in answer.text or secret in str(answer.headers.get("location"))]
            assert found == [], f"{said} holds a secret"
            assert "Traceback" not in answer.text and "psycopg" not in answer.text and "micro" not in answer.text, said
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy, said
    crashes, site.crashes[:] = list(site.crashes), []
    assert (fallen, crashes) == ([], [])


def test_what_was_typed_is_shown_as_text(open_site: Site) -> None:
    client = persona(open_site, Who.USER)
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    shown = client.post("/projects", data={"name": evil})
    page = client.get(shown.headers["location"]) if shown.status_code == 303 else shown
    assert "<script>alert" not in page.text and "<img src=x" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("site_header", ["cross-site", "same-site", "none"])
def test_a_form_of_another_site_is_refused_on_every_address(open_site: Site, site_header: str) -> None:
    client = persona(open_site, Who.USER)
    for page in PAGES:
        if page.method == "POST" and page.who is not Who.STRIPE:
            path = address(page, random.Random(1), ids := [str(uuid.uuid4())])
            answer = client.post(path, data={}, headers={"sec-fetch-site": site_header, "origin": "https://evil.example"})
            assert (answer.status_code, answer.text) == (403, "This form came from another site.\n"), (path, ids)


def test_a_browser_of_old_is_known_by_its_origin(open_site: Site) -> None:
    with httpx2.Client(base_url=open_site.address) as client:
        assert client.post("/theme", data={"theme": "dark"}).status_code == 403
        assert client.post("/theme", data={"theme": "dark"}, headers={"origin": "https://evil.example"}).status_code == 403
        assert client.post("/theme", data={"theme": "dark"}, headers={"origin": "null"}).status_code == 403
        assert client.post("/theme", data={"theme": "dark"}, headers={"origin": open_site.address}).status_code == 303


def test_a_body_that_is_too_long_is_refused_before_it_is_read(open_site: Site) -> None:
    client = persona(open_site, Who.USER)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/projects", content=(b"x" * 65536 for _ in range(64)), headers=kind)
    assert answer.status_code == 413 and "larger than we take here" in answer.text


def test_ten_thousand_fields_are_refused_in_a_sentence(open_site: Site) -> None:
    client = persona(open_site, Who.USER)
    answer = client.post("/projects", data={f"f{number}": "x" for number in range(10_000)})
    assert answer.status_code in (400, 413) and "class=\"refused\"" in answer.text
