"""The whole path through a Supabase: people sign up, see what is theirs and nothing else; the
worker's storage works by its policies.
"""
from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2
import pytest

from myjoe.errors import StorageError
from myjoe.storage.supabase import SupabaseStorage
from tests.support import lite
from tests.support.lite import Lite, Person


@pytest.fixture(scope="module")
def project() -> Iterator[Lite]:
    with lite.running() as running:
        yield running


def stored(project: Lite, work: Callable[[SupabaseStorage], Awaitable[Any]], key: str = lite.SECRET_KEY, bucket: str = "pages") -> Any:
    async def main() -> Any:
        storage = SupabaseStorage(project.url, key, bucket, patience_seconds=0.5)
        try:
            return await work(storage)
        finally:
            await storage.close()

    return asyncio.run(main())


def run_of(project: Lite, person: Person) -> dict[str, Any]:
    """A run of two pages, as the web server submits one for a customer."""
    database = project.database
    database.execute("select private.put_subscription(%s, %s, 'cus_1', 'max', 'active', now())", (person.id, f"sub_{person.id}"))
    database.execute("select private.add_credits(%s, 'grant', 100, %s)", (person.id, f"grant:{person.id}"))
    row = database.execute("insert into public.projects (user_id, name) values (%s, 'Book') returning id", (person.id,)).fetchone()
    assert row is not None
    manifest = {"pages": [{"operations": ["raster"], "prompt": f"page {number}"} for number in (1, 2)]}
    answer = database.execute(
        "select private.submit_run(%s, %s, %s, %s)", (person.id, row[0], str(uuid.uuid4()), json.dumps(manifest))
    ).fetchone()
    assert answer is not None and answer[0]["accepted"], answer
    accepted: dict[str, Any] = answer[0]
    return accepted


# ── auth and the Data API ─────────────────────────────────────────────────────────────────────────


def test_who_signs_up_has_a_profile_and_an_account(project: Lite) -> None:
    joe = project.sign_up()
    assert [row["id"] for row in joe.rows("profiles")] == [joe.id]
    assert joe.rows("credit_accounts?select=user_id,balance_half") == [{"user_id": joe.id, "balance_half": 0}]


def test_each_sees_their_own_and_strangers_see_nothing(project: Lite) -> None:
    joe, ann = project.sign_up(), project.sign_up()
    run_of(project, joe)
    assert len(joe.rows("jobs?select=id,status")) == 2
    assert len(joe.rows("runs?select=id")) == len(joe.rows("projects?select=id")) == 1
    assert {row["kind"] for row in joe.rows("credit_ledger?select=kind")} == {"grant", "burn"}
    for table in ("jobs?select=id", "runs?select=id", "projects?select=id", "credit_ledger?select=id", "generations?select=id"):
        assert ann.rows(table) == []
        refused = project.stranger().ask("GET", f"rest/v1/{table}")
        assert refused.status_code in (401, 403) and refused.json()["code"] == "42501"
    assert {row["code"] for row in project.stranger().rows("plans?select=code")} == {"lite", "pro", "max"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "jobs?select=lease_token", None), ("GET", "jobs?select=last_error", None), ("GET", "cost_events", None),
        ("GET", "provider_prices", None), ("PATCH", "credit_accounts?balance_half=eq.0", {"balance_half": 1000}),
        ("POST", "credit_ledger", {"kind": "grant", "amount_half": 1000}), ("POST", "jobs", {"type": "page"}),
        ("DELETE", "jobs?attempts=eq.0", None), ("PATCH", "profiles?display_name=is.null", {"id": str(uuid.uuid4())}),
    ],
)  # fmt: skip
def test_what_moves_money_and_jobs_is_out_of_reach(project: Lite, method: str, path: str, body: Any) -> None:
    refused = project.sign_up().ask(method, f"rest/v1/{path}", json=body)
    assert refused.status_code in (401, 403) and refused.json()["code"] == "42501", refused.text


def test_functions_of_the_worker_and_the_governor_are_not_exposed(project: Lite) -> None:
    for name in ("claim_jobs", "submit_run", "add_credits", "admin_adjust_credits"):
        assert project.sign_up().ask("POST", f"rest/v1/rpc/{name}", json={}).status_code == 404


def test_people_change_their_own_name_and_nobody_elses(project: Lite) -> None:
    joe, ann = project.sign_up(), project.sign_up()
    joe.ask("PATCH", f"rest/v1/profiles?id=eq.{joe.id}", json={"display_name": "Joe"})
    ann.ask("PATCH", f"rest/v1/profiles?id=eq.{joe.id}", json={"display_name": "Ann"})
    assert joe.rows("profiles?select=display_name") == [{"display_name": "Joe"}]


# ── storage ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_stored_is_given_back_and_a_second_delivery_overwrites_the_first(project: Lite) -> None:
    key = f"{uuid.uuid4()}/{uuid.uuid4()}/1/page.png"

    async def work(storage: SupabaseStorage) -> None:
        await storage.put(key, b"first", "image/png")
        assert await storage.get(key) == b"first"
        await storage.put(key, b"second, and longer", "image/png")
        assert await storage.get(key) == b"second, and longer"
        await asyncio.gather(*[storage.put(key, b"at once", "image/png") for _ in range(5)])
        assert await storage.get(key) == b"at once"

    stored(project, work)


