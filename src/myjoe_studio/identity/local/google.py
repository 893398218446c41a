"""A Google for development: whoever comes says which address is theirs, and is believed. What comes
back is a code, good once, as from OpenID Connect's authorization code flow.
"""
from __future__ import annotations

import secrets
from dataclasses import dataclass


@dataclass
class Flow:
    """Somebody on the way to Google and back: where they come back to, what proves that it is they,
    and once they were there, who they are.
    """

    redirect_to: str
    challenge: str
    email: str = ""


class Google:
    """The flows that are under way. A flow is known by its `state` until Google has answered, and
    then by the `code` that the browser brings back.
    """

    def __init__(self) -> None:
        self._asked: dict[str, Flow] = {}
        self._answered: dict[str, Flow] = {}

    def begin(self, redirect_to: str, challenge: str) -> str:
        """Somebody sets out; the state."""
        state = secrets.token_urlsafe(16)
        self._asked[state] = Flow(redirect_to, challenge)
        return state

    def is_under_way(self, state: str) -> bool:
        """Whether somebody is there who set out from here."""
        return state in self._asked

    def answer(self, state: str, email: str) -> tuple[str, str]:
        """Google knows them: where they go back to, and the code."""
        flow = self._asked.pop(state)
        flow.email = email
        code = secrets.token_urlsafe(24)
        self._answered[code] = flow
        return flow.redirect_to, code

    def deny(self, state: str) -> None:
        """They would rather not."""
        self._asked.pop(state, None)

    def take(self, code: str) -> Flow | None:
        """The flow of a code, which is then used up."""
        return self._answered.pop(code, None)
