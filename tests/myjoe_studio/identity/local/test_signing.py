"""Access tokens of the embedded GoTrue."""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from myjoe.settings.variables import Secret
from myjoe_studio.identity.errors import IdentityAwayError, IdentityRefusedError
from myjoe_studio.identity.local.signing import Signer
from myjoe_studio.identity.tokens import TokenChecker

ISSUER = "http://127.0.0.1:8000/dev/auth/v1"
USER, SESSION = uuid.uuid4(), uuid.uuid4()


def checked(published_by: Signer, token: str) -> Mapping[str, Any]:
    async def keys() -> Mapping[str, Any]:
        return published_by.key_set()

    return asyncio.run(TokenChecker(ISSUER, keys).claims(token))


def test_they_are_checked_like_supabases() -> None:
    signer = Signer(Secret("5" * 64), ISSUER)
    claims = checked(signer, signer.access_token(USER, "joe@example.com", SESSION))
    assert (claims["sub"], claims["email"], claims["session_id"]) == (str(USER), "joe@example.com", str(SESSION))


def test_they_outlive_a_restart_and_no_other_secret_makes_them() -> None:
    token = Signer(Secret("5" * 64), ISSUER).access_token(USER, "", SESSION)
    assert checked(Signer(Secret("5" * 64), ISSUER), token)["sub"] == str(USER)
    with pytest.raises(IdentityAwayError):
        checked(Signer(Secret("6" * 64), ISSUER), token)


def test_what_is_published_is_no_secret() -> None:
    [key] = Signer(Secret("5" * 64), ISSUER).key_set()["keys"]
    assert "d" not in key and key["kty"] == "EC" and key["alg"] == "ES256"


def test_a_request_without_one_of_ours_is_refused() -> None:
    signer = Signer(Secret("5" * 64), ISSUER)
    other = Signer(Secret("6" * 64), ISSUER).access_token(USER, "", SESSION)
    for header in ("", "Bearer", "Bearer made.up.token", f"Bearer {other}"):
        with pytest.raises(IdentityRefusedError) as caught:
            signer.claims(header)
        assert caught.value.code == "bad_jwt"