def test_without_upsert_the_same_upload_is_a_409_in_the_clothes_of_a_400(project: Lite) -> None:
    """The trap is real, and the adapter reads through it."""
    key = f"{uuid.uuid4()}/page.png"
    stored(project, lambda storage: storage.put(key, b"x", "image/png"))
    headers = {"apikey": lite.SECRET_KEY, "authorization": f"Bearer {lite.SECRET_KEY}", "content-type": "image/png"}
    again = httpx2.post(f"{project.url}/storage/v1/object/pages/{key}", headers=headers, content=b"y")
    assert again.status_code == 400 and again.json()["statusCode"] == "409"
    assert stored(project, lambda storage: storage.get(key)) == b"x"


def test_a_signed_address_lets_anybody_read_that_file(project: Lite) -> None:
    key, other = f"{uuid.uuid4()}/page.png", f"{uuid.uuid4()}/page.png"
    for each in (key, other):
        stored(project, lambda storage, each=each: storage.put(each, each.encode(), "image/png"))
    address = stored(project, lambda storage: storage.signed_url(key, 60))
    answer = httpx2.get(address)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, key.encode(), "image/png")
    assert httpx2.get(address.replace(key, other)).status_code >= 400
    assert httpx2.get(address.partition("?")[0] + "?token=made.up.token").status_code >= 400


def test_owners_read_their_pages_and_nobody_else_does(project: Lite) -> None:
    joe, ann = project.sign_up(), project.sign_up()
    path = f"storage/v1/object/pages/{joe.id}/{uuid.uuid4()}/1/page.png"
    stored(project, lambda storage: storage.put(path.removeprefix("storage/v1/object/pages/"), b"joe's", "image/png"))
    assert joe.ask("GET", path).content == b"joe's"
    for person in (ann, project.stranger()):
        assert person.ask("GET", path).status_code == 400  # and not 404: the same trap
        assert person.ask("GET", path.replace("/object/", "/object/public/")).status_code == 400


def test_nobody_but_the_worker_writes(project: Lite) -> None:
    joe = project.sign_up()
    path = f"storage/v1/object/pages/{joe.id}/page.png"
    stored(project, lambda storage: storage.put(f"{joe.id}/page.png", b"the worker's", "image/png"))
    png = {"content-type": "image/png"}
    attempts = [
        joe.ask("POST", path, headers=png, content=b"mine"), joe.ask("POST", path, headers={**png, "x-upsert": "true"}, content=b"mine"),
        joe.ask("PUT", path, headers=png, content=b"mine"), joe.ask("POST", path.replace("/page.", "/new."), headers=png, content=b"mine"),
    ]  # fmt: skip
    assert [(attempt.status_code, attempt.json()["statusCode"]) for attempt in attempts[1:]] == [(400, "403")] * 3
    assert attempts[0].status_code == 400
    assert joe.ask("DELETE", "storage/v1/object/pages", json={"prefixes": [f"{joe.id}/page.png"]}).json() == []
    assert joe.ask("GET", path).content == b"the worker's"


def test_what_is_deleted_is_gone_and_may_be_gone_before(project: Lite) -> None:
    keys = [f"{uuid.uuid4()}/{name}.png" for name in ("one", "two")]

    async def work(storage: SupabaseStorage) -> None:
        for key in keys:
            await storage.put(key, b"x", "image/png")
        await storage.delete([*keys, f"{uuid.uuid4()}/never-there.png"])
        for key in keys:
            with pytest.raises(StorageError, match=r"404"):
                await storage.get(key)

    stored(project, work)


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda storage: storage.get("no/such.png"), r"not_found.*\(404\)"),
        (lambda storage: storage.signed_url("no/such.png", 9), r"\(404\)"),
        (lambda storage: storage.put("a/page.html", b"<p>", "text/html"), r"mime.*\(415\)"),
    ],
)
def test_refusals_are_told_with_their_true_status(project: Lite, work: Callable[[SupabaseStorage], Awaitable[Any]], said: str) -> None:
    with pytest.raises(StorageError, match=said) as caught:
        stored(project, work)
    assert lite.SECRET_KEY not in str(caught.value)


def test_the_check_finds_what_is_wrong(project: Lite) -> None:
    stored(project, lambda storage: storage.check())
    with pytest.raises(StorageError, match=r"Bucket not found"):
        stored(project, lambda storage: storage.check(), bucket="elsewhere")
    with pytest.raises(StorageError, match=r"JWT|Unauthorized"):
        stored(project, lambda storage: storage.check(), key="sb_secret_of_somebody_else")
    project.database.execute("update storage.buckets set public = true where id = 'pages'")
    try:
        with pytest.raises(StorageError, match=r"is public"):
            stored(project, lambda storage: storage.check())
    finally:
        project.database.execute("update storage.buckets set public = false where id = 'pages'")
