"""What every answer passes."""
from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from myjoe_studio.guarding import CROSS_SITE, Guard, content_security_policy
from myjoe_studio.settings import StudioSettings

HTTPS = StudioSettings(address="https://myjoe.example")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the request's id, and keeps what it says about caching."""
    request = Request(scope, receive)
    headers = {"cache-control": "public, max-age=9"} if scope["path"] == "/static/a.css" else {}
    await PlainTextResponse(request.state.request_id, headers=headers)(scope, receive, send)


def asked(method: str = "GET", path: str = "/", settings: StudioSettings = HTTPS, **headers: str) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        guard = Guard(echo, settings, content_security_policy(settings))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=guard), base_url="https://myjoe.example") as client:
            return await client.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return asyncio.run(ask())


def test_every_answer_binds_the_browser() -> None:
    headers = asked().headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["style-src"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'" and policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in headers["content-security-policy"] and "*" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff" and headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "strict-transport-security" not in asked(settings=StudioSettings()).headers


def test_nothing_is_kept_by_others_unless_a_page_says_so() -> None:
    assert asked().headers["cache-control"] == "private, no-store"
    assert asked(path="/static/a.css").headers["cache-control"] == "public, max-age=9"


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ({"sec_fetch_site": "same-origin"}, True), ({"sec_fetch_site": "same-site"}, False), ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "none"}, False), ({"sec_fetch_site": ""}, False), ({"origin": "https://myjoe.example"}, True),
        ({"origin": "https://evil.example"}, False), ({"origin": "https://myjoe.example.evil.example"}, False), ({"origin": "null"}, False),
        ({"origin": ""}, False), ({}, False), ({"sec_fetch_site": "cross-site", "origin": "https://myjoe.example"}, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_forms_of_other_sites_are_refused(method: str, headers: dict[str, str], may: bool) -> None:
    answer = asked(method, **headers)
    assert answer.status_code == (200 if may else 403)
    assert (CROSS_SITE in answer.text) != may
    assert "content-security-policy" in answer.headers


def test_reading_and_machines_that_sign_need_no_origin() -> None:
    assert [asked(method).status_code for method in ("GET", "HEAD", "OPTIONS")] == [200] * 3
    assert asked("POST", "/webhooks/stripe").status_code == 200
    assert asked("POST", "/webhooksmith").status_code == 403


@pytest.mark.parametrize("header", ["x_vercel_id", "x_request_id"])
def test_a_platforms_request_id_is_kept(header: str) -> None:
    answer = asked(**{header: "fra1::abcde-1234567890-0123456789ab"})
    assert answer.text == answer.headers["x-request-id"] == "fra1::abcde-1234567890-0123456789ab"


@pytest.mark.parametrize("given", ["short", "a b c d e f g h", "x" * 101, "<script>alert</script>"])
def test_what_is_no_id_is_not_taken_for_one(given: str) -> None:
    answer = asked(x_request_id=given)
    assert answer.text == answer.headers["x-request-id"] != given and len(answer.text) == 16


def test_what_is_not_http_is_handed_on() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        return None

    asyncio.run(Guard(app, HTTPS, "")({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]
