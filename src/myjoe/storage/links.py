"""Links to files of a folder that hold for a while: the key, until when, and an HMAC over both.

Whoever has the secret can sign; whoever serves the folder asks `key_of` whether a link is one.
HMAC-SHA-256 (RFC 2104), compared in constant time.
"""
from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from myjoe.errors import FileRefusedError
from myjoe.settings.variables import Secret
from myjoe.storage.keys import checked

# The shortest secret that may sign, in bytes: as long as what SHA-256 gives, as RFC 2104 advises.
SECRET_BYTES_MIN = 32


class FolderLinks:
    """Signs and checks links below `base_url`, which leads to whoever serves the folder.

    `clock` gives the seconds since 1970. ValueError if the secret is too short.
    """

    def __init__(self, base_url: str, secret: Secret, clock: Callable[[], float] = time.time) -> None:
        self._base_url = base_url.rstrip("/")
        self._secret = secret.reveal().encode()
        self._clock = clock
        if len(self._secret) < SECRET_BYTES_MIN:
            raise ValueError(f"links are signed with a secret of at least {SECRET_BYTES_MIN} bytes")

    def url(self, key: str, seconds: int) -> str:
        """An address under which the file can be read for so many seconds."""
        until = int(self._clock()) + seconds
        return f"{self._base_url}/{quote(checked(key))}?{urlencode({'until': until, 'signature': self._signature(key, until)})}"

    def key_of(self, key: str, query: Mapping[str, str]) -> str:
        """The key, if the link's query allows it now; FileRefusedError if it does not."""
        until = query.get("until", "")
        # More digits than any time has would only be work.
        if not (until.isascii() and until.isdigit() and len(until) <= 12):
            raise FileRefusedError("this link is not one of ours")
        if not hmac.compare_digest(self._signature(key, int(until)).encode(), query.get("signature", "").encode()):
            raise FileRefusedError("this link is not one of ours")
        if int(until) < self._clock():
            raise FileRefusedError("this link has run out")
        return checked(key)

    def _signature(self, key: str, until: int) -> str:
        return hmac.new(self._secret, f"{until}:{key}".encode(), hashlib.sha256).hexdigest()
