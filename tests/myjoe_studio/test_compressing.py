"""Pages come compressed to browsers that take it, and as they are to others."""
from __future__ import annotations

import zlib

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse

from myjoe_studio.compressing import BYTES_MIN, accepted, compress
from tests.support.studio import Site

LONG = "a page of lines " * BYTES_MIN


def asked(encodings: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept-encoding", encodings.encode())]})


@pytest.mark.parametrize(
    ("told", "taken"),
    [("", {""}), ("gzip, br", {"gzip", "br"}), ("gzip;q=0, br;q=0.5", {"br"}), ("gzip; q=0.000", set()), ("identity", {"identity"})],
)
def test_what_a_browser_takes(told: str, taken: set[str]) -> None:
    assert accepted(Headers({"accept-encoding": told})) == taken


@pytest.mark.parametrize("response", [HTMLResponse(LONG), JSONResponse({"text": LONG})], ids=["page", "json"])
def test_pages_and_answers_are_compressed(response: Response) -> None:
    plain = response.body
    compress(asked("br, gzip"), response)
    sent = bytes(response.body)
    assert zlib.decompress(sent, 31) == plain and len(sent) < len(plain) / 10
    assert response.headers["content-length"] == str(len(sent))
    assert (response.headers["content-encoding"], response.headers["vary"]) == ("gzip", "accept-encoding")


def test_who_does_not_take_it_gets_it_as_it_is() -> None:
    response = HTMLResponse(LONG)
    compress(asked("br"), response)
    assert response.body == LONG.encode() and "content-encoding" not in response.headers
    assert response.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    "response",
    [HTMLResponse("short"), PlainTextResponse(LONG), StreamingResponse([LONG], media_type="text/html"), Response(status_code=304)],
    ids=["short", "text", "stream", "nothing"],
)
def test_everything_else_is_left_alone(response: Response) -> None:
    before = list(response.raw_headers)
    compress(asked("gzip"), response)
    assert response.raw_headers == before


def test_a_page_comes_compressed(lasting_site: Site) -> None:
    visitor = lasting_site.visitor()
    with visitor.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert zlib.decompress(sent, 31).startswith(b"<!doctype html>")
