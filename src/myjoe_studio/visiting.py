"""A visit: one request to a page, from the cookie to the answer. Pages get one, and give a response
or raise `RefusalError`.
"""
from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
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
from myjoe_studio.compressing import compress
from myjoe_studio.identity.errors import IdentityAwayError, IdentityRefusedError
from myjoe_studio.identity.gotrue import SignedIn
from myjoe_studio.parts import Parts
from myjoe_studio.reading import Look, Person
from myjoe_studio.routing import Page, Who
from myjoe_studio.sessions import SessionOverError, Tokens, hash_of
from myjoe_studio.theming import theme_of

TOKEN_BYTES = 16
# The longest address that is gone back to after a sign-in, in characters.
NEXT_CHARS_MAX = 500
# How long a form waits for its person to sign in, in seconds.
KEPT_FORM_SECONDS = 3600.0
# Longest password, in characters.
PASSWORD_CHARS_MAX = 1000
FIELDS_MAX = 1000
AWAY = "We cannot reach our own records just now. Nothing was lost and nothing was charged. Please try again in a minute."
STALE_FORM = "This form was open for too long, or your sign-in has changed. Go back, reload the page, and send it again."
NOT_HERE = "There is no such page. It may have moved, or it may be somebody else's."
TOO_LONG = "That is larger than we take here."
IDENTITY_AWAY = "We cannot sign anybody in just now. Nothing was lost. Please try again in a minute."
SIGN_IN_AGAIN = "Please sign in again. What you had written is kept."
TOO_MANY_TRIES = "That was tried too often."
FAILED = "Something went wrong on our side. We have noted it, and nothing was charged."
# What we name a form's one intent by.
KEY = re.compile(r"[A-Za-z0-9:_-]{8,150}")


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

    def __init__(self, request: Request, parts: Parts, look: Look) -> None:
        self.request, self.parts = request, parts
        self.rows: Sequence[Mapping[str, Any]] = look.rows
        self._person = look.person
        # Forms' tokens are made for the session, or for a cookie of their own where there is none.
        session, cookie = (request.cookies.get(name, "") for name in (parts.cookies.session, parts.cookies.form))
        self._form_seed_is_session = look.person is not None
        self._form_seed = session if look.person else cookie or secrets.token_urlsafe(TOKEN_BYTES)
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

    async def password(self, name: str = "password") -> str:
        """A field of the form exactly as it was typed, blanks and all."""
        value = (await self.form()).get(name, "")
        if not isinstance(value, str) or len(value) > PASSWORD_CHARS_MAX:
            raise RefusalError(422, "That is no password.")
        return value

    async def address(self, name: str = "email") -> str:
        """A field of the form as a mail address, in small letters as the identity service keeps it;
        empty if it is none.
        """
        email = (await self.field(name, chars_max=1000)).lower()
        local, _, host = email.rpartition("@")
        fits = local and "." in host.strip(".") and len(email) <= 254 and not any(one.isspace() for one in email)
        return email if fits else ""

    async def number(self, name: str, most: int = 2**31 - 1) -> int | None:
        """A field of the form as a whole number of 0 or more; None if it is none, or more than
        `most`.
        """
        text = await self.field(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most else None

    async def key(self) -> str:
        """The field `key`, which makes a form that is sent twice one; 422 if there is none."""
        key = await self.field("key")
        if not KEY.fullmatch(key):
            raise RefusalError(422, STALE_FORM)
        return key

    @property
    def wants_json(self) -> bool:
        """Whether a script asks and not a person."""
        return "application/json" in self.request.headers.get("accept", "")

    @property
    def client(self) -> str:
        """The address the request came from, as the platform's proxy tells it, or the server. Who
        may be asked too often is counted by it.
        """
        header = self.parts.settings.client_header
        told = self.request.headers.get(header, "").strip() if header else ""
        return told or (self.request.client.host if self.request.client else "unknown")

    @property
    def network(self) -> str:
        """The same for counting: of IPv6 the first 64 bits, which are one customer's."""
        try:
            address = ipaddress.ip_address(self.client)
        except ValueError:
            return self.client
        return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)

    # ── what it may do ────────────────────────────────────────────────────────────────────────────
    async def take_rate(self, bucket: str, at_most: int, seconds: int, sentence: str) -> None:
        """Count one of `at_most` in a window of so many seconds; 429 with the sentence and the time
        when there are none left.
        """
        wait = await self.parts.decide("take_rate", bucket=bucket[:200], at_most=at_most, seconds=seconds)
        if wait:
            raise RefusalError(429, f"{sentence} Try again in {_minutes(wait)}.", retry_after=wait)

    async def take_rates(self, what: str, email: str, at_most: int, seconds: int) -> None:
        """Count a try by the address it comes from, and by the mail address it is about: many
        addresses may be tried from one place, and one from many.
        """
        await self.take_rate(f"{what}:from:{self.network}", at_most, seconds, TOO_MANY_TRIES)
        if email:
            await self.take_rate(f"{what}:about:{hashlib.sha256(email.encode()).hexdigest()}", at_most, seconds, TOO_MANY_TRIES)

    # ── signing in and out ────────────────────────────────────────────────────────────────────────
    async def enter(self, signed_in: SignedIn, respond: Callable[[], Response]) -> Response:
        """Sign somebody in: a new session with a new token, and none that the browser brought along
        is left. The response is made after that, so that its forms are the new session's.
        """
        before = self._person.id if self._person else None
        token = await self.parts.sessions.begin(self.request, signed_in.user, signed_in.tokens, before)
        self._form_seed, self._form_seed_is_session = token, True
        response = respond()
        self.parts.cookies.drop(response, self.parts.cookies.form)
        self.parts.cookies.set(response, self.parts.cookies.session, token)
        return response

    async def leave(self) -> Response:
        """The session has ended elsewhere: it ends here, too, and its person is asked to sign in
        again.
        """
        ended, self._person = self.person.id, None
        self._form_seed_is_session = False
        self._form_seed = self.request.cookies.get(self.parts.cookies.form) or secrets.token_urlsafe(TOKEN_BYTES)
        response = await _asked_to_sign_in(self)
        await self.parts.sessions.end(self.request, response, ended)
        return response

    async def tokens(self) -> Tokens:
        """The tokens of the identity service for calls in the person's name."""
        return await self.parts.sessions.tokens(self.request, self.person.id)

    # ── answers ───────────────────────────────────────────────────────────────────────────────────
    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page from a template, which also gets `person`, `path`, `theme` and `form_token()`."""
        given = {"person": self._person, "path": self.request.url.path, "theme": theme_of(self.request), "form_token": self._form_token,
                 "now": time.time(), "status": status, **values}  # fmt: skip
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

    def keep_form_seed(self, response: Response) -> None:
        """Have the browser keep what the tokens of a page's forms were made for, unless that is the
        session.
        """
        name = self.parts.cookies.form
        if response.media_type == "text/html" and not self._form_seed_is_session and self.request.cookies.get(name) != self._form_seed:
            self.parts.cookies.set(response, name, self._form_seed, None)

    async def close(self) -> None:
        """Let go of the form's files."""
        if self._form is not None:
            await self._form.close()

    async def require_form_token(self) -> None:
        """403 unless the form carries a token that was made for this browser."""
        if not self.parts.sealer.is_form_token(self._form_seed, str((await self.form()).get("form_token", ""))):
            raise RefusalError(403, STALE_FORM)

    # ── forms that wait for a sign-in ─────────────────────────────────────────────────────────────
    async def keep_form(self) -> str:
        """The form sealed, to be sent again by a click once its person has signed in. Passwords are
        not kept, and files neither.
        """
        sent = (await self.form()).multi_items()
        fields = [(name, value) for name, value in sent if isinstance(value, str) and name != "form_token" and "password" not in name]
        kept = {"path": self.request.url.path, "fields": fields, "until": time.time() + KEPT_FORM_SECONDS}
        sealed = self.parts.sealer.seal("kept forms", kept)
        return base64.urlsafe_b64encode(sealed).decode()

    def kept_form(self, sealed: str) -> tuple[str, list[tuple[str, str]]]:
        """The path and the fields of a kept form; 422 if it is none of ours."""
        try:
            kept = self.parts.sealer.unseal("kept forms", base64.urlsafe_b64decode(sealed.encode()))
        except ValueError as error:
            raise RefusalError(422, STALE_FORM) from error
        if kept["until"] < time.time():
            raise RefusalError(422, STALE_FORM)
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
        except (IdentityAwayError, IdentityRefusedError) as error:
            telemetry.emit("request.unanswered", method=request.method, path=page.path, error=error)
            response = _refused(parts(), request, RefusalError(503, IDENTITY_AWAY, retry_after=30))
        except Exception as error:
            telemetry.emit("request.failed", method=request.method, path=page.path, error=error)
            response = _refused(parts(), request, RefusalError(500, FAILED))
        compress(request, response)
        seconds = time.monotonic() - began
        telemetry.emit("request.answered", method=request.method, path=page.path, status=response.status_code, seconds=seconds)
        return response

    return answer


