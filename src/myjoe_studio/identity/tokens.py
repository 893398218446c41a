"""Access tokens are JSON Web Tokens (RFC 7519). They are believed once their signature, audience,
issuer and time were checked.

The algorithm is the key's, never the one that the token names: ES256 or RS256, by the set of public
keys that the service publishes (RFC 7517). HS256, where the service shares its secret with us, is
for development alone: who can check such a token can also make one.
"""
from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jwt

from myjoe_studio.identity.errors import IdentityAwayError

AUDIENCE = "authenticated"
ALGORITHMS = ("ES256", "RS256")
# Keys are asked for again after so many seconds, and for a key that we do not know no more often
# than every few: longer is slower to see a change, shorter asks more.
KEYS_SECONDS, UNKNOWN_KEY_SECONDS = 600.0, 10.0
# How far apart the two clocks may be, in seconds.
LEEWAY_SECONDS = 10


class TokenChecker:
    """Checks access tokens. `ask_keys` gives the service's key set; `shared_secret` is for
    development, and empty elsewhere.
    """

    def __init__(self, issuer: str, ask_keys: Callable[[], Awaitable[Mapping[str, Any]]], shared_secret: str = "") -> None:
        self._issuer, self._ask_keys, self._shared_secret = issuer, ask_keys, shared_secret
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")

    async def claims(self, token: str) -> Mapping[str, Any]:
        """What a token says. IdentityAwayError if it is not one that the service makes for us: it
        was the service that gave it.
        """
        try:
            header = jwt.get_unverified_header(token)
            if self._shared_secret and header.get("alg") == "HS256":
                # Those of development name no issuer.
                return _decoded(token, self._shared_secret, "HS256", None)
            key = await self._key(str(header.get("kid", "")))
            return _decoded(token, key.key, key.algorithm_name, self._issuer)
        except jwt.PyJWTError as error:
            raise IdentityAwayError(f"the identity service gave a token that cannot be believed: {error}") from error

    async def _key(self, name: str) -> jwt.PyJWK:
        age = time.monotonic() - self._asked_at
        if age > KEYS_SECONDS or (name not in self._keys and age > UNKNOWN_KEY_SECONDS):
            published = jwt.PyJWKSet.from_dict(dict(await self._ask_keys()))
            self._asked_at = time.monotonic()
            self._keys = {key.key_id: key for key in published.keys if key.key_id and key.algorithm_name in ALGORITHMS}
        if name not in self._keys:
            raise jwt.InvalidKeyError(f"it is signed by the key {name!r}, which is not among the published ones")
        return self._keys[name]


def _decoded(token: str, key: Any, algorithm: str, issuer: str | None) -> Mapping[str, Any]:
    needed: jwt.types.Options = {"require": ["exp", "iat", "sub", "aud", *(["iss"] if issuer else [])]}
    return jwt.decode(token, key, algorithms=[algorithm], audience=AUDIENCE, issuer=issuer, leeway=LEEWAY_SECONDS, options=needed)
