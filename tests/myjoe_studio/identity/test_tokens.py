"""Access tokens, and what is none."""
from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from myjoe_studio.identity.errors import IdentityAwayError
from myjoe_studio.identity.tokens import TokenChecker

ISSUER = "https://project.example/auth/v1"
CURVE, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)
SHARED = "a secret that both sides know, of some length"


def keys() -> Mapping[str, Any]:
    curve = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(CURVE.public_key()))
    other = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key()))
    return {"keys": [{**curve, "kid": "curve", "alg": "ES256"}, {**other, "kid": "rsa", "alg": "RS256"},
                     {"kty": "oct", "kid": "shared", "alg": "HS256", "k": "c2VjcmV0"}]}  # fmt: skip


class Service:
    """Publishes keys, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def keys(self) -> Mapping[str, Any]:
        self.asked += 1
        return keys()


def token(key: Any = CURVE, algorithm: str = "ES256", kid: str = "curve", **changed: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "authenticated", "sub": "u", "iat": now, "exp": now + 3600, **changed}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm, {"kid": kid})


def signed_by_hand(secret: bytes) -> str:
    """A token by HS256 with a secret that PyJWT itself would not take."""
    head, body, _ = token("a secret of some length, that is replaced", "HS256").split(".")
    return f"{head}.{body}.{base64.urlsafe_b64encode(hmac.digest(secret, f'{head}.{body}'.encode(), 'sha256')).decode().rstrip('=')}"


def claims(given: str, shared_secret: str = "") -> Mapping[str, Any]:
    return asyncio.run(TokenChecker(ISSUER, Service().keys, shared_secret).claims(given))


def test_the_services_own_are_believed() -> None:
    assert claims(token())["sub"] == "u"
    assert claims(token(RSA, "RS256", "rsa"))["sub"] == "u"


BAD = {
    "nonsense": "a.b.c",
    "another key": token(OTHER),
    "an unknown key": token(kid="unknown"),
    "no key": token(kid=""),
    "the public key as a secret": signed_by_hand(json.dumps(keys()["keys"][0]).encode()),
    "a published secret": token("secret", "HS256", "shared"),
    "no signature": jwt.encode({"sub": "u"}, None, "none", {"kid": "curve"}),
    "another's algorithm": token(RSA, "RS256", "curve"),
    "for others": token(aud="anon"),
    "for nobody": token(aud=None),
    "by others": token(iss="https://evil.example/auth/v1"),
    "by nobody": token(iss=None),
    "run out": token(exp=int(time.time()) - 60),
    "for ever": token(exp=None),
    "of nobody": token(sub=None),
    "of the future": token(iat=int(time.time()) + 3600),
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD.keys())
def test_others_are_not(given: str) -> None:
    with pytest.raises(IdentityAwayError):
        claims(given)


def test_in_development_a_shared_secret_will_do() -> None:
    assert claims(token(SHARED, "HS256", iss=None), SHARED)["sub"] == "u"
    assert claims(token(), SHARED)["sub"] == "u"
    for given, shared in ((token(SHARED, "HS256"), ""), (token("another secret of some length, for nobody", "HS256"), SHARED),
                          (token(SHARED, "HS256", aud="anon"), SHARED)):  # fmt: skip
        with pytest.raises(IdentityAwayError):
            claims(given, shared)


def test_keys_are_asked_for_once_and_not_again_for_each_that_is_made_up() -> None:
    service = Service()
    checker = TokenChecker(ISSUER, service.keys)

    async def look() -> None:
        for _ in range(3):
            await checker.claims(token())
        for number in range(5):
            with pytest.raises(IdentityAwayError):
                await checker.claims(token(kid=f"made up {number}"))

    asyncio.run(look())
    assert service.asked == 1


def test_a_key_that_is_new_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myjoe_studio.identity.tokens.UNKNOWN_KEY_SECONDS", -1.0)
    published: list[Mapping[str, Any]] = [{"keys": keys()["keys"][1:]}, keys()]

    async def ask() -> Mapping[str, Any]:
        return published.pop(0)

    checker = TokenChecker(ISSUER, ask)

    async def look() -> None:
        assert (await checker.claims(token(RSA, "RS256", "rsa")))["sub"] == "u"
        assert (await checker.claims(token()))["sub"] == "u"

    asyncio.run(look())
    assert published == []
