"""A visit: one request to a page, from the cookie to the answer. Pages get one, and give a response
or raise `RefusalError`.
"""
from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Message, Receive

from myjoe import telemetry
from myjoe.errors import DatabaseUnreachableError, PromptRefusedError, StorageError
from myjoe_studio.parts import Parts
from myjoe_studio.reading import Look, Person
from myjoe_studio.routing import Page, Who
from myjoe_studio.sessions import hash_of
from myjoe_studio.theming import theme_of

TOKEN_BYTES = 16
# The longest address that is gone back to after a sign-in, in characters.
NEXT_CHARS_MAX = 500
FIELDS_MAX = 1000
AWAY = "We cannot reach our own records just now. Nothing was lost and nothing was charged. Please try again in a minute."
STALE_FORM = "This form was open for too long, or your sign-in has changed. Go back, reload the page, and send it again."
NOT_HERE = "There is no such page. It may have moved, or it may be somebody else's."
TOO_LONG = "That is larger than we take here."
FAILED = "Something went wrong on our side. We have noted it, and nothing was charged."


class RefusalError(Exception):
    """A page that cannot be given: the status, a sentence for a person, and perhaps one way out as
    its label and its address.
    """

    def __init__(self, status: int, sentence: str, *, way_out: tuple[str, str] | None = None, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.way_out, self.retry_after = status, sentence, way_out, retry_after


class Visit:
    """One request: who comes (`person`), what the page read (`rows`), and the parts to answer
    with.
    """

    def __init__(self, request: Request, parts: Parts, look: Look, form_seed: str) -> None:
        self.request, self.parts = request, parts
        self.rows: Sequence[Mapping[str, Any]] = look.rows
        self._person = look.person
        self._form_seed = form_seed
        self._form: FormData | None = None

    # ── who comes, and with what ──────────────────────────────────────────────────────────────────
    @property
    def person(self) -> Person:
        """Who is signed in, on a page for users or admins."""
        assert self._person is not None, "this page is for visitors as well: ask visit.maybe_person"
        return self._person

    @property
    def maybe_person(self) -> Person | None:
        """Who is signed in, if anybody is."""
        return self._person

    @property
    def row(self) -> Mapping[str, Any]:
        """The one row that the page reads; 404 if there is none."""
        if not self.rows:
            raise RefusalError(404, NOT_HERE)
        return self.rows[0]

    async def form(self) -> FormData:
        """The form that was sent."""
        if self._form is None:
            self._form = await self.request.form(max_files=1, max_fields=FIELDS_MAX)
        return self._form

    async def field(self, name: str, *, chars_max: int = 200) -> str:
        """A field of the form as trimmed text, empty if it is not there; 422 if it is too long or
        is a file. Control characters but line breaks are dropped.
        """
        return cleaned((await self.form()).get(name, ""), chars_max)

    @property
    def wants_json(self) -> bool:
        """Whether a script asks and not a person."""
        return "application/json" in self.request.headers.get("accept", "")

    @property
    def client(self) -> str:
        """The address the request came from, as the server (or its proxy) tells it."""
        return self.request.client.host if self.request.client else "unknown"

    # ── what it may do ────────────────────────────────────────────────────────────────────────────
    async def take_rate(self, bucket: str, at_most: int, seconds: int, sentence: str) -> None:
        """Count one of `at_most` in a window of so many seconds; 429 with the sentence and the time
        when there are none left.
        """
        wait = await self.parts.decide("take_rate", bucket=bucket[:200], at_most=at_most, seconds=seconds)
        if wait:
            raise RefusalError(429, f"{sentence} Try again in {_minutes(wait)}.", retry_after=wait)

    # ── answers ───────────────────────────────────────────────────────────────────────────────────
    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page from a template, which also gets `person`, `path`, `theme` and `form_token()`."""
        given = {"person": self._person, "path": self.request.url.path, "theme": theme_of(self.request), "form_token": self._form_token,
                 "now": time.time(), **values}  # fmt: skip
        return HTMLResponse(self.parts.templates.render(template, given), status)

    def json(self, value: Any, status: int = 200) -> Response:
        """An answer for a script."""
        return JSONResponse(value, status)

    def go(self, address: str) -> Response:
        """Send the browser to another address, by GET: after a form, so that Back and Reload send
        nothing twice.
        """
        return RedirectResponse(address, 303)

    def _form_token(self) -> str:
        return self.parts.sealer.form_token(self._form_seed)

    async def require_form_token(self) -> None:
        """403 unless the form carries a token that was made for this browser."""
        if not self.parts.sealer.is_form_token(self._form_seed, str((await self.form()).get("form_token", ""))):
            raise RefusalError(403, STALE_FORM)

    # ── forms that wait for a sign-in ─────────────────────────────────────────────────────────────
    async def keep_form(self) -> str:
        """The form sealed, to be sent again by a click once its person has signed in."""
        fields = [(name, value) for name, value in (await self.form()).multi_items() if isinstance(value, str) and name != "form_token"]
        sealed = self.parts.sealer.seal("kept forms", {"path": self.request.url.path, "fields": fields})
        return base64.urlsafe_b64encode(sealed).decode()

    def kept_form(self, sealed: str) -> tuple[str, list[tuple[str, str]]]:
        """The path and the fields of a kept form; 422 if it is none of ours."""
        try:
            kept = self.parts.sealer.unseal("kept forms", base64.urlsafe_b64decode(sealed.encode()))
        except ValueError as error:
            raise RefusalError(422, STALE_FORM) from error
        return kept["path"], [(name, value) for name, value in kept["fields"]]


def cleaned(value: object, chars_max: int) -> str:
    """A text of a form, trimmed and without control characters but line breaks; 422 if it is too
    long or a file.
    """
    if not isinstance(value, str):
        raise RefusalError(422, "A text was expected, and a file came.")
    text = "".join(one for one in value.replace("\r\n", "\n") if one == "\n" or one.isprintable()).strip()
    if len(text) > chars_max:
        raise RefusalError(422, f"That is too long: {len(text):,} characters, and {chars_max:,} are the most.")
    return text


def safe_next(address: str | None, otherwise: str = "/studio") -> str:
    """Where to go after a sign-in: a path of ours, never another site."""
    if not address or len(address) > NEXT_CHARS_MAX or not address.startswith("/") or not address.isprintable():
        return otherwise
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address.startswith(("//", "/\\")) or "\\" in address:
        return otherwise
    return address


def endpoint(page: Page, parts: Callable[[], Parts]) -> Callable[[Request], Awaitable[Response]]:
    """What answers at a page's address."""
    async def answer(request: Request) -> Response:
        began = time.monotonic()
        try:
            response = await _answer(page, parts(), request)
        except RefusalError as refusal:
            response = _refused(parts(), request, refusal)
        except HTTPException as error:  # a form that cannot be read
            response = _refused(parts(), request, RefusalError(error.status_code, str(error.detail)))
        except (DatabaseUnreachableError, StorageError) as error:
            telemetry.emit("request.unanswered", method=request.method, path=page.path, error=error)
            response = _refused(parts(), request, RefusalError(503, AWAY, retry_after=30))
        except Exception as error:
            telemetry.emit("request.failed", method=request.method, path=page.path, error=error)
            response = _refused(parts(), request, RefusalError(500, FAILED))
        seconds = time.monotonic() - began
        telemetry.emit("request.answered", method=request.method, path=page.path, status=response.status_code, seconds=seconds)
        return response

    return answer


async def _answer(page: Page, parts: Parts, request: Request) -> Response:
    # The same request once more, whose body is bounded.
    request = Request(request.scope, _bounded(request.receive, page.body_bytes_max))
    session = request.cookies.get(parts.cookies.session)
    look = await _look(page, parts, request, session)
    seed = session if session and look.person else request.cookies.get(parts.cookies.form) or secrets.token_urlsafe(TOKEN_BYTES)
    visit = Visit(request, parts, look, seed)
    if page.who is Who.ADMIN and not (look.person and look.person.admin):
        raise RefusalError(404, NOT_HERE)
    if page.who is Who.USER and look.person is None:
        return await _asked_to_sign_in(visit)
    if page.token:
        await visit.require_form_token()
    try:
        response = await page.handler(visit)
    except PromptRefusedError as error:
        raise RefusalError(422, str(error)) from error
    finally:
        if visit._form is not None:
            await visit._form.close()
    has_forms = request.method == "GET" and response.media_type == "text/html"
    if has_forms and seed != session and request.cookies.get(parts.cookies.form) != seed:
        parts.cookies.set(response, parts.cookies.form, seed, None)
    return response


async def _look(page: Page, parts: Parts, request: Request, session: str | None) -> Look:
    """Who comes and what the page reads, in one round trip; none at all where neither is asked."""
    if page.who is Who.STRIPE or (session is None and page.reads is None):
        return Look(None, [])
    if session is None and page.who is not Who.VISITOR:
        return Look(None, [])
    values = {**request.path_params, **{name: request.query_params.get(name) for name in page.query}}
    try:
        return await parts.reader.look(hash_of(session or ""), page.reads, values, admin=page.who is Who.ADMIN)
    except psycopg.errors.InsufficientPrivilege:
        if page.who is not Who.ADMIN:
            raise
        return Look(None, [])  # who is no admin may not read what the page reads


async def _asked_to_sign_in(visit: Visit) -> Response:
    """A page for users, and nobody is signed in: sign in first, and the form is not lost."""
    if visit.wants_json:
        return visit.json({"error": "Please sign in again.", "sign_in": "/sign-in"}, 401)
    if visit.request.method == "GET":
        here = visit.request.url.path + (f"?{visit.request.url.query}" if visit.request.url.query else "")
        return visit.go("/sign-in?" + urlencode({"next": here}))
    return visit.page("sign_in.html", status=401, next=None, kept=await visit.keep_form(), mistake=None, email="", google=False)


def _refused(parts: Parts, request: Request, refusal: RefusalError) -> Response:
    telemetry.emit("request.refused", method=request.method, path=request.url.path, status=refusal.status, reason=refusal.sentence)
    headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else {}
    if "application/json" in request.headers.get("accept", ""):
        way = {"way_out": {"label": refusal.way_out[0], "address": refusal.way_out[1]}} if refusal.way_out else {}
        return JSONResponse({"error": refusal.sentence, **way}, refusal.status, headers)
    values = {"person": None, "path": request.url.path, "status": refusal.status, "sentence": refusal.sentence, "way_out": refusal.way_out,
              "request_id": request.scope.get("state", {}).get("request_id", ""), "theme": theme_of(request), "form_token": str,
              "now": time.time()}  # fmt: skip
    return HTMLResponse(parts.templates.render("refused.html", values), refusal.status, headers)


def _bounded(receive: Receive, bytes_max: int) -> Receive:
    """The request's body, and 413 where it is longer."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > bytes_max:
            raise RefusalError(413, TOO_LONG)
        return message

    return bounded


def _minutes(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 100 else f"{-(-seconds // 60)} minutes" if seconds < 7200 else f"{-(-seconds // 3600)} hours"
