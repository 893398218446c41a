"""Mails of development: kept in memory, the last first, and shown instead of sent."""
from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

# The last so many are kept.
KEPT = 100
SUBJECTS = {
    "signup": ("Confirm your address", "Somebody, and we hope it was you, signed up to My Joe with this address."),
    "recovery": ("Choose a new password", "Somebody, and we hope it was you, asked for a new password at My Joe."),
    "magiclink": ("Sign in to My Joe", "Here is the link that you asked for."),
}


@dataclass(frozen=True)
class Mail:
    """A mail that would have been sent."""

    to: str
    subject: str
    sentence: str
    link: str
    at: datetime


def link_of(address: str, kind: str, token: str) -> str:
    """The link that such a mail holds: to a page of the Studio's with a button."""
    return f"{address}/auth/confirm?{urlencode({'token_hash': token, 'type': kind})}"


class Mailbox:
    """Everybody's mail."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._mails: deque[Mail] = deque(maxlen=KEPT)

    def send(self, to: str, kind: str, token: str) -> None:
        """A mail of this kind with its link."""
        subject, sentence = SUBJECTS[kind]
        self._mails.appendleft(Mail(to, subject, sentence, link_of(self._address, kind, token), datetime.now(UTC)))

    def __iter__(self) -> Iterator[Mail]:
        """The mails, the last first."""
        return iter(tuple(self._mails))