async def _answer(page: Page, parts: Parts, request: Request) -> Response:
    # The same request once more, whose body is bounded.
    request = Request(request.scope, _bounded(request.receive, page.body_bytes_max))
    session = request.cookies.get(parts.cookies.session)
    look = await _look(page, parts, request, session)
    visit = Visit(request, parts, look)
    if page.who is Who.ADMIN and not (look.person and look.person.admin):
        raise RefusalError(404, NOT_HERE)
    try:
        response = await _handled(page, visit)
    except RefusalError as refusal:
        response = _refused(parts, request, refusal, visit)
    finally:
        await visit.close()
    visit.keep_form_seed(response)
    return response


async def _handled(page: Page, visit: Visit) -> Response:
    if page.who is Who.USER and visit.maybe_person is None:
        return await _asked_to_sign_in(visit)
    if page.token:
        await visit.require_form_token()
    try:
        return await page.handler(visit)
    except PromptRefusedError as error:
        raise RefusalError(422, str(error)) from error
    except SessionOverError:
        return await visit.leave()


async def _look(page: Page, parts: Parts, request: Request, session: str | None) -> Look:
    """Who comes and what the page reads, in one round trip; none at all where neither is asked."""
    if page.who is Who.STRIPE or (session is None and page.reads is None):
        return Look(None, [])
    if session is None and page.who is not Who.VISITOR:
        return Look(None, [])
    values = {**request.path_params, **{name: request.query_params.get(name) for name in page.query}}
    try:
        return await parts.reader.look(hash_of(session or ""), page.reads, values, admin=page.who is Who.ADMIN)
    except psycopg.DataError as error:
        if not page.query:
            raise
        raise RefusalError(404, NOT_HERE) from error  # a number or a time of the address that is none
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
    return visit.page("sign_in.html", status=401, next="", kept=await visit.keep_form(), said=SIGN_IN_AGAIN, mistake="", email="")


def _refused(parts: Parts, request: Request, refusal: RefusalError, visit: Visit | None = None) -> Response:
    telemetry.emit("request.refused", method=request.method, path=request.url.path, status=refusal.status, reason=refusal.sentence)
    headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else {}
    if "application/json" in request.headers.get("accept", ""):
        way = {"way_out": {"label": refusal.way_out[0], "address": refusal.way_out[1]}} if refusal.way_out else {}
        return JSONResponse({"error": refusal.sentence, **way}, refusal.status, headers)
    values = {"sentence": refusal.sentence, "way_out": refusal.way_out,
              "request_id": request.scope.get("state", {}).get("request_id", "")}  # fmt: skip
    if visit is not None:
        response = visit.page("refused.html", status=refusal.status, **values)
        response.headers.update(headers)
        return response
    nobody = {"person": None, "path": request.url.path, "theme": theme_of(request), "form_token": str, "now": time.time(),
              "status": refusal.status, "unknown": parts.cookies.session in request.cookies}  # fmt: skip
    return HTMLResponse(parts.templates.render("refused.html", {**nobody, **values}), refusal.status, headers)


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
