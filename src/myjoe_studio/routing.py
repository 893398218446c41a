"""What a page is: its address, who may come, what it reads, and who answers. The tables of `pages`
are the only list of addresses there is; tests go through it by persona.
"""
from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from starlette.responses import Response

    from myjoe_studio.visiting import Visit

# The longest form, in bytes. The largest is a storyboard: 100 pages of 4,000 characters.
FORM_BYTES_MAX = 1_000_000


class Who(enum.StrEnum):
    """Who may come to a page."""

    VISITOR = "visitor"  # everybody, signed in or not
    USER = "user"
    ADMIN = "admin"  # to others the page is not there
    STRIPE = "stripe"  # a machine that signs what it sends; no cookie, no form


@dataclass(frozen=True)
class Page:
    """An address and a method. `reads` is a statement that is asked in the visitor's name together
    with the session, in one round trip; its values are the parts of the path and those parameters
    of the address that `query` names.
    """

    path: str
    method: str
    who: Who
    handler: Callable[[Visit], Awaitable[Response]]
    reads: str | None = None
    query: tuple[str, ...] = ()
    # Whether the form has to carry the session's token: sign-in, money and admin.
    token: bool = False
    body_bytes_max: int = FORM_BYTES_MAX


Handler = TypeVar("Handler", bound="Callable[[Visit], Awaitable[Response]]")


class Pages(list[Page]):
    """The pages of one subject."""

    def get(self, path: str, who: Who, *, reads: str | None = None, query: tuple[str, ...] = ()) -> Callable[[Handler], Handler]:
        """What is shown at an address."""
        def add(handler: Handler) -> Handler:
            self.append(Page(path, "GET", who, handler, reads, query))
            return handler

        return add

    def post(
        self, path: str, who: Who, *, token: bool = False, reads: str | None = None, body_bytes_max: int = FORM_BYTES_MAX
    ) -> Callable[[Handler], Handler]:
        """What a form at an address does."""
        def add(handler: Handler) -> Handler:
            self.append(Page(path, "POST", who, handler, reads, (), token, body_bytes_max))
            return handler

        return add
